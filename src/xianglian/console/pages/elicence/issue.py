"""Issue a licence: what the chain sees comes from the contract's interface, what it never sees from the type's
attributes; numbers and values stay off the chain behind salted digests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.acts import Act
from xianglian.console.elicence import CONTRACT, people, types
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, moment
from xianglian.console.kit.form import Field, Form, fields_of, validated, value_of
from xianglian.console.look import markup
from xianglian.console.pages.elicence import parts
from xianglian.console.public.verdict import attribute_label
from xianglian.contract import abi
from xianglian.solutions.elicence.drafts import ATTRIBUTE_VALIDATORS, Draft, licence_id
from xianglian.types import Receipt, now_ms

W = Catalogue(
    "elicence.issue",
    {
        "title": ("核发证照", "Issue a licence"),
        "sub": ("个人信息不上链: 链上只有加盐摘要、属性根和文件摘要", "Nothing personal goes on the chain: salted digests, the attribute root, the file's digest"),
        "type": ("选择证照类型", "Choose the licence type"),
        "type.none": ("目录里没有您的机构可以签发的类型", "The catalogue has no type that your organisation may issue"),
        "organisation.none": ("您的机构还没有登记统一社会信用代码", "Your organisation has no registered credit code"),
        "role": ("您的账户没有签发人 (issuer) 角色: 可以填写, 但链会拒绝", "Your account does not have the role issuer: you may fill in, the chain will refuse"),
        "serial": ("流水号", "Serial number"),
        "holder_number": ("持证人证件号码", "Holder's number"),
        "holder_number.hint": ("自然人填公民身份号码, 法人填统一社会信用代码", "Citizen number of a person, credit code of an organisation"),
        "number": ("证照号码", "Licence number"),
        "file": ("选择证照文件 (OFD)", "Choose the licence file (OFD)"),
        "file.hint": ("最多 5 MB; 只取摘要上链", "5 MB at most; only its digest goes on the chain"),
        "file.chosen": ("{name}, {size} 字节", "{name}, {size} bytes"),
        "file.missing": ("还没有选择文件", "No file is chosen"),
        "identifier": ("电子证照标识", "Licence identifier"),
        "root": ("照面属性 ({count} 项)", "{count} attributes"),
        "file.digest": ("证照文件", "Licence file"),
        "order": ("止期须晚于起期", "The end lies after the beginning"),
        "handover": ("把持证人文件交给持证人", "Hand the holder's file over"),
        "handover.text": ("其中有号码、属性和盐值, 链上没有。只在本次登录期间可下载; 请交给持证人, 不要留存。", "It holds numbers, attributes and salts that the chain does not have. It can be downloaded during this session only: hand it over and keep none."),
        "download": ("下载持证人文件", "Download the holder's file"),
        "see": ("查看证照", "See the licence"),
    },
)  # fmt: skip
ASKED = ("holder", "holder_kind", "valid_from", "valid_to", "seal_cert_sn")
CLOCK_MS = 2_000
"""Block time may lie a little behind this machine's clock; issuing in the future is refused."""


@kit.page("/elicence/issue", room="issue", words=W)
async def issue(type: str = "") -> None:  # noqa: A002 - the address's word
    if not await parts.deployed():
        return
    session = visitor()
    own = await session.client.query(CONTRACT, "organisation", organisation=session.organisation)
    if own is None:
        kit.note("warn", W("organisation.none"))
        return
    if "issuer" not in session.roles:
        kit.note("warn", W("role"))
    kinds = {code: each for code, each in (await types(session)).items() if not each["retired"]}
    mine = {
        code: each
        for code, each in kinds.items()
        if await session.client.query(CONTRACT, "may_issue", code=code, issuer=own["uscc"])
    }
    if not mine:
        kit.note("warn", W("type.none"))
        return
    if type not in mine and len(mine) > 1:
        with kit.card(W("type")), kit.actions():
            for code, each in mine.items():
                kit.anchor(each["name"], f"/console/elicence/issue?type={code}", icon="licence")
        return
    chosen = mine[type] if type in mine else next(iter(mine.values()))
    await Issuing(await parts.interface(), chosen, own["uscc"], await people(session, "holder")).draw()


