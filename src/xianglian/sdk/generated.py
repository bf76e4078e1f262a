"""Made from a contract's interface description: a typed Python client, its part of an OpenAPI document.

    from points_client import Points
    points = Points(client, "points")
    points.transfer(target=friend, amount=5)          # type checkers know names, types and results

Values are those of `xianglian.contract.abi`: whole numbers are `int`, addresses text, hashes and bytes hex.
"""

from __future__ import annotations

import json
import keyword
from collections.abc import Callable
from typing import Any

from xianglian.contract import spec
from xianglian.contract.abi import Interface, Method
from xianglian.errors import Misused

_WIDE_BITS = 64
"""From this width on a number is a decimal string in JSON, since JavaScript's numbers end at 53 bits."""


def python_client(interface: Interface) -> str:
    """A module with one class over `xianglian.Client`. Raises `Misused` for a name not possible in Python."""
    return _module(interface, "Client", wait="")


def async_client(interface: Interface) -> str:
    """The same over `xianglian.AsyncClient`."""
    return _module(interface, "AsyncClient", wait="await ")


def _module(interface: Interface, client: str, wait: str) -> str:
    types: dict[str, str] = {}
    methods = "\n".join(_method(each, types, wait) for each in interface.methods.values())
    words = [word for word in ("Literal", "TypedDict") if any(word in text for text in types.values())]
    typing = f"from typing import {', '.join(words)}\n\n" if words else ""
    classes = "".join(f"\n\n{text}\n" for text in types.values())
    return f'''"""Typed client of {interface.name}. Made by `xl contract client`."""

from __future__ import annotations

{typing}from xianglian import {client}
from xianglian.types import Receipt
{classes}

class {_named(interface.name)}:
    {_docstring(interface.document["label"])}

    def __init__(self, client: {client}, name: str) -> None:
        self.client, self.name = client, name

{methods}'''


def _method(method: Method, types: dict[str, str], wait: str) -> str:
    names = "".join(f", {_named(name)}: {_annotation(of, types)}" for name, of in method.arguments.items())
    given = "".join(f", {name}={name}" for name in method.arguments)
    entry = method.kind == "entry"
    result = "Receipt" if entry else _annotation(method.returns, types)
    called = f"{wait}self.client.{'call' if entry else 'query'}(self.name, {json.dumps(method.name)}{given})"
    # A query's value has no static type; the annotated local gives it the interface's.
    body = f"return {called}" if entry else f"found: {result} = {called}\n        return found"
    define = "async def" if wait else "def"
    return f"""    {define} {_named(method.name)}(self{", *" if names else ""}{names}) -> {result}:
        {_docstring(method.description["label"])}
        {body}
"""


