"""Contracts in Solidity: a compiler's artefact to what is deployed, and their interface.

The interface description is that of any contract with `"machine": "evm"` and, beside each method, event and
error, its part of the compiler's JSON under `abi`: so forms, lists and pages read one format.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xianglian.contract import abi, solidity_abi, spec
from xianglian.contract.keccak import keccak256
from xianglian.contract.solidity_abi import AbiType
from xianglian.errors import Misused

RAW = "evm"
"""The method under which the argument is the whole call data."""
RAW_BYTES_MAX = 65_536
TEXT_MAX = 4_096
"""Bound that a form shows for text and bytes, whose length Solidity does not bound."""
LIST_MAX = 1_024
METHOD_BYTES_MAX = 64
REVERT = "XL-EVM-REVERT"
LABELS = {
    "reverted": {"zh": "合约拒绝", "en": "the contract refused"},
    "panic": {"zh": "合约出错", "en": "the contract failed"},
}
PANICS = {
    0x01: ("断言不成立", "an assertion does not hold"),
    0x11: ("运算溢出", "arithmetic overflow"),
    0x12: ("除以零", "division by zero"),
    0x21: ("枚举值无效", "no value of the enum"),
    0x22: ("存储损坏", "damaged storage"),
    0x31: ("从空数组取值", "a pop of an empty array"),
    0x32: ("下标越界", "an index beyond the end"),
    0x41: ("内存不足", "too much memory"),
    0x51: ("未赋值的函数", "a function that was never set"),
}
"""Codes of `Panic(uint256)`. Source: the Solidity documentation, error handling."""
_ERROR_STRING = keccak256(b"Error(string)")[:4]
_PANIC = keccak256(b"Panic(uint256)")[:4]
_STRING, _NUMBER = AbiType("string"), AbiType("uint", 256)


@dataclass(frozen=True, slots=True)
class Artefact:
    """What a compiler made of a contract."""

    name: str
    creation_code: bytes
    interface: dict[str, Any] = field(repr=False)
    constructor: tuple[tuple[str, AbiType], ...] = ()

    @property
    def interface_json(self) -> bytes:
        """The interface description as it is deployed."""
        return json.dumps(self.interface, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

    @property
    def events(self) -> list[str]:
        """Signatures that the chain names events by."""
        return [each["signature"] for each in self.interface["events"]]

    def constructor_arguments(self, arguments: dict[str, Any]) -> bytes:
        """The encoded arguments of the constructor. Raises `Misused`."""
        names = [name for name, _ in self.constructor]
        return _encode_named("constructor", names, [of for _, of in self.constructor], arguments)


def read_artefact(path: Path) -> Artefact:
    """The artefact in a JSON file with `abi` and `bytecode` (Hardhat, Foundry, `solc --combined-json` parts).

    Raises `Misused` for a file that is none, and for code with libraries that are not linked.
    """
    try:
        document = json.loads(path.read_text())
        entries, code = document["abi"], document.get("bytecode") or document["evm"]["bytecode"]
        code = code["object"] if isinstance(code, dict) else code
        name = str(document.get("contractName") or path.stem)
        entries = json.loads(entries) if isinstance(entries, str) else entries
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misused(
            f"{path} is no Solidity artefact with abi and bytecode: {error}", path=str(path)
        ) from error
    try:
        creation_code = bytes.fromhex(code.removeprefix("0x"))
    except ValueError as error:
        reason = f"{path}: the bytecode is not hex; are there libraries to link?"
        raise Misused(reason, path=str(path)) from error
    if not creation_code:
        raise Misused(f"{path}: {name} is abstract or an interface: it has no bytecode", path=str(path))
    inputs: list[dict[str, Any]] = next(
        (each["inputs"] for each in entries if each["type"] == "constructor"), []
    )
    return Artefact(name, creation_code, describe(name, entries), _parameters(inputs))


def describe(name: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The interface description of a contract with these entries of the compiler's JSON."""
    records: dict[str, AbiType] = {}
    methods, seen = [], set()
    for each in (entry for entry in entries if entry["type"] == "function"):
        signature = solidity_abi.signature(each)
        short = each["name"] not in seen
        seen.add(each["name"])
        outputs = _parameters(each["outputs"])
        returned = (
            outputs[0][1]
            if len(outputs) == 1
            else AbiType("tuple", fields=outputs, record=f"{each['name']}Result")
        )
        view = each["stateMutability"] in ("view", "pure")
        methods.append(
            {
                "name": each["name"] if short else signature,
                "kind": "view" if view else "entry",
                "label": _label(each["name"]),
                "args": _fields(each["inputs"], records),
                "returns": {
                    "type": "none" if not outputs else _notation(returned, records),
                    "privacy": "public",
                },
                "line": 0,
                "signature": signature,
                "abi": each,
            }
        )
    methods.append(
        {
            "name": RAW,
            "kind": "entry",
            "label": {"zh": "原始调用数据", "en": "raw call data"},
            "args": [
                {
                    "name": "data",
                    "label": _label("data"),
                    "type": {"bytes": RAW_BYTES_MAX},
                    "privacy": "public",
                }
            ],
            "returns": {"type": {"bytes": RAW_BYTES_MAX}, "privacy": "public"},
            "line": 0,
            "signature": RAW,
        }
    )
    events: list[dict[str, Any]] = []
    for each in (entry for entry in entries if entry["type"] == "event" and not entry.get("anonymous")):
        events.append(_event(each, records, taken=any(each["name"] == event["name"] for event in events)))
    return {
        "format": 1,
        "machine": "evm",
        "contract": name,
        "label": _label(name),
        "init": True,
        "methods": methods,
        "state": [],
        "layout": [],
        "events": events,
        "errors": [
            {
                "code": each["name"],
                "label": _label(each["name"]),
                "fields": _fields(each["inputs"], records),
                "selector": keccak256(solidity_abi.signature(each).encode())[:4].hex(),
                "abi": each,
            }
            for each in entries
            if each["type"] == "error"
        ],
        "records": [
            {
                "name": record,
                "label": _label(record),
                "fields": [_field(part, of, records) for part, of in shape.fields],
            }
            for record, shape in list(records.items())
        ],
        "enums": [],
        "source": {"files": [], "lines_per_file": 1, "functions": {}},
    }


