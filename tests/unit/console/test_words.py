"""Both languages everywhere: no holes, no stray literals, the same facts on both sides."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import xianglian.console
from xianglian.console import i18n, mounting

HOME = Path(xianglian.console.__file__).parent
CJK = re.compile(r"[\u4e00-\u9fff]")
FORMULAS = {
    "form.hint.json", "form.hint.address", "form.invalid", "network.chain.quorum.value",
    "public.language.title",
    "elicence.verify.licence.file.said",
}  # fmt: skip
SAME = {"EN"}
"""English texts that may hold Chinese: the names of the languages."""


def catalogues() -> tuple[i18n.Catalogue, ...]:
    import importlib

    for name in mounting.PAGES:
        importlib.import_module(f"xianglian.console.pages.{name}")
    importlib.import_module("xianglian.console.public.routes")
    return i18n.catalogues()


def test_no_holes() -> None:
    found = catalogues()
    assert len(found) > 15
    for catalogue in found:
        for key, (zh, en) in catalogue.items():
            where = f"{catalogue.page}.{key}"
            assert zh.strip(), where
            assert en.strip(), where
            assert not CJK.search(en.replace("中文", "").replace("切换为", "")) or key.startswith(
                "language"
            ), where
            facts = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
            assert facts[0] == facts[1], f"{where}: facts differ"


def test_chinese_is_chinese() -> None:
    """A Chinese text without a Chinese character is a formula, an address or the switch to English."""
    plain = [
        f"{catalogue.page}.{key}"
        for catalogue in catalogues()
        for key, (zh, _) in catalogue.items()
        if not CJK.search(zh) and zh not in SAME
    ]
    assert set(plain) <= FORMULAS, plain


@pytest.mark.parametrize("path", sorted(HOME.rglob("*.py")), ids=lambda path: str(path.relative_to(HOME)))
def test_words_stand_in_catalogues_and_exist(path: Path) -> None:
    tree = ast.parse(path.read_text())
    known: dict[str, set[str]] = {}
    inside: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) == "Catalogue"
        ):
            inside |= {id(each) for each in ast.walk(node)}
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and id(node.value) in inside:
            names = node.value.args[1]
            if isinstance(names, ast.Dict):
                known[node.targets[0].id] = {key.value for key in names.keys}  # type: ignore[attr-defined, union-attr]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | docs:
            allowed = (
                path.name == "i18n.py"
                or node.value in ("验", "接", "服", "享链", ".。")
                or node.value == "是"
            )
            assert allowed or not CJK.search(node.value), f"{path.name}:{node.lineno} {node.value!r}"
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in known
            and node.args
        ):
            key = node.args[0]
            if isinstance(key, ast.Constant):
                assert key.value in known[node.func.id], (
                    f"{path.name}:{node.lineno} has no words for {key.value!r}"
                )
