"""What an upgrade does to the state that is there: which stored fields come, go, or are kept otherwise.

A node compares digests only and refuses an upgrade that drops or changes a field, unless the new code has a
`migrate` method and the upgrade names the field; this is the same comparison with the types in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xianglian.contract.abi import Interface, StoredField
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.signatures import stored_text
from xianglian.contract.state import Field, MapField, OrderedField, SetField
from xianglian.errors import Rejected


class LayoutRefused(Rejected):
    """An upgrade would misread what is stored. `changes` are the fields that it does not answer for."""

    code = "XL-UPGRADE-LAYOUT"

    def __init__(self, changes: list[FieldChange]) -> None:
        words = "; ".join(each.words()[1] for each in changes)
        super().__init__(words, fields=[each.field for each in changes])
        self.changes = changes


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A stored field of two versions of a contract; a type is None where the version lacks it."""

    field: str
    old: str | None
    new: str | None

    @property
    def is_safe(self) -> bool:
        """Whether what is stored keeps its meaning: the field is new."""
        return self.old is None

    def words(self) -> tuple[str, str]:
        """The change in Chinese and English."""
        if self.old is None:
            return f"新增 {self.field}: {self.new}", f"{self.field} is added: {self.new}"
        if self.new is None:
            return f"删去 {self.field} (原为 {self.old})", f"{self.field} is removed (it was {self.old})"
        return (
            f"{self.field} 由 {self.old} 变为 {self.new}",
            f"{self.field} was {self.old}, becomes {self.new}",
        )


def layout_changes(old: Interface, new: Interface) -> list[FieldChange]:
    """Fields that differ, in the order of the old version, then added ones."""
    return changes_between(old.layout, new.layout)


def changes_between(old: Mapping[str, StoredField], new: Mapping[str, StoredField]) -> list[FieldChange]:
    """See `layout_changes`."""
    changes = [
        FieldChange(name, kept.type, new[name].type if name in new else None)
        for name, kept in old.items()
        if name not in new or new[name].digest != kept.digest
    ]
    return changes + [FieldChange(name, None, each.type) for name, each in new.items() if name not in old]


def layout_of(contract: type) -> dict[str, StoredField]:
    """The layout of a contract class, as the compiler describes it."""
    state: dict[str, Field | MapField] = contract.__state__  # type: ignore[attr-defined]
    found = {}
    for name, field in state.items():
        if isinstance(field, MapField):
            kind = {OrderedField: "ordered", SetField: "set"}.get(type(field), "map")
            text = stored_text(kind, *field.parts())
        else:
            text = stored_text("plain", None, field.shape)
        found[name] = StoredField(text, sm3_digest(text.encode()).hex())
    return found
