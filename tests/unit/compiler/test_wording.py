"""Every refusal can be told in Chinese: the table is as complete as the compiler's source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from xianglian import compiler
from xianglian.compiler import CompileError, build
from xianglian.compiler.wording import in_chinese, table

FRONTEND = Path(compiler.__file__).parent / "frontend"
TELLS = {"refuse", "note", "_refuse"}
NAMES = {"what", "fix", "fixes"}


SOURCE = '''"""A."""

from xianglian.contract import Map, contract, entry, u64, u128


@contract
class A:
    """A."""

    m: Map[u64, u64]

    @entry
    def go(self, a: u64, b: u128) -> None:
        """Go."""
        self.m["一"] = a + b
'''


def texts(node: ast.expr | None) -> Iterator[str]:
    """The texts that an expression may yield, `{}` for what is put in."""
    match node:
        case ast.Constant(value=str(value)):
            yield value
        case ast.JoinedStr(values=values):
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in values)
        case ast.IfExp(body=body, orelse=other):
            yield from texts(body)
            yield from texts(other)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            for first in [*texts(left)] or ["{}"]:
                yield from (first + second for second in [*texts(right)] or ["{}"])
        case ast.Dict(values=values):
            for each in values:
                yield from texts(each)
        case ast.Call(func=ast.Attribute(attr="get"), args=[_, other]):
            yield from texts(other)


def told() -> Iterator[tuple[str, str]]:
    for path in sorted(FRONTEND.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found: list[ast.expr | None] = []
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in TELLS
            ):
                found = list(node.args[-2:])
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found = [node.value] if node.targets[0].id in NAMES else []
            for each in found:
                yield from ((text, f"{path.name}:{node.lineno}") for text in texts(each))


def test_every_text_of_the_frontend_has_chinese() -> None:
    missing = {text: place for text, place in told() if text not in table() and text.strip("{} ")}
    assert not missing, "add to src/xianglian/compiler/wording.json:\n" + "\n".join(
        f'"{text}": "",   # {place}' for text, place in missing.items()
    )


def test_placeholders_are_as_many_on_both_sides() -> None:
    for english, chinese in table().items():
        values = [f"<{n}>" for n in range(english.count("{}"))]
        assert all(value in chinese.format(*values) for value in values), english


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("u64 and u128 do not mix", "u64 与 u128 不能混用"),
        ("the key of balances is Address, the value u64", "balances 的键 是 Address, 值是 u64"),
        ("the result of pay may take 70000 bytes", "pay 的结果可能占 70000 字节"),
        ("nobody wrote this", "nobody wrote this"),
    ],
)
def test_names_and_types_stay_what_they_are(english: str, chinese: str) -> None:
    assert in_chinese(english) == chinese


def test_the_caret_stands_below_its_place(tmp_path: Path) -> None:
    file = tmp_path / "contract.py"
    file.write_text(SOURCE, encoding="utf-8")
    with pytest.raises(CompileError) as refused:
        build(file)
    (mixed,) = [d for d in refused.value.diagnostics if "do not mix" in d.what]
    assert (mixed.line, mixed.column) == (15, 23)
    line, caret = str(mixed).splitlines()[1:3]
    width = lambda text: sum(2 if ord(c) > 0x2E7F else 1 for c in text)  # noqa: E731
    assert width(caret) - 1 == width(line[: line.index("a + b")])
    assert "u64 与 u128 不能混用" in refused.value.reason_zh
