"""Uses: who looked at which licence, when, for what and with which answer; for its holder and for auditors."""

from __future__ import annotations

from typing import Any

from xianglian.console import kit
from xianglian.console.elicence import every, types
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, moment
from xianglian.console.kit.form import Form, fields_of
from xianglian.console.pages.elicence import parts
from xianglian.console.public.verdict import attribute_label
from xianglian.types import plain

W = Catalogue(
    "elicence.usage",
    {
        "title": ("用证记录", "Uses of licences"),
        "sub": ("每一次核验都在链上留痕, 持证人和审计人员可查", "Each use leaves its trace; its holder and auditors may read it"),
        "all": ("本账户的证照", "Licences of this account"),
        "none": ("还没有人核验过这些证照", "Nobody has used these licences yet"),
        "time": ("时间", "Time"),
        "licence": ("证照", "Licence"),
        "verifier": ("核验人", "Verifier"),
        "fields": ("看到的属性", "Seen"),
        "file": ("文件", "File"),
        "checked": ("已核对", "Checked"),
        "answer": ("答案", "Answer"),
        "valid": ("有效", "Valid"),
        "invalid": ("无效", "Not valid"),
        "state.only": ("只查状态", "Status only"),
        "other": ("按标识查询", "By identifier"),
        "other.hint": ("审计人员", "For auditors"),
        "look": ("查询", "Look"),
        "chart": ("按证照", "By licence"),
        "uses": ("次", "uses"),
    },
)  # fmt: skip
LICENCES_MAX = 40


@kit.page("/elicence/usage", room="history", words=W)
async def usage(licence: str = "") -> None:
    if not await parts.deployed():
        return
    session = visitor()
    kinds = await types(session)
    licences = [licence] if licence else await every(session, "licences_of", holder=session.account)
    rows: list[tuple[int, list[Any]]] = []
    counts: list[tuple[str, int]] = []
    for licence_id in licences[-LICENCES_MAX:]:
        found = [plain(each) for each in await every(session, "usages_of", licence_id=licence_id)]
        name = next((k["name"] for code, k in kinds.items() if f".{code}." in licence_id), "")
        rows += [(int(each["used_at"]), _row(name, each)) for each in found]
        counts.append((f"{name} {parts.short_id(licence_id)}", len(found)))
    rows.sort(key=lambda pair: -pair[0])
    form = Form(fields_of(await parts.interface(), "usages_of", ("licence_id",)))
    with kit.columns():
        with kit.column(8), kit.card(parts.short_id(licence) if licence else W("all")):
            kit.table(
                [W("time"), W("licence"), W("verifier"), W("fields"), W("file"), W("answer")],
                [row for _, row in rows], empty=W("none"),
            )  # fmt: skip
        with kit.column(4):
            if len(counts) > 1 and rows:
                with kit.card(W("chart")):
                    kit.chart(counts, unit=W("uses"))
            with kit.card(W("other"), W("other.hint")):
                form.draw()
                area = kit.area()
                with kit.actions():
                    kit.button(W("look"), lambda: _look(form, area), icon="search", name="look")


async def _look(form: Form, area: Any) -> None:
    if form.check():
        return
    licence_id = form.values()["licence_id"]
    found = [plain(each) for each in await every(visitor(), "usages_of", licence_id=licence_id)]
    with area.anew():
        kit.table(
            [W("time"), W("verifier"), W("answer")],
            [
                [moment(each["used_at"])[:19], kit.digest(each["verifier"], size=6), _answer(each)]
                for each in found
            ],
            empty=W("none"),
        )


def _row(name: str, each: dict[str, Any]) -> list[Any]:
    href = f"/console/elicence/licence/{each['licence_id']}"
    return [
        moment(each["used_at"])[:19],
        kit.join(
            [kit.link(href, name or each["licence_id"]), kit.name(parts.short_id(each["licence_id"]))], "<br>"
        ),
        kit.digest(each["verifier"], href=f"/console/accounts/{each['verifier']}", size=6),
        ", ".join(attribute_label(field) for field in each["fields"]) or W("state.only"),
        W("checked") if each["file_checked"] else "—",
        _answer(each),
    ]


def _answer(each: dict[str, Any]) -> Any:
    return kit.pill("ok", W("valid")) if each["valid"] else kit.pill("bad", W("invalid"))
