"""What a check found, as one canonical document that an auditor signs.

`{"report": ..., "signature": ...}` in JSON: UTF-8, sorted keys, no spaces. The report is the same on every
machine, so two auditors of one code differ only in their signatures. SM3 of the whole file is what
`system:contracts.audit` takes to the chain as `report_hash`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from xianglian.checker.errors import ReportInvalid
from xianglian.checker.lints import Finding, Found, lint
from xianglian.compiler import build
from xianglian.compiler.frontend import Checked
from xianglian.contract.crypto import sm2_is_valid, sm3_digest
from xianglian.keys import Signer

FORMAT = 1
SIGNED_AS = b"xianglian:check-report:1\x00"
"""What a signature covers before the report: no other signature of the platform begins like this."""
PROVED = ("proved", "bounded")


@dataclass(frozen=True, slots=True)
class Result:
    """A contract after its check. `proofs` are `symbolic.Proof` objects; empty if none were wanted."""

    checked: Checked
    contract: str
    code_hash: str
    findings: list[Finding]
    proofs: list[Any]

    @property
    def open(self) -> list[Finding]:
        """Findings that nobody accepted."""
        return [each for each in self.findings if each.accepted is None]

    @property
    def violated(self) -> list[Any]:
        """Invariants with a counterexample."""
        return [each for each in self.proofs if each.verdict == "violated"]

    @property
    def verdict(self) -> str:
        """`negative` with an open finding that is more than low, broken invariants included."""
        weighty = [each for each in self.open if each.about.severity != "low"]
        return "negative" if weighty else "positive"


def check_contract(
    path: Path, *, prove: bool = True, rounds: int | None = None, seconds: float | None = None
) -> Result:
    """Compiles, lints and, if invariants are declared, proves.

    Raises `CompileError`, `SolverMissing` (only where something is to be proved), `SourceUnreadable`.
    """
    built = build(path)
    proofs: list[Any] = []
    if prove and built.checked.contract.invariants:
        from xianglian.checker import symbolic

        proofs = symbolic.prove(
            built.checked,
            rounds=symbolic.ROUNDS if rounds is None else rounds,
            timeout_ms=symbolic.TIMEOUT_MS if seconds is None else int(seconds * 1000),
        )
    broken = [
        Found("XL-LINT-33", each.line, f"{each.method}: {each.invariant}")
        for each in proofs
        if each.verdict == "violated"
    ]
    return Result(built.checked, built.name, built.code_hash, lint(built.checked, broken), proofs)


def tool() -> str:
    """The checker's name and version, and the solver's; at most 64 bytes."""
    try:
        solver = f" z3 {version('z3-solver')}"
    except PackageNotFoundError:
        solver = ""
    try:
        own = version("xianglian")
    except PackageNotFoundError:
        own = "source"
    return f"xianglian-checker {own}{solver}"


def describe(result: Result) -> dict[str, Any]:
    """The report of a check. Times are not in it: they differ from machine to machine."""
    return {
        "kind": "xianglian-check-report",
        "format": FORMAT,
        "contract": result.contract,
        "code_hash": result.code_hash,
        "sources": sources_of(result.checked),
        "tool": tool(),
        "verdict": result.verdict,
        "findings": [each.to_json() for each in result.findings],
        "proofs": [
            {
                "invariant": each.invariant,
                "method": each.method,
                "verdict": each.verdict,
                "rounds": each.rounds,
                "detail": each.detail,
                "taken_as_any": list(each.approximated),
                "counterexample": each.test,
            }
            for each in result.proofs
        ],
    }


def sources_of(checked: Checked) -> list[dict[str, str]]:
    """Name and SM3 of each file of a contract, its own first."""
    return [
        {"file": module.path.name, "sm3": sm3_digest(module.path.read_bytes()).hex()}
        for module in checked.modules
    ]


def sign(report: dict[str, Any], signer: Signer | None) -> bytes:
    """The file of a report; without a signer it stands unsigned."""
    signature = None
    if signer is not None:
        signed = signer.sign(SIGNED_AS + canonical(report))
        signature = {"public_key": signer.public_key.hex(), "signature": signed.hex()}
    return canonical({"report": report, "signature": signature})


def verify_report(
    data: bytes, *, code_hash: str | None = None, public_key: bytes | None = None
) -> dict[str, Any]:
    """The report in a file, once its form and signature hold, and code and signer are those expected.

    Raises `ReportInvalid`, with what is wrong as the fact `why`.
    """
    try:
        document = json.loads(data)
        report, signature = document["report"], document["signature"]
        signer, signed = bytes.fromhex(signature["public_key"]), bytes.fromhex(signature["signature"])
        known = (report["kind"], report["format"]) == ("xianglian-check-report", FORMAT)
        code, _verdict = str(report["code_hash"]), report["verdict"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _invalid("form", f"no signed report: {error!r}") from error
    if not known or canonical(document) != data:
        raise _invalid("form", "no canonical report of this format")
    if not sm2_is_valid(signer, signed, SIGNED_AS + canonical(report)):
        raise _invalid("signature", "the signature is not good for this report")
    if public_key is not None and signer != public_key:
        raise _invalid("signer", f"signed by {signer.hex()}")
    if code_hash is not None and code != code_hash:
        raise _invalid("code", f"about the code {code}")
    found: dict[str, Any] = report
    return found


def report_hash(data: bytes) -> str:
    """SM3 of a report's file, hex: what the chain keeps."""
    return sm3_digest(data).hex()


def canonical(document: Any) -> bytes:
    """Canonical JSON: UTF-8, sorted keys, no spaces."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _invalid(why: str, reason: str) -> ReportInvalid:
    return ReportInvalid(reason, why=why)
