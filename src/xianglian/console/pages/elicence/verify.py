"""Verify a licence with its holder's consent: scan or paste what the holder shows, check it against the chain, record
the use.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.acts import Act
from xianglian.console.elicence import CONTRACT, every, types
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, label, moment
from xianglian.console.kit.form import Field, Form, fields_of
from xianglian.console.look import markup
from xianglian.console.pages.elicence import parts
from xianglian.console.public.routes import VERIFY as SCAN
from xianglian.console.public.verdict import Shown, attribute_label
from xianglian.contract.crypto import sm3_digest
from xianglian.errors import InvalidRequest
from xianglian.types import Receipt, now_ms, plain

W = Catalogue(
    "elicence.verify",
    {
        "title": ("核验证照", "Verify a licence"),
        "sub": ("扫描持证人出示的二维码; 每次核验都留下用证记录, 持证人看得到", "Scan what the holder shows; each use is recorded and the holder sees it"),
        "scan": ("持证人出示的内容", "What the holder shows"),
        "picture": ("拍照或选择二维码图片", "Take or choose a picture of the QR code"),
        "file": ("或选择出示文件", "Or choose the file"),
        "file.hint": ("持证人发来的 JSON 文件", "The JSON file from the holder"),
        "paste": ("或粘贴文字", "Or paste the text"),
        "paste.hint": ("二维码中的文字", "The text of the QR code"),
        "read": ("读取", "Read it"),
        "ended": ("已过期", "Expired"),
        "used.up": ("已用完", "Used up"),
        "withdrawn": ("已撤回", "Withdrawn"),
        "newest": ("最近 {count} 份, 共 {total} 份", "Newest {count} of {total}"),
        "bad": ("这不是持证人出示的内容", "This is not what a holder shows"),
        "offers": ("给我的授权", "Authorisations for me"),
        "offers.none": ("还没有持证人授权给您", "No holder has authorised you yet"),
        "number": ("证照", "Licence"),
        "purpose": ("用途", "Purpose"),
        "uses": ("次数", "Uses"),
        "until": ("截止", "Until"),
        "use": ("核验", "Verify"),
        "shown": ("出示的属性", "Attributes shown"),
        "fits": ("与链上的属性根相符", "Fits the root on the chain"),
        "differs": ("与链上的属性根不符, 不可采信", "Does not fit the root on the chain: do not trust it"),
        "none.shown": ("没有出示属性, 只核验状态", "No attributes are shown: the status alone is verified"),
        "licence.file": ("证照文件 (可选)", "Licence file (optional)"),
        "licence.file.hint": ("核对文件与签发时是否相同; 只取摘要", "Compares it with the file that was issued; only its digest is used"),
        "licence.file.said": ("{name}: SM3 {digest}…", "{name}: SM3 {digest}…"),
        "answer": ("核验结果", "Answer"),
        "valid": ("证照在 {time} 有效", "The licence was valid at {time}"),
        "invalid": ("证照在 {time} 无效", "The licence was NOT valid at {time}"),
        "status": ("状态", "Status"),
        "expired": ("已过有效期", "Expired"),
        "begun": ("有效期已开始", "Validity has begun"),
        "version": ("版本", "Version"),
        "yes": ("是", "Yes"),
        "no": ("否", "No"),
        "again": ("核验另一张", "Verify another"),
    },
)  # fmt: skip
OFFERS_MAX = 20


@kit.page("/elicence/verify", room="verify", words=W)
async def verify(licence: str = "", consent: int = -1) -> None:
    if not await parts.deployed():
        return
    page = _Verifying(await parts.interface(), await types(visitor()))
    page.area = kit.area()
    if licence and consent >= 0:
        await page.begin(Shown(licence, consent, ()))
    else:
        await page.ask()


class _Verifying:
    """The page between scanning and the answer."""

    area: kit.Area
    file_said: kit.Piece

    def __init__(self, of: Any, kinds: dict[str, dict[str, Any]]) -> None:
        self.of, self.kinds = of, kinds
        self.file_sm3: str | None = None

    async def ask(self) -> None:
        told = {name: SCAN(f"picture.{name}") for name in ("reading", "found", "none")}
        form = Form(
            [Field("text", W("paste"), {"list": {"text": 65_000}, "max": 4096}, help=W("paste.hint"))]
        )
        session = visitor()
        offers = [plain(each) for each in await every(session, "offers", verifier=session.account)]
        with self.area.anew(), kit.columns():
            with kit.column(5), kit.card(W("scan")):
                kit.qr_reader(W("picture"), SCAN("picture.hint"), told, self._read)
                kit.upload(
                    W("file"),
                    W("file.hint"),
                    lambda _, content: self._read(content.decode("utf-8", "replace")),
                    name="shown-file",
                )
                form.draw()
                with kit.actions():
                    kit.button(W("read"), lambda: self._read(form.texts["text"]), icon="verify", name="read")
            with (
                kit.column(7),
                kit.card(W("offers"), W("newest", count=min(OFFERS_MAX, len(offers)), total=len(offers))),
            ):
                kit.table(
                    [W("number"), W("purpose"), W("uses"), W("until"), ""],
                    [_offer(each) for each in offers[:-OFFERS_MAX - 1 : -1]], empty=W("offers.none"),
                )  # fmt: skip

    async def _read(self, text: str) -> None:
        try:
            shown = Shown.from_text(text.strip())
        except ValueError as error:
            raise InvalidRequest(W("bad"), code="XL-SHOWN") from error
        await self.begin(shown)

    async def begin(self, shown: Shown) -> None:
        """Draws what is shown beside the form of the act."""
        found = plain(await visitor().client.query(CONTRACT, "licence", licence_id=shown.licence_id))
        root = bytes.fromhex(found["attribute_root"])
        kind = self.kinds.get(found["type_code"], {})
        fields = fields_of(self.of, "present", ("licence_id", "consent", "asked_for"))
        start = {
            "licence_id": shown.licence_id,
            "consent": "" if shown.consent is None else str(shown.consent),
        }
        form = Form(fields, start=start)
        good = [each for each in shown.openings if each.proves(root)]

        async def arguments() -> dict[str, Any]:
            disclosed = [each.disclosure() for each in good]
            return {**form.values(), "file_sm3": self.file_sm3, "disclosed": disclosed}

        def more() -> None:
            kit.put(_shown(shown, root))
            kit.upload(W("licence.file"), W("licence.file.hint"), arrived, name="licence-file")
            self.file_said = kit.put(Markup(""))

        def arrived(name: str, content: bytes) -> None:
            self.file_sm3 = sm3_digest(content).hex()
            text = W("licence.file.said", name=name, digest=self.file_sm3[:16])
            self.file_said.show(Markup('<div class="small muted">{}</div>').format(text))

        title = label(self.of.methods["present"].description["label"])
        with self.area.anew():
            chain = [(f.title, "plain") for f in fields]
            chain += [(W("shown"), "digest"), (W("licence.file"), "digest")]
            Act(
                CONTRACT, "present", form, title=f"{title} · {kind.get('name', '')}", chain=lambda: chain,
                prepare=arguments, more=more, done=self._done,
                review=lambda: kit.join([form.review(), _shown(shown, root)]),
            ).draw()  # fmt: skip

    def _done(self, receipt: Receipt) -> None:
        answer = plain(receipt.result)
        time = moment(answer["asked_for"])
        with kit.card(W("answer")):
            if answer["valid"]:
                kit.note("ok", "", title=W("valid", time=time))
            else:
                kit.note("bad", "", title=W("invalid", time=time))
            kit.facts(
                [
                    (W("status"), parts.enum_label(self.of, "Status", answer["status"])),
                    (W("begun"), W("yes") if answer["begun"] else W("no")),
                    (W("expired"), W("yes") if answer["expired"] else W("no")),
                    (W("version"), answer["version"]),
                ]
            )
            with kit.actions():
                kit.button(W("again"), self.ask, kind="sec", icon="verify", name="again")


def _shown(shown: Shown, root: bytes) -> Markup:
    if not shown.openings:
        return markup.note("info", W("none.shown"))
    rows = [
        [attribute_label(each.name), each.value,
         kit.pill("ok", W("fits")) if each.proves(root) else kit.pill("bad", W("differs"))]
        for each in shown.openings
    ]  # fmt: skip
    return markup.table([W("shown"), "", ""], rows)


def _offer(each: dict[str, Any]) -> list[Any]:
    use = f"/console/elicence/verify?licence={each['licence_id']}&consent={each['number']}"
    if each["withdrawn"]:
        last: Any = W("withdrawn")
    elif int(each["used"]) >= int(each["max_uses"]):
        last = W("used.up")
    elif int(each["not_after"]) < now_ms():
        last = W("ended")
    else:
        last = kit.link(use, W("use"))
    return [
        kit.link(f"/console/elicence/licence/{each['licence_id']}", parts.short_id(each["licence_id"])),
        kit.mono(each["purpose"]),
        f"{each['used']} / {each['max_uses']}",
        moment(each["not_after"])[:16],
        last,
    ]
