"""Checks text that a contract builds: f-strings, `str(x)`, `+`, member names, hex."""

from __future__ import annotations

import ast

from xianglian.compiler import ir
from xianglian.compiler.frontend.comprehensions import Comprehensions
from xianglian.contract import spec


class Texts(Comprehensions):
    """Text building for one function. The bound of what is built follows from the parts."""

    def formatted(self, node: ast.JoinedStr) -> ir.Expr:
        """An f-string."""
        parts: list[ir.Expr] = []
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                if each.conversion != -1 or each.format_spec is not None:
                    raise self.refuse(
                        each, "a format inside a formatted string", "write the value alone, without a format"
                    )
                parts.append(self.text_of(each.value, self.value(each.value)))
            else:
                parts.append(self.value(each))
        return self.concat(parts)

    def concat(self, parts: list[ir.Expr]) -> ir.Expr:
        """Texts in one; neighbouring constants are joined here."""
        merged: list[ir.Expr] = []
        for part in parts:
            before = merged[-1] if merged else None
            if isinstance(part, ir.Data) and isinstance(before, ir.Data):
                data = before.value + part.value
                merged[-1] = ir.Data(spec.VarType("text", len(data)), data)
            elif not (isinstance(part, ir.Data) and not part.value):
                merged.append(part)
        if not merged:
            return ir.Data(spec.VarType("text", 0), b"")
        if len(merged) == 1:
            return merged[0]
        kinds = [each.type for each in merged if isinstance(each.type, spec.VarType)]
        limits = [each.limit for each in kinds]
        limit = None if None in limits else sum(each for each in limits if each is not None)
        return ir.Concat(spec.VarType("text", limit, any(each.sealed for each in kinds)), tuple(merged))

    def text_of(self, node: ast.expr, found: ir.Expr) -> ir.Expr:
        """A value as people read it: the same text as in plain Python."""
        match found.type:
            case spec.VarType(name="text"):
                return found
            case spec.IntType() as kind:
                if isinstance(found, ir.Const):
                    return _constant(str(self.small(node, found).value))  # type: ignore[attr-defined]
                limit = max(len(str(kind.low)), len(str(kind.high)))
                return ir.Decimal(spec.VarType("text", limit), found)
            case spec.BoolType():
                kind_of = spec.VarType("text", 5)
                return ir.Choose(kind_of, found, _constant("True"), _constant("False"))
            case spec.EnumType():
                return self.member_name(found)
            case spec.FixedType() as kind:
                return ir.Hex(spec.VarType("text", 2 * kind.size), found)
        fix = {
            spec.OptionType: "check it for None first",
            spec.VarType: "write data.hex()",
        }.get(type(found.type), "write its parts")
        raise self.refuse(node, f"text of {found.type}", fix)

    def member_name(self, found: ir.Expr) -> ir.Expr:
        """The name of an enum member."""
        kind = found.type
        assert isinstance(kind, spec.EnumType)
        if isinstance(found, ir.Const):
            return _constant(next(name for name, number in kind.members if number == found.value))
        longest = max(len(name) for name, _ in kind.members)
        return ir.MemberName(spec.VarType("text", longest), found)


def _constant(text: str) -> ir.Expr:
    data = text.encode()
    return ir.Data(spec.VarType("text", len(data)), data)
