"""Sources made to mislead readers, to run something when they are imported, or to wear the compiler out: each
is refused with a place, at once, and nothing of it runs.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xianglian.compiler import CompileError, SourceUnreadable, build
from xianglian.compiler.frontend.source import SOURCE_BYTES_MAX

NAMES = "Enum, TypeVar, contract, ensures, interface, invariant, record, u64, view"
HEAD = f"from xianglian.contract import {NAMES}\n"
RUN = "exec('raise SystemExit')"


def source(*, declared: str = "", members: str = "", body: str = "return a", head: str = HEAD) -> str:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return (
        f'{head}{declared}\n@contract\nclass A:\n    """甲 / A."""\n    x: u64\n{members}\n'
        f'    @view\n    def f(self, a: u64) -> u64:\n        """取 / Get."""\n{lines}'
    )


def refusal(folder: Path, text: str) -> str:
    file = folder / "contract.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CompileError) as refused:
        build(file)
    assert all(each.line >= 1 for each in refused.value.diagnostics)
    return str(refused.value)


def invariant(condition: str, arguments: str = "self") -> str:
    head = f"    @invariant\n    def i({arguments}) -> bool:\n"
    return f'{head}        """对 / i."""\n        return {condition}\n'


def test_the_source_these_vary_is_taken(tmp_path: Path) -> None:
    (tmp_path / "contract.py").write_text(source(members=invariant("self.x >= 0")), encoding="utf-8")
    assert build(tmp_path).name == "A"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (source(body="\u0430 = u64(5)\nreturn \u0430"), "the name"),
        (
            source(members="    def __getattr__(self, name: u64) -> u64:\n        return name\n"),
            "the name `__getattr__`",
        ),
        (source(members="    def __init__(self) -> None:\n        pass\n"), "the name `__init__`"),
        (source(members="    __x: u64\n"), "the name `__x`"),
        (source(declared="def __getattr__(name: u64) -> u64:\n    return name\n"), "the name `__getattr__`"),
        (source(declared='class E(Enum):\n    """态 / E."""\n    mro = 0, "甲 / a"\n'), "the name `mro`"),
        (source(declared='class E(Enum):\n    """态 / E."""\n    _x_ = 0, "甲 / a"\n'), "the name `_x_`"),
        ("# coding: utf-7\n" + source(), "the encoding utf-7"),
        ("\n# -*- coding: latin-1 -*-\n" + source(), "the encoding latin-1"),
    ],
)
def test_a_name_means_to_python_what_a_reader_sees(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (source(members=invariant(f"{RUN} is None")), "`exec` is not known here"),
        (source(members=invariant("open('/dev/null') is None")), "`open` is not known here"),
        (source(members=invariant("self.x >= 0", f"self: {RUN}")), "single condition"),
        (source(members=invariant("self.x >= 0", f"self, *, b={RUN}")), "single condition"),
        (source(declared=f"{RUN}\n"), "a statement outside functions"),
        (source(declared=f"{RUN}.x = 1\n"), "outside functions"),
        (source(declared=f"__all__ = {RUN}\n"), "is no constant"),
        (source(declared=f"T = TypeVar('T', bound={RUN})\n"), "is no constant"),
        (source(declared=f"X: tuple[int, {RUN}] = (1, 2)\n"), "is no type"),
        (source().replace("f(self,", f"f(self: {RUN},"), "f has no self"),
        (source().replace("f(self,", "f(self: '1 / 0',"), "f has no self"),
        (
            source(declared="@interface\nclass T:\n    @view\n    def g(self: '1 / 0') -> u64: ...\n"),
            "g is no method of an interface",
        ),
    ],
)
def test_importing_what_was_accepted_runs_nothing(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(tmp_path, text)


def test_a_condition_does_not_name_a_class_before_python_knows_it(tmp_path: Path) -> None:
    members = invariant("old.x == 0", "self, old: A").replace("@invariant", "@ensures")
    assert "`A` is not declared yet" in refusal(tmp_path, source(members=members))
    (tmp_path / "contract.py").write_text(
        source(members=members, head="from __future__ import annotations\n" + HEAD), encoding="utf-8"
    )
    build(tmp_path)


def records(count: int, fields: int) -> str:
    def one(number: int) -> str:
        inner = f"R{number - 1}" if number else "u64"
        lines = "".join(f"    a{each}: {inner}\n" for each in range(fields))
        return f'@record\nclass R{number}:\n    """记 / R."""\n{lines}'

    return "".join(map(one, range(count)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (source(body="return " + " + ".join(["a"] * 20_000)), "nested too deeply"),
        (source(body="return u64(1) if " + "not " * 5000 + "a == 1 else a"), "nested too deeply"),
        (source(body="return u64(" + "-" * 20_000 + "1)"), "nested too deeply"),
        (source(body="return a" + "[0]" * 20_000), "nested too deeply"),
        (
            source(
                body="if a == 0:\n    return a\n"
                + "".join(f"elif a == {n}:\n    return a\n" for n in range(1, 5000))
                + "return a"
            ),
            "nested too deeply",
        ),
        (
            source(
                declared="".join(f"def h{n}(a: u64) -> u64:\n    return h{n + 1}(a)\n" for n in range(2000))
                + "def h2000(a: u64) -> u64:\n    return a\n",
                body="return h0(a)",
            ),
            "nested too deeply",
        ),
        (source(declared=records(40, 2)), "parts"),
        (source(declared=records(2000, 1)), "deep"),
        (
            source(
                declared="X0 = b'aaaaaaaaaaaaaaaa'\n"
                + "".join(f"X{n} = X{n - 1} + X{n - 1}\n" for n in range(1, 60))
            ),
            "is no constant",
        ),
        (
            source(
                declared='T = TypeVar("T")\n'
                + "".join(
                    f"def g{n}(a: T) -> u64:\n    return g{n + 1}((a, a)) + g{n + 1}((a, u64(1)))\n"
                    for n in range(18)
                )
                + "def g18(a: T) -> u64:\n    return u64(1)\n",
                body="return g0(a)",
            ),
            "for ever more types",
        ),
    ],
    ids=["sum", "not", "minus", "index", "elif", "helpers", "wide", "chain", "bytes", "generic"],
)
def test_what_would_wear_the_compiler_out_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(tmp_path, text)


def test_a_long_way_of_imports_is_refused(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"m{number}.py").write_text(f"from .m{number + 1} import X\n")
    (tmp_path / "m600.py").write_text("X = 1\n")
    assert "nested too deeply" in refusal(tmp_path, source(declared="from .m0 import X\n"))


def test_only_a_plain_file_of_a_bounded_size_is_read(tmp_path: Path) -> None:
    file = tmp_path / "contract.py"
    file.write_text(source() + "#" * SOURCE_BYTES_MAX)
    with pytest.raises(SourceUnreadable, match=f"more than {SOURCE_BYTES_MAX} bytes"):
        build(file)
    file.unlink()
    file.symlink_to("/dev/zero")
    with pytest.raises(SourceUnreadable, match="no regular file"):
        build(file)
    file.unlink()
    file.symlink_to("contract.py")
    with pytest.raises(SourceUnreadable):
        build(file)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(SourceUnreadable, match="no regular file"):
        build(file)
