"""Which functions of the runtime serve which integer type."""

from __future__ import annotations

from xianglian.contract import spec


def family(kind: spec.IntType) -> str:
    """The prefix of the runtime's functions for a type: up to 64 bits by sign, wider ones by name."""
    if kind.bits > 64:
        return kind.name
    return "i64" if kind.signed else "u64"
