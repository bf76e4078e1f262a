"""The compiled contract in the nodes' own machine: histories as in plain Python, and what they cost."""

from __future__ import annotations

import json
from collections.abc import Iterable

from hypothesis import HealthCheck, given, settings

from xianglian import _core
from xianglian.compiler import build
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.testing import Aborted, Chain, Deployed, _error
from xianglian.contract.values import Address
from xianglian.sdk.client import GAS_DEFAULT
from xianglian.solutions.elicence.solution import SOLUTION

from . import test_elicence_life as life
from .conftest import World
from .test_elicence_life import HISTORIES, Model

BUILT = build(SOLUTION.folder)


class SandboxChain(Chain):
    """The test chain over the nodes' machine; state lies in the machine, so `state` stays empty."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = _core.ContractSandbox(BUILT.wasm)
        self.gas_used: dict[str, int] = {}
        """Most gas that a method took."""

    def account(self, name: str, *, organisation: str = "org1", roles: Iterable[str] = ()) -> Address:
        address = super().account(name, organisation=organisation, roles=roles)
        self.machine.set_account(bytes(address), organisation, sorted(roles))
        return address

    def run(
        self, deployed: Deployed, method: str, arguments: bytes, *, by: Address, read_only: bool = False
    ) -> bytes:
        self.height += 1
        self.time_ms += 1
        raw = self.machine.call(
            entry="init" if method == "deploy" else method,
            arguments=arguments,
            caller=bytes(by),
            contract=bytes(deployed.address),
            height=self.height,
            time_ms=self.time_ms,
            tx_id=sm3_digest(b"%d" % self.height),
            gas_limit=GAS_DEFAULT,
            read_only=read_only,
        )
        outcome = json.loads(raw)
        self.gas_used[method] = max(self.gas_used.get(method, 0), int(outcome["gas_used"]))
        if outcome["status"] != "success":
            stop = Aborted(outcome["code"], int(outcome["line"]), bytes.fromhex(outcome["detail"] or ""))
            raise _error(deployed.contract, stop)
        for event in outcome["events"]:
            self.events.append(self._event(deployed, event["name"], bytes.fromhex(event["data"])))
        return bytes.fromhex(outcome["output"] or "")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(HISTORIES)
def test_any_history_agrees_with_the_model_in_the_machine(history: list[tuple[str, int, int]]) -> None:
    model = Model(World(SandboxChain()))
    for action, which, amount in history:
        model.step(action, which, amount)
    model.check([])


def test_the_event_chain_in_the_machine() -> None:
    life.test_events_of_all_versions_form_one_chain(World(SandboxChain()))


def test_every_call_stays_far_below_the_default_gas() -> None:
    chain = SandboxChain()
    world = World(chain)
    model = Model(world)
    for action in ("authorise", "present", "change", "renew", "suspend", "resume", "revoke"):
        model.step(action, len(model.versions) - 1 if action not in ("present", "change") else 0, 1)
    assert max(chain.gas_used.values()) < GAS_DEFAULT // 2, chain.gas_used


def test_nodes_take_the_module() -> None:
    checked = json.loads(_core.check_contract(BUILT.wasm))
    assert {"issue", "present", "status_at"} <= set(checked["exports"])