def _named(name: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise Misused(f"`{name}` is no name in Python", name=name)
    return name


def _docstring(label: dict[str, str]) -> str:
    text = f"{label['zh']} / {label['en']}".replace("\\", "\\\\").replace('"', "'")
    return f'"""{text}"""'


def _annotation(shape: spec.Type, types: dict[str, str]) -> str:
    """A type in Python's words; classes that it needs go into `types`, what they need before them."""
    match shape:
        case spec.IntType():
            return "int"
        case spec.BoolType():
            return "bool"
        case spec.FixedType() | spec.VarType():
            return "str"
        case spec.NoneType():
            return "None"
        case spec.OptionType():
            return f"{_annotation(shape.item, types)} | None"
        case spec.ListType():
            return f"list[{_annotation(shape.item, types)}]"
        case spec.TupleType():
            return f"tuple[{', '.join(_annotation(item, types) for item in shape.items)}]"
        case spec.EnumType():
            members = ", ".join(json.dumps(name) for name, _ in shape.members)
            types.setdefault(shape.name, f"{_named(shape.name)} = Literal[{members}]")
            return shape.name
        case spec.RecordType():
            fields = [f"    {_named(name)}: {_annotation(item, types)}" for name, item in shape.fields]
            types.setdefault(shape.name, "\n".join([f"class {_named(shape.name)}(TypedDict):", *fields]))
            return shape.name
    raise Misused(f"a client cannot say the type {shape}", type=str(shape))


def openapi(interface: Interface) -> dict[str, Any]:
    """An OpenAPI 3.1 document whose components are the contract's arguments, results, events and refusals.

    The gateway takes arguments as borsh (`spec/01-codec.md`); the schemas say what is encoded.
    """
    schemas: dict[str, Any] = {}

    def add(shape: spec.Type) -> dict[str, Any]:
        return _schema(shape, schemas)

    for method in interface.methods.values():
        described = {each["name"]: each for each in method.description["args"]}
        properties = {
            name: {**add(shape), "description": _words(described[name]["label"])}
            for name, shape in method.arguments.items()
        }
        schemas[f"{method.name}.arguments"] = _object(properties, method.description["label"])
        schemas[f"{method.name}.result"] = add(method.returns)
    for kind, key in (("events", "name"), ("errors", "code")):
        for each in interface.document[kind]:
            properties = {f["name"]: add(interface.type(f["type"])) for f in each["fields"]}
            schemas[f"{kind[:-1]}.{each[key]}"] = _object(properties, each["label"])
    info = {"title": interface.name, "version": str(interface.document["format"])}
    info["description"] = _words(interface.document["label"])
    return {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": schemas}}


def openapi_text(interface: Interface) -> str:
    """`openapi` as JSON text."""
    return json.dumps(openapi(interface), ensure_ascii=False, indent=2) + "\n"


def _words(label: dict[str, str]) -> str:
    return f"{label['zh']} / {label['en']}"


def _object(properties: dict[str, Any], label: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": _words(label),
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _hex(size: int, *, least: int = 0) -> dict[str, Any]:
    return {"type": "string", "pattern": "^([0-9a-f]{2})*$", "minLength": 2 * least, "maxLength": 2 * size}


def _schema(shape: spec.Type, schemas: dict[str, Any]) -> dict[str, Any]:
    inner: Callable[[spec.Type], dict[str, Any]] = lambda item: _schema(item, schemas)  # noqa: E731
    match shape:
        case spec.IntType() if shape.bits < _WIDE_BITS:
            return {"type": "integer", "minimum": shape.low, "maximum": shape.high}
        case spec.IntType():
            return {
                "type": "string",
                "pattern": "^-?[0-9]+$" if shape.signed else "^[0-9]+$",
                "format": shape.name,
            }
        case spec.BoolType():
            return {"type": "boolean"}
        case spec.FixedType(name="address"):
            return {"type": "string", "pattern": "^xlc?1[02-9ac-hj-np-z]+$"}
        case spec.FixedType():
            return _hex(shape.size, least=shape.size)
        case spec.VarType(name="text"):
            # A byte limit: JSON Schema counts letters, of which there are never more.
            return {"type": "string", **({} if shape.limit is None else {"maxLength": shape.limit})}
        case spec.VarType():
            return _hex(shape.limit or 0)
        case spec.NoneType():
            return {"type": "null"}
        case spec.OptionType():
            return {"anyOf": [inner(shape.item), {"type": "null"}]}
        case spec.ListType():
            return {"type": "array", "items": inner(shape.item), "maxItems": shape.limit}
        case spec.TupleType():
            items = [inner(item) for item in shape.items]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        case spec.EnumType():
            schemas.setdefault(shape.name, {"type": "string", "enum": [name for name, _ in shape.members]})
            return {"$ref": f"#/components/schemas/{shape.name}"}
        case spec.RecordType():
            if shape.name not in schemas:
                properties = {name: inner(item) for name, item in shape.fields}
                schemas[shape.name] = _object(properties, {"zh": shape.name, "en": shape.name})
            return {"$ref": f"#/components/schemas/{shape.name}"}
    raise Misused(f"a schema cannot say the type {shape}", type=str(shape))
