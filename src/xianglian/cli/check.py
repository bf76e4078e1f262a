"""`xl contract check`: lints and proofs; with `--record` a signed report whose digest goes to the chain."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xianglian.cli.common import As, Network, client_of
from xianglian.cli.output import note, say, show, table
from xianglian.errors import Misused

if TYPE_CHECKING:
    from xianglian.checker.report import Result

DAY_MS = 86_400_000
Source = Annotated[Path, typer.Argument(help="合约文件或目录 / contract file, or folder with contract.py")]


def add_check(group: typer.Typer) -> None:
    """Adds these commands to `xl contract`."""
    group.command()(check)
    group.command("verify-report")(verify_report)


def check(
    source: Source,
    out: Annotated[Path | None, typer.Option("-o", "--output", help="报告文件 / file of the report")] = None,
    tests: Annotated[
        Path | None, typer.Option(help="反例测试目录 / folder for the tests of counterexamples")
    ] = None,
    prove: Annotated[
        bool, typer.Option("--prove/--lints", help="证明不变式, 或只查弱点 / prove invariants, or lints only")
    ] = True,
    rounds: Annotated[int, typer.Option(min=1, max=64, help="循环展开次数 / rounds of a loop")] = 3,
    seconds: Annotated[float, typer.Option(min=0.1, help="每问求解时限, 秒 / for each question")] = 10.0,
    record: Annotated[
        bool, typer.Option("--record", help="签名并上链 / sign the report and take it to the chain")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=3650, help="审计有效期, 天 / how long it counts")] = 365,
    network: Network = None,
    profile: As = "auditor",
) -> None:
    """检查合约: 已知弱点与不变式 / Check for known weaknesses, and prove the declared invariants.

    Ends with 1 if a finding is open that is more than low, or an invariant is broken.
    """
    from xianglian.checker.report import check_contract, describe, report_hash, sign

    result = check_contract(source, prove=prove, rounds=rounds, seconds=seconds)
    document = describe(result)
    written = _write_tests(result, tests)
    shown: dict[str, Any] = {**document, "seconds": _seconds(result), "tests": written}
    text = _text(result, written)
    if record:
        from xianglian.checker.report import tool

        file = out or Path(f"{result.contract}.report.json")
        with client_of(network, profile, purpose="xl contract check") as client:
            data = sign(document, client.connection.key)
            file.write_bytes(data)
            receipt = client.audit(
                result.code_hash,
                report_hash=report_hash(data),
                verdict=result.verdict,
                tool=tool(),
                valid_until_ms=int(time.time() * 1000) + days * DAY_MS,
            )
        shown |= {"file": str(file), "report_hash": report_hash(data), "tx_hash": receipt.tx_hash}
        text += "\n" + say(f"审计已上链: {file}", f"the audit is on the chain: {file}")
    elif out is not None:
        out.write_bytes(sign(document, None))
        shown["file"] = str(out)
    show(shown, text)
    if result.verdict == "negative":
        raise typer.Exit(1)


def verify_report(
    file: Annotated[Path, typer.Argument(help="报告文件 / file of a report")],
    source: Annotated[
        Path | None, typer.Argument(help="所述合约 / the contract that it is about, if at hand")
    ] = None,
) -> None:
    """验证检查报告的签名, 并与源码比对 / Verify a report's signature, and that it is about this source."""
    from xianglian.checker.report import report_hash
    from xianglian.checker.report import verify_report as verified
    from xianglian.compiler import build

    try:
        data = file.read_bytes()
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror}", path=str(file)) from error
    code = None if source is None else build(source).code_hash
    report = verified(data, code_hash=code)
    show(
        {
            "contract": report["contract"],
            "verdict": report["verdict"],
            "code_hash": report["code_hash"],
            "report_hash": report_hash(data),
            "tool": report["tool"],
        }
    )


def _write_tests(result: Result, folder: Path | None) -> list[str]:
    if folder is None or not result.violated:
        return []
    from xianglian.checker.symbolic.replay import example_path

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for proof in result.violated:
        path = example_path(folder, proof)
        path.write_text(str(proof.test))
        written.append(str(path))
    return written


def _seconds(result: Result) -> dict[str, float]:
    return {f"{each.method}: {each.invariant}": round(each.seconds, 3) for each in result.proofs}


_VERDICTS = {
    "proved": ("已证明", "proved"),
    "bounded": ("有限次循环内成立", "holds up to the rounds given"),
    "violated": ("被违反", "BROKEN"),
    "undecided": ("未判定", "not decided"),
    "not-covered": ("未覆盖", "not covered"),
}


def _text(result: Result, written: list[str]) -> str:
    lines = []
    severities = {"high": say("高", "high"), "medium": say("中", "medium"), "low": say("低", "low")}
    for each in result.findings:
        about = each.about
        head = f"{each.file.name}:{each.line}: {each.lint} [{severities[about.severity]}] "
        lines.append(head + say(about.zh, about.en) + f" ({each.what})")
        if each.accepted is not None:
            lines.append("    " + say(f"已接受: {each.accepted}", f"accepted: {each.accepted}"))
            continue
        lines.append("    " + say(about.why_zh, about.why_en))
        lines.append("    " + say(f"改为: {about.do_zh}", f"instead: {about.do_en}"))
    if result.proofs:
        titles = say("方法 不变式 结果 秒", "method invariant answer seconds").split()
        rows = [
            (each.method, each.invariant, say(*_VERDICTS[each.verdict]), f"{each.seconds:.2f}")
            for each in result.proofs
        ]
        lines.append(table(titles, rows))
    for each in result.proofs:
        if each.detail:
            lines.append(f"  {each.method}, {each.invariant}: {each.detail}")
        if each.test is not None and not written:
            lines.append(say(f"反例 ({each.method}):", f"counterexample ({each.method}):"))
            lines.append(each.test)
    taken = sorted({name for each in result.proofs for name in each.approximated})
    if taken:
        note(f"视为任意值: {', '.join(taken)}", f"taken as any value: {', '.join(taken)}")
    open_count = len(result.open)
    good = result.verdict == "positive"
    lines.append(
        say(
            f"{result.contract}: {open_count} 项发现, {'通过' if good else '不通过'}",
            f"{result.contract}: {open_count} open findings, {'passed' if good else 'NOT passed'}",
        )
    )
    return "\n".join(lines)
