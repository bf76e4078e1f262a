"""Calls, answers, events and refusals to bytes and back, by a contract's interface description.

JSON-able values: u8..u32 are numbers, u64 and wider decimal strings (numbers are accepted), bool is true or
false, addresses `xl1...` (accounts) or `xlc1...` (contracts; 40 hex digits and 20 bytes are accepted), hashes
and bytes lower-case hex, text a string, lists and tuples arrays, records objects, enums the member's name,
None null. Plain `bytes`, `Address` and `Hash` values are taken as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from xianglian.contract import bech32, codec, spec
from xianglian.contract.signatures import Signature, interface_id
from xianglian.contract.values import Address, Items
from xianglian.errors import Misused

DOCUMENT_BYTES_MAX = 192 << 10
"""The largest description that the chain takes (`xl-primitives`, contract)."""
TYPES_MAX = 65_536
"""The most types that a description may be made of once its records are written out: few lines of records in
records would otherwise stand for more than any machine holds."""
DEPTH_MAX = 64
"""How deep types may lie in one another."""


class ArgumentError(Misused, ValueError):
    """A value that does not fit the interface. `path` names it: `issue.amount`, `issue.fields[2].name`."""

    code = "XL-ARGUMENT"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}", argument=path, problem=problem)
        self.path, self.problem = path, problem


class InvalidInterface(Misused, ValueError):
    """What describes a contract's interface is no description of one."""

    code = "XL-INTERFACE-INVALID"


@dataclass(frozen=True, slots=True)
class Method:
    """An entry or view."""

    name: str
    kind: str
    arguments: dict[str, spec.Type]
    returns: spec.Type
    description: dict[str, Any] = field(repr=False)
    """Its part of the document: labels, privacy, validators."""


@dataclass(frozen=True, slots=True)
class StoredField:
    """How a state field is kept: its type written out, and SM3 of that text, hex."""

    type: str
    digest: str


