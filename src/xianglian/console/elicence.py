"""What the e-licence pages and routes share: names, state keys, holders' wallets on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xianglian.console.sessions import StaffSession
from xianglian.errors import InvalidRequest, NotFound
from xianglian.keys.files import private_folder, write_atomic
from xianglian.sdk.statekeys import state_key
from xianglian.solutions.elicence.attributes import AttributeTree
from xianglian.solutions.elicence.wallets import FOLDER

CONTRACT = "elicence"
PAGE = 16
PAGES_MAX = 64


async def licence_proof(session: StaffSession, licence_id: str) -> bytes:
    """A proof file of a licence's state, or of its absence."""
    interface = await session.client.interface(CONTRACT)
    return await session.client.proof(key=state_key(interface, CONTRACT, "licences", licence_id))


async def is_deployed(session: StaffSession) -> bool:
    """Whether this chain has the contract."""
    try:
        await session.client.contract(CONTRACT)
    except NotFound:
        return False
    return True


async def every(session: StaffSession, view: str, **arguments: Any) -> list[Any]:
    """All pages of a view that takes `first`."""
    found: list[Any] = []
    for _ in range(PAGES_MAX):
        page = await session.client.query(CONTRACT, view, first=len(found), **arguments)
        found += page
        if len(page) < PAGE:
            break
    return found


async def types(session: StaffSession) -> dict[str, dict[str, Any]]:
    """The catalogue by type code."""
    return {each["code"]: each for each in await every(session, "catalogue")}


async def people(session: StaffSession, role: str) -> dict[str, str]:
    """Accounts with a role: address -> words for a list."""
    found: dict[str, str] = {}
    for at in range(PAGES_MAX):
        page = await session.client.accounts(offset=at * 100, limit=100)
        for each in page["accounts"]:
            if role in each["roles"] and not each["suspended"]:
                found[each["account"]] = (
                    f"{each['account'][:12]}…{each['account'][-6:]} · {each['organisation']}"
                )
        if (at + 1) * 100 >= int(page["total"]):
            break
    return found


class Wallet:
    """What the holder of one profile keeps on this machine, mode 0600: values and salts that never go on the chain."""

    def __init__(self, network: Path | None, profile: str) -> None:
        self._path = None if network is None else network / FOLDER / f"{profile}.json"

    def licences(self) -> dict[str, AttributeTree]:
        """Attributes by licence identifier."""
        return {name: _tree(row) for name, row in self._rows().items()}

    def take(self, text: str) -> list[str]:
        """Takes in a file that an issuer handed over; the identifiers in it. Raises `InvalidRequest`."""
        if self._path is None:
            raise InvalidRequest("this node keeps no wallets")
        try:
            rows = json.loads(text)
            found = {str(name): dict(row) for name, row in rows.items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise InvalidRequest("this is not a holder's file") from error
        for row in found.values():
            _tree(row)
        private_folder(self._path.parent)
        kept = json.dumps(self._rows() | found, ensure_ascii=False, indent=1)
        write_atomic(self._path, kept.encode(), private=True)
        return list(found)

    def _rows(self) -> dict[str, dict[str, Any]]:
        if self._path is None or not self._path.exists():
            return {}
        rows: dict[str, dict[str, Any]] = json.loads(self._path.read_text())
        return rows


def _tree(row: dict[str, Any]) -> AttributeTree:
    try:
        return AttributeTree(
            tuple(
                (str(each["name"]), str(each["value"]), bytes.fromhex(each["salt"]))
                for each in row["attributes"]
            )
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidRequest("this is not a holder's file") from error
