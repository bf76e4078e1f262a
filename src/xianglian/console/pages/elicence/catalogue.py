"""The catalogue: licence types, who may issue them, registered organisations; what a catalogue manager may do."""

from __future__ import annotations

from typing import Any

from xianglian.console import kit
from xianglian.console.elicence import CONTRACT, types
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, moment, pick
from xianglian.console.pages.elicence import parts
from xianglian.console.public.verdict import attribute_label
from xianglian.errors import XianglianError
from xianglian.solutions import SOLUTIONS

W = Catalogue(
    "elicence.catalogue",
    {
        "title": ("证照目录", "Licence catalogue"),
        "sub": ("证照类型、谁可以签发, 以及登记的机构", "Licence types, who may issue them, and registered organisations"),
        "types": ("证照类型", "Licence types"),
        "code": ("类型代码", "Type code"),
        "name": ("名称", "Name"),
        "attributes": ("照面属性", "Attributes"),
        "issuers": ("可签发的机构", "May issue"),
        "status": ("状态", "Status"),
        "active": ("启用", "In use"),
        "retired": ("已停用", "Retired"),
        "none": ("目录里还没有证照类型", "The catalogue has no licence types yet"),
        "organisations": ("登记的机构", "Registered organisations"),
        "organisation": ("机构", "Organisation"),
        "uscc": ("统一社会信用代码", "Credit code"),
        "registered": ("登记时间", "Registered"),
        "no.organisations": ("还没有登记机构", "No organisation is registered yet"),
        "acts": ("目录管理", "Keep the catalogue"),
        "acts.hint": ("只有目录管理机构的目录管理员可以办理", "For catalogue managers of the keeping organisation"),
        "sources": ("依据", "Sources"),
        "about": ("这个方案", "This solution"),
    },
)  # fmt: skip


@kit.page("/elicence", room="licence", words=W)
async def catalogue() -> None:
    if not await parts.deployed():
        return
    session = visitor()
    solution = SOLUTIONS["elicence"]
    members = await _members()
    kinds = await types(session)
    rows = [
        [
            each["name"],
            kit.mono(code),
            ", ".join(attribute_label(name) for name in each["attributes"]),
            ", ".join(await _issuers(code, members)) or "—",
            kit.pill("idle", W("retired")) if each["retired"] else kit.pill("ok", W("active")),
        ]
        for code, each in kinds.items()
    ]
    with kit.columns():
        with kit.column(8):
            with kit.card(W("types")):
                kit.table(
                    [W("name"), W("code"), W("attributes"), W("issuers"), W("status")], rows, empty=W("none")
                )
            with kit.card(W("organisations")):
                kit.table(
                    [W("organisation"), W("name"), W("uscc"), W("registered")],
                    [[kit.name(key), each["name"], kit.mono(each["uscc"]), moment(each["registered_at"])[:19]]
                     for key, each in members.items()],
                    empty=W("no.organisations"),
                )  # fmt: skip
        with kit.column(4):
            with kit.card(W("acts"), W("acts.hint")), kit.actions():
                for step in solution.steps:
                    if step.by.name == "catalogue-manager":
                        kit.anchor(pick(step.title), f"/console/contracts/{CONTRACT}/{step.entry}")
            with kit.card(W("about"), pick(solution.title)):
                kit.put(kit.join([pick(solution.about)]))
                kit.facts([(pick(role.title), pick(role.does)) for role in solution.roles])
                kit.facts([(W("sources"), ", ".join(solution.sources))], stack=True)


async def _members() -> dict[str, dict[str, Any]]:
    client = visitor().client
    found = {}
    for each in await client.organisations():
        record = await client.query(CONTRACT, "organisation", organisation=each["id"])
        if record is not None:
            found[each["id"]] = record
    return found


async def _issuers(code: str, members: dict[str, dict[str, Any]]) -> list[str]:
    names = []
    for record in members.values():
        try:
            if await visitor().client.query(CONTRACT, "may_issue", code=code, issuer=record["uscc"]):
                names.append(record["name"])
        except XianglianError:
            continue
    return names
