"""Authorise a use of a licence, and show it: a QR code with the attributes that the holder chooses."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.acts import Act
from xianglian.console.elicence import CONTRACT, Wallet, every, people, types
from xianglian.console.here import console, visitor
from xianglian.console.i18n import Catalogue, label, moment
from xianglian.console.kit.form import Field, Form, fields_of
from xianglian.console.look import markup
from xianglian.console.pages.elicence import parts
from xianglian.console.public.verdict import Shown, attribute_label
from xianglian.types import Receipt, plain

W = Catalogue(
    "elicence.authorise",
    {
        "title": ("授权用证", "Authorise a use"),
        "sub": ("对谁、为何事、哪些属性、到何时、几次, 都由持证人决定", "The holder decides for whom, for what, which attributes, until when, how often"),
        "choose": ("选择证照", "Choose a licence"),
        "none": ("这个账户没有证照, 不能授权", "This account holds no licence to authorise a use of"),
        "given": ("授权编号 {number}", "Authorisation {number}"),
        "show": ("出示", "Show it"),
        "show.title": ("出示证照", "Show a licence"),
        "show.sub": ("二维码只含您选择的属性; 给核验人扫描", "The QR code holds only what you choose; let the verifier scan it"),
        "fields": ("要出示的属性", "Attributes to show"),
        "make": ("生成二维码", "Make the QR code"),
        "code": ("二维码", "QR code"),
        "code.hint": ("核验人在“核验”页扫描; 也可把文字发给他", "The verifier scans it on the page Verify; the text can be sent too"),
        "code.large": ("选择的属性太多, 二维码放不下: 请下载文件交给核验人, 或少选几项", "Too many attributes for one QR code: download the file for the verifier, or choose fewer"),
        "download": ("下载出示文件", "Download as a file"),
        "nothing": ("请先选择至少一个属性", "Choose one attribute at least"),
        "wallet": ("本机没有这张证照的属性: 请先在“我的证照”收下持证人文件", "The attributes of this licence are not on this machine: take in the holder's file on My licences first"),
        "unknown": ("没有这份授权", "No such authorisation"),
        "consent": ("授权", "Authorisation"),
        "verifier": ("核验人", "Verifier"),
        "purpose": ("用途", "Purpose"),
        "until": ("截止", "Until"),
        "uses": ("已用 / 最多", "Used / at most"),
        "withdraw": ("撤回授权", "Withdraw it"),
    },
)  # fmt: skip


@kit.page("/elicence/authorise", room="authorise", words=W)
async def authorise(licence: str = "") -> None:
    if not await parts.deployed():
        return
    session = visitor()
    kinds = await types(session)
    held = list(reversed(await every(session, "licences_of", holder=session.account)))
    if not held:
        kit.note("info", W("none"))
        return
    if licence not in held:
        rows = []
        for licence_id in held:
            found = plain(await session.client.query(CONTRACT, "licence", licence_id=licence_id))
            if found["status"] in ("VALID", "SUSPENDED"):
                name = kinds.get(found["type_code"], {}).get("name", found["type_code"])
                href = f"/console/elicence/authorise?licence={licence_id}"
                rows.append([kit.link(href, name), kit.mono(licence_id), kit.link(href, W("title"))])
        with kit.card(W("choose")):
            kit.table(["", "", ""], rows)
        return
    of = await parts.interface()
    found = plain(await session.client.query(CONTRACT, "licence", licence_id=licence))
    kind = kinds[found["type_code"]]
    kit.retitle(f"{W('title')} · {kind['name']}", licence)
    options = {
        "verifier": await people(session, "verifier"),
        "fields": {name: attribute_label(name) for name in kind["attributes"]},
    }
    form = Form(fields_of(of, "authorise", None, options), start={"licence_id": licence, "max_uses": "1"})

    def done(receipt: Receipt) -> None:
        number = receipt.result
        with kit.card(W("given", number=number)), kit.actions():
            kit.anchor(W("show"), f"/console/elicence/show/{licence}/{number}", icon="verify", kind="")

    title = label(of.methods["authorise"].description["label"])
    Act(CONTRACT, "authorise", form, title=f"{title} · {kind['name']}", done=done).draw()


@kit.page("/elicence/show/{licence_id}/{number}", room="authorise", words=W)
async def show(licence_id: str, number: int) -> None:
    session = visitor()
    kit.retitle(W("show.title"), W("show.sub"))
    consents = [plain(each) for each in await every(session, "consents_of", licence_id=licence_id)]
    consent = next((each for each in consents if each["number"] == number), None)
    tree = Wallet(console().sessions.network, session.profile).licences().get(licence_id)
    if consent is None:
        kit.note("warn", str(number), title=W("unknown"))
        return
    options = {name: attribute_label(name) for name in consent["fields"]}
    form = Form([Field("fields", W("fields"), {"list": {"text": 32}, "max": 16}, options=options)])
    form.set("fields", "\n".join(options))

    def make() -> None:
        assert tree is not None
        chosen = [name for name in form.texts["fields"].splitlines() if name in options]
        with drawn.anew(), kit.card(W("code"), W("code.hint")):
            if not chosen:
                kit.note("warn", W("nothing"))
                return
            shown = Shown(licence_id, number, tuple(tree.open(name) for name in chosen))
            try:
                kit.put(markup.qr(shown.to_text())).mark("qr")
            except ValueError:
                kit.note("warn", W("code.large"))
            with kit.actions():
                link = session.offer(f"show-{number}.json", shown.to_text().encode())
                kit.anchor(W("download"), link, icon="download", save=True)

    with kit.columns():
        with kit.column(6):
            with kit.card(W("consent"), W("given", number=number)):
                kit.facts(_facts(consent))
                with kit.actions():
                    kit.anchor(
                        W("withdraw"),
                        f"/console/contracts/{CONTRACT}/withdraw_consent?licence_id={licence_id}&number={number}",
                    )
            if tree is None:
                kit.note("warn", W("wallet"))
            else:
                with kit.card(W("fields")):
                    form.draw()
                    with kit.actions():
                        kit.button(W("make"), make, icon="verify", name="make")
        with kit.column(6):
            drawn = kit.area()
            if tree is not None:
                make()


def _facts(consent: dict[str, Any]) -> list[tuple[str, Markup | str]]:
    return [
        (W("verifier"), kit.digest(consent["verifier"])),
        (W("purpose"), kit.mono(consent["purpose"])),
        (W("until"), moment(consent["not_after"])),
        (W("uses"), f"{consent['used']} / {consent['max_uses']}"),
    ]