class Interface:
    """A parsed interface description. `document` is the whole of it."""

    def __init__(self, document: dict[str, Any]) -> None:
        if document.get("format") != 1:
            raise InvalidInterface(f"interface format {document.get('format')} is not known here")
        self.document = document
        self._types, self._depth, self._is_read = 0, 0, False
        if document.get("machine") != "evm":  # whose overloads are named by their signatures
            check_names(document)
        self._records = {each["name"]: each for each in document["records"]}
        self._enums = {
            each["name"]: spec.EnumType(each["name"], tuple((m["name"], m["value"]) for m in each["members"]))
            for each in document["enums"]
        }
        self.methods = {each["name"]: self._method(each) for each in document["methods"]}
        self.layout = {
            each["field"]: StoredField(each["type"], each["digest"]) for each in document["layout"]
        }
        self._events = {each["name"]: self._shape(each["name"], each) for each in document["events"]}
        self._errors = {each["code"]: (self._shape(each["code"], each), each) for each in document["errors"]}
        self._is_read = True

    @classmethod
    def parse(cls, data: bytes | str) -> Interface:
        """From the JSON document, which whoever deployed the contract wrote; a Solidity contract's is a
        `SolidityInterface`. Raises `InvalidInterface`.
        """
        from xianglian.contract.solidity import SolidityInterface

        if len(data) > DOCUMENT_BYTES_MAX:
            raise InvalidInterface(f"an interface of more than {DOCUMENT_BYTES_MAX} bytes")
        try:
            document = json.loads(data)
            return (SolidityInterface if document.get("machine") == "evm" else cls)(document)
        except InvalidInterface:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidInterface(f"no interface description: {error}") from error
        except RecursionError:
            raise InvalidInterface("no interface description: nested too deeply") from None

    @property
    def name(self) -> str:
        """The contract's name in its source."""
        return str(self.document["contract"])

    def id_of(self, names: Iterable[str] | None = None) -> str:
        """The interface id of these methods, or of all; equal to that of an `@interface` class whose methods
        the contract has. Raises `ArgumentError` for a method that it lacks.
        """
        methods = map(self.method, self.methods if names is None else names)
        return interface_id(
            Signature(m.kind, m.name, tuple(m.arguments.values()), m.returns) for m in methods
        )

    def method(self, name: str) -> Method:
        """A method by name. Raises `ArgumentError` listing the ones there are."""
        found = self.methods.get(name)
        if found is None:
            raise ArgumentError(name, f"no such method; there are {', '.join(self.methods)}")
        return found

    def wire_method(self, method: str) -> str:
        """The name of a method as a transaction carries it. Raises `ArgumentError`."""
        return self.method(method).name

    def encode_arguments(self, method: str, arguments: dict[str, Any]) -> bytes:
        """Borsh of the argument tuple. Raises `ArgumentError`."""
        shapes = self.method(method).arguments
        for name in arguments:
            if name not in shapes:
                raise ArgumentError(
                    f"{method}.{name}", f"no such argument; there are {', '.join(shapes) or 'none'}"
                )
        for name in shapes:
            if name not in arguments:
                raise ArgumentError(f"{method}.{name}", "is missing")
        return b"".join(_encode(f"{method}.{name}", shape, arguments[name]) for name, shape in shapes.items())

    def decode_arguments(self, method: str, data: bytes) -> dict[str, Any]:
        """The arguments of a call, for showing it. Raises `DecodeError`."""
        shapes = self.method(method).arguments
        values = codec.decode(spec.TupleType(tuple(shapes.values())), data)
        return {
            name: _plain(shape, value) for (name, shape), value in zip(shapes.items(), values, strict=True)
        }

    def decode_output(self, method: str, data: bytes) -> Any:
        """What a method returned. Raises `DecodeError`."""
        shape = self.method(method).returns
        return _plain(shape, codec.decode(shape, data))

    def decode_event(self, name: str, data: bytes) -> dict[str, Any]:
        """The fields of an event. Raises `KeyError`, `DecodeError`."""
        shape = self._events[name]
        return dict(_plain(shape, codec.decode(shape, data)))

    def decode_error(self, code: str, detail: bytes) -> dict[str, Any]:
        """The facts of a refusal; none for one that the interface does not know."""
        known = self._errors.get(code)
        if known is None:
            return {}
        return dict(_plain(known[0], codec.decode(known[0], detail)))

    def reason(self, code: str, detail: bytes = b"", language: str = "en") -> str:
        """What a refusal means, with its facts; the code itself if the interface does not know it."""
        known = self._errors.get(code)
        if known is None:
            return code
        decoded = self.decode_error(code, detail)
        if code == "AssertionFailed" and decoded.get("message"):
            return str(decoded["message"])
        facts = ", ".join(f"{name} {value}" for name, value in decoded.items())
        text = str(known[1]["label"][language])
        return f"{text} ({facts})" if facts else text

    def place(self, line: int) -> tuple[str, int]:
        """The file and line that a receipt's line means."""
        source = self.document["source"]
        index, rest = divmod(line, source["lines_per_file"])
        files = source["files"]
        return (files[index] if index < len(files) else "?", rest)

    def _method(self, each: dict[str, Any]) -> Method:
        arguments = {argument["name"]: self.type(argument["type"]) for argument in each["args"]}
        return Method(each["name"], each["kind"], arguments, self.type(each["returns"]["type"]), each)

    def _shape(self, name: str, each: dict[str, Any]) -> spec.RecordType:
        return spec.RecordType(name, tuple((f["name"], self.type(f["type"])) for f in each["fields"]))

    def type(self, of: Any) -> spec.Type:
        """A type in the description's notation. Raises `InvalidInterface`."""
        self._types = 1 if self._is_read and self._depth == 0 else self._types + 1
        self._depth += 1
        try:
            if self._types > TYPES_MAX or self._depth > DEPTH_MAX:
                raise InvalidInterface(
                    f"the interface has more than {TYPES_MAX} types, or deeper than {DEPTH_MAX}"
                )
            return self._type(of)
        finally:
            self._depth -= 1

    def _type(self, of: Any) -> spec.Type:
        plain: dict[str, spec.Type] = {
            **spec.INTEGERS,
            "bool": spec.BOOL,
            "address": spec.ADDRESS,
            "hash": spec.HASH,
            "none": spec.NONE,
        }
        match of:
            case str() if of in plain:
                return plain[of]
            case {"text": int(limit)}:
                return spec.VarType("text", limit)
            case {"bytes": int(limit)}:
                return spec.VarType("bytes", limit)
            case {"fixed": int(size)}:
                return spec.FixedType("fixed", size)
            case {"tuple": list(items)}:
                return spec.TupleType(tuple(map(self.type, items)))
            case {"list": item, "max": int(limit)}:
                return spec.ListType(self.type(item), limit)
            case {"option": item}:
                return spec.OptionType(self.type(item))
            case {"record": str(name)} if name in self._records:
                return self._shape(name, self._records[name])
            case {"enum": str(name)} if name in self._enums:
                return self._enums[name]
        raise InvalidInterface(f"the interface has an unknown type {of!r}")


def check_names(document: dict[str, Any]) -> None:
    """Things have names that a program can use, and no two of a kind have the same. Raises
    `InvalidInterface`.
    """
    kinds = {
        "methods": "args",
        "events": "fields",
        "errors": "fields",
        "records": "fields",
        "enums": "members",
    }
    named = [("contract", [document["contract"]])]
    for kind, parts in kinds.items():
        named.append((kind, [each["code" if kind == "errors" else "name"] for each in document[kind]]))
        named += [(kind, [part["name"] for part in each[parts]]) for each in document[kind]]
    for kind, names in named:
        for name in names:
            if not isinstance(name, str) or not name.isidentifier():
                raise InvalidInterface(
                    f"the interface has a name under {kind} that is none: {str(name)[:80]!r}"
                )
        if len(set(names)) != len(names):
            raise InvalidInterface(
                f"the interface has a name twice under {kind}: {max(names, key=names.count)}"
            )


