"""Plain pages from templates. Everything put into them is escaped; no page loads anything from another host."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from xianglian.console import i18n
from xianglian.console.asgi import cookie_of
from xianglian.console.look import icons, markup

W = i18n.Catalogue(
    "public",
    {
        "brand": ("享链", "Xianglian"),
        "brand.sub": ("主权联盟链", "Sovereign consortium chain"),
        "nav.verify": ("核验", "Verify"),
        "nav.login": ("登录", "Sign in"),
        "nav.help": ("帮助", "Help"),
        "language": ("EN", "中文"),
        "language.title": ("Switch to English", "切换为中文"),
        "theme": ("深色或浅色", "Dark or light"),
        "foot": ("本页由本机接入节点提供, 不加载任何外部内容", "Served by this access node; nothing is loaded from elsewhere"),
        "missing.title": ("没有这个页面", "There is no such page"),
        "missing": ("地址可能输错了, 或内容已不在这里。", "The address may be mistyped, or what it named is gone."),
        "failed.title": ("这一页没有完成", "This page could not be made"),
        "failed": ("请重试; 若再次出现, 请把时间告诉运维人员。", "Please try again; if it happens again, tell the operator the time."),
        "foreign.title": ("请求来自别的网站", "The request came from another site"),
        "foreign": ("为保护您的登录, 已拒绝。请从本平台的页面操作。", "It was refused to protect your sign-in. Use the pages of this platform."),
        "large.title": ("内容过大", "It is too large"),
        "large": ("最多 6 MB。证明文件通常只有几千字节。", "6 MB at most. A proof file has a few thousand bytes."),
        "many.title": ("打开的页面太多", "Too many pages are open"),
        "many": ("请关闭一些标签页, 二十秒后再试。", "Close some tabs and try again in twenty seconds."),
        "remote.title": ("只能在本机登录", "Sign in on this machine only"),
        "remote": ("控制台用本机保存的密钥签名, 因此只接受来自本机的登录。", "The console signs with keys kept on this machine, so it takes sign-ins from this machine only."),
        "go.verify": ("核验证明文件", "Verify a proof file"),
        "go.console": ("进入控制台", "Open the console"),
    },
)  # fmt: skip
THEME = "xl_theme"

_HERE = Path(__file__).parent / "templates"
_environment = Environment(
    loader=FileSystemLoader(_HERE),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals.update(
    icon=icons.icon, logo=markup.LOGO, note=markup.note, facts=markup.facts, pill=markup.pill, mono=markup.mono,
    table=markup.table, moment=i18n.moment, common=W,
)  # fmt: skip


def render(template: str, scope: MutableMapping[str, Any], **values: Any) -> bytes:
    """A page in the language and theme of the request's cookies."""
    chosen = i18n.ask(cookie_of(scope, i18n.COOKIE))
    path = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
    text = _environment.get_template(template).render(
        language=chosen,
        dark=cookie_of(scope, THEME) == "dark",
        switch=switches(chosen, dark=cookie_of(scope, THEME) == "dark", back=path),
        path=scope["path"],
        **values,
    )
    return text.encode()


def problem(scope: MutableMapping[str, Any], status: int, key: str) -> bytes:
    """An error page: what happened and where to go."""
    return render("problem.html", scope, status=status, title=W(f"{key}.title"), text=W(key))


def switches(chosen: str, *, dark: bool, back: str) -> Mapping[str, str]:
    """Links that change language and theme and come back."""
    there = quote(back, safe="")
    return {
        "language": f"/language?to={'en' if chosen == 'zh' else 'zh'}&back={there}",
        "theme": f"/theme?to={'light' if dark else 'dark'}&back={there}",
    }
