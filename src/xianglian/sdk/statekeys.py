"""Full state keys of a contract's fields, by its interface: what a state proof speaks of."""

from __future__ import annotations

from typing import Any

from xianglian._core import address_to_bytes, contract_address
from xianglian.contract import abi, codec, spec
from xianglian.errors import Misused


def state_key(interface: bytes, contract: str, field: str, key: str | None = None) -> bytes:
    """Contract id (20 bytes) then the key of `field`, or of the entry `key` of a map field.

    A composite key is its parts with commas between. Raises `Misused` naming what the contract has.
    """
    parsed = abi.Interface.parse(interface)
    fields = {each["name"]: each for each in parsed.document["state"]}
    if field not in fields:
        raise Misused(
            f"{contract} has no state field {field!r}; it has {', '.join(fields)}", known=list(fields)
        )
    address = contract if contract.startswith("xlc1") else contract_address(contract)
    shapes = [parsed.type(part["type"]) for part in fields[field].get("key", [])]
    if bool(shapes) != (key is not None):
        raise Misused(f"{field} is {'a map: say which entry' if shapes else 'not a map'}", field=field)
    if key is None:
        return address_to_bytes(address) + codec.key_bytes(field, None, None)
    parts = key.split(",") if len(shapes) > 1 else [key]
    if len(parts) != len(shapes):
        raise Misused(f"the key of {field} has {len(shapes)} parts, got {len(parts)}", field=field)
    values = tuple(_value(shape, part) for shape, part in zip(shapes, parts, strict=True))
    if len(shapes) == 1:
        return address_to_bytes(address) + codec.key_bytes(field, shapes[0], values[0])
    return address_to_bytes(address) + codec.key_bytes(field, spec.TupleType(tuple(shapes)), values)


def _value(shape: spec.Type, text: str) -> Any:
    try:
        match shape:
            case spec.IntType():
                return int(text)
            case spec.BoolType():
                return text == "true"
            case spec.EnumType():
                return dict(shape.members)[text]
            case spec.FixedType(name="address") if text.startswith("xl"):
                return address_to_bytes(text)
            case spec.VarType(name="text"):
                return text
        return bytes.fromhex(text)
    except (ValueError, KeyError) as error:
        raise Misused(f"{text!r} is not a {shape}", value=text) from error
