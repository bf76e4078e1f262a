"""The icons: strokes on a 24 x 24 grid, coloured by the text around them. No icon font is loaded."""

from __future__ import annotations

from markupsafe import Markup

_PATHS: dict[str, str] = {
    "network": "M12 5.5v5M12 10.5L6 16M12 10.5L18 16M12 3a2.2 2.2 0 1 0 .01 0M6 16a2.4 2.4 0 1 0 .01 0M18 16a2.4 2.4 0 1 0 .01 0",
    "block": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5",
    "transaction": "M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4",
    "contract": "M7 3h8l4 4v14H7zM15 3v4h4M10 12h6M10 16h6",
    "proposal": "M5 11h14v9H5zM9 11V4h6v7M9.500 7l2 2 3.500-3.500",
    "account": "M12 4a4 4 0 1 0 .01 0M4.5 20c1.2-4 4-5.5 7.5-5.5s6.3 1.5 7.5 5.5",
    "licence": "M4 5h16v14H4zM8 10a1.8 1.8 0 1 0 .01 0M5.8 16c.4-2 4-2 4.4 0M13.5 10H17M13.5 14H17",
    "issue": "M12 5v14M5 12h14",
    "mine": "M5 4h14v17l-7-4-7 4z",
    "authorise": "M14.5 4a5.5 5.5 0 1 0 .01 0M10.6 13L4 19.500V21h3l1-2h2l2.6-3.2",
    "verify": "M4 4h5v5H4zM15 4h5v5h-5zM4 15h5v5H4zM15 15h2v2M20 15v5h-5M12 4v4M12 12h8M12 12v8M4 12h4",
    "history": "M4 12a8 8 0 1 0 2.5-5.800L4 8.500M4 4v4.500h4.500M12 8v4.500l3 2",
    "help": "M12 3a9 9 0 1 0 .01 0M9.5 9.500c0-3.5 5-3.3 5 0 0 2-2.5 2-2.5 4M12 17v.300",
    "search": "M10.5 4a6.5 6.5 0 1 0 .01 0M15.5 15.500L20.5 20.5",
    "theme": "M12 3a9 9 0 1 0 .01 0M12 3v18",
    "check": "M5 12.500l4.5 4.500L19 7.5",
    "cross": "M6 6l12 12M18 6L6 18",
    "alert": "M12 4l9 16H3zM12 10v4.500M12 17.300v.200",
    "info": "M12 3a9 9 0 1 0 .01 0M12 11v5.500M12 7.700v.200",
    "inbox": "M4 13l3-8h10l3 8v6H4zM4 13h5c.5 3 5.5 3 6 0h5",
    "download": "M12 4v11M7.5 11L12 15.5 16.5 11M4 20h16",
    "upload": "M12 16V5M7.5 9L12 4.5 16.5 9M4 20h16",
    "camera": "M4 8h4l1.5-2.500h5L16 8h4v11H4zM12 10.500a3 3 0 1 0 .01 0",
    "out": "M14 4h6v16h-6M4 12h11M8 8l-4 4 4 4",
    "next": "M5 12h14M13 6l6 6-6 6",
    "back": "M19 12H5M11 6l-6 6 6 6",
}


def icon(name: str) -> Markup:
    """An icon by name. Raises `KeyError`."""
    return Markup('<svg class="ic" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>').format(
        _PATHS[name]
    )


def names() -> tuple[str, ...]:
    """Every icon that there is."""
    return tuple(_PATHS)
