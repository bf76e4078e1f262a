"""Types and signatures as canonical text: what the digest of a stored field and the id of an interface hash.

A type is written out until no name of a record or an enum decides anything: `u128`, `address`, `text<64>`,
`list<hash,16>`, `option<u64>`, `record{at:u64,by:address}`, `enum{OPEN=0,SHUT=1}`. A signature is a line
`entry transfer(address,u128)->none`; an interface id the SM3 of the sorted lines, each ended by a line feed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from xianglian.contract import spec
from xianglian.contract.crypto import sm3_digest


class Signature(NamedTuple):
    """What two contracts must agree on to call each other by a method."""

    kind: str
    """`entry` or `view`."""
    name: str
    arguments: tuple[spec.Type, ...]
    result: spec.Type

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.name}({','.join(map(type_text, self.arguments))})->{type_text(self.result)}"
        )


def interface_id(methods: Iterable[Signature]) -> str:
    """SM3 of the canonical signatures, hex; their order does not matter."""
    return sm3_digest("".join(f"{each}\n" for each in sorted(map(str, methods))).encode()).hex()


def stored_text(kind: str, key: Iterable[spec.Type] | None, value: spec.Type) -> str:
    """How a state field is kept: its value's type, or `map<...>`, `set<...>`, `ordered<...>` over the key's
    parts. Fields of one text keep the same bytes under the same keys.
    """
    if key is None:
        return type_text(value)
    parts = [type_text(part) for part in key]
    if kind == "set":
        return f"set<{','.join(parts)}>"
    return f"{'ordered' if kind == 'ordered' else 'map'}<{','.join([*parts, type_text(value)])}>"


def type_text(of: spec.Type) -> str:
    """A type written out."""
    match of:
        case spec.IntType():
            return of.name
        case spec.BoolType():
            return "bool"
        case spec.FixedType(name="fixed"):
            return f"fixed<{of.size}>"
        case spec.FixedType():
            return "hash" if of.name == "ref" else of.name
        case spec.VarType():
            return f"{of.name}<{of.limit}>"
        case spec.ListType():
            return f"list<{type_text(of.item)},{of.limit}>"
        case spec.OptionType():
            return f"option<{type_text(of.item)}>"
        case spec.RecordType():
            return "record{" + ",".join(f"{name}:{type_text(item)}" for name, item in of.fields) + "}"
        case spec.EnumType():
            return "enum{" + ",".join(f"{name}={number}" for name, number in of.members) + "}"
        case spec.TupleType():
            return f"tuple<{','.join(map(type_text, of.items))}>"
        case spec.NoneType():
            return "none"