class SolidityInterface(abi.Interface):
    """An interface whose calls, answers, events and errors are in Solidity's encoding."""

    def method(self, name: str) -> abi.Method:
        """A method by its name or its signature. Raises `ArgumentError` listing the ones there are."""
        for each in self.methods.values():
            if name in (each.name, each.description["signature"]):
                return each
        return super().method(name)

    def wire_method(self, method: str) -> str:
        """The name that a transaction carries: the signature, as far as it fits."""
        signature = str(self.method(method).description["signature"])
        return signature if len(signature.encode()) <= METHOD_BYTES_MAX else RAW

    def encode_arguments(self, method: str, arguments: dict[str, Any]) -> bytes:
        """What goes with `wire_method`: the encoded arguments, behind their selector where its name is no
        signature.
        """
        of = self.method(method)
        if "abi" not in of.description:
            return super().encode_arguments(RAW, arguments)[4:]
        inputs = of.description["abi"]["inputs"]
        names, types = _names(inputs), [solidity_abi.parse(each) for each in inputs]
        encoded = _encode_named(of.name, names, types, arguments)
        if self.wire_method(method) == RAW:
            return keccak256(of.description["signature"].encode())[:4] + encoded
        return encoded

    def decode_arguments(self, method: str, data: bytes) -> dict[str, Any]:
        """The arguments of a call, for showing it. Raises `ValueError`."""
        of = self.method(method)
        if "abi" not in of.description:
            return {"data": data.hex()}
        inputs = of.description["abi"]["inputs"]
        return _decode_named(inputs, data)

    def decode_output(self, method: str, data: bytes) -> Any:
        """What a method returned. Raises `ValueError`."""
        of = self.method(method)
        if "abi" not in of.description:
            return data.hex()
        outputs = of.description["abi"]["outputs"]
        values = _decode_named(outputs, data)
        if not outputs:
            return None
        return next(iter(values.values())) if len(outputs) == 1 else values

    def decode_event(self, name: str, data: bytes) -> dict[str, Any]:
        """The fields of an event from its log's topics and data. Raises `KeyError`, `ValueError`."""
        topics, data = _log(data)
        known = (each for each in self.document["events"] if topics and each["topic"] == topics[0].hex())
        event = next(known, None)
        if event is None:
            raise KeyError(name)
        inputs = event["abi"]["inputs"]
        names = _names(inputs)
        indexed = iter(topics[1:])
        kept = iter(
            solidity_abi.decode([solidity_abi.parse(each) for each in inputs if not each["indexed"]], data)
        )
        values = {}
        for each, field_name in zip(inputs, names, strict=True):
            if not each["indexed"]:
                values[field_name] = next(kept)
            else:
                values[field_name] = solidity_abi.decode([_indexed(solidity_abi.parse(each))], next(indexed))[
                    0
                ]
        return values

    def decode_error(self, code: str, detail: bytes) -> dict[str, Any]:
        """The facts of a custom error; none for text and panics, whose words are the reason."""
        known = self._custom(detail) if code == REVERT else None
        return {} if known is None else _decode_named(known["abi"]["inputs"], detail[4:])

    def reason(self, code: str, detail: bytes = b"", language: str = "en") -> str:
        """What a revert says: its text, the name and fields of its custom error, the kind of its panic."""
        if code != REVERT:
            return code
        try:
            if detail[:4] == _ERROR_STRING:
                # A receipt keeps the first 256 bytes of it.
                size = int.from_bytes(detail[36:68], "big")
                return detail[68 : 68 + size].decode(errors="ignore")
            if detail[:4] == _PANIC:
                number = int(solidity_abi.decode([_NUMBER], detail[4:])[0])
                words = dict(zip(("zh", "en"), PANICS.get(number, (f"0x{number:x}",) * 2), strict=True))
                return f"{LABELS['panic'][language]}: {words[language]}"
            if known := self._custom(detail):
                facts = ", ".join(
                    f"{name} {value}" for name, value in self.decode_error(code, detail).items()
                )
                return f"{known['code']} ({facts})" if facts else str(known["code"])
        except ValueError:
            return LABELS["reverted"][language]
        return LABELS["reverted"][language]

    def type(self, of: Any) -> spec.Type:
        """Solidity's widest number besides the types of every interface."""
        return _I256 if of == _I256.name else super().type(of)

    def _custom(self, detail: bytes) -> dict[str, Any] | None:
        selector = detail[:4].hex()
        return next((each for each in self.document["errors"] if each["selector"] == selector), None)


