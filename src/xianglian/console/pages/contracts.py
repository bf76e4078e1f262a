"""Contracts: the list, one contract's interface, and a form for each of its methods."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.acts import Act
from xianglian.console.here import asked, visitor
from xianglian.console.i18n import Catalogue, label, number
from xianglian.console.kit.form import Form, fields_of
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
GIVEN_MAX = 2_000
"""Characters of a value that an address fills in."""


@kit.page("/contracts", room="contract", words=W)
async def contracts() -> None:
    rows = [
        [
            kit.link(f"/console/contracts/{each['name']}", each["name"]),
            kit.digest(each["address"]),
            kit.digest(each["owner"], href=f"/console/accounts/{each['owner']}"),
            each["organisation"],
            number(each["version"]),
            W(f"status.{each['status']}"),
            kit.link(f"/console/blocks/{each['deployed_height']}", number(each["deployed_height"])),
        ]
        for each in await visitor().client.contracts()
    ]
    with kit.card():
        kit.table(
            [
                W("name"),
                W("address"),
                W("owner"),
                W("organisation"),
                W("version"),
                W("status"),
                W("deployed"),
            ],
            rows,
            empty=W("none"),
        )


@kit.page("/contracts/{name}", room="contract", words=W)
async def contract(name: str) -> None:
    client = visitor().client
    kit.retitle(name, W("title"))
    try:
        record = await client.contract(name)
    except NotFound:
        kit.note("warn", name, title=W("unknown"))
        return
    versions = (await client.versions(name))["versions"]
    interface = abi.Interface.parse(await client.interface(name))
    document = interface.document
    kit.retitle(label(document["label"]), name)
    with kit.columns():
        with kit.column(8):
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
        with kit.column(4):
            with kit.card(W("facts")):
                kit.facts(_record(record))
            with kit.card(W("versions"), number(len(versions))):
                kit.table(
                    [W("version"), W("since"), W("code.hash"), W("proposal"), W("by")],
                    [_version(each) for each in reversed(versions)],
                )
            with kit.card(W("events"), number(len(document["events"]))):
                kit.table([W("events"), W("fields")], [_event(each) for each in document["events"]])
            with kit.card(W("state"), number(len(document["state"]))):
                kit.table(
                    [W("state"), W("what")],
                    [[kit.name(each["name"]), label(each["label"])] for each in document["state"]],
                )


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


def _version(each: dict[str, Any]) -> list[Any]:
    return [
        number(each["version"]),
        kit.link(f"/console/blocks/{each['height']}", number(each["height"])),
        kit.digest(each["code_hash"]),
        "" if each["proposal"] is None else number(each["proposal"]),
        kit.digest(each["by"], href=f"/console/accounts/{each['by']}"),
    ]


def _record(record: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (W("name"), record["name"]),
        (W("address"), kit.digest(record["address"])),
        (W("owner"), kit.digest(record["owner"], href=f"/console/accounts/{record['owner']}")),
        (W("organisation"), record["organisation"]),
        (W("version"), number(record["version"])),
        (W("status"), W(f"status.{record['status']}")),
        (W("size"), W("bytes", count=number(record["code_bytes"]))),
        (W("code.hash"), kit.digest(record["code_hash"])),
        (W("interface.hash"), kit.digest(record["interface_hash"])),
        (
            W("deployed"),
            kit.link(f"/console/blocks/{record['deployed_height']}", number(record["deployed_height"])),
        ),
    ]
