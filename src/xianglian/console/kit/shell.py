"""The frame of a staff page: rooms at the side, title, search, language, theme, who is signed in."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec

from markupsafe import Markup
from nicegui import context, ui

from xianglian import __version__
from xianglian.console.here import console, visitor
from xianglian.console.i18n import Catalogue, language
from xianglian.console.kit.elements import Piece, note, put
from xianglian.console.look import icons, markup
from xianglian.console.public.screens import THEME, switches
from xianglian.console.wording import worded
from xianglian.errors import XianglianError

P = ParamSpec("P")
ROOMS = (
    ("run", (("network", "/console/"), ("block", "/console/blocks"), ("transaction", "/console/transactions"),
             ("contract", "/console/contracts"), ("proposal", "/console/proposals"),
             ("account", "/console/accounts"))),
    ("elicence", (("licence", "/console/elicence"), ("issue", "/console/elicence/issue"),
                  ("mine", "/console/elicence/mine"), ("authorise", "/console/elicence/authorise"),
                  ("verify", "/console/elicence/verify"), ("history", "/console/elicence/usage"))),
)  # fmt: skip
TABS = ("network", "transaction", "mine", "verify", "licence")
W = Catalogue(
    "shell",
    {
        "brand": ("享链", "Xianglian"),
        "brand.sub": ("主权联盟链控制台", "Console of a sovereign chain"),
        "run": ("运行", "Running"),
        "elicence": ("电子证照", "E-licences"),
        "network": ("网络", "Network"),
        "block": ("区块", "Blocks"),
        "transaction": ("交易", "Transactions"),
        "contract": ("合约", "Contracts"),
        "proposal": ("提案", "Proposals"),
        "account": ("账户与密钥", "Accounts and keys"),
        "licence": ("证照目录", "Catalogue"),
        "issue": ("核发", "Issue"),
        "mine": ("我的证照", "My licences"),
        "authorise": ("授权用证", "Authorise"),
        "verify": ("核验", "Verify"),
        "history": ("用证记录", "Uses"),
        "help": ("帮助", "Help"),
        "search": ("高度 / 交易 / 账户 / 证照标识", "Height / tx / account / licence"),
        "language": ("EN", "中文"),
        "theme": ("深色或浅色", "Dark or light"),
        "out": ("退出", "Sign out"),
        "failed": ("这一页没有完成", "This page could not be made"),
    },
)
_pages: list[tuple[str, Callable[..., Awaitable[None]]]] = []


def page(
    path: str, *, room: str, words: Catalogue
) -> Callable[[Callable[P, Awaitable[None]]], Callable[P, Awaitable[None]]]:
    """Declares a staff page at `/console` + `path`; `words` hold its `title` and `sub`."""

    def declared(build: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
        @functools.wraps(build)
        async def built(*args: P.args, **kwargs: P.kwargs) -> None:
            session = visitor()
            shield = console().shield
            if shield is not None:
                client = context.client
                shield.owners[client.id] = session.id
                client.on_delete(lambda: shield.owners.pop(client.id, None))
            with _Frame(room, words):
                try:
                    await build(*args, **kwargs)
                except XianglianError as error:
                    note("bad", await worded(error, session), title=W("failed"))

        _pages.append((path, built))
        return built

    return declared


def register_pages() -> None:
    """Tells the framework of every declared page."""
    for path, built in _pages:
        ui.page(path, response_timeout=25)(built)


def retitle(title: Any, sub: Any = "") -> None:
    """Changes the page's heading to what it turned out to be about."""
    heading: Piece = context.client.xl_heading  # type: ignore[attr-defined]
    heading.show(_heading(title, sub))
    ui.page_title(f"{title} · {W('brand')}")


class _Frame:
    """Everything around the content."""

    def __init__(self, room: str, words: Catalogue) -> None:
        self._room, self._words = room, words

    def __enter__(self) -> None:
        request = context.client.request
        dark = request.cookies.get(THEME) == "dark"
        ui.dark_mode(value=dark)
        ui.add_head_html('<link rel="stylesheet" href="/assets/app.css">')
        ui.add_head_html('<script type="module" src="/assets/staff.js"></script>')
        ui.page_title(f"{self._words('title')} · {W('brand')}")
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self._shell = ui.element("div").classes("shell")
        with self._shell:
            put(_side(self._room), "side")
            with ui.element("div"):
                with ui.element("header").classes("top"):
                    context.client.xl_heading = put(  # type: ignore[attr-defined]
                        _heading(self._words("title"), self._words("sub")), "grow"
                    )
                    put(_tools(back, dark=dark)).element.style("display:contents")
                self._main = ui.element("main").classes("main")
        put(_tabs(self._room), "tabbar")
        self._main.__enter__()

    def __exit__(self, *problem: Any) -> None:
        self._main.__exit__(*problem)


def _heading(title: Any, sub: Any) -> Markup:
    return Markup('<h1>{}</h1><div class="sub">{}</div>').format(title, sub)


def _side(room: str) -> Markup:
    parts = [
        Markup('<a class="brand" href="/console/">{}<div><b>{}</b><span>{}</span></div></a>').format(
            markup.LOGO, W("brand"), W("brand.sub")
        )
    ]
    for head, rooms in ROOMS:
        parts.append(Markup('<div class="navh">{}</div>').format(W(head)))
        parts += [_nav(name, href, "nav", room) for name, href in rooms]
    parts.append(Markup('<span class="grow"></span>'))
    parts.append(_nav("help", "/help", "nav", room))
    parts.append(Markup('<div class="navh">v{}</div>').format(__version__))
    return markup.join(parts)


def _nav(name: str, href: str, classes: str, room: str) -> Markup:
    on = Markup(' aria-current="page"') if name == room else ""
    return Markup('<a class="{}{}" href="{}"{}>{}<span>{}</span></a>').format(
        classes, " on" if name == room else "", href, on, icons.icon(name), W(name)
    )


def _tabs(room: str) -> Markup:
    places = dict(pair for _, rooms in ROOMS for pair in rooms)
    return markup.join(_nav(name, places[name], "", room) for name in TABS)


def _tools(back: str, *, dark: bool) -> Markup:
    session = visitor()
    links = switches(language(), dark=dark, back=back)
    return Markup(
        '<form action="/console/search" method="get" role="search"><label class="seek">{search}'
        '<input name="q" placeholder="{hint}" aria-label="{hint}" maxlength="200"></label></form>'
        '<a class="ghost" href="{other}">{word}</a>'
        '<a class="ghost" href="{theme}" title="{theme_hint}" aria-label="{theme_hint}">{theme_icon}</a>'
        '<div class="who" title="{account}"><div class="ava">{letter}</div><span>{name}</span></div>'
        '<form action="/logout" method="post"><button class="ghost" title="{out}" aria-label="{out}">{out_icon}</button></form>'
    ).format(
        search=icons.icon("search"), hint=W("search"), other=links["language"], word=W("language"),
        theme=links["theme"], theme_hint=W("theme"), theme_icon=icons.icon("theme"), account=session.account,
        letter=session.profile[:1], name=session.profile, out=W("out"), out_icon=icons.icon("out"),
    )  # fmt: skip
