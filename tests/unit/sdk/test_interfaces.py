import json
from pathlib import Path
from typing import Any

import pytest

from xianglian.compiler import build
from xianglian.contract import abi
from xianglian.errors import Misused
from xianglian.keys import Key
from xianglian.sdk.interfaces import Interfaces
from xianglian.sdk.sources import points_folder
from xianglian.sdk.statekeys import state_key

POINTS = build(points_folder()).interface_json
OWNER = Key.generate().account("org1")


class Registry:
    """A contract whose versions began at the given heights, and how often each was asked for."""

    def __init__(self, *versions: tuple[int, bytes]) -> None:
        self.versions_known = versions
        self.asked: list[int | None] = []

    async def interface(self, _: str, version: int | None = None) -> bytes:
        self.asked.append(version)
        assert self.asked.count(version) == 1, "asked twice"
        return self.versions_known[-1 if version is None else version - 1][1]

    async def versions(self, _: str) -> dict[str, Any]:
        rows = [{"version": n, "height": at} for n, (at, _) in enumerate(self.versions_known, 1)]
        return {"versions": rows}


@pytest.fixture
def interfaces() -> Interfaces:
    return Interfaces(Registry((3, POINTS)))


async def test_what_was_is_read_by_the_version_that_ran_then() -> None:
    old = POINTS.replace(b'"supply"', b'"supplied"')
    between = POINTS.replace(b'"Issued"', b'"Emitted"')
    registry = Registry((3, old), (9, between), (9, POINTS), (20, POINTS.replace(b'"supply"', b'"total"')))
    interfaces = Interfaces(registry)
    raw = (5).to_bytes(16, "little")
    data = await interfaces.encode("points", "transfer", {"target": OWNER, "amount": 7})
    for _ in range(2):
        assert await interfaces.decode_output("points", "supplied", raw, 3) == 5
        assert await interfaces.decode_output("points", "supply", raw, 9) == 5
        assert await interfaces.decode_output("points", "supply", raw, 19) == 5
        assert await interfaces.decode_output("points", "total", raw, 20) == 5
        assert await interfaces.decode_output("points", "total", raw) == 5
        assert await interfaces.decode_event("points", "Issued", data, 10) == {"target": OWNER, "amount": 7}
        assert await interfaces.decode_event("points", "Emitted", data, 10) is None
    assert registry.asked == [None, 1, 3]
    interfaces.forget()
    registry.asked.clear()
    assert await interfaces.decode_output("points", "total", raw) == 5


async def test_numbers_come_back_as_numbers(interfaces: Interfaces) -> None:
    raw = (2**100).to_bytes(16, "little")
    assert await interfaces.decode_output("points", "supply", raw) == 2**100
    data = await interfaces.encode("points", "transfer", {"target": OWNER, "amount": "7"})
    assert await interfaces.decode_event("points", "Issued", data) == {"target": OWNER, "amount": 7}


@pytest.mark.parametrize(
    ("method", "arguments", "named"),
    [
        ("transfer", {"target": OWNER}, "amount"),
        ("transfer", {"target": OWNER, "amount": -1}, "amount"),
        ("transfer", {"target": "bob", "amount": 1}, "target"),
        ("transfer", {"target": OWNER, "amount": 1, "memo": ""}, "memo"),
        ("mint", {}, "mint"),
    ],
)
async def test_a_wrong_argument_is_named(
    interfaces: Interfaces, method: str, arguments: dict[str, object], named: str
) -> None:
    with pytest.raises(Misused, match=named):
        await interfaces.encode("points", method, arguments)


async def test_a_refusal_is_told_in_the_contracts_words(interfaces: Interfaces) -> None:
    detail = (3).to_bytes(16, "little") + (9).to_bytes(16, "little")
    reason = await interfaces.reason("points", "InsufficientBalance", detail)
    assert "fewer points" in reason
    assert "wanted 9" in reason
    assert await interfaces.reason("points", "XL-VM-OUT_OF_GAS", b"") == "XL-VM-OUT_OF_GAS"


def test_state_keys_are_those_the_contract_writes() -> None:
    from xianglian._core import address_to_bytes, contract_address

    head = address_to_bytes(contract_address("points"))
    assert state_key(POINTS, "points", "issued") == head + b"issued"
    assert state_key(POINTS, "points", "balances", OWNER) == head + b"balances/" + address_to_bytes(OWNER)
    for field, key in (("nothing", None), ("balances", None), ("issued", "x")):
        with pytest.raises(Misused):
            state_key(POINTS, "points", field, key)


def test_the_points_that_travel_with_the_package_are_the_only_ones() -> None:
    source = Path(__file__).parents[3] / "examples" / "points" / "contract.py"
    assert (points_folder() / "contract.py").resolve() == source.resolve()
    assert abi.Interface(json.loads(POINTS)).name == "Points"