@dataclass
class Issuing:
    """One licence being filled in."""

    interface: abi.Interface
    kind: dict[str, Any]
    issuer: str
    holders: dict[str, str]
    file: bytes = b""
    file_name: str = ""
    draft: Draft | None = None

    async def draw(self) -> None:
        kit.retitle(f"{W('title')} · {self.kind['name']}", W("sub"))
        asked = {f.name: f for f in fields_of(self.interface, "issue", ASKED, {"holder": self.holders})}
        off = [
            Field("serial", W("serial"), {"text": 20}, "serial"),
            asked["holder_kind"],
            Field("holder_number", W("holder_number"), {"text": 18}, on_chain="digest", private=True,
                  help=W("holder_number.hint")),
            Field("number", W("number"), {"text": 40}, on_chain="digest", private=True),
            asked["holder"], asked["valid_from"], asked["valid_to"], asked["seal_cert_sn"],
        ]  # fmt: skip
        shown = [
            Field(f"attribute:{name}", attribute_label(name), {"text": 90}, ATTRIBUTE_VALIDATORS.get(name),
                  on_chain="root", private=True)
            for name in self.kind["attributes"]
        ]  # fmt: skip
        self.form = Form([*off, *shown], start={"valid_from": moment(now_ms())[:16]})
        self.form.on_change(self._changed)
        self.act = Act(
            CONTRACT, "issue", self.form, title=self.kind["name"], chain=self._chain, prepare=self._arguments,
            more=self._file_box, checks=self._checks, review=self._review, done=self._done,
        )  # fmt: skip
        self.act.draw()

    @property
    def identifier(self) -> str:
        """The identifier that the serial number gives; empty while it is wrong."""
        try:
            return licence_id(self.kind["code"], self.issuer, self.form.texts["serial"].strip())
        except ValueError:
            return ""

    def _changed(self, name: str) -> None:
        self.draft = None
        if name in ("serial", "holder_number"):
            self.act.refresh()

    def _file_box(self) -> None:
        kit.upload(W("file"), W("file.hint"), self._file_arrived, name="file")
        text = W("file.chosen", name=self.file_name, size=len(self.file)) if self.file else W("file.missing")
        self._file_said = kit.put(Markup('<div class="small muted">{}</div>').format(text))

    def _file_arrived(self, name: str, content: bytes) -> None:
        self.file, self.file_name, self.draft = content, name, None
        said = W("file.chosen", name=name, size=len(content))
        self._file_said.show(Markup('<div class="small muted">{}</div>').format(said))

    def _checks(self) -> list[tuple[Field, str]]:
        fields = {field.name: field for field in self.form.fields}
        texts = self.form.texts
        found = []
        if texts["holder_number"].strip():
            validator = "gb11643" if texts["holder_kind"] == "PERSON" else "uscc"
            if wrong := validated(validator, texts["holder_number"].strip()):
                found.append((fields["holder_number"], wrong))
        if not self.file:
            found.append((Field("file", W("file.digest"), "hash"), W("file.missing")))
        try:
            begins = value_of(fields["valid_from"], texts["valid_from"])
            ends = value_of(fields["valid_to"], texts["valid_to"])
            if ends is not None and ends <= max(begins, now_ms()):
                found.append((fields["valid_to"], W("order")))
        except ValueError:
            pass  # said beside the field
        return found

    def _filled(self) -> Draft:
        """The draft; salts are made once, so that what was reviewed is what is signed."""
        if self.draft is None:
            texts = {name: text.strip() for name, text in self.form.texts.items()}
            order = list(self.kind["attributes"])
            self.draft = Draft.fill(
                type_code=self.kind["code"], issuer=self.issuer, serial=texts["serial"],
                of_person=texts["holder_kind"] == "PERSON", holder=texts["holder_number"], number=texts["number"],
                order=order, values={name: texts[f"attribute:{name}"] for name in order}, file=self.file,
                seal_cert_sn=texts["seal_cert_sn"],
            )  # fmt: skip
        return self.draft

    async def _arguments(self) -> dict[str, Any]:
        values = self.form.values()
        return self._filled().issue_arguments(
            holder=values["holder"], issued_on=now_ms() - CLOCK_MS, valid_from=values["valid_from"],
            valid_to=values["valid_to"],
        )  # fmt: skip

    def _chain(self) -> list[tuple[str, str]]:
        rows = [(W("identifier"), "plain")]
        rows += [
            (f.title, f.on_chain) for f in self.form.fields if f.on_chain != "root" and f.name != "serial"
        ]
        return [*rows, (W("root", count=len(self.kind["attributes"])), "root"), (W("file.digest"), "digest")]

    def _review(self) -> Markup:
        draft = self._filled()
        head = markup.facts(
            [
                (W("identifier"), kit.mono(draft.licence_id)),
                (W("file.digest"), kit.mono(draft.file_sm3.hex())),
            ]
        )
        return kit.join([head, self.form.review()], Markup("<hr>"))

    def _done(self, _: Receipt) -> None:
        draft = self._filled()
        text = json.dumps({draft.licence_id: draft.for_wallet()}, ensure_ascii=False, indent=1)
        link = visitor().offer(f"holder-{draft.serial}.json", text.encode())
        with kit.card(W("handover")):
            kit.put(kit.join([W("handover.text")]))
            with kit.actions():
                kit.anchor(W("download"), link, icon="download", kind="", save=True)
                kit.anchor(W("see"), f"/console/elicence/licence/{draft.licence_id}", icon="licence")
