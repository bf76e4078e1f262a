"""What the e-licence pages and routes share: names, state keys, holders' wallets on this machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xianglian.console.sessions import StaffSession
from xianglian.errors import InvalidRequest, NotFound
from xianglian.keys.files import private_folder, write_atomic
from xianglian.sdk.statekeys import state_key
from xianglian.solutions.elicence.attributes import AttributeTree

CONTRACT = "elicence"
WALLETS = "elicence"
"""Folder of a network that keeps holders' files, one for each profile."""
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


@dataclass(frozen=True, slots=True)
class HolderFile:
    """What a holder keeps of one licence: values and salts that never go on the chain."""

    licence_id: str
    type_name: str
    attributes: AttributeTree
    document: dict[str, Any]

    @classmethod
    def from_json(cls, licence_id: str, document: dict[str, Any]) -> HolderFile:
        """Of one entry of a wallet. Raises `InvalidRequest`."""
        try:
            items = tuple(
                (str(each["name"]), str(each["value"]), bytes.fromhex(each["salt"]))
                for each in document["attributes"]
            )
            return cls(licence_id, str(document["type"]), AttributeTree(items), document)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidRequest("this is not a holder's file") from error


class Wallet:
    """The holder's files of one profile, on this machine, mode 0600."""

    def __init__(self, network: Path | None, profile: str) -> None:
        self._path = None if network is None else network / WALLETS / f"{profile}.json"

    def files(self) -> dict[str, HolderFile]:
        """By licence identifier."""
        if self._path is None or not self._path.exists():
            return {}
        rows = json.loads(self._path.read_text())
        return {name: HolderFile.from_json(name, row) for name, row in rows.items()}

    def add(self, text: str) -> list[str]:
        """Takes in a holder's file as the issuer handed it over; the identifiers in it. Raises `InvalidRequest`."""
        if self._path is None:
            raise InvalidRequest("this node keeps no wallets")
        try:
            rows = json.loads(text)
            found = {str(name): HolderFile.from_json(str(name), row) for name, row in rows.items()}
        except (ValueError, AttributeError) as error:
            raise InvalidRequest("this is not a holder's file") from error
        kept = {name: each.document for name, each in self.files().items()}
        kept |= {name: each.document for name, each in found.items()}
        private_folder(self._path.parent)
        write_atomic(self._path, json.dumps(kept, ensure_ascii=False, indent=1).encode(), private=True)
        return list(found)