def _encode(path: str, shape: spec.Type, value: Any) -> bytes:
    match shape:
        case spec.IntType():
            return codec.encode(shape, _number(path, shape, value))
        case spec.BoolType():
            if isinstance(value, str) and value in ("true", "false"):
                value = value == "true"
            if not isinstance(value, bool):
                raise ArgumentError(path, f"true or false wanted, got {value!r}")
            return codec.encode(shape, value)
        case spec.EnumType():
            members = dict(shape.members)
            if isinstance(value, str) and value in members:
                return bytes([members[value]])
            if isinstance(value, int) and not isinstance(value, bool) and value in members.values():
                return bytes([value])
            raise ArgumentError(path, f"one of {', '.join(members)} wanted, got {value!r}")
        case spec.FixedType():
            data = _address(path, value) if shape.name == "address" else _hex(path, value)
            if len(data) != shape.size:
                raise ArgumentError(path, f"{shape.size} bytes wanted, got {len(data)}")
            return data
        case spec.VarType():
            data = _text(path, value) if shape.name == "text" else _hex(path, value)
            if shape.limit is not None and len(data) > shape.limit:
                raise ArgumentError(path, f"at most {shape.limit} bytes, got {len(data)}")
            return len(data).to_bytes(4, "little") + data
        case spec.ListType():
            if not isinstance(value, list | tuple) or len(value) > shape.limit:
                raise ArgumentError(path, f"a list of at most {shape.limit} wanted, got {value!r}")
            items = (_encode(f"{path}[{index}]", shape.item, item) for index, item in enumerate(value))
            return len(value).to_bytes(4, "little") + b"".join(items)
        case spec.OptionType():
            return b"\x00" if value is None else b"\x01" + _encode(path, shape.item, value)
        case spec.TupleType():
            if not isinstance(value, list | tuple) or len(value) != len(shape.items):
                raise ArgumentError(path, f"{len(shape.items)} values wanted, got {value!r}")
            parts = enumerate(zip(shape.items, value, strict=True))
            return b"".join(_encode(f"{path}[{index}]", item, each) for index, (item, each) in parts)
        case spec.RecordType():
            names = [name for name, _ in shape.fields]
            if not isinstance(value, dict) or set(value) != set(names):
                raise ArgumentError(path, f"an object with {', '.join(names)} wanted, got {value!r}")
            return b"".join(_encode(f"{path}.{name}", item, value[name]) for name, item in shape.fields)
    raise ArgumentError(path, f"{shape} cannot be an argument")


def _number(path: str, shape: spec.IntType, value: Any) -> int:
    if isinstance(value, str):
        try:
            value = int(value, 10)
        except ValueError:
            raise ArgumentError(path, f"a whole number wanted, got {value!r}") from None
    if not isinstance(value, int) or isinstance(value, bool):
        raise ArgumentError(path, f"a whole number wanted, got {value!r}")
    if not shape.low <= value <= shape.high:
        raise ArgumentError(path, f"{value} is outside {shape.name}: {shape.low} .. {shape.high}")
    return int(value)


def _hex(path: str, value: Any) -> bytes:
    if isinstance(value, bytes):
        return bytes(value)
    try:
        return bytes.fromhex(value)
    except (TypeError, ValueError):
        raise ArgumentError(path, f"hex digits wanted, got {value!r}") from None


def _address(path: str, value: Any) -> bytes:
    if isinstance(value, str) and value.startswith(("xl1", "xlc1")):
        try:
            return bech32.decode(value)[1]
        except ValueError as error:
            raise ArgumentError(path, f"no address: {error}") from None
    try:
        return _hex(path, value)
    except ArgumentError:
        raise ArgumentError(
            path, f"an address wanted, xl1... or xlc1... or 40 hex digits, got {value!r}"
        ) from None


def _text(path: str, value: Any) -> bytes:
    if not isinstance(value, str):
        raise ArgumentError(path, f"text wanted, got {value!r}")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise ArgumentError(path, "text with unpaired surrogates") from None


def _plain(shape: spec.Type, value: Any) -> Any:
    match shape:
        case spec.IntType():
            return str(int(value)) if shape.bits >= 64 else int(value)
        case spec.FixedType():
            return bech32.encode("xl", bytes(value)) if isinstance(value, Address) else value.hex()
        case spec.VarType(name="bytes"):
            return value.hex()
        case spec.ListType():
            assert isinstance(value, Items)
            return [_plain(shape.item, item) for item in value]
        case spec.OptionType():
            return None if value is None else _plain(shape.item, value)
        case spec.TupleType():
            return [_plain(item, each) for item, each in zip(shape.items, value, strict=True)]
        case spec.RecordType():
            return {name: _plain(item, value[name]) for name, item in shape.fields}
    return value
