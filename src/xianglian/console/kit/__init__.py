"""The component kit: pages are made of these and never import the framework.

page · card · kpi · pill · note · table · facts · steps · stations · form · button · qr · chart · topology · code
"""

from __future__ import annotations

from xianglian.console.kit.elements import (
    Area,
    Piece,
    actions,
    anchor,
    area,
    attempt,
    button,
    card,
    chart,
    code,
    column,
    columns,
    facts,
    follow,
    kpi,
    note,
    put,
    qr,
    qr_reader,
    stations,
    steps,
    table,
    topology,
    upload,
)
from xianglian.console.kit.form import Form as form  # noqa: N813 - a component like the others
from xianglian.console.kit.shell import page, retitle
from xianglian.console.look.markup import digest, join, link, mono, name, pill

COMPONENTS = (
    "page", "card", "kpi", "pill", "note", "table", "facts", "steps", "stations", "form", "button", "qr", "chart",
    "topology", "code",
)  # fmt: skip
"""The fifteen names."""

__all__ = [
    "Area", "Piece", "actions", "anchor", "area", "attempt", "button", "card", "chart", "code", "column", "columns", "digest",
    "facts", "follow", "form", "join", "kpi", "link", "mono", "name", "note", "page", "pill", "put", "qr",
    "qr_reader", "retitle", "stations", "steps", "table", "topology", "upload",
]  # fmt: skip
