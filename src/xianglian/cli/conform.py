"""`xl contract conform`: what a contract keeps of a standard interface."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from xianglian.cli.output import say, show
from xianglian.errors import Misused


def conform(
    source: Annotated[
        Path, typer.Argument(help="合约文件或目录 / contract file, or folder with contract.py")
    ],
    standard: Annotated[str, typer.Option(help="标准编号 / number of the standard, such as XRC-20")],
    prepare: Annotated[
        Path | None,
        typer.Option(
            help="含 prepare(bench) 的文件 / file with prepare(bench), where the suite's own does not fit"
        ),
    ] = None,
) -> None:
    """检验是否符合标准接口 / Run the suite of a standard interface: what holds and what not."""
    from xianglian.compiler import build, contract_file
    from xianglian.contract.testing import load_contract
    from xianglian.standards import STANDARDS
    from xianglian.standards import conform as run

    number = standard.upper().removeprefix("XRC-")
    known = STANDARDS.get(int(number)) if number.isdecimal() else None
    if known is None:
        names = ", ".join(each.name for each in STANDARDS.values())
        raise Misused(f"--standard {standard}: there are {names}", option="--standard")
    built = build(source)
    contract = getattr(load_contract(contract_file(source)), built.name)
    own: Any = load_contract(prepare).prepare if prepare is not None else None
    report = run(contract, known, prepare=own)
    zh, en = known.title
    lines = [f"{known.name} v{known.version} {say(zh, en)}  {known.id}"]
    for each in report.findings:
        words = say(*each.words)
        lines.append(f"{'✓' if each.holds else '✗'} {words}")
        if each.deviation is not None:
            lines.append(f"    {each.check}: {each.deviation}")
    lines.append(
        say("符合" if report.conforms else "不符合", "conforms" if report.conforms else "does NOT conform")
    )
    show(
        {
            "standard": known.name,
            "version": known.version,
            "interface_id": known.id,
            "contract": report.contract,
            "conforms": report.conforms,
            "findings": [
                {"check": each.check, "holds": each.holds, "deviation": each.deviation}
                for each in report.findings
            ],
        },
        "\n".join(lines),
    )
    if not report.conforms:
        raise typer.Exit(1)
