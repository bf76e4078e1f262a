"""A standard interface, read of contracts that run on a network of real processes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import harness

from xianglian.cli.root import run
from xianglian.compiler import build
from xianglian.sdk import Client
from xianglian.sdk.sources import points_folder

pytestmark = [pytest.mark.network, pytest.mark.timeout(300), pytest.mark.xdist_group("network")]
UNITS = Path(__file__).parents[2] / "examples" / "standards" / "fungible_units.py"


def test_deployed_contracts_are_held_against_a_standard(capsys: pytest.CaptureFixture[str]) -> None:
    with harness.network() as network:
        with Client.connect(network.path) as client:
            for name, source in (("units", UNITS), ("points", points_folder())):
                made = build(source)
                client.deploy(name, made.wasm, made.interface_json)

        def told(name: str, ends: int) -> dict[str, Any]:
            capsys.readouterr()
            given = ["contract", "conform", name, "--interface", "XRC-20", "--network", str(network.path)]
            assert run([*given, "--json"]) == ends
            document: dict[str, Any] = json.loads(capsys.readouterr().out)
            return document

        units = told("units", 0)
        assert units["conforms"] is True
        assert {each["check"] for each in units["findings"]} >= {
            "published",
            "layout",
            "detection",
            "view allowance",
        }
        points = told("points", 1)
        kept = {each["check"]: each["holds"] for each in points["findings"]}
        assert (kept["published"], kept["layout"]) == (True, True)
        assert (kept["interface_id"], kept["detection"], kept["method balance_of"]) == (False, False, False)
        assert told("nobody", 2)["error"]["code"] == "XL-NOT-FOUND"
