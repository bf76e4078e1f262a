"""Contracts: the list with how each stands, one contract's interface, and a form for each of its methods."""

from __future__ import annotations

import asyncio
from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.acts import Act
from xianglian.console.audits import W as AUDITS
from xianglian.console.audits import audit_card, standing
from xianglian.console.here import asked, visitor
from xianglian.console.i18n import Catalogue, label, number
from xianglian.console.kit.form import Form, fields_of
from xianglian.console.sessions import StaffSession
from xianglian.console.values import field_label, value
from xianglian.contract import abi
from xianglian.errors import NotFound
from xianglian.types import plain

W = Catalogue(
    "contracts",
    {
        "title": ("合约", "Contracts"),
        "sub": ("已部署的合约与它们的接口", "Deployed contracts and their interfaces"),
        "name": ("名称", "Name"),
        "address": ("地址", "Address"),
        "owner": ("部署者", "Owner"),
        "organisation": ("机构", "Organisation"),
        "size": ("代码", "Code"),
        "bytes": ("{count} 字节", "{count} bytes"),
        "deployed": ("部署高度", "Deployed at"),
        "version": ("版本", "Version"),
        "versions": ("版本历史", "Versions"),
        "since": ("起始高度", "From height"),
        "by": ("提交者", "By"),
        "proposal": ("提案", "Proposal"),
        "status": ("合约状态", "Status"),
        "status.active": ("正常", "Active"),
        "status.frozen": ("已冻结: 只能查询", "Frozen: views only"),
        "status.destroyed": ("已销毁", "Destroyed"),
        "none": ("还没有合约。用 xl contract deploy 部署第一个", "No contract yet. Deploy the first with xl contract deploy"),
        "language": ("语言", "Language"),
        "total": ("共 {total} 个", "{total} in all"),
        "next": ("后面的合约", "More contracts"),
        "first": ("从头", "From the first"),
        "frozen.note": ("只能查询, 不能办理; 要解冻须经投票", "It answers queries and refuses transactions; a vote thaws it"),
        "destroyed.note": ("不再回答任何人; 状态与历史仍可证明", "It answers nobody; its state and history stay provable"),
        "interface.none": ("没有接口描述", "There is no interface description"),
        "layout": ("状态布局", "State layout"),
        "layout.hint": ("升级后的代码须同样读取", "New code must read it the same way"),
        "layout.none": ("没有登记布局", "No layout is recorded"),
        "field": ("字段", "Field"),
        "type": ("类型摘要", "Type digest"),
        "facts": ("登记信息", "Record"),
        "code.hash": ("代码摘要", "Code hash"),
        "interface.hash": ("接口摘要", "Interface hash"),
        "entries": ("办理 (写)", "Acts (write)"),
        "views": ("查询 (读)", "Views (read)"),
        "method": ("方法", "Method"),
        "what": ("说明", "What it does"),
        "arguments": ("参数", "Arguments"),
        "events": ("事件", "Events"),
        "errors": ("拒绝的原因", "Refusals"),
        "state": ("状态", "State"),
        "code": ("代码", "Code"),
        "meaning": ("含义", "Meaning"),
        "fields": ("字段", "Fields"),
        "unknown": ("没有这个合约", "No such contract"),
        "unknown.method": ("合约没有这个方法", "The contract has no such method"),
        "ask": ("查询", "Ask"),
        "answer": ("结果", "Answer"),
        "answer.none": ("空", "Empty"),
        "as.code": ("同样的查询, 用代码写", "The same query as code"),
        "wait": ("填好后按“查询”, 结果显示在这里", "Fill in and press Ask: the answer appears here"),
    },
)  # fmt: skip
PAGE = 25
STATUS = {"active": "ok", "frozen": "warn", "destroyed": "idle"}
SOLIDITY, PYTHON, MODULE = "Solidity", "Python", "WebAssembly"
GIVEN_MAX = 2_000
"""Characters of a value that an address fills in."""


