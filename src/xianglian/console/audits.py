"""What auditors say of exactly one code: the records on the chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.i18n import Catalogue, moment, number
from xianglian.types import now_ms

W = Catalogue(
    "audits",
    {
        "title": ("审计记录", "Audit records"),
        "exactly": ("针对代码摘要 {code}", "Of the code hash {code}"),
        "none": ("这份代码没有审计记录", "No audit is recorded for this code"),
        "short.none": ("无", "None"),
        "positive": ("通过", "Positive"),
        "negative": ("不通过", "Negative"),
        "expired": ("已过期", "Expired"),
        "verdict": ("结论", "Verdict"),
        "auditor": ("审计者", "Auditor"),
        "tool": ("工具", "Tool"),
        "until": ("有效至", "Valid until"),
        "report": ("报告摘要", "Report hash"),
        "height": ("高度", "Height"),
        "where": ("链上只有结论与报告的摘要。证明了什么、没有证明什么写在报告文件里, 向审计者索取并核对摘要。",
                  "The chain keeps the verdict and the digest of the report. What was proved and what was not stands in the report's file: ask the auditor for it and compare the digest."),
    },
)  # fmt: skip


def standing(audits: Sequence[dict[str, Any]]) -> Markup:
    """How the audits of one code stand: one against it outweighs, then one that still holds."""
    if any(each["verdict"] == "negative" for each in audits):
        return kit.pill("bad", W("negative"))
    if not audits:
        return kit.pill("idle", W("short.none"))
    return max((_verdict(each) for each in audits), key=lambda drawn: 'class="pill ok"' in drawn)


def audit_card(code_hash: str, audits: Sequence[dict[str, Any]]) -> None:
    """The records in a card, whether there are any or not."""
    with kit.card(W("title"), W("exactly", code=code_hash[:10] + "…"), right=standing(audits)):
        kit.table(
            [W("verdict"), W("auditor"), W("tool"), W("until"), W("report"), W("height")],
            [_row(each) for each in audits],
            empty=W("none"),
        )
        if audits:
            kit.note("info", W("where"))


def _verdict(audit: dict[str, Any]) -> Markup:
    if audit["verdict"] == "negative":
        return kit.pill("bad", W("negative"))
    if int(audit["valid_until_ms"]) < now_ms():
        return kit.pill("warn", W("expired"))
    return kit.pill("ok", W("positive"))


def _row(audit: dict[str, Any]) -> list[Any]:
    return [
        _verdict(audit),
        kit.join(
            [
                kit.digest(audit["auditor"], href=f"/console/accounts/{audit['auditor']}"),
                audit["organisation"],
            ],
            " ",
        ),
        audit["tool"],
        moment(audit["valid_until_ms"]),
        kit.digest(audit["report_hash"]),
        kit.link(f"/console/blocks/{audit['height']}", number(audit["height"])),
    ]
