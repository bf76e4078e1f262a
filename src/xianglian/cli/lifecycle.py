"""`xl contract upgrade|unstage|freeze|unfreeze|destroy|versions`: what becomes of a deployed contract."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xianglian.cli.common import ADMIN, As, Network, client_of
from xianglian.cli.modules import Deployable, deployable
from xianglian.cli.output import note, program, say, short, show, table
from xianglian.errors import Misused, Rejected

if TYPE_CHECKING:
    from xianglian.contract.solidity import Artefact
    from xianglian.sdk import Client

DAY_MS = 24 * 3_600_000
Name = Annotated[str, typer.Argument(help="合约名称 / contract on the chain")]
Title = Annotated[str, typer.Option("--title", help="提案理由 / why, for those who vote")]
Days = Annotated[int, typer.Option("--days", min=1, max=90, help="投票期限, 天 / days for voting")]
Propose = Annotated[bool, typer.Option("--propose", help="提交表决 / put it to the vote")]
Described = Annotated[
    Path | None, typer.Option("--interface", help="模块的接口描述 / interface description of a .wasm module")
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--migrated", help="由 migrate 负责的字段, 可多次 / field that migrate answers for"),
]


def add_lifecycle(group: typer.Typer) -> None:
    """Adds these commands to `xl contract`."""
    for command in (upgrade, unstage, freeze, unfreeze, destroy, versions):
        group.command()(command)


def upgrade(
    name: Name,
    source: Annotated[
        Path, typer.Argument(help="新版本: 合约或 .wasm / the new version: contract or compiled module")
    ],
    propose: Propose = False,
    migrated: Fields = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只在现有状态上试运行 / only try it on the state as it is")
    ] = False,
    title: Title = "",
    days: Days = 7,
    interface: Described = None,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """升级合约: 编译, 暂存, 由所有者升级或提交表决 / Compile, stage, upgrade as the owner or by vote."""
    built = deployable(source, interface)
    fields = migrated or []
    with client_of(network, profile, purpose="xl contract upgrade") as client:
        if dry_run:
            report = _dry_run(client, name, built, fields)
            _show_dry_run({**report, "fields": _changes(client.interface(name), built.interface_json)})
            return
        record = client.contract(name)
        rules = client.governance()["policy"]
        if not propose and rules["upgrade"] == "governance":
            raise Rejected(
                f"contracts of this chain are upgraded by vote: add --propose ({name})",
                code="XL-RIGHT-GOVERNANCE",
                contract=name,
            )
        code_hash = staged(client, built)
        if propose:
            action = {
                "kind": "upgrade",
                "name": name,
                "version": record["version"],
                "code_hash": code_hash,
                "migrated": fields,
            }
            show_proposed(client, action, title=title, days=days)
            return
        receipt = client.upgrade(name, code_hash, version=record["version"], migrated=fields)
        show(
            {
                "contract": name,
                "version": int(receipt.result),
                "code_hash": code_hash,
                "height": receipt.height,
                "tx_hash": receipt.tx_hash,
            }
        )


def unstage(
    code_hash: Annotated[str, typer.Argument(help="代码的 SM3 / SM3 of the staged code, in hex")],
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """移除自己暂存而不再需要的代码 / Remove code that this account staged and nobody needs."""
    with client_of(network, profile, purpose="xl contract unstage") as client:
        receipt = client.unstage(code_hash)
        show({"code_hash": code_hash, "height": receipt.height, "tx_hash": receipt.tx_hash})


def freeze(
    name: Name,
    propose: Annotated[
        bool, typer.Option("--propose", help="提交表决 / put it to the vote, as somebody else than its owner")
    ] = False,
    title: Title = "",
    days: Days = 7,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """冻结合约: 交易被拒, 查询照常 / Refuse its transactions at once, as its owner."""
    with client_of(network, profile, purpose="xl contract freeze") as client:
        if propose:
            _propose(client, "freeze", name, title, days)
            return
        receipt = client.freeze(name)
        show({"contract": name, "status": "frozen", "height": receipt.height, "tx_hash": receipt.tx_hash})


def unfreeze(
    name: Name, title: Title = "", days: Days = 7, network: Network = None, profile: As = ADMIN
) -> None:
    """提议解冻合约 / Propose to take a frozen contract's transactions again."""
    with client_of(network, profile, purpose="xl contract unfreeze") as client:
        _propose(client, "unfreeze", name, title, days)


def destroy(
    name: Name, title: Title = "", days: Days = 7, network: Network = None, profile: As = ADMIN
) -> None:
    """提议销毁合约: 不可恢复, 名称不再可用 / Propose to end a contract for ever, its name with it."""
    with client_of(network, profile, purpose="xl contract destroy") as client:
        _propose(client, "destroy", name, title, days)


