"""A node's status as Prometheus text."""

from __future__ import annotations

from typing import Any


def prometheus(status: dict[str, Any], more: dict[str, int | float] | None = None) -> str:
    """Text exposition 0.0.4 of `Node.status`, with `more` names beside it. All names begin with `xl_`."""
    values: dict[str, int | float] = {
        "height": int(status["height"]),
        "view": int(status.get("view") or 0),
        "epoch": int(status.get("epoch") or 0),
        "validators": int(status["validators"]),
        "peers_connected": sum(1 for peer in status["peers"] if peer["connected"]),
        "pool_transactions": int(status["pool"]["transactions"]),
        "pool_bytes": int(status["pool"]["bytes"]),
        "healthy": int(bool(status["healthy"])),
        "fault": int(bool(status["fault"])),
    }
    for name, value in {**status.get("metrics", {}), **(more or {})}.items():
        try:
            values[name] = value if isinstance(value, int | float) else float(value)
        except (TypeError, ValueError):
            continue
    label = f'{{node="{status["name"]}",org="{status["org"]}",kind="{status["kind"]}"}}'
    return "".join(f"xl_{name}{label} {value}\n" for name, value in values.items())
