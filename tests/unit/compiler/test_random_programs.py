"""Programs that nobody wrote: random typed expressions and statements, compiled and held to plain Python."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xianglian.contract.errors import ContractError
from xianglian.contract.spec import INTEGERS
from xianglian.contract.testing import Chain, Engine, load_contract

KINDS = ["u8", "u16", "u32", "u64", "u128", "i64"]
NUMBERS = itertools.count()


@st.composite
def expressions(draw: st.DrawFn, kind: str, depth: int) -> str:
    """An expression of a sized type over the parameters `a_kind` and `b_kind`."""
    forms = ["variable", "variable"]
    if depth:
        forms += ["binary", "binary", "binary", "literal", "convert", "choice", "least", "small"]
    match draw(st.sampled_from(forms)):
        case "binary":
            op = draw(st.sampled_from(["+", "-", "*", "//", "%"]))
            return f"({draw(expressions(kind, depth - 1))} {op} {draw(expressions(kind, depth - 1))})"
        case "literal":
            op = draw(st.sampled_from(["+", "-", "*", "//", "%"]))
            number = draw(st.integers(0, 100))
            left, right = draw(expressions(kind, depth - 1)), str(number)
            if draw(st.booleans()):
                left, right = right, left
            return f"({left} {op} {right})"
        case "convert":
            other = draw(st.sampled_from(KINDS))
            return f"{kind}({draw(expressions(other, depth - 1))})"
        case "choice":
            test = draw(conditions(depth - 1))
            return (
                f"({draw(expressions(kind, depth - 1))} if {test} else {draw(expressions(kind, depth - 1))})"
            )
        case "least":
            name = draw(st.sampled_from(["min", "max"]))
            return f"{name}({draw(expressions(kind, depth - 1))}, {draw(expressions(kind, depth - 1))})"
        case "small":
            op = draw(st.sampled_from(["+", "-", "*"]))
            index = draw(expressions(draw(st.sampled_from(["u8", "u16", "i64"])), depth - 1))
            return f"({draw(expressions(kind, depth - 1))} {op} int({index}) % 50)"
    return draw(st.sampled_from(["a", "b"])) + "_" + kind


@st.composite
def conditions(draw: st.DrawFn, depth: int) -> str:
    """A condition over random expressions."""
    if depth and draw(st.booleans()):
        form = draw(st.sampled_from(["({} and {})", "({} or {})", "(not {} or {})"]))
        return form.format(draw(conditions(depth - 1)), draw(conditions(depth - 1)))
    kind = draw(st.sampled_from(KINDS))
    op = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
    left, right = draw(expressions(kind, depth)), draw(expressions(kind, depth))
    if draw(st.booleans()):
        right = f"int({draw(expressions(draw(st.sampled_from(['u8', 'i64'])), depth))}) % 300"
    return f"{left} {op} {right}"


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, str]:
    """A contract with one view, and the type of its result."""
    kind = draw(st.sampled_from(KINDS))
    lines = [f"x = {draw(expressions(kind, 2))}", "n = 0"]
    for _ in range(draw(st.integers(0, 4))):
        value = draw(expressions(kind, 2))
        lines += draw(
            st.sampled_from(
                [
                    [f"x = {value}"],
                    [f"x += {value}"],
                    [f"if {draw(conditions(1))}:", f"    x = {value}", "else:", "    n += 1"],
                    [
                        "for i in range(int(a_u8) % 5):",
                        f"    if {draw(conditions(1))}:",
                        "        continue",
                        f"    x = max(x, {value})",
                        "    n += i",
                    ],
                    [
                        "for _ in bounded(4):",
                        "    n += 1",
                        "    if n > 3:",
                        "        break",
                        f"    if {draw(conditions(1))}:",
                        "        break",
                        f"    x = min(x, {value})",
                    ],
                ]
            )
        )
    body = "".join(f"        {line}\n" for line in [*lines, "return x + n"])
    parameters = ", ".join(f"{name}_{each}: {each}" for each in KINDS for name in "ab")
    text = f"from xianglian.contract import bounded, contract, {', '.join(KINDS)}, view\n\n"
    text += "@contract\nclass Random:\n    @view\n"
    return text + f"    def run(self, {parameters}) -> {kind}:\n{body}", kind


def arguments() -> st.SearchStrategy[list[int]]:
    """Values for all parameters, small and large."""
    each = []
    for kind in KINDS:
        shape = INTEGERS[kind]
        number = st.integers(max(shape.low, -3), 12) | st.integers(shape.low, shape.high)
        each += [number, number]
    return st.tuples(*each).map(list)


def outcome(chain: Chain, contract: type, values: list[int]) -> tuple[str, Any]:
    deployed = chain.deploy(contract, by=chain.account("ann"))
    try:
        return "ok", deployed.run(*values)
    except ContractError as error:
        return error.code, None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=programs(), inputs=st.lists(arguments(), min_size=6, max_size=6))
def test_a_random_program(
    program: tuple[str, str], inputs: list[list[int]], machine: Engine, tmp_path_factory: Any
) -> None:
    file: Path = tmp_path_factory.getbasetemp() / f"random_{next(NUMBERS)}.py"
    file.write_text(program[0])
    contract = load_contract(file).Random
    for values in inputs:
        plain, compiled = outcome(Chain(), contract, values), outcome(Chain(machine), contract, values)
        assert plain == compiled, (program[0], values)
