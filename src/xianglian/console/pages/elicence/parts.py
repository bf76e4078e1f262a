"""What e-licence pages share: the licence as a card, statuses, the note where the contract is missing."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.elicence import CONTRACT, is_deployed
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, label, moment
from xianglian.contract import abi

W = Catalogue(
    "elicence",
    {
        "missing": ("这条链还没有部署电子证照", "Electronic licences are not deployed on this chain"),
        "missing.text": ("用 xl solution deploy elicence 部署, 或用 xl solution accept elicence 演示全过程。", "Deploy with xl solution deploy elicence, or play its story with xl solution accept elicence."),
        "issuer": ("签发机构", "Issuer"),
        "number": ("标识", "Identifier"),
        "validity": ("有效期", "Validity"),
        "for.ever": ("长期", "without end"),
        "version": ("版本", "Version"),
        "valid": ("有效", "Valid"),
        "expired": ("已过有效期", "Expired"),
        "not.begun": ("有效期未到", "Not yet valid"),
        "holder": ("持证人", "Holder"),
    },
)  # fmt: skip
COLOURS = {"VALID": "ok", "SUSPENDED": "warn"}


async def deployed() -> bool:
    """Whether the contract is there; says so on the page where it is not."""
    if await is_deployed(visitor()):
        return True
    kit.note("warn", W("missing.text"), title=W("missing"))
    return False


async def interface() -> abi.Interface:
    """The contract's interface."""
    return abi.Interface.parse(await visitor().client.interface(CONTRACT))


def enum_label(of: abi.Interface, enum: str, member: str | None) -> str:
    """What a member of an enum is called."""
    members = next(each["members"] for each in of.document["enums"] if each["name"] == enum)
    return next((label(each["label"]) for each in members if each["name"] == member), str(member))


def status_pill(of: abi.Interface, licence: dict[str, Any], answer: dict[str, Any]) -> Markup:
    """Valid, or why it is not."""
    if answer["valid"]:
        return kit.pill("ok", W("valid"))
    if licence["status"] != "VALID":
        return kit.pill(COLOURS.get(licence["status"], "bad"), enum_label(of, "Status", licence["status"]))
    return kit.pill("warn", W("expired") if answer["expired"] else W("not.begun"))


def licence_card(title: str, issuer: str, licence: dict[str, Any], answer: dict[str, Any]) -> Markup:
    """A licence as people know it from paper."""
    until = moment(licence["valid_to"])[:10] if licence["valid_to"] is not None else W("for.ever")
    rows = [
        (W("number"), licence["licence_id"]),
        (W("validity"), f"{moment(licence['valid_from'])[:10]} — {until}"),
        (W("version"), f"{int(licence['version']):03d}"),
        (W("holder"), licence["holder"]),
    ]
    body = kit.join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in rows)
    return Markup('<div class="lic{}"><h2>{}</h2><p>{} {}</p><dl>{}</dl></div>').format(
        "" if answer["valid"] else " off", title, W("issuer"), issuer, body
    )


def short_id(licence_id: str) -> str:
    """The parts of an identifier that tell licences of one type apart."""
    return "…" + ".".join(licence_id.split(".")[-3:])
