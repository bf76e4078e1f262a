"""Xianglian 享链: a sovereign consortium chain. `Client` talks to it, `Key` signs, `verify` trusts nobody.

from xianglian import Client
with Client.connect("xl-network") as client:
client.call("points", "transfer", target=..., amount=5)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["AsyncClient", "Key", "Client", "__version__", "verify"]  # noqa: RUF022

if TYPE_CHECKING:
    from xianglian.keys.key import Key
    from xianglian.sdk import AsyncClient, Client
    from xianglian.sdk.verification import verify

_HOMES = {
    "AsyncClient": "xianglian.sdk",
    "Client": "xianglian.sdk",
    "Key": "xianglian.keys.key",
    "verify": "xianglian.sdk.verification",
}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used, so that `import xianglian` costs nothing on a validator."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'xianglian' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(home), name)
