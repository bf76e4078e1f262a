"""Code of expressions, from the typed form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from xianglian.compiler import ir
from xianglian.compiler.wasm.encode import WasmFunction
from xianglian.compiler.wasm.layout import is_scalar, offsets, slot_size, slots
from xianglian.compiler.wasm.numbers import NumberCode, family
from xianglian.contract import spec

if TYPE_CHECKING:
    from xianglian.compiler.wasm.module import Generator

_SIGNS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


class ExpressionCode(NumberCode):
    """Leaves the values of expressions on the stack."""

    def __init__(self, generator: Generator, source: ir.Function, function: WasmFunction) -> None:
        super().__init__(function)
        self.generator, self.source = generator, source
        self.codecs, self.memory = generator.codecs, generator.memory
        parameters = {name for name, _ in function.parameters}
        for name, kind in source.locals.items():
            for suffix, each in zip(("", ".hi"), slots(kind), strict=False):
                if name + suffix not in parameters:
                    function.locals[name + suffix] = each
        self._labels = 0

    def value(self, node: ir.Expr) -> None:
        """Code that leaves the value on the stack."""
        getattr(self, f"_{type(node).__name__.lower()}")(node)

    def _const(self, node: ir.Const) -> None:
        kinds = slots(node.type)
        if len(kinds) == 2:
            self.add(("i64.const", node.value & (1 << 64) - 1), ("i64.const", node.value >> 64))
        elif isinstance(node.type, spec.IntType) and node.type.bits == 256:
            self.add(("i32.const", self.memory.constant(node.value.to_bytes(32, "little"))))
        else:
            self.add((f"{kinds[0]}.const", node.value))

    def _data(self, node: ir.Data) -> None:
        fixed = isinstance(node.type, spec.FixedType)
        self.add(
            ("i32.const", self.memory.constant(node.value) if fixed else self.memory.counted(node.value))
        )

    def _table(self, node: ir.Table) -> None:
        self.add(("i32.const", self.memory.table(node.values)))

    def _nothing(self, _node: ir.Nothing) -> None:
        self.add(("i32.const", 0))

    def _local(self, node: ir.Local) -> None:
        self.add(*[("local.get", node.name + suffix) for suffix in ("", ".hi")[: len(slots(node.type))]])

    def _tee(self, node: ir.Tee) -> None:
        self.value(node.value)
        self._set(node.name, node.type)
        self._local(ir.Local(node.type, node.name))

    def _let(self, node: ir.Let) -> None:
        self._keep(node)
        self.value(node.body)

    def _keep(self, node: ir.Let) -> None:
        for name, value in zip(node.names, node.values, strict=True):
            self.value(value)
            self._set(name, value.type)

    def _compare(self, node: ir.Compare) -> None:
        self.value(node.left)
        self.value(node.right)
        a, b, sign = node.left.type, node.right.type, _SIGNS[node.op]
        match a:
            case spec.IntType():
                self.compare_numbers(a, b, sign)
            case spec.BoolType() | spec.EnumType():
                kind = slots(a)[0]
                self.add((f"{kind}.{sign}" if sign in ("eq", "ne") else f"{kind}.{sign}_u",))
            case spec.FixedType() if sign in ("eq", "ne"):
                self.add(("i32.const", a.size), ("call", "mem_eq"), *([("i32.eqz",)] if sign == "ne" else []))
            case spec.FixedType():
                held = self.temporary("i32")
                self.add(
                    ("local.set", held), ("i32.const", a.size), ("local.get", held), ("i32.const", a.size)
                )
                self.free(held)
                self.add(("call", "mem_cmp"), ("i32.const", 0), (f"i32.{sign}_s",))
            case _ if sign in ("eq", "ne"):
                self.add(("call", "var_eq"), *([("i32.eqz",)] if sign == "ne" else []))
            case _:
                self.add(("call", "var_cmp"), ("i32.const", 0), (f"i32.{sign}_s",))

    def _not(self, node: ir.Not) -> None:
        self.value(node.value)
        self.add(("i32.eqz",))

    def _both(self, node: ir.Both) -> None:
        self.value(node.left)
        self.add(("if", "", "i32"))
        self.value(node.right)
        self.add(("else",), ("i32.const", 0), ("end",))

    def _either(self, node: ir.Either) -> None:
        self.value(node.left)
        self.add(("if", "", "i32"), ("i32.const", 1), ("else",))
        self.value(node.right)
        self.add(("end",))

    def _choose(self, node: ir.Choose) -> None:
        kinds = slots(node.type)
        self.value(node.condition)
        if len(kinds) == 1:
            self.add(("if", "", kinds[0]))
            self.value(node.then)
            self.add(("else",))
            self.value(node.other)
            self.add(("end",))
            return
        low, high = self.temporary("i64"), self.temporary("i64")
        self.add(("if",))
        self.value(node.then)
        self.add(("local.set", high), ("local.set", low), ("else",))
        self.value(node.other)
        self.add(("local.set", high), ("local.set", low), ("end",), ("local.get", low), ("local.get", high))
        self.free(low, high)

    def _retype(self, node: ir.Retype) -> None:
        self.value(node.value)

    def _fix(self, node: ir.Fix) -> None:
        assert isinstance(node.type, spec.FixedType)
        self.value(node.value)
        self.add(("i32.const", node.type.size), ("i32.const", node.line), ("call", "fix"))

    def _loosen(self, node: ir.Loosen) -> None:
        assert isinstance(node.value.type, spec.FixedType)
        self.value(node.value)
        self.add(("i32.const", node.value.type.size), ("call", "loosen"))

    def _bound(self, node: ir.Bound) -> None:
        assert isinstance(node.type, spec.VarType | spec.ListType)
        self.value(node.value)
        self.add(("i32.const", node.type.limit or 0), ("i32.const", node.line), ("call", "bound"))

    def _wrap(self, node: ir.Wrap) -> None:
        if not is_scalar(node.value.type):
            self.value(node.value)
            return
        box = self.temporary("i32")
        self.add(("i32.const", slot_size(node.value.type)), ("call", "alloc"), ("local.set", box))
        self.codecs.into_slot(self, box, 0, node.value.type, lambda: self.value(node.value))
        self.add(("local.get", box))
        self.free(box)

    def _unwrap(self, node: ir.Unwrap) -> None:
        self.value(node.value)
        if is_scalar(node.type):
            self._load_at(0, node.type)

    def _load_at(self, offset: int, kind: ir.AnyType) -> None:
        """Loads from the address on the stack."""
        at = self.temporary("i32")
        self.add(("local.set", at))
        self.codecs.from_slot(self, at, offset, kind)
        self.free(at)

    def _isnone(self, node: ir.IsNone) -> None:
        self.value(node.value)
        self.add(("i32.eqz",))

    def _call(self, node: ir.Call) -> None:
        for argument in node.arguments:
            self.value(argument)
        self.add(("call", node.function))
        if len(slots(node.type)) == 2:
            self.add(("global.get", "hi"))

    def _fact(self, node: ir.Fact) -> None:
        self.add(("call", {"height": "env.height", "time_ms": "env.time"}.get(node.name, node.name)))

    def _hasrole(self, node: ir.HasRole) -> None:
        assert isinstance(node.role, ir.Data)
        self.value(node.account)
        self._push_name(node.role.value.decode())
        self.add(("call", "env.has_role"))

    def _organisationof(self, node: ir.OrganisationOf) -> None:
        self.value(node.account)
        self.add(("call", "organisation_of"))

    def _sm3(self, node: ir.Sm3) -> None:
        names = []
        for part in node.parts:
            self.value(part)
            names.append(self.temporary("i32"))
            self.add(("local.set", names[-1]))
        result, out = self.temporary("i32"), self.temporary("i32")
        self.add(("i32.const", 32), ("call", "alloc"), ("local.set", result))
        known = 0
        self.add(("i32.const", 0))
        for part, name in zip(node.parts, names, strict=True):
            if isinstance(part.type, spec.FixedType):
                known += part.type.size
            else:
                self.add(("local.get", name), ("i32.load",), ("i32.add",))
        self.add(("i32.const", known), ("i32.add",), ("call", "reserve"), ("local.set", out))
        for part, name in zip(node.parts, names, strict=True):
            if isinstance(part.type, spec.FixedType):
                self.add(("local.get", out), ("local.get", name), ("i32.const", part.type.size))
            else:
                self.add(
                    ("local.get", out),
                    ("local.get", name),
                    ("i32.const", 4),
                    ("i32.add",),
                    ("local.get", name),
                    ("i32.load",),
                )
            self.add(("call", "copy"), ("local.set", out))
        self.add(
            ("global.get", "heap"),
            ("local.get", out),
            ("global.get", "heap"),
            ("i32.sub",),
            ("local.get", result),
        )
        self.add(("call", "env.sm3"), ("local.get", result))
        self.free(result, out, *names)

    def _concat(self, node: ir.Concat) -> None:
        names = []
        for part in node.parts:
            self.value(part)
            names.append(self.temporary("i32"))
            self.add(("local.set", names[-1]))
        result, out = self.temporary("i32"), self.temporary("i32")
        self.add(("i32.const", 4))
        for name in names:
            self.add(("local.get", name), ("i32.load",), ("i32.add",))
        self.add(("local.tee", out), ("call", "alloc"), ("local.tee", result))
        self.add(("local.get", out), ("i32.const", 4), ("i32.sub",), ("i32.store",))
        self.add(("local.get", result), ("i32.const", 4), ("i32.add",), ("local.set", out))
        for name in names:
            self.add(("local.get", out), ("local.get", name), ("i32.const", 4), ("i32.add",))
            self.add(("local.get", name), ("i32.load",), ("call", "copy"), ("local.set", out))
        self.add(("local.get", result))
        self.free(result, out, *names)

    def _decimal(self, node: ir.Decimal) -> None:
        kind = node.value.type
        assert isinstance(kind, spec.IntType)
        self.value(node.value)
        self.add(("call", f"{family(kind)}_text"))

    def _hex(self, node: ir.Hex) -> None:
        self.value(node.value)
        if isinstance(node.value.type, spec.FixedType):
            self.add(("i32.const", node.value.type.size), ("call", "hex"))
        else:
            self.add(("call", "hex_var"))

    def _membername(self, node: ir.MemberName) -> None:
        assert isinstance(node.value.type, spec.EnumType)
        self.value(node.value)
        self.add(("call", self.codecs.member_name(node.value.type)))

    def _newlist(self, node: ir.NewList) -> None:
        assert isinstance(node.type, spec.ListType)
        self.value(node.room)
        self.add(("i32.const", slot_size(node.type.item)), ("call", "new_list"))

    def _sm2verify(self, node: ir.Sm2Verify) -> None:
        for each in (node.public_key, node.signature, node.message):
            self.value(each)
        self.add(("call", "sm2_check"))

    def _encode(self, node: ir.Encode) -> None:
        kind: Any = node.value.type
        self.value(node.value)
        held = [self.temporary(each) for each in slots(kind)]
        self.add(*[("local.set", name) for name in reversed(held)])
        start, out = self.temporary("i32"), self.temporary("i32")
        self.add(
            ("i32.const", 4 + spec.size_max(kind)),
            ("call", "alloc"),
            ("local.tee", start),
            ("i32.const", 4),
            ("i32.add",),
            ("local.set", out),
        )
        self.add(*[("local.get", name) for name in held])
        self.codecs.write(self, kind, out)
        self.add(
            ("local.get", start),
            ("local.get", out),
            ("local.get", start),
            ("i32.sub",),
            ("i32.const", 4),
            ("i32.sub",),
            ("i32.store",),
        )
        self.add(("local.get", start))
        self.free(start, out, *held)

    def _field(self, node: ir.Field) -> None:
        record = node.value.type
        assert isinstance(record, spec.RecordType | spec.TupleType)
        self.value(node.value)
        self._load_at(offsets(record)[node.index], node.type)

    def _make(self, node: ir.Make) -> None:
        record = node.type
        assert isinstance(record, spec.RecordType | spec.TupleType)
        at = self.temporary("i32")
        self.add(
            ("i32.const", sum(map(slot_size, spec.parts_of(record)))),
            ("call", "alloc"),
            ("local.set", at),
        )
        places = offsets(record)
        for index in node.order:
            each = node.values[index]
            self.codecs.into_slot(self, at, places[index], each.type, self._later(each))
        self.add(("local.get", at))
        self.free(at)

    def _later(self, node: ir.Expr) -> Callable[[], None]:
        return lambda: self.value(node)

    def _items(self, node: ir.Items) -> None:
        kind = node.type
        assert isinstance(kind, spec.ListType)
        stride = slot_size(kind.item)
        at = self.temporary("i32")
        self.add(
            ("i32.const", 8 + stride * len(node.values)),
            ("call", "alloc"),
            ("local.tee", at),
            ("i32.const", len(node.values)),
            ("i32.store",),
        )
        for index, each in enumerate(node.values):
            self.codecs.into_slot(self, at, 8 + stride * index, kind.item, self._later(each))
        self.add(("local.get", at))
        self.free(at)

    def _join(self, node: ir.Join) -> None:
        self.value(node.left)
        self.value(node.right)
        if isinstance(node.type, spec.ListType):
            self.add(
                ("i32.const", slot_size(node.type.item)),
                ("i32.const", node.type.limit),
                ("i32.const", node.line),
                ("call", "list_join"),
            )
        else:
            self.add(("call", "join"))

    def _length(self, node: ir.Length) -> None:
        self.value(node.value)
        self.add(("i32.load",), ("i64.extend_i32_u",))

    def _at(self, node: ir.At) -> None:
        kind = node.value.type
        self.value(node.value)
        if isinstance(kind, ir.TableType):
            self.add(("i32.const", kind.count))
            self.value(node.index)
            self.add(("i32.const", node.line), ("call", "table_at"))
        elif isinstance(kind, spec.ListType):
            at = self.temporary("i32")
            self.add(("local.tee", at), ("local.get", at), ("i32.load",))
            self.value(node.index)
            self.add(
                ("i32.const", node.line),
                ("call", "index"),
                ("i32.const", slot_size(kind.item)),
                ("i32.mul",),
                ("i32.add",),
            )
            self.free(at)
            self._load_at(8, node.type)
        else:
            self.value(node.index)
            self.add(("i32.const", node.line), ("call", "byte_at"))

    def _slice(self, node: ir.Slice) -> None:
        for each in (node.value, node.start, node.stop):
            self.value(each)
        if isinstance(node.type, spec.ListType):
            self.add(("i32.const", slot_size(node.type.item)), ("call", "list_slice"))
        else:
            self.add(("call", "slice"))

    def _find(self, node: ir.Find) -> None:
        self.value(node.value)
        self.value(node.byte)
        self.add(("call", "find"))

    def _contains(self, node: ir.Contains) -> None:
        kind = node.item.type
        stride = slot_size(kind)
        item = [self.temporary(each) for each in slots(kind)]
        at, count, found = (self.temporary("i32") for _ in range(3))
        self.value(node.item)
        self.add(*[("local.set", name) for name in reversed(item)])
        self.value(node.items)
        self.add(
            ("local.tee", at), ("i32.load",), ("local.set", count), ("i32.const", 0), ("local.set", found)
        )
        self._labels += 1
        done, top = f"done{self._labels}", f"each{self._labels}"
        self.add(("block", done), ("loop", top), ("local.get", count), ("i32.eqz",), ("br_if", done))
        self.codecs.from_slot(self, at, 8, kind)
        self.add(*[("local.get", name) for name in item])
        self._equal(kind)
        self.add(("local.tee", found), ("br_if", done))
        self.add(("local.get", at), ("i32.const", stride), ("i32.add",), ("local.set", at))
        self.add(
            ("local.get", count),
            ("i32.const", 1),
            ("i32.sub",),
            ("local.set", count),
            ("br", top),
            ("end",),
            ("end",),
        )
        self.add(("local.get", found))
        self.free(at, count, found, *item)

    def _equal(self, kind: ir.AnyType) -> None:
        match kind:
            case spec.IntType(bits=128):
                self.add(("call", "u128_cmp"), ("i32.eqz",))
            case spec.IntType(bits=256):
                self.add(("i32.const", 32), ("call", "mem_eq"))
            case spec.IntType() | spec.EnumType():
                self.add(("i64.eq",))
            case spec.BoolType():
                self.add(("i32.eq",))
            case spec.FixedType():
                self.add(("i32.const", kind.size), ("call", "mem_eq"))
            case _:
                self.add(("call", "var_eq"))

    def _load(self, node: ir.Load) -> None:
        self._keys(node.keys)
        self.add(("i32.const", node.line), ("call", self._state("load", node.field)))
        if len(slots(node.type)) == 2:
            self.add(("global.get", "hi"))

    def _tryload(self, node: ir.TryLoad) -> None:
        self._keys(node.keys)
        self.add(("i32.const", node.line), ("call", self._state("try", node.field)))

    def _has(self, node: ir.Has) -> None:
        self._keys(node.keys)
        self.add(("call", self._state("has", node.field)))

    def _keys(self, keys: tuple[ir.Expr, ...]) -> None:
        for key in keys:
            self.value(key)

    def _state(self, verb: str, field: str) -> str:
        return self.generator.state.name(verb, self.generator.program.state[field])

    def _push_name(self, name: str) -> None:
        self.add(("i32.const", self.memory.constant(name.encode())), ("i32.const", len(name.encode())))

    def _set(self, name: str, kind: ir.AnyType) -> None:
        if len(slots(kind)) == 2:
            self.add(("local.set", name + ".hi"))
        self.add(("local.set", name))
