"""What holders keep to themselves, on their own side: licences with attributes, salts and files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xianglian.keys.files import private_folder, write_atomic
from xianglian.solutions.elicence.attributes import AttributeTree
from xianglian.solutions.elicence.drafts import Draft

FOLDER = "elicence"
"""Where a network folder keeps the wallets of its profiles, one file each."""


@dataclass
class Wallets:
    """The wallets of a folder: profile -> licence identifier -> what the holder keeps."""

    folder: Path
    held: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Path) -> Wallets:
        """The wallets of a network folder."""
        folder = network / FOLDER
        private_folder(folder)
        found = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
        return cls(folder, found)

    def put(self, profile: str, draft: Draft) -> None:
        """Adds a licence; `save` writes it."""
        self.held.setdefault(profile, {})[draft.licence_id] = draft.for_wallet()

    def tree(self, profile: str, licence_id: str) -> AttributeTree:
        """The attributes of a licence, ready to be opened. Raises `KeyError`."""
        rows = self.held[profile][licence_id]["attributes"]
        return AttributeTree(
            tuple((str(row["name"]), str(row["value"]), bytes.fromhex(row["salt"])) for row in rows)
        )

    def save(self) -> None:
        """Writes every wallet, readable by its owner only."""
        for profile, licences in self.held.items():
            text = json.dumps(licences, ensure_ascii=False, indent=1)
            write_atomic(self.folder / f"{profile}.json", text.encode(), private=True)
