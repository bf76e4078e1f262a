"""All that a contract may import. The same source runs here as plain Python and compiles to a chain's
machine.

The language: `docs/reference/contract_language.md`. Tests use `xianglian.contract.testing`.
"""

from typing import TypeVar

from xianglian.contract.context import ctx, emit, encode, require, sm2_verify, sm3
from xianglian.contract.declare import (
    component,
    contract,
    entry,
    event,
    init,
    overridable,
    record,
    replace,
    view,
)
from xianglian.contract.errors import (
    BadArguments,
    BadState,
    ContractError,
    DivisionByZero,
    IndexOutOfRange,
    NotFound,
    Overflow,
    TooLong,
)
from xianglian.contract.invariants import each, ensures, invariant, total
from xianglian.contract.state import Map, OrderedMap, Set
from xianglian.contract.values import (
    Address,
    Bytes,
    Enum,
    Hash,
    List,
    Option,
    Public,
    Ref,
    Sealed,
    Text,
    Time,
    i64,
    u8,
    u16,
    u32,
    u64,
    u128,
)

__all__ = [
    "Address",
    "BadArguments",
    "BadState",
    "Bytes",
    "ContractError",
    "DivisionByZero",
    "Enum",
    "Hash",
    "IndexOutOfRange",
    "List",
    "Map",
    "NotFound",
    "Option",
    "OrderedMap",
    "Overflow",
    "Public",
    "Ref",
    "Sealed",
    "Set",
    "Text",
    "Time",
    "TooLong",
    "TypeVar",
    "component",
    "contract",
    "ctx",
    "each",
    "emit",
    "encode",
    "ensures",
    "entry",
    "event",
    "i64",
    "init",
    "invariant",
    "overridable",
    "record",
    "replace",
    "require",
    "sm2_verify",
    "sm3",
    "total",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "view",
]
