"""Errors in words: what was wrong (from the error), and by code what it means and what to do."""

from __future__ import annotations

from xianglian.catalogue import entry
from xianglian.errors import Rejected, Unreachable, XianglianError


def worded(error: XianglianError, language: str) -> str:
    """Lines for an operator: code and what, then the facts' reason, then what to do."""
    known = entry(error.code)
    if language == "zh":
        head, reason = known.zh if known else _family(error), getattr(error, "reason_zh", error.reason)
        lines = [f"错误 {error.code}: {head}", *([f"  {reason}"] if reason != error.code else [])]
        advice = known.do_zh if known else ""
    else:
        # A receipt tells no more than the code.
        reason = known.en if known and error.reason == error.code else error.reason
        lines = [f"error {error.code}: {reason}"]
        advice = known.do_en if known else ""
    if source := error.facts.get("source"):
        lines.append(f"  {'合约源代码' if language == 'zh' else 'contract source'} {source}")
    if tx_id := error.facts.get("tx_id"):
        lines.append(f"  tx {tx_id}")
    if advice:
        lines.append(f"  → {advice}")
    return "\n".join(lines)


def _family(error: XianglianError) -> str:
    if isinstance(error, Rejected):
        return "被拒绝, 未生效"
    if isinstance(error, Unreachable):
        return "没有回应"
    return "用法有误"