@kit.page("/contracts", room="contract", words=W)
async def contracts(offset: int = 0) -> None:
    session, start = visitor(), max(0, offset)
    found = await session.client.contracts()
    rows = await asyncio.gather(*(_row(session, each) for each in found[start : start + PAGE]))
    with kit.card(W("title"), W("total", total=number(len(found)))):
        kit.table(
            [
                W("name"),
                W("status"),
                W("version"),
                W("language"),
                AUDITS("title"),
                W("organisation"),
                W("owner"),
                W("deployed"),
            ],
            rows,
            empty=W("none"),
        )
        with kit.actions():
            if start:
                kit.anchor(W("first"), "/console/contracts")
            if start + PAGE < len(found):
                kit.anchor(W("next"), f"/console/contracts?offset={start + PAGE}", icon="next")


@kit.page("/contracts/{name}", room="contract", words=W)
async def contract(name: str) -> None:
    client = visitor().client
    kit.retitle(name, W("title"))
    try:
        record = await client.contract(name)
    except NotFound:
        kit.note("warn", name, title=W("unknown"))
        return
    kept = await client.versions(name)
    audits = (await client.code(record["code_hash"]))["audits"]
    interface = await _interface(visitor(), name)
    if interface is not None:
        kit.retitle(label(interface.document["label"]), name)
    if record["status"] != "active":
        kit.note("warn", W(f"{record['status']}.note"), title=W(f"status.{record['status']}"))
    with kit.columns():
        with kit.column(8):
            if interface is not None:
                _methods(name, interface.document)
            else:
                kit.note("info", W("interface.none"))
            with kit.card(W("versions"), number(len(kept["versions"]))):
                kit.table(
                    [W("version"), W("since"), W("code.hash"), AUDITS("title"), W("proposal"), W("by")],
                    [_version(each) for each in reversed(kept["versions"])],
                )
            audit_card(record["code_hash"], audits)
        with kit.column(4):
            with kit.card(W("facts"), right=_status(record["status"])):
                kit.facts(_record(record, _language(interface)))
            with kit.card(W("layout"), W("layout.hint")):
                kit.table(
                    [W("field"), W("type")],
                    [[kit.name(each["field"]), kit.digest(each["digest"])] for each in kept["layout"]],
                    empty=W("layout.none"),
                )
            if interface is not None:
                _told(interface.document)


@kit.page("/contracts/{name}/{method}", room="contract", words=W)
async def call_form(name: str, method: str) -> None:
    interface = abi.Interface.parse(await visitor().client.interface(name))
    if method not in interface.methods:
        kit.note("warn", f"{name}.{method}", title=W("unknown.method"))
        return
    described = interface.methods[method].description
    title = label(described["label"])
    kit.retitle(title, f"{name}.{method}")
    fields = fields_of(interface, method)
    given = asked()
    form = Form(
        fields, start={each.name: given[each.name][:GIVEN_MAX] for each in fields if each.name in given}
    )
    if described["kind"] == "entry":
        Act(name, method, form, title=title).draw()
    else:
        _view(name, method, interface, form, title)


def _view(name: str, method: str, interface: abi.Interface, form: Form, title: str) -> None:
    async def ask() -> None:
        if form.check():
            return
        values = form.values()
        found = await visitor().client.query(name, method, **values)
        with answer.anew():
            with kit.card(W("answer")):
                kit.put(_shown(interface, interface.methods[method].description["returns"], plain(found)))
            arguments = "".join(f", {key}={each!r}" for key, each in values.items())
            with kit.card(W("as.code"), "Python"):
                kit.code(f'client.query("{name}", "{method}"{arguments})')

    with kit.columns():
        with kit.column(5), kit.card(title):
            form.draw()
            with kit.actions():
                kit.button(W("ask"), ask, icon="search", name="ask")
        with kit.column(7):
            answer = kit.area()
            with answer.anew():
                kit.note("info", W("wait"))


def _shown(interface: abi.Interface, returns: dict[str, Any], found: Any) -> Markup:
    kind = returns["type"]
    if (
        isinstance(kind, dict)
        and "list" in kind
        and isinstance(kind["list"], dict)
        and "record" in kind["list"]
    ):
        parts = [value(interface, {"type": kind["list"], "name": ""}, each) for each in found]
        return kit.join(parts, "<hr>") if parts else Markup("{}").format(W("answer.none"))
    return value(interface, {**returns, "name": ""}, found)


