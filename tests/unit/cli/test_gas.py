"""`xl contract test --gas`: a contract's tests in the machine that nodes run."""

import importlib
import json
from pathlib import Path

import pytest

from xianglian.cli.gas import Metered
from xianglian.cli.root import run
from xianglian.contract import CallFailed, testing
from xianglian.contract.template import write_template
from xianglian.contract.testing import Chain, Parties

MARKET = importlib.import_module("tests.unit.compiler.contracts.market")
TOKEN = importlib.import_module("tests.unit.compiler.contracts.token")


def test_a_new_contract_tells_its_gas(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_template(tmp_path, "Tally")
    assert run(["contract", "test", str(tmp_path), "--gas", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["passed"]
    rows = {row["method"]: row for row in told["gas"]}
    assert set(rows) == {"deploy", "count", "reset", "current"}
    for row in rows.values():
        assert 30_000 < row["gas_min"] <= row["gas_mean"] <= row["gas_max"]
    assert (rows["reset"]["calls"], rows["reset"]["failed"]) == (2, 1)
    assert rows["current"]["writes_max"] == 0
    assert (rows["count"]["writes_max"], rows["count"]["events_max"]) == (2, 1)


def test_outside_calls_run_in_the_machine_too() -> None:
    engine = Metered()
    chain = Chain(engine)
    parties = Parties.of(chain)
    token = chain.deploy(TOKEN.Token, by=parties.alice)
    market = chain.deploy(MARKET.Market, by=parties.alice)
    token.mint(market.address, 100, by=parties.alice)
    assert market.pay(token.address, parties.bob, 30, by=parties.carol) == 70
    assert token.balance_of(parties.bob) == 30

    before = dict(chain.state)
    with pytest.raises(CallFailed) as failed:
        market.pay(token.address, parties.bob, 71, by=parties.carol)
    assert failed.value.facts["code"] == "Poor"
    assert chain.state == before

    inner, outer = engine.uses["Token", "transfer"], engine.uses["Market", "pay"]
    assert inner.calls == outer.calls == 2
    assert outer.gas_max > inner.gas_max > 30_000


def test_gas_is_the_same_each_time() -> None:
    def gas() -> list[int]:
        engine = Metered()
        chain = Chain(engine)
        parties = Parties.of(chain)
        token = chain.deploy(TOKEN.Token, by=parties.alice)
        token.mint(parties.bob, 5, by=parties.alice)
        return [use.gas_sum for use in engine.uses.values()]

    assert gas() == gas()


def test_what_the_host_raises_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    class DiskFull(Exception):
        pass

    def fails(*_: object) -> bytes:
        raise DiskFull

    chain = Chain(Metered())
    parties = Parties.of(chain)
    token = chain.deploy(TOKEN.Token, by=parties.alice)
    monkeypatch.setattr(testing._Call, "get", fails)
    with pytest.raises(DiskFull):
        token.balance_of(parties.bob)
