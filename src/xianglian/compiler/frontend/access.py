"""Checks the use of collections in state: entries, keys bracket by bracket, sets and ordered maps."""

from __future__ import annotations

import ast
from typing import NamedTuple

from xianglian.compiler import ir
from xianglian.compiler.frontend.checker import Checker, Given, let
from xianglian.compiler.frontend.declarations import Declared, FunctionDecl, StateDecl
from xianglian.contract import spec

PAGE_MAX = 1_000
"""The most entries that one `page` may name."""
_CALLS = {
    "plain": ("get",),
    "set": ("add", "discard", "remove"),
    "ordered": ("get", "first", "last", "next_after", "last_before"),
}


class Place(NamedTuple):
    """`self.m`, `self.m[a]`, `self.m[a][b]`: the field and what stands in the brackets."""

    state: StateDecl
    given: list[ast.expr]

    @property
    def open(self) -> bool:
        """Whether exactly one pair of brackets is missing."""
        return len(self.given) + 1 == max(1, len(self.state.brackets))


class StateAccess(Checker):
    """What all parts of the checker need to reach entries."""

    def place(self, node: ast.expr) -> Place | None:
        """The place in state that an expression names, None for any other expression."""
        given: list[ast.expr] = []
        while isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
            given.insert(0, node.slice)
            node = node.value
        is_field = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if not is_field or not self.in_contract or node.value.id != "self":  # type: ignore[attr-defined]
            return None
        state = self.state(node)
        return None if len(given) > max(1, len(state.brackets)) else Place(state, given)

    def map_place(self, node: ast.Subscript) -> tuple[StateDecl, list[ast.expr]]:
        """The entry that is to be written or removed."""
        place = self.place(node)
        if place is None or place.state.key is None:
            raise self.refuse(node, f"`{ast.unparse(node)}` is no entry of a map", "write self.name[key]")
        return place.state, place.given

    def keys(self, node: ast.expr, state: StateDecl, given: list[ast.expr]) -> tuple[ir.Expr, ...]:
        """The checked parts of a key, one pair of brackets after the other."""
        assert state.key is not None
        sizes = state.brackets or (len(state.key),)
        if len(given) != len(sizes):
            words = "".join(f"[{c}]" for c in "abcdefgh"[: len(sizes)])
            raise self.refuse(
                node, f"`{ast.unparse(node)}` is no entry yet", f"write self.{state.name}{words}"
            )
        found: list[ir.Expr] = []
        for each, size in zip(given, sizes, strict=True):
            parts = each.elts if isinstance(each, ast.Tuple) else [each]
            if size > 1 and len(parts) == 1:
                found += self._key_from_tuple(each, state, state.key[len(found) : len(found) + size])
                continue
            if len(parts) != size:
                raise self.refuse(
                    each,
                    f"{state.name} takes a key of {size} parts",
                    f"write self.{state.name}[{', '.join('abcdefgh'[:size])}]",
                )
            declared = state.key[len(found) : len(found) + size]
            values = [
                Given(part, self.value(part), of.type, f"the key of {state.name}")
                for part, of in zip(parts, declared, strict=True)
            ]
            kept, fitted = self.settle(values, convert=True)
            found += [let(kept, fitted[0]) if kept else fitted[0], *fitted[1:]]
        return tuple(found)

    def _key_from_tuple(
        self, node: ast.expr, state: StateDecl, declared: tuple[Declared, ...]
    ) -> list[ir.Expr]:
        """The parts of a key that is a tuple already: `key = (a, b)`, `self.m[key]`."""
        value = self.value(node)
        if not isinstance(value.type, spec.TupleType) or len(value.type.items) != len(declared):
            raise self.refuse(
                node,
                f"{state.name} takes a key of {len(declared)} parts",
                f"write self.{state.name}[{', '.join('abcdefgh'[: len(declared)])}]",
            )
        name = self.scope.temporary(value.type)
        whole = ir.Local(value.type, name)
        parts = [
            Given(node, ir.Field(kind, whole, index), of.type, f"the key of {state.name}")
            for index, (kind, of) in enumerate(zip(value.type.items, declared, strict=True))
        ]
        kept, fitted = self.settle(parts, convert=True)
        return [let([(name, value), *kept], fitted[0]), *fitted[1:]]

    def whole_key(self, keys: tuple[ir.Expr, ...]) -> tuple[ir.Expr, ...]:
        """The parts of an ordered map's key as its own functions take them: several are one tuple."""
        if len(keys) <= 1:
            return keys
        kinds = tuple(each.type for each in keys)
        return (ir.Make(spec.TupleType(kinds), keys, tuple(range(len(keys)))),)  # type: ignore[arg-type]

    def part(self, state: StateDecl, name: str) -> FunctionDecl:
        """A function of a collection, which is compiled because it is used."""
        assert state.parts is not None
        function = state.parts.methods[name]
        self.called.append(function)
        return function

    def collection_call(self, node: ast.Call, name: str, place: Place) -> ir.Expr:
        """A method of a map, set or ordered map."""
        state = place.state
        known = _CALLS[state.kind]
        wanted = 0 if name in ("first", "last") else 1
        if name not in known or node.keywords or len(node.args) != wanted:
            text = ", ".join(f"{each}({'' if each in ('first', 'last') else 'key'})" for each in known)
            also = ", and page(start, limit) in a `for`" if state.kind == "ordered" else ""
            raise self.refuse(node, f"`{ast.unparse(node)}` on {state.name}", f"it has {text}{also}")
        keys = self.keys(node, state, [*place.given, *node.args]) if wanted else ()
        if name == "get":
            if isinstance(state.value.type, spec.OptionType):
                raise self.refuse(
                    node,
                    f"get on a map of {state.value.type}",
                    f"read self.{state.name}[key]: it is None where absent",
                )
            return ir.TryLoad(spec.OptionType(state.value.type), state.name, keys, self.line(node))
        if state.kind == "set":
            self.effects.append((node, "writes state"))
        else:
            keys = self.whole_key(keys)
        function = self.part(state, name)
        return ir.Call(function.result.type, function.symbol, keys)

    def count_of(self, node: ast.Call) -> ir.Expr | None:
        """`len(self.s)` of a set or ordered map."""
        place = self.place(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        if place is None or place.given or place.state.kind == "plain" or place.state.parts is None:
            return None
        if place.state.kind == "set":
            count = place.state.parts.state["count"]
            found: ir.Expr = ir.Load(spec.U64, count.name, (), self.line(node))
        else:
            found = ir.Call(spec.U64, self.part(place.state, "size").symbol, ())
        return ir.Convert(spec.INT, found, self.line(node))

    def store(self, state: StateDecl, keys: tuple[ir.Expr, ...], value: ir.Expr) -> list[ir.Stmt]:
        """Writes an entry whose key parts and value cost nothing to name again."""
        stores: list[ir.Stmt] = [ir.Store(state.name, keys, value)]
        if state.kind != "ordered":
            return stores
        if not isinstance(value, ir.Local | ir.Const | ir.Data | ir.Nothing):
            held = self.scope.temporary(value.type)
            stores = [ir.Store(state.name, keys, ir.Local(value.type, held))]
            return [ir.Assign(held, value), *self._inserted(state, keys), *stores]
        return [*self._inserted(state, keys), *stores]

    def _inserted(self, state: StateDecl, keys: tuple[ir.Expr, ...]) -> list[ir.Stmt]:
        absent = ir.Not(spec.BOOL, ir.Has(spec.BOOL, state.name, keys))
        insert = ir.Call(spec.NONE, self.part(state, "insert").symbol, self.whole_key(keys))
        return [ir.If(absent, (ir.Do(insert),), ())]

    def delete_entry(self, target: ast.Subscript) -> list[ir.Stmt]:
        """`del self.m[key]`."""
        state, given = self.map_place(target)
        if state.kind == "set":
            raise self.refuse(target, "an entry of a set", f"write self.{state.name}.discard(key)")
        keys = self.keys(target, state, given)
        if state.kind == "plain":
            return [ir.Delete(state.name, keys)]
        lowered: list[ir.Stmt] = []
        named: list[ir.Expr] = []
        for each in keys:
            if isinstance(each, ir.Local | ir.Const | ir.Data):
                named.append(each)
                continue
            name = self.scope.temporary(each.type)
            lowered.append(ir.Assign(name, each))
            named.append(ir.Local(each.type, name))
        keys = tuple(named)
        removed = ir.Do(ir.Call(spec.NONE, self.part(state, "remove").symbol, self.whole_key(keys)))
        present = ir.Has(spec.BOOL, state.name, keys)
        return [*lowered, ir.If(present, (removed, ir.Delete(state.name, keys)), ())]
