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
        "drop": ("查看审计报告", "Read the auditor's report"),
        "drop.hint": ("选择报告文件, 与链上的摘要核对后显示", "Choose its file: it is shown if it is the one recorded"),
        "other": ("这不是链上登记的报告", "This is not a report that is recorded on the chain"),
        "foreign": ("摘要与链上相符, 但不是 xl contract check 的报告, 这里无法显示", "It is the recorded file, but no report of xl contract check: it cannot be shown here"),
        "matches": ("与链上登记的报告摘要相符, 签名有效", "It is the recorded report, and its signature holds"),
        "proved": ("已证明", "Proved"),
        "bounded": ("在有限步数内证明", "Proved for so many rounds"),
        "violated": ("有反例", "There is a counterexample"),
        "undecided": ("没有证明", "Not proved"),
        "invariant": ("性质", "Property"),
        "method": ("方法", "Method"),
        "assumed": ("当作任意值", "Taken as any value"),
        "no.proofs": ("报告没有证明任何性质", "The report proves no property"),
        "findings": ("发现", "Findings"),
        "what": ("内容", "What"),
        "accepted": ("接受的理由", "Accepted because"),
        "no.findings": ("没有发现", "No findings"),
        "where": ("链上只有结论与报告的摘要。证明了什么、没有证明什么写在报告文件里, 向审计者索取并核对摘要。",
                  "The chain keeps the verdict and the digest of the report. What was proved and what was not stands in the report's file: ask the auditor for it and compare the digest."),
    },
)  # fmt: skip
PROOFS = {"proved": "ok", "bounded": "info", "violated": "bad", "undecided": "warn"}


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
            _reader(code_hash, {each["report_hash"] for each in audits})


def _reader(code_hash: str, recorded: set[str]) -> None:
    """A box that takes the auditor's file and shows it, if it is the one whose digest the chain has."""

    def read(_: str, data: bytes) -> None:
        # Only where somebody reads a report: the compiler comes along with it.
        from xianglian.checker import report
        from xianglian.checker.errors import ReportInvalid

        with shown.anew():
            if report.report_hash(data) not in recorded:
                kit.note("bad", W("other"))
                return
            try:
                found = report.verify_report(data, code_hash=code_hash)
                proofs = [_proof(each) for each in found["proofs"]]
                findings = [_finding(each) for each in found["findings"]]
            except (ReportInvalid, KeyError, TypeError):
                kit.note("warn", W("foreign"))
                return
            kit.note("ok", W("matches"))
            kit.table([W("invariant"), W("method"), W("verdict"), W("assumed")], proofs, empty=W("no.proofs"))
            kit.table([W("findings"), W("what"), W("accepted")], findings, empty=W("no.findings"))

    kit.upload(W("drop"), W("drop.hint"), read, name="report")
    shown = kit.area()


def _proof(each: dict[str, Any]) -> list[Any]:
    verdict = each["verdict"]
    word = kit.pill(PROOFS[verdict], W(verdict)) if verdict in PROOFS else verdict
    return [
        kit.name(each["invariant"]),
        kit.name(each["method"]),
        word,
        ", ".join(each["taken_as_any"]) or "—",
    ]


def _finding(each: dict[str, Any]) -> list[Any]:
    place = f"{each['lint']} {each['file']}:{each['line']}"
    return [kit.name(place), each["what"], "—" if each["accepted"] is None else each["accepted"]]


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
