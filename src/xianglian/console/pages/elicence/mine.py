"""My licences, and one licence: its state now, its history, its authorisations, a proof to take along."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.acts import Act
from xianglian.console.elicence import CONTRACT, Wallet, every, types
from xianglian.console.here import console, visitor
from xianglian.console.i18n import Catalogue, language, moment, pick
from xianglian.console.kit.form import Form, fields_of
from xianglian.console.look import markup
from xianglian.console.pages.elicence import parts
from xianglian.console.public.verdict import attribute_label
from xianglian.errors import TransactionFailed
from xianglian.solutions import SOLUTIONS
from xianglian.types import plain

W = Catalogue(
    "elicence.mine",
    {
        "title": ("我的证照", "My licences"),
        "sub": ("本账户持有的证照, 状态为此刻链上的答案", "Licences of this account; the status is the chain's answer now"),
        "none": ("这个账户还没有证照", "This account holds no licence yet"),
        "none.text": ("签发机构核发后, 这里就会出现。", "It appears here once an issuer has issued one."),
        "take": ("收下持证人文件", "Take in a holder's file"),
        "take.hint": ("签发机构交给您的 JSON 文件; 保存在本机您的文件夹中", "The JSON file that the issuer handed you; kept in your folder on this machine"),
        "taken": ("已收下 {count} 张证照的属性", "Took in the attributes of {count} licences"),
        "kind": ("类型", "Type"),
        "number": ("标识", "Identifier"),
        "until": ("有效期止", "Valid to"),
        "status": ("状态", "Status"),
        "kept": ("本机有属性", "Attributes here"),
        "yes": ("有", "Yes"),
        "no": ("无", "No"),
        "for.ever": ("长期", "Without end"),
        "licence": ("证照", "Licence"),
        "unknown": ("没有这张证照", "No such licence"),
        "history": ("状态历史", "History"),
        "since": ("自", "Since"),
        "operation": ("业务", "Operation"),
        "reason": ("原因", "Reason"),
        "facts": ("链上登载", "On the chain"),
        "file": ("文件 SM3", "File SM3"),
        "root": ("属性根", "Attribute root"),
        "seal": ("签章证书", "Seal certificate"),
        "previous": ("前一版本", "Version before"),
        "next": ("新版本", "Next version"),
        "proof": ("证明", "Proof"),
        "proof.text": ("一个文件证明这张证照此刻的状态, 任何人可离线核验。", "One file proves the state of this licence now; anyone verifies it offline."),
        "proof.get": ("下载证明", "Download the proof"),
        "consents": ("授权", "Authorisations"),
        "consents.none": ("还没有授权", "No authorisation yet"),
        "verifier": ("核验人", "Verifier"),
        "fields": ("可披露的属性", "May be shown"),
        "uses": ("次数", "Uses"),
        "not.after": ("截止", "Until"),
        "withdrawn": ("已撤回", "Withdrawn"),
        "active": ("可用", "Usable"),
        "show": ("出示", "Show"),
        "authorise": ("授权用证", "Authorise"),
        "uses.see": ("用证记录", "Uses"),
        "attributes": ("照面属性", "Attributes"),
        "attributes.hint": ("只在本机, 不在链上", "On this machine only, not on the chain"),
        "attributes.match": ("与链上的属性根相符", "They fit the root on the chain"),
        "attributes.differ": ("与链上的属性根不符", "They do not fit the root on the chain"),
        "acts": ("办理", "Acts"),
        "acts.hint": ("签发机构", "For the issuer"),
    },
)  # fmt: skip


@kit.page("/elicence/mine", room="mine", words=W)
async def mine() -> None:
    if not await parts.deployed():
        return
    session = visitor()
    of = await parts.interface()
    kinds = await types(session)
    wallet = Wallet(console().sessions.network, session.profile)
    kept = wallet.licences()
    rows = []
    for licence_id in reversed(await every(session, "licences_of", holder=session.account)):
        licence = plain(await session.client.query(CONTRACT, "licence", licence_id=licence_id))
        answer = await session.client.query(CONTRACT, "status_at", licence_id=licence_id, asked_for=None)
        rows.append(
            [
                kit.link(f"/console/elicence/licence/{licence_id}", _kind(kinds, licence)),
                kit.mono(parts.short_id(licence_id)),
                moment(licence["valid_to"], none=W("for.ever"))[:10],
                parts.status_pill(of, licence, answer),
                kit.pill("ok", W("yes")) if licence_id in kept else kit.pill("idle", W("no")),
            ]
        )

    def taken(_: str, content: bytes) -> None:
        count = len(wallet.take(content.decode("utf-8", "replace")))
        said.show(markup.note("ok", W("taken", count=count)))

    with kit.columns():
        with kit.column(8), kit.card(W("title")):
            if rows:
                kit.table([W("kind"), W("number"), W("until"), W("status"), W("kept")], rows)
            else:
                kit.note("info", W("none.text"), title=W("none"))
        with kit.column(4), kit.card(W("take")):
            kit.upload(W("take"), W("take.hint"), taken, name="take")
            said = kit.put(Markup(""))


@kit.page("/elicence/licence/{licence_id}", room="mine", words=W)
async def licence(licence_id: str) -> None:
    if not await parts.deployed():
        return
    session = visitor()
    kit.retitle(W("licence"), licence_id)
    of = await parts.interface()
    try:
        found = plain(await session.client.query(CONTRACT, "licence", licence_id=licence_id))
    except TransactionFailed as error:
        kit.note("warn", of.reason(error.code, b"", language()), title=W("unknown"))
        return
    answer = await session.client.query(CONTRACT, "status_at", licence_id=licence_id, asked_for=None)
    kinds = await types(session)
    holds = found["holder"] == session.account
    with kit.columns():
        with kit.column(8):
            issuer = await _issuer_name(found["issuer"])
            with kit.card(_kind(kinds, found), right=parts.status_pill(of, found, answer)):
                kit.put(parts.licence_card(_kind(kinds, found), issuer, found, answer))
            with kit.card(W("history")):
                kit.table(
                    [W("since"), W("status"), W("operation"), W("reason")],
                    [_interval(of, each) for each in reversed(found["history"])],
                )
            if holds:
                await _consents(licence_id)
        with kit.column(4):
            with kit.card(W("proof")):
                kit.put(kit.join([W("proof.text")]))
                with kit.actions():
                    kit.anchor(
                        W("proof.get"),
                        f"/console/files/licence/{licence_id}",
                        icon="download",
                        kind="",
                        save=True,
                    )
                    if holds:
                        kit.anchor(
                            W("authorise"),
                            f"/console/elicence/authorise?licence={licence_id}",
                            icon="authorise",
                        )
                        kit.anchor(
                            W("uses.see"), f"/console/elicence/usage?licence={licence_id}", icon="history"
                        )
            if holds:
                _attributes(licence_id, found)
            with kit.card(W("facts")):
                kit.facts(_facts(found))
            if "issuer" in session.roles:
                with kit.card(W("acts"), W("acts.hint")), kit.actions():
                    for step in SOLUTIONS["elicence"].steps:
                        if step.asks == ("licence_id", "reason"):
                            kit.anchor(
                                pick(step.title), f"/console/elicence/licence/{licence_id}/{step.entry}"
                            )


async def _consents(licence_id: str) -> None:
    session = visitor()
    found = [plain(each) for each in await every(session, "consents_of", licence_id=licence_id)]
    rows = []
    for each in reversed(found):
        live = not each["withdrawn"] and int(each["used"]) < int(each["max_uses"])
        show = f"/console/elicence/show/{licence_id}/{each['number']}"
        rows.append(
            [
                each["number"],
                kit.digest(each["verifier"], size=6),
                ", ".join(attribute_label(name) for name in each["fields"]),
                f"{each['used']} / {each['max_uses']}",
                moment(each["not_after"])[:16],
                kit.join([kit.pill("ok", W("active")), kit.link(show, W("show"))], " ") if live else kit.pill("idle", W("withdrawn") if each["withdrawn"] else W("uses")),
            ]
        )  # fmt: skip
    with kit.card(W("consents")):
        kit.table(
            ["#", W("verifier"), W("fields"), W("uses"), W("not.after"), W("status")],
            rows,
            empty=W("consents.none"),
        )


def _attributes(licence_id: str, found: dict[str, Any]) -> None:
    tree = Wallet(console().sessions.network, visitor().profile).licences().get(licence_id)
    if tree is None:
        return
    fits = tree.root.hex() == found["attribute_root"]
    told = kit.pill("ok", W("attributes.match")) if fits else kit.pill("bad", W("attributes.differ"))
    with kit.card(W("attributes"), W("attributes.hint")):
        kit.put(told)
        kit.facts([(attribute_label(name), value) for name, value, _ in tree.items])


async def _issuer_name(uscc: str) -> str:
    client = visitor().client
    for each in await client.organisations():
        record = await client.query(CONTRACT, "organisation", organisation=each["id"])
        if record is not None and record["uscc"] == uscc:
            return f"{record['name']} ({uscc})"
    return uscc


def _kind(kinds: dict[str, dict[str, Any]], licence: dict[str, Any]) -> str:
    return str(kinds.get(licence["type_code"], {}).get("name", licence["type_code"]))


def _interval(of: Any, each: dict[str, Any]) -> list[Any]:
    return [
        moment(each["since"])[:19],
        kit.pill(parts.COLOURS.get(each["status"], "bad"), parts.enum_label(of, "Status", each["status"])),
        parts.enum_label(of, "Operation", each["operation"]),
        parts.enum_label(of, "Reason", each["reason"]),
    ]


def _facts(found: dict[str, Any]) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = [
        (W("file"), kit.digest(found["file_sm3"])),
        (W("root"), kit.digest(found["attribute_root"])),
        (W("seal"), kit.mono(found["seal_cert_sn"])),
    ]
    for key, name in (("previous_id", W("previous")), ("next_id", W("next"))):
        if found[key]:
            rows.append(
                (name, kit.link(f"/console/elicence/licence/{found[key]}", parts.short_id(found[key])))
            )
    return rows


@kit.page("/elicence/licence/{licence_id}/{entry}", room="mine", words=W)
async def change_status(licence_id: str, entry: str) -> None:
    step = next(
        (s for s in SOLUTIONS["elicence"].steps if s.entry == entry and s.asks == ("licence_id", "reason")),
        None,
    )
    if step is None:
        kit.note("warn", entry, title=W("unknown"))
        return
    kit.retitle(pick(step.title), licence_id)
    form = Form(fields_of(await parts.interface(), entry, step.asks), start={"licence_id": licence_id})
    Act(CONTRACT, entry, form, title=pick(step.title)).draw()
