"""The interface description: what a contract offers, in one canonical JSON document that travels with its
code.

Forms, command-line arguments, decoded calls, events and refusals all come from it; `xianglian.contract.abi`
reads it.

A type is a string (`u8 u16 u32 u64 u128 i64 bool address hash none`) or an object: `{"text": N}`,
`{"bytes": N}`, `{"fixed": N}` (exactly N bytes), `{"list": T, "max": N}`, `{"tuple": [T, ...]}`,
`{"option": T}`, `{"record": name}`, `{"enum": name}`. A field is `{"name", "type", "privacy",
"label": {"zh", "en"}}` and, where they apply, `"validator"` and `"hint"`. `layout` says how each state field
is kept, so that an upgrade cannot read what an older version wrote as something else.
"""

from __future__ import annotations

from typing import Any

from xianglian.compiler.frontend import Checked
from xianglian.compiler.frontend.declarations import (
    LINES_PER_FILE,
    Declared,
    EnumDecl,
    FunctionDecl,
    Label,
    StateDecl,
    StructDecl,
)
from xianglian.contract import spec
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.errors import BUILTIN_ERRORS
from xianglian.contract.signatures import Signature, interface_id, stored_text

FORMAT = 1
_FACTS = {"code": ("代码", "Code"), "message": ("说明", "message")}
"""What people read for the facts of the language's own errors."""


def describe(checked: Checked) -> dict[str, Any]:
    """The interface of a checked contract."""
    contract = checked.contract
    structs: dict[str, StructDecl] = {}
    enums: dict[str, EnumDecl] = {}
    for module in checked.modules:
        for found in module.names.values():
            if isinstance(found, StructDecl):
                structs[f"{found.kind} {found.name}"] = found
            elif isinstance(found, EnumDecl):
                enums[found.type.name] = found
    methods = [m for m in contract.methods.values() if m.kind in ("entry", "view")]
    return {
        "format": FORMAT,
        "contract": contract.name,
        "label": _label(contract.label),
        "interface_id": interface_id(
            Signature(m.kind, m.name, tuple(a.type for a in m.parameters.values()), m.result.type)
            for m in methods
        ),
        "init": any(m.kind == "init" for m in contract.methods.values()),
        "migrate": any(m.kind == "migrate" for m in contract.methods.values()),
        "methods": [_method(m) for m in methods],
        "state": [
            {
                **_field(state.name, state.value, state.label),
                **({} if state.key is None else {"key": [_declared(part) for part in state.key]}),
                **({} if state.kind == "plain" else {"collection": state.kind}),
            }
            for state in contract.state.values()
        ],
        "layout": [
            {
                "field": state.name,
                "type": layout_text(state),
                "digest": sm3_digest(layout_text(state).encode()).hex(),
            }
            for state in contract.state.values()
        ],
        "events": [_struct(s) for s in structs.values() if s.kind == "event"],
        "errors": [*[_struct(s) for s in structs.values() if s.kind == "error"], *_builtin_errors()],
        "records": [_struct(s) for s in structs.values() if s.kind == "record"],
        "enums": [_enum(e) for e in enums.values()],
        "source": {
            "files": [module.place for module in checked.modules],
            "lines_per_file": LINES_PER_FILE,
            "functions": {f.name.replace(":", "."): f.line for f in checked.program.functions.values()},
        },
    }


def _label(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def type_json(of: spec.Type) -> Any:
    """A type in the description's notation."""
    match of:
        case spec.IntType():
            return of.name
        case spec.BoolType():
            return "bool"
        case spec.FixedType(name="fixed"):
            return {"fixed": of.size}
        case spec.TupleType():
            return {"tuple": [type_json(item) for item in of.items]}
        case spec.FixedType():
            return "hash" if of.name == "ref" else of.name
        case spec.VarType():
            return {of.name: of.limit}
        case spec.ListType():
            return {"list": type_json(of.item), "max": of.limit}
        case spec.OptionType():
            return {"option": type_json(of.item)}
        case spec.RecordType():
            return {"record": of.name}
        case spec.EnumType():
            return {"enum": of.name}
        case spec.NoneType():
            return "none"
    raise AssertionError(of)


def layout_text(state: StateDecl) -> str:
    """How a state field is kept; see `stored_text`."""
    parts = None if state.key is None else [part.type for part in state.key]
    return stored_text(state.kind, parts, state.value.type)


def _declared(declared: Declared) -> dict[str, Any]:
    found: dict[str, Any] = {"type": type_json(declared.type), "privacy": declared.privacy}
    if declared.validator is not None:
        found["validator"] = declared.validator
    if declared.hint is not None:
        found["hint"] = declared.hint
    return found


def _field(name: str, declared: Declared, label: Label) -> dict[str, Any]:
    return {"name": name, "label": _label(label), **_declared(declared)}


def _method(method: FunctionDecl) -> dict[str, Any]:
    return {
        "name": method.name,
        "kind": method.kind,
        "label": _label(method.label),
        "args": [
            _field(name, each, method.labels.get(name, Label(name, name)))
            for name, each in method.parameters.items()
        ],
        "returns": _declared(method.result),
        "line": method.module.line(method.node),
    }


def _struct(struct: StructDecl) -> dict[str, Any]:
    head = {"code": struct.name} if struct.kind == "error" else {"name": struct.name}
    fields = [
        _field(name, each, struct.labels.get(name, Label(name, name))) for name, each in struct.fields.items()
    ]
    return {**head, "label": _label(struct.label), "fields": fields}


def _builtin_errors() -> list[dict[str, Any]]:
    return [
        {
            "code": error.__name__,
            "label": _label(Label(*error.reason())),
            "fields": [
                _field(name, Declared(kind), Label(*_FACTS[name]))
                for name, kind in error.builtin_facts.items()
            ],
        }
        for error in BUILTIN_ERRORS
    ]


def _enum(enum: EnumDecl) -> dict[str, Any]:
    members = [
        {"name": name, "value": value, "label": _label(enum.labels[name])}
        for name, value in enum.type.members
    ]
    return {"name": enum.type.name, "label": _label(enum.label), "members": members}
