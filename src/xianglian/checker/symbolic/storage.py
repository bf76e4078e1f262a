"""Stored state under a symbolic call: what was there before, and the writes so far."""

from __future__ import annotations

from dataclasses import dataclass

from xianglian.checker.symbolic.values import (
    FALSE,
    TRUE,
    Term,
    Value,
    World,
    both,
    choose,
    is_false,
    negated,
    same_keys,
)
from xianglian.compiler.ir import StateField
from xianglian.contract import spec

Keys = tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """A store or a removal, under the condition that the call comes here."""

    guard: Term
    keys: Keys
    present: Term
    value: Value


class Storage:
    """All state fields. A single value is a map without key parts."""

    def __init__(self, world: World, fields: dict[str, StateField], *, empty: bool) -> None:
        self.world, self.fields, self.empty = world, fields, empty
        self.sets = {name for name in fields if f"{name}.count" in fields}
        """Maps whose every entry is True, with their number beside them."""
        self.log: dict[str, list[Write]] = {name: [] for name in fields}
        self.touched: dict[str, list[Keys]] = {name: [] for name in fields}
        """The keys that anything speaks of, each once."""
        self._seen: set[tuple[object, ...]] = set()

    def touch(self, field: str, keys: Keys) -> None:
        """Notes that an entry matters."""
        mark = (field, *(each.get_id() for each in keys))
        if mark not in self._seen:
            self._seen.add(mark)
            self.touched[field].append(keys)

    def before(self, field: str, keys: Keys) -> tuple[Term, Value]:
        """Whether an entry was stored before the call, and its value."""
        self.touch(field, keys)
        is_set = field in self.sets
        value = TRUE if is_set else self.world.any(f"state.{field}", keys, self.fields[field].value)
        if self.empty:
            return FALSE, value
        return self.world.any(f"state.{field}*", keys, spec.BOOL), value

    def read(self, field: str, keys: Keys, writes: int | None = None) -> tuple[Term, Value]:
        """Whether an entry is there now, or after the first `writes` writes of the field, and its value."""
        present, value = self.before(field, keys)
        for write in self.log[field][:writes]:
            hit = both(write.guard, same_keys(write.keys, keys))
            present = choose(hit, write.present, present)
            value = choose(hit, write.value, value)
        return present, value

    def write(self, guard: Term, field: str, keys: Keys, value: Value) -> None:
        """Stores an entry."""
        if not is_false(guard):
            self.touch(field, keys)
            self.log[field].append(Write(guard, keys, TRUE, value))

    def delete(self, guard: Term, field: str, keys: Keys) -> None:
        """Removes an entry."""
        if not is_false(guard):
            _, value = self.read(field, keys)
            self.log[field].append(Write(guard, keys, FALSE, value))

    def differ(self, left: Keys, right: Keys) -> Term:
        """Whether two keys name two entries."""
        return negated(same_keys(left, right))