_I256 = spec.IntType("i256", 256, signed=True)


def _label(name: str) -> dict[str, str]:
    return {"zh": name, "en": name}


def _names(parameters: list[dict[str, Any]]) -> list[str]:
    """Names of parameters; one without a name is called by its place."""
    return [each["name"] or f"arg{index}" for index, each in enumerate(parameters)]


def _parameters(parameters: list[dict[str, Any]]) -> tuple[tuple[str, AbiType], ...]:
    return tuple(zip(_names(parameters), map(solidity_abi.parse, parameters), strict=True))


def _field(name: str, of: AbiType, records: dict[str, AbiType]) -> dict[str, Any]:
    return {"name": name, "label": _label(name), "type": _notation(of, records), "privacy": "public"}


def _fields(parameters: list[dict[str, Any]], records: dict[str, AbiType]) -> list[dict[str, Any]]:
    return [_field(name, of, records) for name, of in _parameters(parameters)]


def _event(event: dict[str, Any], records: dict[str, AbiType], *, taken: bool) -> dict[str, Any]:
    """`taken`: another event has the name, so the chain names this one by its signature."""
    signature = solidity_abi.signature(event)
    indexed = [bool(each["indexed"]) for each in event["inputs"]]
    parameters = zip(_parameters(event["inputs"]), indexed, strict=True)
    return {
        "name": signature if taken else event["name"],
        "label": _label(event["name"]),
        "fields": [_field(name, _indexed(of) if topic else of, records) for (name, of), topic in parameters],
        "topic": keccak256(signature.encode()).hex(),
        "signature": signature,
        "abi": event,
    }


def _indexed(of: AbiType) -> AbiType:
    """What a topic holds of a value: of anything longer than a word its digest."""
    return AbiType("fixed", 32) if of.dynamic or of.kind in ("list", "tuple") else of


def _notation(of: AbiType, records: dict[str, AbiType]) -> Any:
    """A type in the notation of interface descriptions."""
    match of.kind:
        case "uint":
            return next(f"u{bits}" for bits in (8, 16, 32, 64, 128, 256) if of.size <= bits)
        case "int":
            return next(f"i{bits}" for bits in (64, 128, 256) if of.size <= bits)
        case "bool" | "address":
            return of.kind
        case "fixed":
            return "hash" if of.size == 32 else {"bytes": of.size}
        case "bytes":
            return {"bytes": TEXT_MAX}
        case "string":
            return {"text": TEXT_MAX}
        case "list":
            assert of.item is not None
            return {"list": _notation(of.item, records), "max": of.size or LIST_MAX}
    name = of.record
    while records.setdefault(name, of) != of:
        name += "_"
    for _, part in of.fields:
        _notation(part, records)
    return {"record": name}


def _encode_named(method: str, names: list[str], types: list[AbiType], arguments: dict[str, Any]) -> bytes:
    for name in arguments:
        if name not in names:
            raise abi.ArgumentError(
                f"{method}.{name}", f"no such argument; there are {', '.join(names) or 'none'}"
            )
    for name in names:
        if name not in arguments:
            raise abi.ArgumentError(f"{method}.{name}", "is missing")
    try:
        return solidity_abi.encode(types, [arguments[name] for name in names], names)
    except ValueError as error:
        path, _, problem = str(error).partition(": ")
        raise abi.ArgumentError(f"{method}.{path}", problem) from error


def _decode_named(parameters: list[dict[str, Any]], data: bytes) -> dict[str, Any]:
    values = solidity_abi.decode([solidity_abi.parse(each) for each in parameters], data)
    return dict(zip(_names(parameters), values, strict=True))


def _log(data: bytes) -> tuple[list[bytes], bytes]:
    """Topics and data of a log as an event keeps them: borsh of a list of hashes and bytes."""
    count = int.from_bytes(data[:4], "little")
    at = 4 + 32 * count
    size = int.from_bytes(data[at : at + 4], "little")
    if count > 4 or len(data) != at + 4 + size:
        raise ValueError("the event is no log of a Solidity contract")
    return [data[4 + 32 * index : 36 + 32 * index] for index in range(count)], data[at + 4 :]
