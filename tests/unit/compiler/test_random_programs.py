"""Programs that nobody wrote: random typed expressions and statements, compiled and held to plain Python."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from xianglian.contract.errors import ContractError
from xianglian.contract.spec import INTEGERS
from xianglian.contract.testing import Chain, Engine, load_contract

KINDS = ["u8", "u16", "u32", "u64", "u128", "u256", "i64", "i128"]
NAMES = [*KINDS, "Bytes", "Enum", "FixedBytes", "List", "Public", "Text", "bounded", "contract", "view"]
SEED = int(os.environ.get("XL_SEED", "1"))
PROGRAMS = int(os.environ.get("XL_PROGRAMS", "40"))
"""`XL_SEED=7 XL_PROGRAMS=3000 pytest tests/unit/compiler/test_random_programs.py` for a longer search."""
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
def texts(draw: st.DrawFn, depth: int) -> str:
    """An expression of text."""
    match draw(st.sampled_from(["text", "format", "str", "join", "name", "hex"] if depth else ["text"])):
        case "format":
            kind = draw(st.sampled_from(KINDS))
            value, condition = draw(expressions(kind, depth - 1)), draw(conditions(depth - 1))
            return f"f'<{{{value}}}|{{stage}}|{{{condition}}}|{{text}}>'"
        case "str":
            return f"str({draw(expressions(draw(st.sampled_from(KINDS)), depth - 1))})"
        case "join":
            return f"({draw(texts(depth - 1))} + {draw(texts(depth - 1))})"
        case "name":
            return draw(st.sampled_from(["stage.name", "str(stage)", "f'{tag}{flag}'"]))
        case "hex":
            return "data[1:3].hex()"
    return draw(st.sampled_from(["text", "'same'", "''"]))


@st.composite
def lists(draw: st.DrawFn, depth: int) -> str:
    """A list of u64 of no declared type, at most 6 items."""
    test = draw(st.sampled_from(["", " if y > 3", " if y % 2 == 0 if flag", " if i != 1"]))
    value = draw(st.sampled_from(["y", "y // 2", "y + i", "y * 3", "u64(i)", "y - a_u64"]))
    walk = draw(
        st.sampled_from(
            ["enumerate(items)", "enumerate(reversed(items), 2)", "zip(range(4), items)", "zip(data, items)"]
        )
    )
    made = f"[{value} for i, y in {walk}{test}]"
    return f"({made} + [{draw(expressions('u64', depth))}])" if draw(st.booleans()) else made


@st.composite
def statements(draw: st.DrawFn, kind: str) -> list[str]:
    """Some lines over `x` (of `kind`), `n` (an int that stays small) and `t` (text)."""
    value, test = draw(expressions(kind, 2)), draw(conditions(1))
    match draw(st.sampled_from(FORMS)):
        case "assign":
            return [draw(st.sampled_from([f"x = {value}", f"x += {value}"]))]
        case "if":
            return [f"if {test}:", f"    x = {value}", "else:", "    n += 1"]
        case "range":
            lines = [f"    if {test}:", "        continue", f"    x = max(x, {value})", "    n += i"]
            return ["for i in range(int(a_u8) % 5):", *lines]
        case "bounded":
            bound = draw(st.sampled_from([2, 4]))
            lines = ["    n += 1", "    if n > 3:", "        break", f"    x = min(x, {value})"]
            return [f"for _ in bounded({bound}):", *lines]
        case "enum":
            guard = f" if {test}" if draw(st.booleans()) else ""
            first = [f"    case Stage.A | Stage.B{guard}:", f"        x = {value}"]
            return ["match stage:", *first, "    case _:", "        n += 2"]
        case "every":
            first = ["    case Stage.C:", f"        x = {value}", "    case Stage.A:", "        n += 1"]
            return ["match stage:", *first, "    case Stage.B:", f"        t = {draw(texts(1))}"]
        case "number":
            other = draw(st.sampled_from(KINDS))
            lines = ["    case 0 | 3:", f"        x = {value}", f"    case 5 if {test}:", "        n += 3"]
            return [f"match {draw(expressions(other, 1))}:", *lines, "    case _:", "        t += 'z'"]
        case "words":
            lines = [
                "    case 'same' | '':",
                "        n += 1",
                f"    case 'x' if {test}:",
                f"        x = {value}",
            ]
            return [f"match {draw(texts(1))}:", *lines, "    case _:", "        pass"]
        case "assert":
            return [f"assert {test}, {draw(texts(2))}"]
        case "text":
            return [f"t = {draw(texts(2))}", "n += len(t.encode()) % 5"]
        case "swap":
            return [f"x, p = {value}, x", f"p, (x, q) = x, (p, {test})", "n += 1 if q else 2"]
        case "pair":
            return [
                f"pair = (x, {draw(texts(1))}, {test})",
                "x, u, _ = pair",
                "t = u if pair[2] else pair[1] + t",
            ]
        case "list":
            ys = f"ys{draw(st.integers(0, 10**6))}"  # a list of no declared type is assigned once
            lines = [
                f"for j, z in enumerate({ys}):",
                f"    x = max(x, {kind}(z % 100) + j)",
                f"n += len({ys})",
            ]
            return [f"{ys} = {draw(lists(1))}", *lines]
        case "sum":
            inner = draw(st.sampled_from(["u64(y % 90)", "y", "y // (y - 3)"]))
            total = f"sum(({inner} for y in items if y > n), u64(0))"
            return [f"x = {kind}({total} % 120)", "n += sum(byte % 3 for byte in data)"]
        case _:
            name = draw(st.sampled_from(["any", "all"]))
            inner = draw(
                st.sampled_from(["y > 3", "100 // (y - 2) > n", "y in items", f"y % 2 == 0 and {test}"])
            )
            source = draw(st.sampled_from(["items", "reversed(items)"]))
            return [f"if {name}({inner} for y in {source}):", f"    x = {value}"]


FORMS = ["assign", "assign", "if", "range", "bounded", "enum", "every", "number", "words", "assert"]
FORMS += ["text", "swap", "pair", "list", "sum", "folds"]
HEAD = """
class Stage(Enum):
    A = 0
    B = 5
    C = 200

