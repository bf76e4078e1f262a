"""`xl gov propose|vote|list|show|policy`: organisations decide on contracts and on the rules for them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xianglian.cli.common import ADMIN, As, Network, client_of, group
from xianglian.cli.lifecycle import Days, Fields, Title, show_proposed
from xianglian.cli.output import facts, say, show, table
from xianglian.errors import Misused

gov = group()
Number = Annotated[int, typer.Argument(min=1, help="提案编号 / proposal's number")]
ON_CONTRACTS = ("freeze", "unfreeze", "destroy")
"""Actions that need no more than the contract's name."""


@gov.command()
def propose(
    kind: Annotated[
        str, typer.Argument(help="policy, deploy, upgrade, freeze, unfreeze 或 destroy / what to do")
    ],
    name: Annotated[str, typer.Argument(help="合约名称 / contract")] = "",
    code: Annotated[str, typer.Option("--code", help="暂存代码的 SM3 / SM3 of staged code")] = "",
    migrated: Fields = None,
    deploy: Annotated[
        str | None, typer.Option(help="developers, administrators 或 governance / who may deploy")
    ] = None,
    upgrade: Annotated[str | None, typer.Option(help="owner 或 governance / who may upgrade")] = None,
    audit: Annotated[
        bool | None, typer.Option("--audit/--no-audit", help="代码须经审计 / code needs an audit")
    ] = None,
    independent: Annotated[
        bool | None,
        typer.Option(
            "--independent/--own-auditor", help="审计者属其他机构 / auditor of another organisation"
        ),
    ] = None,
    auditor: Annotated[str | None, typer.Option(help="审计角色 / role of auditors")] = None,
    title: Title = "",
    days: Days = 7,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """提出提案 / Put something to the vote: one vote an organisation; the deciding vote carries it out."""
    changes = {
        "deploy": deploy,
        "upgrade": upgrade,
        "audit_required": audit,
        "audit_independent": independent,
        "auditor": auditor,
    }
    given = {key: value for key, value in changes.items() if value is not None}
    if (kind == "policy") == bool(name):
        raise Misused(f"{kind} {'is about no contract' if name else 'needs the name of a contract'}")
    with client_of(network, profile, purpose="xl gov propose") as client:
        if kind == "policy":
            if not given:
                raise Misused("say what to change: --deploy, --upgrade, --audit, --independent, --auditor")
            action: dict[str, Any] = {
                "kind": kind,
                "policy": {**client.governance()["policy"], **given},
            }
        elif kind == "deploy":
            action = {"kind": kind, "name": name, "code_hash": code}
        elif kind == "upgrade":
            action = {
                "kind": kind,
                "name": name,
                "version": client.contract(name)["version"],
                "code_hash": code,
                "migrated": migrated or [],
            }
        else:
            version = client.contract(name)["version"] if kind in ON_CONTRACTS else 0
            action = {"kind": kind, "name": name, "version": version}
        show_proposed(client, action, title=title, days=days)


@gov.command()
def vote(
    number: Number,
    ballot: Annotated[str, typer.Argument(metavar="yes|no", help="yes 同意, no 反对 / for or against")],
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """为本机构投票, 不可更改 / Vote for one's organisation, once; the deciding vote carries it out."""
    if ballot not in ("yes", "no"):
        raise Misused(f"vote yes or no, not {ballot!r}", argument="ballot")
    with client_of(network, profile, purpose="xl gov vote") as client:
        status = client.vote(number, ballot == "yes")
        document = {"proposal": number, "vote": ballot, "status": status, "organisation": _own(client)}
    words = {
        "open": say("尚未决定", "not decided yet"),
        "enacted": say("已通过并执行", "accepted and carried out"),
        "rejected": say("已否决", "rejected"),
    }
    show(document, say(f"提案 {number}: {words[status]}", f"proposal {number}: {words[status]}"))


@gov.command("list")
def list_proposals(
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """提案列表, 新的在前 / Proposals, newest first."""
    with client_of(network, profile, purpose="xl gov list") as client:
        page = client.proposals(limit=limit)
    head = say("编号 状态 事项 合约 同意 反对 理由", "id status action contract yes no title").split()
    rows = []
    for each in page["proposals"]:
        yes = sum(1 for ballot in each["votes"] if ballot["yes"])
        no = len(each["votes"]) - yes
        action = each["action"]
        rows.append((each["id"], each["status"], action["kind"], action.get("name"), yes, no, each["title"]))
    show(page, table(head, rows))


@gov.command("show")
def show_proposal(number: Number, network: Network = None, profile: As = ADMIN) -> None:
    """提案与各机构的投票 / A proposal and its votes."""
    with client_of(network, profile, purpose="xl gov show") as client:
        show(client.proposal(number))


@gov.command()
def policy(network: Network = None, profile: As = ADMIN) -> None:
    """合约规则与表决门槛 / The rules for contracts, and what a proposal needs."""
    with client_of(network, profile, purpose="xl gov policy") as client:
        found = client.governance()
    head = say(
        f"{found['organisations']} 家机构中须 {found['needed']} 家同意",
        f"{found['needed']} of {found['organisations']} organisations must agree",
    )
    show(found, head + "\n" + facts(found["policy"]))


def _own(client: Any) -> str:
    return str(client.connection.organisation)
