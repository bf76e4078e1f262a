"""Writing the small TOML files of the platform; the standard library only reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Scalar = str | int | bool
Value = Scalar | Sequence[Scalar]


def dump(values: Mapping[str, Value | Sequence[Mapping[str, Value]]], *, head: str = "") -> str:
    """TOML of a flat table; a sequence of mappings becomes an array of tables at the end. `head` opens it as
    comment.
    """
    lines = [f"# {line}" for line in head.splitlines()]
    tables: list[str] = []
    for key, value in values.items():
        if (
            not isinstance(value, str)
            and isinstance(value, Sequence)
            and value
            and isinstance(value[0], Mapping)
        ):
            for row in value:
                assert isinstance(row, Mapping)
                tables.append("")
                tables.append(f"[[{key}]]")
                tables.extend(f"{name} = {_literal(item)}" for name, item in row.items())
        else:
            lines.append(f"{key} = {_literal(value)}")
    return "\n".join(lines + tables) + "\n"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # JSON's escapes are TOML's; DEL is the one character that only TOML refuses raw.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Sequence):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    raise TypeError(f"no TOML for {value!r}")
