"""Lets mypy read the annotations of contracts: `Text[64]` is a str, `u64` an int, `List[T, 16]` a list of T.

Switch it on with `plugins = ["src/xianglian/contract/mypy_plugin.py"]`, or the module's name where the
package is installed. Sized numbers are plain `int` to mypy, since an `int` may be stored where one is
declared; the compiler checks sizes, bounds and privacy.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.nodes import ARG_POS, Argument, Decorator, NameExpr, RaiseStmt, Var
from mypy.plugin import AnalyzeTypeContext, ClassDefContext, FunctionContext, Plugin
from mypy.plugins.common import add_method_to_class
from mypy.types import NoneType, Type, UnionType


def _inner(context: AnalyzeTypeContext) -> Type:
    if not context.type.args:
        context.api.fail("an argument is missing, such as Text[64]", context.context)
        return NoneType()
    return context.api.analyze_type(context.type.args[0])


def _named(name: str) -> Callable[[AnalyzeTypeContext], Type]:
    return lambda context: context.api.named_type(name, [])


def _list(context: AnalyzeTypeContext) -> Type:
    return context.api.named_type("builtins.list", [_inner(context)])


def _option(context: AnalyzeTypeContext) -> Type:
    return UnionType.make_union([_inner(context), NoneType()])


def _interface(context: ClassDefContext) -> None:
    """`Token(address)`, and bodies `...` that never return."""
    address = context.api.named_type("xianglian.contract.values.Address", [])
    argument = Argument(Var("address", address), address, None, ARG_POS)
    add_method_to_class(context.api, context.cls, "__init__", [argument], NoneType())
    for each in context.cls.defs.body:
        if isinstance(each, Decorator):
            each.func.body.body = [RaiseStmt(NameExpr("NotImplementedError"), None)]


def _number(context: FunctionContext) -> Type:
    """`u64(x)` is an int as the annotation `u64` is."""
    return context.api.named_generic_type("builtins.int", [])


_NUMBERS = ("u8", "u16", "u32", "u64", "u128", "u256", "i64", "i128")
_HOOKS: dict[str, Callable[[AnalyzeTypeContext], Type]] = {
    "Text": _named("builtins.str"),
    "Bytes": _named("builtins.bytes"),
    "FixedBytes": _named("xianglian.contract.values.Fixed"),
    "List": _list,
    "Option": _option,
    "Public": _inner,
    "Sealed": _inner,
    **dict.fromkeys((*_NUMBERS, "Time"), _named("builtins.int")),
}


class ContractTypes(Plugin):
    """The hooks by name."""

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """See `mypy.plugin.Plugin`."""
        module, _, name = fullname.rpartition(".")
        return _number if module == "xianglian.contract.values" and name in _NUMBERS else None

    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        """See `mypy.plugin.Plugin`."""
        module, _, name = fullname.rpartition(".")
        return _HOOKS.get(name) if module == "xianglian.contract.values" else None

    def get_class_decorator_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """See `mypy.plugin.Plugin`."""
        return _interface if fullname == "xianglian.contract.outside.interface" else None


def plugin(_version: str) -> type[Plugin]:
    """Where mypy starts."""
    return ContractTypes
