"""The decorators that turn a class into a contract, a record or an event, and state fields into stored
values.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast, dataclass_transform

from xianglian.contract import spec
from xianglian.contract.state import Field, MapField, field_of
from xianglian.contract.values import coerce, type_of

C = TypeVar("C")
F = TypeVar("F", bound=Callable[..., Any])


def _with_state(cls: type[C]) -> type[C]:
    annotations = inspect.get_annotations(cls, eval_str=True)
    fields = {name: field_of(name, annotation) for name, annotation in annotations.items()}
    for name, descriptor in fields.items():
        setattr(cls, name, descriptor)
    inherited: dict[str, Field | MapField] = {}
    for base in cls.__mro__[:0:-1]:
        if base is not object:
            _check_part(cls, base)
            inherited.update(vars(base)["__own_state__"])
    setattr(cls, "__own_state__", fields)  # noqa: B010 (the class has no such attribute for the type checker)
    setattr(cls, "__state__", {**inherited, **fields})  # noqa: B010
    return cls


def _check_part(cls: type, base: type) -> None:
    """Each name has one meaning in a contract. Raises `TypeError`; the compiler says more."""
    if "__component__" not in vars(base):
        raise TypeError(f"{cls.__name__} inherits {base.__name__}, which is no component")
    for other in cls.__mro__[: cls.__mro__.index(base)]:
        for name in vars(base).keys() & vars(other).keys():
            old = vars(base)[name]
            if name.startswith("__") or (issubclass(other, base) and getattr(old, "__overridable__", False)):
                continue
            raise TypeError(f"{name} is declared by {base.__name__} and by {other.__name__}")


def contract(cls: type[C]) -> type[C]:
    """Makes the annotated fields of the class its stored state, under their own names."""
    return _with_state(cls)


def component(cls: type[C]) -> type[C]:
    """A part of contracts: state fields and methods that a contract takes over by inheriting the class."""
    setattr(cls, "__component__", True)  # noqa: B010
    return _with_state(cls)


def overridable(function: F) -> F:
    """A method of a component that a contract may replace by one with the same signature."""
    setattr(function, "__overridable__", True)  # noqa: B010
    return function


def _mark(kind: str) -> Callable[[F], F]:
    def apply(function: F) -> F:
        @functools.wraps(function)
        def call(*arguments: Any) -> Any:
            result = type_of(inspect.get_annotations(function, eval_str=True).get("return"))
            return coerce(result, function(*arguments))

        setattr(call, "__kind__", kind)  # noqa: B010
        return cast("F", call)

    return apply


entry = _mark("entry")
entry.__doc__ = "A method that a transaction may call; it may change state."
view = _mark("view")
view.__doc__ = "A method that a query may call; it changes nothing."
init = _mark("init")
migrate = _mark("migrate")
migrate.__doc__ = (
    "Runs once at an upgrade to this code, over the state of the version before; takes no arguments."
)
init.__doc__ = "Runs once, at deployment, with the deployer as caller; takes no arguments."


def _frozen(cls: type[C]) -> type[C]:
    """A frozen keyword-only dataclass whose fields are checked against their types when it is made."""

    def check(self: Any) -> None:
        for name, shape in cls_shape().fields:
            object.__setattr__(self, name, coerce(shape, getattr(self, name)))

    def cls_shape() -> spec.RecordType:
        known = made.__dict__.get("__fields_of__")
        if known is None:
            own = inspect.get_annotations(made, eval_str=True)
            known = spec.RecordType(made.__name__, tuple((n, type_of(a)) for n, a in own.items()), made)
            type.__setattr__(made, "__fields_of__", known)
        return cast("spec.RecordType", known)

    setattr(cls, "__post_init__", check)  # noqa: B010
    made = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
    setattr(made, "__shape__", staticmethod(cls_shape))  # noqa: B010
    return made


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[C]) -> type[C]:
    """A frozen structure of named fields, made with keyword arguments and changed by `replace`."""
    return _frozen(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(cls: type[C]) -> type[C]:
    """What `emit` writes into the receipt; its docstring is its name for people, "中文 / English"."""
    return _frozen(cls)


def replace(value: C, /, **changes: Any) -> C:
    """A copy of a record with some fields changed."""
    return cast("C", dataclasses.replace(cast("Any", value), **changes))


__all__ = [
    "component",
    "contract",
    "entry",
    "event",
    "init",
    "migrate",
    "overridable",
    "record",
    "replace",
    "view",
]
