"""Clients made from interface descriptions: they type-check, and call what they say."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from xianglian.compiler import build
from xianglian.contract.abi import Interface
from xianglian.errors import Misused
from xianglian.sdk import generated

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = [
    "examples/points",
    "src/xianglian/solutions/elicence",
    "tests/unit/compiler/contracts/everything.py",
]


@pytest.fixture(scope="module")
def interfaces() -> dict[str, Interface]:
    return {path: Interface(build(ROOT / path).interface) for path in CONTRACTS}


def test_made_modules_pass_the_strict_type_checker(interfaces: dict[str, Interface], tmp_path: Path) -> None:
    files = []
    for number, interface in enumerate(interfaces.values()):
        for maker in (generated.python_client, generated.async_client):
            files.append(tmp_path / f"made_{number}_{maker.__name__}.py")
            files[-1].write_text(maker(interface), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(tmp_path / "cache"),
        *map(str, files),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def loaded(text: str) -> Any:
    names: dict[str, Any] = {}
    exec(compile(text, "made.py", "exec"), names)
    return SimpleNamespace(**names)


class Recorder:
    """Stands where the client stands; keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, dict[str, Any]]] = []

    def call(self, contract: str, method: str, /, **arguments: Any) -> str:
        self.asked.append(("call", contract, method, arguments))
        return "receipt"

    def query(self, contract: str, method: str, /, **arguments: Any) -> int:
        self.asked.append(("query", contract, method, arguments))
        return 7


def test_entries_are_called_and_views_asked(interfaces: dict[str, Interface]) -> None:
    recorder = Recorder()
    points = loaded(generated.python_client(interfaces["examples/points"])).Points(recorder, "city-points")
    assert points.transfer(target="xl1x", amount=5) == "receipt"
    assert points.balance(owner="xl1x") == 7
    assert recorder.asked == [
        ("call", "city-points", "transfer", {"target": "xl1x", "amount": 5}),
        ("query", "city-points", "balance", {"owner": "xl1x"}),
    ]


@pytest.mark.parametrize("path", CONTRACTS)
def test_the_openapi_part_refers_only_to_what_it_has(interfaces: dict[str, Interface], path: str) -> None:
    interface = interfaces[path]
    document = json.loads(generated.openapi_text(interface))
    schemas = document["components"]["schemas"]
    for name in interface.methods:
        assert set(schemas[f"{name}.arguments"]["required"]) == set(interface.methods[name].arguments)

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if "$ref" in part else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_a_name_that_python_keeps_is_told(interfaces: dict[str, Interface]) -> None:
    document = json.loads(json.dumps(interfaces["examples/points"].document))
    document["methods"][0]["name"] = "class"
    with pytest.raises(Misused, match="`class` is no name in Python"):
        generated.python_client(Interface(document))
