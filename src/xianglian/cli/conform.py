"""`xl contract conform`: what a contract keeps of a standard interface."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xianglian.cli.common import ADMIN, As, Network, client_of
from xianglian.cli.output import say, show, table
from xianglian.errors import Misused

if TYPE_CHECKING:
    from xianglian.standards import Report, Standard


def conform(
    contract: Annotated[
        str,
        typer.Argument(
            help="合约文件或目录; 用 --interface 时为链上合约名 / contract file, or folder with contract.py; "
            "the name on the chain with --interface"
        ),
    ],
    standard: Annotated[
        str | None,
        typer.Option(help="标准编号: 运行检验 / number of the standard, such as XRC-20: runs its suite"),
    ] = None,
    interface: Annotated[
        str | None,
        typer.Option(
            help="标准编号: 查验链上合约 / the same for a deployed contract: reads what it shows of it"
        ),
    ] = None,
    prepare: Annotated[
        Path | None,
        typer.Option(
            help="含 prepare(bench) 的文件 / file with prepare(bench), where the suite's own does not fit"
        ),
    ] = None,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """检验是否符合标准接口 / Run the suite of a standard interface, or read a deployed contract."""
    if (standard is None) == (interface is None):
        raise Misused(
            "give --standard for a source, or --interface for a deployed contract", option="--standard"
        )
    if interface is not None:
        if prepare is not None:
            raise Misused("--prepare is of the suite: a deployed contract is only read", option="--prepare")
        _deployed(contract, _known(interface, "--interface"), network, profile)
    elif standard is not None:
        _source(Path(contract), _known(standard, "--standard"), prepare)


def _known(text: str, option: str) -> Standard:
    from xianglian.standards import STANDARDS

    number = text.upper().removeprefix("XRC-")
    known = STANDARDS.get(int(number)) if number.isdecimal() else None
    if known is None:
        names = ", ".join(each.name for each in STANDARDS.values())
        raise Misused(f"{option} {text}: there are {names}", option=option)
    return known


def _source(source: Path, standard: Standard, prepare: Path | None) -> None:
    from xianglian.compiler import build, contract_file
    from xianglian.contract.testing import load_contract
    from xianglian.standards import conform as run

    built = build(source)
    contract = getattr(load_contract(contract_file(source)), built.name)
    own: Any = load_contract(prepare).prepare if prepare is not None else None
    report = run(contract, standard, prepare=own)
    lines = []
    for each in report.findings:
        lines.append(f"{'✓' if each.holds else '✗'} {say(*each.words)}")
        if each.deviation is not None:
            lines.append(f"    {each.check}: {each.deviation}")
    _tell(standard, report, lines)


def _deployed(name: str, standard: Standard, network: Path | None, profile: str) -> None:
    from xianglian.standards import inspect

    with client_of(network, profile, purpose="xl contract conform") as client:
        report = inspect(client, name, standard)
    head = ("", say("查验项", "what is asked"), say("偏离", "deviation"))
    rows = [("✓" if each.holds else "✗", say(*each.words), each.deviation or "") for each in report.findings]
    lines = [table(head, rows)]
    if report.conforms:
        lines.append(
            say(
                "仅就链上可读部分而言; 各项承诺须以源码检验: --standard",
                "as far as can be read; its promises are judged by the suite, from the source: --standard",
            )
        )
    _tell(standard, report, lines)


def _tell(standard: Standard, report: Report, lines: list[str]) -> None:
    """Shows what holds and what not. Ends with 1 where something does not."""
    conforms = say("符合", "conforms") if report.conforms else say("不符合", "does NOT conform")
    head = f"{standard.name} v{standard.version} {say(*standard.title)}  {standard.id}"
    show(
        {
            "standard": standard.name,
            "version": standard.version,
            "interface_id": standard.id,
            "contract": report.contract,
            "conforms": report.conforms,
            "findings": [
                {"check": each.check, "holds": each.holds, "deviation": each.deviation}
                for each in report.findings
            ],
        },
        "\n".join([head, *lines, conforms]),
    )
    if not report.conforms:
        raise typer.Exit(1)
