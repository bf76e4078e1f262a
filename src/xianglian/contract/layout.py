"""What an upgrade does to the state that is there: which stored fields come, go, or are kept otherwise.

A node compares digests only and refuses an upgrade that drops or changes a field, unless the new code has a
`migrate` method and the upgrade names the field; this is the same comparison with the types in words.
"""

from __future__ import annotations

from dataclasses import dataclass

from xianglian.contract.abi import Interface


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
    changes = [
        FieldChange(name, kept.type, new.layout[name].type if name in new.layout else None)
        for name, kept in old.layout.items()
        if name not in new.layout or new.layout[name].digest != kept.digest
    ]
    added = [
        FieldChange(name, None, each.type) for name, each in new.layout.items() if name not in old.layout
    ]
    return changes + added
