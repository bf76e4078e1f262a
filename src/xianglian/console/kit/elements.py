"""The components as staff pages place them: markup put into the page, and what can be pressed or watched."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from markupsafe import Markup
from nicegui import context, events, ui
from nicegui.element import Element

from xianglian.console.here import console, visitor
from xianglian.console.live import Snapshot
from xianglian.console.look import icons, markup
from xianglian.console.wording import worded
from xianglian.errors import XianglianError

Handler = Callable[[], Awaitable[None] | None]
UPLOAD_BYTES_MAX = 5 * 1024 * 1024


class Piece:
    """Markup in the page that can be replaced."""

    def __init__(self, content: Markup, classes: str = "") -> None:
        self.element = ui.html(str(content), sanitize=False).classes(classes)  # escaped by `markup`

    def show(self, content: Markup) -> None:
        """Replaces it, if it differs."""
        if self.element.content != str(content):
            self.element.content = str(content)

    def mark(self, name: str) -> Piece:
        """Names it for tests."""
        self.element.mark(name)
        return self


def put(content: Markup, classes: str = "") -> Piece:
    """Places markup."""
    return Piece(content, classes)


@contextmanager
def columns(*, even: bool = False) -> Iterator[None]:
    """Twelve columns."""
    with ui.element("div").classes("cols even" if even else "cols"):
        yield


@contextmanager
def column(span: int, *, aside: bool = False) -> Iterator[Element]:
    """Cards above one another, `span` columns wide."""
    with ui.element("div").classes(f"stack c{span}" + (" aside" if aside else "")) as element:
        yield element


@contextmanager
def card(
    title: Any = None, hint: Any = "", *, span: int = 12, right: Markup | None = None
) -> Iterator[Element]:
    """A card; `right` stands at the end of its head."""
    with ui.element("section").classes(f"card c{span}"):
        if title is not None:
            put(
                Markup('<span>{}</span><span class="hint">{}</span><span class="grow"></span>{}').format(
                    title, hint, right or ""
                ),
                "hd",
            )
        with ui.element("div").classes("bd") as body:
            yield body


class Area:
    """A place in the page whose content changes as a whole."""

    def __init__(self) -> None:
        self._element = ui.element("div").classes("stack")

    @contextmanager
    def anew(self) -> Iterator[None]:
        """Empties it and fills it again."""
        self._element.clear()
        with self._element:
            yield


def area() -> Area:
    """A place whose content changes."""
    return Area()


def kpi(label: Any, value: Any, unit: Any = "", delta: Any = "", *, span: int = 3) -> Piece:
    """One figure in a card."""
    return put(markup.kpi(label, value, unit, delta), f"card kpi c{span}")


def note(kind: str, text: Any, *, title: Any = "") -> Piece:
    """Something to know."""
    return put(markup.note(kind, text, title=title))


def table(columns: Sequence[Any], rows: Iterable[Sequence[Any]], *, empty: Any = None) -> Piece:
    """Rows under column heads."""
    return put(markup.table(columns, rows, empty=empty))


def facts(pairs: Iterable[tuple[Any, Any]], *, stack: bool = False) -> Piece:
    """Names and values."""
    return put(markup.facts(pairs, stack=stack))


def steps(names: Sequence[Any], at: int) -> Piece:
    """Where one is in a sequence."""
    return put(markup.steps(names, at))


def stations(told: Mapping[str, Any], *, failed: str | None = None) -> Piece:
    """The nine stations."""
    return put(markup.stations(told, failed=failed))


def code(text: str) -> Piece:
    """A block of code."""
    return put(markup.code(text))


def qr(text: str) -> Piece:
    """A QR code."""
    return put(markup.qr(text))


def chart(values: Sequence[tuple[Any, int]], *, unit: Any = "") -> Piece:
    """Columns."""
    return put(markup.bars(values, unit=unit))


def button(text: Any, press: Handler, *, icon: str = "", kind: str = "", name: str = "") -> ui.button:
    """Something to press; `kind` is empty, `sec` or `danger`. While it works it cannot be pressed again."""
    element = ui.button(color=None).props("unelevated no-caps").classes(f"btn {kind}".strip())
    if name:
        element.mark(name)
    with element:
        put(Markup('<span style="display:inline-flex;gap:8px;align-items:center">{}{}</span>').format(
            icons.icon(icon) if icon else "", text
        ))  # fmt: skip

    async def pressed() -> None:
        element.disable()
        try:
            await attempt(press)
        finally:
            if not element.is_deleted:
                element.enable()

    element.on_click(pressed)
    return element


def anchor(text: Any, href: str, *, icon: str = "", kind: str = "sec", save: bool = False) -> Piece:
    """A link that looks like a button; `save` downloads."""
    return put(
        Markup('<a class="btn {}" href="{}"{}>{}{}</a>').format(
            kind, href, Markup(" download") if save else "", icons.icon(icon) if icon else "", text
        )
    )


@contextmanager
def actions() -> Iterator[None]:
    """A row of buttons."""
    with ui.element("div").classes("acts"):
        yield


async def attempt(work: Handler) -> bool:
    """Runs a handler for the visitor, whose session is checked again; a refusal is worded and shown."""
    try:
        visitor()
        result = work()
        if inspect.isawaitable(result):
            await result
    except XianglianError as error:
        session = None
        if error.code != "XL-SESSION":
            session = visitor()
        ui.notify(
            await worded(error, session), type="negative", multi_line=True, timeout=12_000, position="top"
        )
        return False
    return True


def upload(
    title: Any, hint: Any, received: Callable[[str, bytes], Awaitable[None] | None], *, name: str
) -> Element:
    """A box that takes one file; `received` gets its name and bytes."""
    box = ui.element("div").classes("drop").mark(name)

    async def arrived(event: events.UploadEventArguments) -> None:
        content = await event.file.read()
        await attempt(lambda: received(event.file.name, content))
        picker.reset()

    picker = ui.upload(auto_upload=True, max_file_size=UPLOAD_BYTES_MAX, on_upload=arrived).classes("hidden")
    with box:
        put(Markup("{}").format(icons.icon("upload")))
        put(Markup("<div>{}</div><span>{}</span>").format(title, hint))
    box.on("click", js_handler=f"() => getElement({picker.id}).$refs.qRef.pickFiles()")
    return box


class PictureReader(Element, component=Path(__file__).parent / "picture_reader.js"):
    """Takes a picture of a QR code and tells its text."""

    def __init__(self, title: str, hint: str, told: Mapping[str, str]) -> None:
        super().__init__()
        self._props.update(title=title, hint=hint, told=dict(told))


def qr_reader(
    title: str, hint: str, told: Mapping[str, str], read: Callable[[str], Awaitable[None] | None]
) -> None:
    """A box that takes a picture; `read` gets the text of the code in it."""
    reader = PictureReader(title, hint, told)

    async def arrived(event: events.GenericEventArguments) -> None:
        text = event.args if isinstance(event.args, str) else ""
        await attempt(lambda: read(text[:65_536]))

    reader.on("text", arrived)


class Topology(Element, component=Path(__file__).parent / "topology.js"):
    """The picture of a network."""

    def __init__(self, groups: list[dict[str, Any]], label: str, first: dict[str, Any]) -> None:
        super().__init__()
        self._props.update(groups=groups, label=label, first=first)
        self._last = first

    def patch(self, live: dict[str, Any]) -> None:
        """New live values, sent if they differ."""
        if live != self._last:
            self._last = live
            self.run_method("patch", live)


def topology(groups: list[dict[str, Any]], label: str, first: dict[str, Any]) -> Topology:
    """The picture of a network with its first live values."""
    return Topology(groups, label, first)


def follow(tell: Callable[[Snapshot], None], picture: Topology) -> None:
    """Calls `tell` with what changes on the network, as long as this page is open and can be seen."""
    client = context.client
    live = console().live

    def told(snapshot: Snapshot) -> None:
        with client:
            tell(snapshot)

    stop = live.subscribe(told)

    def seen(event: events.GenericEventArguments) -> None:
        if not event.args:
            stop()
            return
        live.subscribe(told)
        if live.latest is not None:
            told(live.latest)

    picture.on("seen", seen)
    client.on_delete(stop)