def versions(
    name: Name,
    source: Annotated[
        Path | None,
        typer.Option("--source", help="核对: 源代码是哪个版本 / tell which version this source is"),
    ] = None,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """合约的各个版本 / A contract's versions; `--source` compiles and compares."""
    with client_of(network, profile, purpose="xl contract versions") as client:
        document = client.versions(name)
    rows = document["versions"]
    if source is not None:
        from xianglian.compiler import build

        built = build(source)
        document["source"] = {"code_hash": built.code_hash, "version": _version_of(rows, built)}
    head = say("版本 高度 代码 接口 提案 提交者", "version height code interface proposal by").split()
    cells = [
        (r["version"], r["height"], short(r["code_hash"]), short(r["interface_hash"]), r["proposal"], r["by"])
        for r in rows
    ]
    text = f"{name}: {document['status']}\n" + table(head, cells)
    if source is not None:
        found = document["source"]["version"]
        text += "\n" + (
            say(f"{source} 就是版本 {found}", f"{source} is version {found}")
            if found is not None
            else say(f"{source} 不是其中任何版本", f"{source} is none of them")
        )
    show(document, text)


def _version_of(rows: list[dict[str, Any]], built: Deployable) -> int | None:
    """The newest version with the code and the interface that a source compiles to."""
    from xianglian._core import sm3

    ours = (built.code_hash, sm3(built.interface_json).hex())
    same = [r["version"] for r in rows if (r["code_hash"], r["interface_hash"]) == ours]
    return max(same, default=None)


def staged(client: Client, built: Deployable) -> str:
    """The hash of staged code; it is staged now unless exactly this is."""
    from xianglian._core import sm3

    known = client.code(built.code_hash)["staged"]
    if known is None:
        return client.stage(built.wasm, built.interface_json)
    if known["interface_hash"] != sm3(built.interface_json).hex():
        raise _staged_otherwise(known, "another interface description")
    return built.code_hash


def staged_solidity(client: Client, artefact: Artefact, arguments: dict[str, Any]) -> str:
    """The same of an artefact with its constructor's arguments. Whoever staged it will own the contract."""
    from xianglian._core import sm3

    known = client.code(sm3(artefact.creation_code).hex())["staged"]
    if known is None:
        return client.stage_solidity(artefact, **arguments)
    if known["interface_hash"] != sm3(artefact.interface_json).hex():
        raise _staged_otherwise(known, "another interface description")
    if known["arguments"] != artefact.constructor_arguments(arguments).hex():
        raise _staged_otherwise(known, "other arguments of the constructor")
    return str(known["code_hash"])


def _staged_otherwise(known: dict[str, Any], what: str) -> Rejected:
    return Rejected(
        f"{known['owner']} has staged this code with {what}",
        code="XL-CODE-STAGED",
        owner=known["owner"],
        code_hash=known["code_hash"],
    )


def _dry_run(client: Client, name: str, built: Deployable, fields: list[str]) -> dict[str, Any]:
    if client.code(built.code_hash)["staged"] is not None:
        return client.dry_run_upgrade(name, built.code_hash, migrated=fields)
    return client.dry_run_upgrade(name, code=built.wasm, interface=built.interface_json, migrated=fields)


def _changes(old: bytes, new: bytes) -> list[dict[str, Any]]:
    """The stored fields that an upgrade adds, changes or removes, with their types."""
    from xianglian.contract.abi import Interface
    from xianglian.contract.layout import layout_changes

    return [
        {"field": each.field, "old": each.old, "new": each.new, "words": say(*each.words())}
        for each in layout_changes(Interface.parse(old), Interface.parse(new))
    ]


def _show_dry_run(report: dict[str, Any]) -> None:
    if report["status"] == "success":
        text = say(
            f"可以升级到版本 {report['version']}: 耗气 {report['gas_used']}, 写入 {report['writes']} 个键, "
            f"事件 {len(report['events'])} 个",
            f"would become version {report['version']}: gas {report['gas_used']}, {report['writes']} keys "
            f"written, {len(report['events'])} events",
        )
    else:
        text = say(f"会被拒绝: {report['reason']}", f"would be refused: {report['reason']}")
    text += "".join(f"\n- {each['words']}" for each in report["fields"])
    if report["audit"]:
        text += "\n" + say(f"尚缺审计: {report['audit']}", f"an audit is still wanted: {report['audit']}")
    show(report, text)
    if report["status"] != "success":
        raise typer.Exit(1)


def _propose(client: Client, kind: str, name: str, title: str, days: int) -> None:
    version = client.contract(name)["version"]
    show_proposed(client, {"kind": kind, "name": name, "version": version}, title=title, days=days)


def show_proposed(client: Client, action: dict[str, Any], *, title: str, days: int) -> None:
    """Puts an action to the vote and says how to go on."""
    from xianglian.types import now_ms

    if len(title.encode()) > TITLE_BYTES_MAX:
        raise Misused(f"a title has at most {TITLE_BYTES_MAX} bytes", option="--title")
    number = client.propose(action, title=title, valid_until_ms=now_ms() + days * DAY_MS)
    rules = client.governance()
    needed, organisations = rules["needed"], rules["organisations"]
    document = {"proposal": number, "action": action, "needed": needed, "organisations": organisations}
    note(
        f"{organisations} 家机构中须 {needed} 家同意; 投票: {program()} gov vote {number} yes --as 身份",
        f"{needed} of {organisations} organisations must agree; each one's administrator: "
        f"{program()} gov vote {number} yes --as PROFILE",
    )
    show(document)


TITLE_BYTES_MAX = 256
