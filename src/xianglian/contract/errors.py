"""What ends a call: the contract's own refusals and the few errors that the language itself raises.

ContractError            a refusal; its code is the class name, its docstring the reason "中文 / English"
├── Overflow             a number left the range of its type
├── DivisionByZero       // or % by zero
├── IndexOutOfRange      an index beyond the end
├── NotFound             a state field or map entry that was never written
├── TooLong              a text, byte string or list longer than its type allows
├── AssertionFailed      an `assert` of the contract; the fact `message` says why
├── CallFailed           a contract that was called failed; its fact `code` says with what
├── BadArguments         the call's argument bytes do not decode
├── BadResult            the result of a contract that was called does not decode
└── BadState             stored bytes do not decode (written by another version)
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from xianglian.contract import spec

MESSAGE_BYTES_MAX = 200
"""The longest message of an `assert`."""


class ContractError(Exception):
    """合约拒绝 / Refused by the contract."""

    facts: dict[str, Any]
    _builtin: ClassVar[bool] = False
    builtin_facts: ClassVar[dict[str, spec.Type]] = {}
    """Facts of an error of the language itself; a contract's own errors annotate theirs."""

    def __init__(self, **facts: Any) -> None:
        from xianglian.contract.values import coerce

        shape = fields_of(type(self))
        if set(facts) != set(shape):
            raise TypeError(f"{type(self).__name__} takes the facts {sorted(shape)}, got {sorted(facts)}")
        self.facts = {name: coerce(kind, facts[name]) for name, kind in shape.items()}
        for name, value in self.facts.items():
            if name == "code" and isinstance(self, CallFailed):
                continue
            setattr(self, name, value)
        super().__init__(self.reason()[0] + (f" {self.facts}" if facts else ""))

    @property
    def code(self) -> str:
        """The stable code in receipts."""
        return type(self).__name__

    @classmethod
    def reason(cls) -> tuple[str, str]:
        """The reason in Chinese and in English, from the class docstring."""
        return split_label(cls.__doc__ or cls.__name__)


class Overflow(ContractError):
    """数值超出范围 / A number left the range of its type."""

    _builtin = True


class DivisionByZero(ContractError):
    """除数为零 / Division by zero."""

    _builtin = True


class IndexOutOfRange(ContractError):
    """下标越界 / Index beyond the end."""

    _builtin = True


class NotFound(ContractError):
    """记录不存在 / Nothing was ever written here."""

    _builtin = True


class TooLong(ContractError):
    """内容超长 / Longer than the type allows."""

    _builtin = True


class AssertionFailed(ContractError):
    """条件不成立 / A condition does not hold."""

    _builtin = True
    builtin_facts: ClassVar[dict[str, spec.Type]] = {"message": spec.VarType("text", MESSAGE_BYTES_MAX)}


class CallFailed(ContractError):
    """被调用的合约失败 / A contract that was called failed."""

    _builtin = True
    builtin_facts: ClassVar[dict[str, spec.Type]] = {"code": spec.VarType("text", 64)}

    @property
    def code(self) -> str:
        """What the callee, or the innermost contract that it called, failed with; receipts tell this code."""
        return str(self.facts["code"])


class BadArguments(ContractError):
    """参数格式错误 / The argument bytes do not decode."""

    _builtin = True


class BadResult(ContractError):
    """返回值格式错误 / A called contract returned something else than its interface says."""

    _builtin = True


class BadState(ContractError):
    """状态格式错误 / Stored bytes do not decode under this version."""

    _builtin = True


BUILTIN_ERRORS: tuple[type[ContractError], ...] = (
    Overflow, DivisionByZero, IndexOutOfRange, NotFound, TooLong, AssertionFailed, CallFailed, BadArguments,
    BadResult, BadState,
)  # fmt: skip
"""Errors that every contract can end with, whether it names them or not."""


def split_label(text: str) -> tuple[str, str]:
    """`"中文 / English"` in its two parts; text without a slash stands for both languages."""
    head = text.strip().splitlines()[0].strip() if text.strip() else ""
    zh, slash, en = head.partition(" / ")
    return (zh.strip(), en.strip()) if slash else (head, head)


def fields_of(error: type[ContractError]) -> dict[str, Any]:
    """The annotated facts of an error class, in order, as types of `spec`."""
    from xianglian.contract.values import type_of

    if error is ContractError or error.__dict__.get("_builtin"):
        return dict(error.builtin_facts)
    own = inspect.get_annotations(error, eval_str=True)
    return {name: type_of(annotation) for name, annotation in own.items() if not name.startswith("_")}