def _method(contract: str, each: dict[str, Any]) -> list[Any]:
    arguments = ", ".join(field_label(argument) for argument in each["args"]) or "—"
    return [
        kit.link(f"/console/contracts/{contract}/{each['name']}", each["name"], mono=True),
        label(each["label"]),
        arguments,
    ]


def _event(each: dict[str, Any]) -> list[Any]:
    title = Markup('{}<br><span class="mono muted small">{}</span>').format(
        label(each["label"]), each["name"]
    )
    return [title, ", ".join(field_label(one) for one in each["fields"])]


async def _interface(session: StaffSession, name: str) -> abi.Interface | None:
    """None where there is none, or none of the standard form."""
    try:
        return abi.Interface.parse(await session.client.interface(name))
    except (NotFound, ValueError):
        return None


def _language(interface: abi.Interface | None) -> str:
    """What a contract was written in, as far as its interface description tells."""
    if interface is None:
        return "—"
    if interface.document.get("machine") == "evm":
        return SOLIDITY
    return PYTHON if any(each.endswith(".py") for each in interface.document["source"]["files"]) else MODULE


def _status(status: str) -> Markup:
    return kit.pill(STATUS[status], W(f"status.{status}"))


async def _row(session: StaffSession, each: dict[str, Any]) -> list[Any]:
    code, interface = await asyncio.gather(
        session.client.code(each["code_hash"]), _interface(session, each["name"])
    )
    return [
        kit.link(f"/console/contracts/{each['name']}", each["name"]),
        _status(each["status"]),
        number(each["version"]),
        _language(interface),
        standing(code["audits"]),
        each["organisation"],
        kit.digest(each["owner"], href=f"/console/accounts/{each['owner']}"),
        kit.link(f"/console/blocks/{each['deployed_height']}", number(each["deployed_height"])),
    ]


def _methods(name: str, document: dict[str, Any]) -> None:
    for kind, head in (("entry", W("entries")), ("view", W("views"))):
        with kit.card(head):
            kit.table(
                [W("method"), W("what"), W("arguments")],
                [_method(name, each) for each in document["methods"] if each["kind"] == kind],
            )
    with kit.card(W("errors"), number(len(document["errors"]))):
        kit.table(
            [W("code"), W("meaning")],
            [[kit.name(each["code"]), label(each["label"])] for each in document["errors"]],
        )


def _told(document: dict[str, Any]) -> None:
    with kit.card(W("events"), number(len(document["events"]))):
        kit.table([W("events"), W("fields")], [_event(each) for each in document["events"]])
    with kit.card(W("state"), number(len(document["state"]))):
        kit.table(
            [W("state"), W("what")],
            [[kit.name(each["name"]), label(each["label"])] for each in document["state"]],
        )


def _version(each: dict[str, Any]) -> list[Any]:
    return [
        number(each["version"]),
        kit.link(f"/console/blocks/{each['height']}", number(each["height"])),
        kit.digest(each["code_hash"]),
        "—" if each["audit"] is None else kit.digest(each["audit"]["report_hash"]),
        "—"
        if each["proposal"] is None
        else kit.link(f"/console/proposals/{each['proposal']}", number(each["proposal"])),
        kit.digest(each["by"], href=f"/console/accounts/{each['by']}"),
    ]


def _record(record: dict[str, Any], language: str) -> list[tuple[str, Any]]:
    return [
        (W("name"), record["name"]),
        (W("address"), kit.digest(record["address"])),
        (W("owner"), kit.digest(record["owner"], href=f"/console/accounts/{record['owner']}")),
        (W("organisation"), record["organisation"]),
        (W("version"), number(record["version"])),
        (W("language"), language),
        (W("size"), W("bytes", count=number(record["code_bytes"]))),
        (W("code.hash"), kit.digest(record["code_hash"])),
        (W("interface.hash"), kit.digest(record["interface_hash"])),
        (
            W("deployed"),
            kit.link(f"/console/blocks/{record['deployed_height']}", number(record["deployed_height"])),
        ),
    ]
