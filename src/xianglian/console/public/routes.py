"""Routes that a stranger may open: /verify, /login, /help, /language, /theme, and the assets."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from pathlib import Path
from typing import Annotated, Any

import zxingcpp
from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from xianglian.console import i18n
from xianglian.console.look import markup
from xianglian.console.public import screens, verdict
from xianglian.console.sessions import COOKIE, SESSION_S, StaffSessions, is_loopback
from xianglian.console.settings import ConsoleSettings
from xianglian.console.wording import worded
from xianglian.errors import XianglianError

LOOK = Path(markup.__file__).parent
PICTURE_BYTES_MAX = 2 * 1024 * 1024
PICTURES_A_MINUTE = 120
PURPOSE_MAX = 60
YEAR_S = 365 * 24 * 3600

VERIFY = i18n.Catalogue(
    "verify",
    {
        "title": ("核验证明", "Verify a proof"),
        "lead": ("选择一个证明文件, 看它证明了什么。不需要登录, 也不需要相信出示者。", "Choose a proof file to see what it proves. No sign-in, and no need to trust who showed it."),
        "file": ("选择证明文件", "Choose a proof file"),
        "file.hint": ("最多 1 MB, 只用于核验, 不保存", "1 MB at most; used to verify, not kept"),
        "text": ("或粘贴证明, 或持证人出示的内容", "Or paste a proof, or what a holder shows"),
        "text.hint": ("十六进制、Base64, 或二维码中的文字", "Hex, Base64, or the text of a QR code"),
        "picture": ("拍照或选择二维码图片", "Take or choose a picture of a QR code"),
        "picture.hint": ("只用于识别, 不保存", "Only to be read, not kept"),
        "picture.reading": ("正在识别……", "Reading…"),
        "picture.found": ("已识别, 内容在上面的框中", "Read: the text stands in the box above"),
        "picture.none": ("没有找到二维码: 请拍清楚, 让它占满画面", "No QR code found: take it sharp and let it fill the picture"),
        "do": ("核验", "Verify"),
        "offline": ("也可以离线核验: xl verify 文件 --genesis 创世文件。属性的真伪须与证明文件一起核对。", "It can be done offline too: xl verify FILE --genesis GENESIS. Attributes shown are checked together with a proof file."),
    },
)  # fmt: skip
LOGIN = i18n.Catalogue(
    "login",
    {
        "title": ("登录控制台", "Sign in to the console"),
        "lead": ("以本机保存的身份登录。节点会核对这个账户在链上的状态。", "Sign in with an identity kept on this machine. The node checks the account's status on the chain."),
        "profile": ("身份", "Identity"),
        "profile.hint": ("网络文件夹 profiles 下的身份, 可用 xl account add 添加", "From the folder profiles of the network; add one with xl account add"),
        "passphrase": ("口令", "Passphrase"),
        "passphrase.development": ("开发网络的口令在文件", "The development network keeps its passphrase in"),
        "purpose": ("事由", "Purpose"),
        "purpose.hint": ("写入每次读取的访问记录", "Stands in the access log with every read"),
        "purpose.default": ("控制台办公", "Console work"),
        "do": ("签名并登录", "Sign and sign in"),
        "none": ("这个节点不在网络文件夹中, 没有可用的身份。", "This node is not in a network folder: there is no identity to sign in with."),
        "key": ("口令只用来打开本机的密钥库。密钥不离开本机, 页面也看不到它; 退出或八小时后失效。", "The passphrase only opens the key store on this machine. The key never leaves it and no page sees it; it is forgotten when you sign out, or after eight hours."),
    },
)  # fmt: skip
HELP = i18n.Catalogue(
    "help",
    {
        "title": ("帮助", "Help"),
        "verify": ("核验一份证明", "Verify a proof"),
        "verify.text": ("打开“核验”, 选择证明文件。结论写在第一行: 成立、不成立, 或成立但证照已无效。改动文件中任何一位都会被发现。", "Open Verify and choose the proof file. The first line is the answer: it holds, it does not, or it holds and the licence is no longer valid. A change of any bit is found."),
        "show": ("持证人出示了二维码", "A holder shows a QR code"),
        "show.text": ("二维码里是证照标识和选择披露的属性。属性要与证照状态的证明文件一起核对; 核验人员可在控制台“核验”页扫码并留下用证记录。", "It holds the licence identifier and the attributes that the holder chose to show. Check them together with a proof of the licence; verifiers scan it in the console, which records the use."),
        "login": ("登录", "Sign in"),
        "login.text": ("工作人员在接入节点所在的机器上登录。签名用本机密钥库中的密钥, 每一件业务都要单独确认后才签名。", "Staff sign in on the machine of the access node. The key store on it signs, and each act is signed only after it was confirmed."),
        "private": ("个人信息", "Personal data"),
        "private.text": ("姓名、证件号码等不写上链, 链上只有加盐摘要、属性根和文件摘要。", "Names and numbers never go on the chain; it holds salted digests, attribute roots and file digests."),
        "stations": ("一笔交易的九站", "The nine stations of a transaction"),
        "stations.text": ("控制台、日志和文档用同样的九个词。", "The console, the logs and the documents use the same nine words."),
        "submit": ("签名并发出", "signed and sent"),
        "accept": ("接入节点检查大小与负载", "the access node checks size and load"),
        "admit": ("核对签名与权限, 进入交易池", "signature and rights are checked; it waits in the pool"),
        "execute": ("每个投票者自己执行", "every voter executes it"),
        "decide": ("投票使区块最终确定", "votes make the block final"),
        "commit": ("区块、状态、回执一次写入", "block, state and receipts are written at once"),
        "receipt": ("结果, 可以证明", "the result, which can be proven"),
        "event": ("通知订阅者", "subscribers are told"),
        "show9": ("页面显示", "a page shows it"),
        "more": ("更多", "More"),
        "more.api": ("接口说明", "Description of the API"),
    },
)  # fmt: skip


def public_routes(settings: ConsoleSettings, sessions: StaffSessions) -> APIRouter:
    """The router."""
    router = APIRouter(include_in_schema=False)
    pictures = _Rate(PICTURES_A_MINUTE)
    reading = asyncio.Semaphore(2)

    def verify_page(request: Request, **values: Any) -> Response:
        shown = {"verdict": None, "text": "", **values}
        return _page(screens.render("verify.html", request.scope, t=VERIFY, **shown))

    def login_page(request: Request, *, status: int = 200, **values: Any) -> Response:
        network = sessions.network
        file = network / "passphrase" if network is not None else None
        shown = {
            "problem": "",
            "profile": "",
            "next": "/console/",
            "purpose": LOGIN("purpose.default"),
            **values,
        }
        body = screens.render(
            "login.html", request.scope, t=LOGIN, profiles=sessions.profiles(),
            development=str(file) if file is not None and file.exists() else "", **shown,
        )  # fmt: skip
        return _page(body, status)

    @router.get("/")
    async def root() -> Response:
        return _redirect("/verify")

    @router.get("/verify")
    async def verify(request: Request) -> Response:
        return verify_page(request)

    @router.post("/verify")
    async def verified(request: Request) -> Response:
        form = await request.form(max_files=1, max_fields=4, max_part_size=verdict.TEXT_MAX)
        upload, text = form.get("proof"), str(form.get("text") or "")
        proof = await upload.read(verdict.PROOF_BYTES_MAX + 1) if isinstance(upload, UploadFile) else b""
        shown = None
        if text.strip():
            try:
                pasted, shown = verdict.read_text(text)
            except ValueError:
                answer = verdict.Verdict(False, verdict.W("text"), (verdict.W("nothing.do"),))
                return verify_page(request, verdict=answer, text=text[: verdict.TEXT_MAX])
            proof = proof or pasted
        answer = await asyncio.to_thread(verdict.examine, proof, settings.genesis, shown)
        return verify_page(request, verdict=answer, text=text)

    @router.post("/verify/qr")
    async def read_picture(request: Request, width: Annotated[int, Query(ge=16, le=4096)]) -> Response:
        if not pictures.allows():
            return Response(status_code=429)
        grey = await request.body()
        if not 256 <= len(grey) <= PICTURE_BYTES_MAX or len(grey) % width:
            return Response(status_code=400)
        async with reading:
            text = await asyncio.to_thread(_read_qr, grey, width)
        if text is None:
            return Response(status_code=404)
        return _json({"text": text})

    @router.get("/login")
    async def login(request: Request, next: str = "/console/") -> Response:  # noqa: A002 - the address's word
        if not is_loopback(request.client.host if request.client else None):
            return _page(screens.problem(request.scope, 403, "remote"), 403)
        return login_page(request, next=local_path(next))

    @router.post("/login")
    async def sign_in(request: Request) -> Response:
        if not is_loopback(request.client.host if request.client else None):
            return _page(screens.problem(request.scope, 403, "remote"), 403)
        form = await request.form(max_files=0, max_fields=8, max_part_size=4096)
        given = {name: str(form.get(name) or "") for name in ("profile", "passphrase", "purpose", "next")}
        target = local_path(given["next"])
        purpose = given["purpose"].strip()[:PURPOSE_MAX] or LOGIN("purpose.default")
        try:
            session = await sessions.sign_in(given["profile"], given["passphrase"].encode(), purpose)
        except XianglianError as error:
            told = await worded(error)
            return login_page(
                request, status=401, problem=told, profile=given["profile"], next=target, purpose=purpose
            )
        answer = _redirect(target)
        answer.set_cookie(
            COOKIE, session.id, max_age=SESSION_S, path="/", httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    @router.post("/logout")
    async def logout(request: Request) -> Response:
        session = sessions.find(request.cookies.get(COOKIE))
        if session is not None:
            await sessions.close(session)
        answer = _redirect("/login")
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    @router.get("/help")
    async def help_page(request: Request) -> Response:
        parts = ("verify", "show", "login", "private")
        names = {"show": "show9"}
        stations = [(markup.W(name), HELP(names.get(name, name))) for name in markup.STATIONS]
        return _page(screens.render("help.html", request.scope, t=HELP, parts=parts, stations=stations))

    @router.get("/language")
    async def switch_language(to: str, back: str = "/verify") -> Response:
        return _remember(i18n.COOKIE, to if to in i18n.LANGUAGES else "zh", back)

    @router.get("/theme")
    async def switch_theme(to: str, back: str = "/verify") -> Response:
        return _remember(screens.THEME, "dark" if to == "dark" else "light", back)

    @router.get("/assets/{name}")
    async def asset(name: str) -> Response:
        if name not in _ASSETS:
            return Response(status_code=404)
        body, kind = _ASSETS[name]
        return Response(body, media_type=kind, headers={"cache-control": "no-cache"})

    return router


_ASSETS: dict[str, tuple[bytes, str]] = {
    "app.css": ((LOOK / "app.css").read_bytes(), "text/css"),
    "verify.js": ((Path(__file__).parent / "verify.js").read_bytes(), "text/javascript"),
    "picture.js": ((Path(__file__).parent / "picture.js").read_bytes(), "text/javascript"),
    "staff.js": ((LOOK.parent / "kit" / "staff.js").read_bytes(), "text/javascript"),
    "icon.svg": (markup.LOGO_FILE.read_bytes(), "image/svg+xml"),
}


class _Rate:
    """So many a minute, all callers together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: deque[float] = deque()

    def allows(self) -> bool:
        now = time.monotonic()
        while self._seen and now - self._seen[0] > 60:
            self._seen.popleft()
        if len(self._seen) >= self._limit:
            return False
        self._seen.append(now)
        return True


def local_path(target: str) -> str:
    """`target` if it stays on this site, else the console."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if safe and len(target) < 2000 else "/console/"


def _read_qr(grey: bytes, width: int) -> str | None:
    view = memoryview(grey).cast("B", shape=[len(grey) // width, width])
    found = zxingcpp.read_barcodes(view, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return str(found[0].text) if found else None


def _page(body: bytes, status: int = 200) -> Response:
    return Response(body, status_code=status, media_type="text/html")


def _json(document: dict[str, str]) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(document, headers={"cache-control": "no-store"})


def _redirect(target: str) -> Response:
    return Response(status_code=303, headers={"location": target})


def _remember(cookie: str, value: str, back: str) -> Response:
    answer = _redirect(local_path(back))
    answer.set_cookie(cookie, value, max_age=YEAR_S, path="/", samesite="strict", httponly=True)
    return answer
