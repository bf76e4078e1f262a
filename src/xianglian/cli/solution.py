"""`xl solution list|deploy|accept`: the solutions that travel with the platform."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xianglian.cli import output
from xianglian.cli.common import ADMIN, As, Network, client_of, group, network_of
from xianglian.cli.contract import deployed
from xianglian.cli.output import note, say, show, table
from xianglian.errors import Misused

if TYPE_CHECKING:
    from xianglian.solutions import Solution

solution = group()
Name = Annotated[str, typer.Argument(help="方案名 / solution")]


@solution.command("list")
def list_solutions() -> None:
    """有哪些方案 / Which solutions there are."""
    from xianglian.solutions import SOLUTIONS

    rows = [
        {
            "solution": each.name,
            "title": {"zh": each.title.zh, "en": each.title.en},
            "roles": [role.name for role in each.roles],
            "sources": list(each.sources),
        }
        for each in SOLUTIONS.values()
    ]
    head = say("方案 名称 角色", "solution title roles").split()
    show(rows, table(head, [(r["solution"], _title(r), ", ".join(r["roles"])) for r in rows]))


@solution.command()
def deploy(
    name: Name,
    contract: Annotated[str | None, typer.Option("--contract", help="链上名称 / name on the chain")] = None,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """部署方案的合约 / Deploy a solution's contract."""
    from xianglian.compiler import build

    built = build(_solution(name).folder)
    with client_of(network, profile, purpose="xl solution deploy") as client:
        show({"solution": name, **deployed(client, contract or name, built.wasm, built.interface_json)})


@solution.command()
def accept(name: Name, network: Network = None) -> None:
    """验收: 在真实网络上演完方案的故事 / Play the solution's story. Exit 1: a check fails."""
    _solution(name)
    story = importlib.import_module(f"xianglian.solutions.{name}.story")
    report = story.run(network_of(network).path, progress=tell)
    show({"solution": name, **report.to_json()}, _checks(report))
    if not report.ok:
        raise typer.Exit(1)


def tell(progress: Any) -> None:
    """A line for a step of a story."""
    count = f" {progress.done}/{progress.total}" if progress.total else ""
    note(f"  {progress.zh}{count}", f"  {progress.en}{count}")


def _checks(report: Any) -> str:
    lines = [f"{'✓' if c.ok else '✗'} {say(c.zh, c.en)}  {c.detail}".rstrip() for c in report.checks]
    counts = (report.issued, report.presented, report.refused)
    lines.append(
        say(
            "签发 {} 出示 {} 依法拒绝 {}".format(*counts),
            "{} issued, {} presented, {} refused".format(*counts),
        )
    )
    return "\n".join(lines)


def _title(row: dict[str, Any]) -> str:
    return str(row["title"][output.LANGUAGE])


def _solution(name: str) -> Solution:
    from xianglian.solutions import SOLUTIONS

    if name not in SOLUTIONS:
        raise Misused(f"no solution {name!r}; there are: {', '.join(SOLUTIONS)}", known=list(SOLUTIONS))
    return SOLUTIONS[name]