@contract
class Random:
    @view
"""
OTHERS = {
    "flag": "bool",
    "stage": "Stage",
    "text": "Public[Text[12]]",
    "items": "List[u64, 5]",
    "data": "Public[Bytes[6]]",
    "tag": "Public[FixedBytes[3]]",
}


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A contract with one view."""
    kind = draw(st.sampled_from(KINDS))
    lines = [f"x = {draw(expressions(kind, 2))}", "n = 0", "t = text"]
    for _ in range(draw(st.integers(0, 5))):
        lines += draw(statements(kind))
    body = "".join(f"        {line}\n" for line in [*lines, "return x + n, t"])
    parameters = ", ".join(f"{name}_{each}: {each}" for each in KINDS for name in "ab")
    parameters += "".join(f", {name}: {each}" for name, each in OTHERS.items())
    text = f"from xianglian.contract import {', '.join(NAMES)}\n{HEAD}"
    return text + f"    def run(self, {parameters}) -> tuple[{kind}, Public[Text[90]]]:\n{body}"


def arguments() -> st.SearchStrategy[list[Any]]:
    """Values for all parameters, small and large; the enum member by its place."""
    each: list[st.SearchStrategy[Any]] = []
    for kind in KINDS:
        shape = INTEGERS[kind]
        number = st.integers(max(shape.low, -3), 12) | st.integers(shape.low, shape.high)
        each += [number, number]
    each += [st.booleans(), st.integers(0, 2), st.sampled_from(["", "x", "same", "é1"])]
    each += [st.lists(st.integers(0, 9) | st.integers(0, 2**64 - 1), max_size=5)]
    each += [st.binary(max_size=6), st.binary(min_size=3, max_size=3)]
    return st.tuples(*each).map(list)


def outcome(chain: Chain, module: Any, values: list[Any]) -> tuple[str, Any]:
    deployed = chain.deploy(module.Random, by=chain.account("ann"))
    at = 2 * len(KINDS) + 1
    given = [*values[:at], list(module.Stage)[values[at]], *values[at + 1 :]]
    try:
        return "ok", deployed.run(*given)
    except ContractError as error:
        return error.code, error.facts


@seed(SEED)
@settings(max_examples=PROGRAMS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(program=programs(), inputs=st.lists(arguments(), min_size=6, max_size=6))
def test_a_random_program(
    program: str, inputs: list[list[Any]], machine: Engine, tmp_path_factory: Any
) -> None:
    file: Path = tmp_path_factory.getbasetemp() / f"random_{next(NUMBERS)}.py"
    file.write_text(program)
    module = load_contract(file)
    for values in inputs:
        plain, compiled = outcome(Chain(), module, values), outcome(Chain(machine), module, values)
        assert plain == compiled, (f"XL_SEED={SEED}", program, values)
