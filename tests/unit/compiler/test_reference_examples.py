"""The examples of the language's reference page, compiled and run in both worlds as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import xianglian.contract as api
from xianglian.compiler import build
from xianglian.contract.errors import ContractError
from xianglian.contract.testing import Chain, Engine, load_contract

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "contract_language.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
EXAMPLES = {match[1]: text for text in BLOCKS if (match := re.search(r"@contract\nclass (\w+)", text))}
IMPORTS = f"from xianglian.contract import {', '.join(api.__all__)}\n"
CALL = re.compile(r"^# (\w+)(\.\w+\(.*\)) (==|fails with) (.+)$", re.MULTILINE)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_says_what_happens(name: str, machine: Engine, tmp_path: Path) -> None:
    text = EXAMPLES[name]
    file = tmp_path / "contract.py"
    file.write_text(text if "import" in text else IMPORTS + text, encoding="utf-8")
    build(file)
    module = load_contract(file)
    calls = CALL.findall(text)
    assert calls or "import" in text, "an example says what its calls end with"
    for chain in (Chain(), Chain(machine)):
        deployed = chain.deploy(getattr(module, name), by=chain.account("ann"))
        for _, call, word, wanted in calls:
            names = {**vars(module), "contract": deployed}
            try:
                found, ended = eval("contract" + call, names), "=="
            except ContractError as error:
                found, ended = (
                    f"{error.code}({', '.join(f'{k}={v!r}' for k, v in error.facts.items())})",
                    "fails with",
                )
                wanted = wanted if "(" in wanted else wanted + "()"
                wanted = wanted.replace('"', "'")
            assert ended == word, (call, found)
            assert found == (eval(wanted, names) if word == "==" else wanted), call


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 5
