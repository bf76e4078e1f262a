"""The component kit: pages are made of these and never import the framework.

page · card · kpi · pill · note · table · facts · steps · stations · form · button · qr · chart · topology · code
"""

from __future__ import annotations

from xianglian.console.kit.elements import (
    Area,
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
from xianglian.console.look.markup import digest, join, link, mono, name, pill
from xianglian.console.kit.shell import page, retitle

COMPONENTS = (
    "page", "card", "kpi", "pill", "note", "table", "facts", "steps", "stations", "form", "button", "qr", "chart",
    "topology", "code",
)  # fmt: skip
"""The fifteen names."""

__all__ = [
    *COMPONENTS, "Area", "actions", "anchor", "area", "attempt", "column", "columns", "digest", "follow", "join", "link", "mono", "name",
    "put", "qr_reader", "retitle", "upload",
]  # fmt: skip
