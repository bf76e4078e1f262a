"""The look as pure functions: escaped values in, HTML out. Staff pages and public pages draw with the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import segno
from markupsafe import Markup

from xianglian.console.i18n import Catalogue
from xianglian.console.look import icons

W = Catalogue(
    "kit",
    {
        "submit": ("提交", "submit"),
        "accept": ("接收", "accept"),
        "admit": ("入池", "admit"),
        "execute": ("执行", "execute"),
        "decide": ("定序", "decide"),
        "commit": ("落盘", "commit"),
        "receipt": ("回执", "receipt"),
        "event": ("事件", "event"),
        "show": ("呈现", "show"),
        "empty": ("没有记录", "Nothing here yet"),
    },
)
STATIONS = ("submit", "accept", "admit", "execute", "decide", "commit", "receipt", "event", "show")
"""The nine words of a transaction's path, in order."""
KINDS = ("ok", "warn", "bad", "idle", "info", "violet")

LOGO_FILE = Path(__file__).with_name("logo.svg")
LOGO = Markup(LOGO_FILE.read_text())  # noqa: S704 - our own file


def join(parts: Iterable[Any], between: str = "") -> Markup:
    """Pieces after one another, each escaped unless it is markup already."""
    return Markup(between).join(parts)  # noqa: S704 - `between` is ours


def pill(kind: str, text: Any) -> Markup:
    """A state in colour and word."""
    return Markup('<span class="pill {}">{}</span>').format(kind if kind in KINDS else "idle", text)


def link(href: str, text: Any, *, mono: bool = False) -> Markup:
    """A link inside the platform."""
    return Markup('<a class="lk{}" href="{}">{}</a>').format(" mono" if mono else "", href, text)


def mono(text: Any) -> Markup:
    """Hashes and long identifiers; they break anywhere."""
    return Markup('<span class="mono brk">{}</span>').format(text)


def name(text: Any) -> Markup:
    """A name of the code; it does not break."""
    return Markup('<span class="mono muted">{}</span>').format(text)


def digest(text: str, *, href: str | None = None, size: int = 10) -> Markup:
    """A hash or address, shortened; the whole of it is in the title."""
    short = text if len(text) <= 2 * size else f"{text[:size]}…{text[-6:]}"
    body = Markup('<span class="mono nowrap" title="{}">{}</span>').format(text, short)
    return Markup('<a class="lk" href="{}">{}</a>').format(href, body) if href else body


def note(kind: str, text: Any, *, title: Any = "") -> Markup:
    """Something to know, with its reason or next step."""
    name = {"ok": "check", "bad": "alert", "warn": "alert"}.get(kind, "info")
    head = Markup("<b>{}</b>").format(title) if title else Markup("")
    return Markup('<div class="note {}" role="{}">{}<div>{}{}</div></div>').format(
        kind, "alert" if kind == "bad" else "status", icons.icon(name), head, text
    )


def kpi(label: Any, value: Any, unit: Any = "", delta: Any = "") -> Markup:
    """One figure."""
    return Markup(
        '<div class="l">{}</div><div class="v">{}<small>{}</small></div><div class="d">{}</div>'
    ).format(label, value, unit, delta)


def table(columns: Sequence[Any], rows: Iterable[Sequence[Any]], *, empty: Any = None) -> Markup:
    """Rows under column heads (beside them on a phone); says so where there are none."""
    body = [
        Markup("<tr>{}</tr>").format(
            join(
                Markup('<td data-label="{}"><div>{}</div></td>').format(name, cell)
                for name, cell in zip(columns, row, strict=True)
            )
        )
        for row in rows
    ]
    if not body:
        return empty_state(empty if empty is not None else W("empty"))
    head = join(Markup("<th>{}</th>").format(column) for column in columns)
    return Markup(
        '<div class="scroll"><table class="t"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(head, join(body))


def empty_state(text: Any) -> Markup:
    """What stands where nothing is."""
    return Markup('<div class="empty">{}<span>{}</span></div>').format(icons.icon("inbox"), text)


def facts(pairs: Iterable[tuple[Any, Any]], *, stack: bool = False) -> Markup:
    """Names and values; `stack`: under one another on a phone."""
    body = join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in pairs)
    return Markup('<dl class="kv{}">{}</dl>').format(" narrow" if stack else "", body)


def steps(names: Sequence[Any], at: int) -> Markup:
    """Where one is in a sequence of screens."""
    rows = []
    for index, name in enumerate(names):
        state = "done" if index < at else "on" if index == at else ""
        mark: Any = icons.icon("check") if index < at else index + 1
        rows.append(Markup('<div class="s {}"><i>{}</i>{}</div>').format(state, mark, name))
    return Markup('<div class="steps">{}</div>').format(join(rows))


def stations(told: Mapping[str, Any], *, failed: str | None = None, reached: str = "show") -> Markup:
    """The nine stations of a transaction; `told` says what is known of each, `failed` is where it broke."""
    last = STATIONS.index(reached)
    rows = []
    for index, name in enumerate(STATIONS):
        state = "bad" if name == failed else "" if index <= last else "wait"
        mark: Any = icons.icon("cross") if state == "bad" else icons.icon("check") if not state else index + 1
        rows.append(
            Markup('<li class="st {}"><i>{}</i><b>{}</b><span>{}</span></li>').format(
                state, mark, W(name), told.get(name, "")
            )
        )
    return Markup('<ol class="stations">{}</ol>').format(join(rows))


def code(text: str) -> Markup:
    """A block of code."""
    return Markup('<pre class="code">{}</pre>').format(text)


def qr(text: str) -> Markup:
    """A QR code as SVG, dark on white in both themes. Raises `ValueError` for more than it holds (2 953 bytes)."""
    try:
        drawn = segno.make_qr(text, error="l" if len(text.encode()) > 600 else "m")
    except segno.DataOverflowError as error:
        raise ValueError("too much for a QR code") from error
    return Markup('<div class="qr">{}</div>').format(
        Markup(drawn.svg_inline(scale=4, border=4, dark="#142033", omitsize=True))  # noqa: S704 - drawn by segno
    )


def bars(values: Sequence[tuple[Any, int]], *, unit: Any = "") -> Markup:
    """Columns of a small chart, the newest to the right; height by the greatest."""
    top = max((value for _, value in values), default=0) or 1
    columns = join(
        Markup(
            '<rect x="{x}" y="{y}" width="8" height="{h}"><title>{name}: {value} {unit}</title></rect>'
        ).format(x=index * 12 + 2, y=64 - round(60 * value / top), h=max(1, round(60 * value / top)), name=name,
                 value=value, unit=unit)
        for index, (name, value) in enumerate(values)
    )  # fmt: skip
    return Markup(
        '<svg class="chart" viewBox="0 0 {} 66" preserveAspectRatio="none" role="img">{}</svg>'
    ).format(max(1, len(values)) * 12 + 2, columns)
