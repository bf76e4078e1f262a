"""The life of licences against a slow model: random histories of transitions, uses and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xianglian.contract import ContractError, encode
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.values import Hash, Ref
from xianglian.solutions.elicence import errors as e
from xianglian.solutions.elicence import types as t
from xianglian.solutions.elicence.data import DAY_MS, TYPES
from xianglian.solutions.elicence.types import Operation, Reason, Status

from .conftest import World

FINAL = {Status.SUPERSEDED, Status.REVOKED, Status.WITHDRAWN, Status.CANCELLED}
REASONS = {
    "suspend": Reason.INVESTIGATION,
    "resume": Reason.RECTIFIED,
    "revoke": Reason.VIOLATION,
    "withdraw": Reason.GRANTED_IN_ERROR,
    "cancel": Reason.HOLDER_REQUEST,
}
AFTER = {
    "suspend": Status.SUSPENDED,
    "resume": Status.VALID,
    "revoke": Status.REVOKED,
    "withdraw": Status.WITHDRAWN,
    "cancel": Status.CANCELLED,
}


@dataclass
class Version:
    """One version of a licence as the model sees it: a list of (time, status), nothing cleverer."""

    identifier: str
    number: int
    valid_from: int
    valid_to: int | None
    told: list[tuple[int, Status]] = field(default_factory=list)
    consents: dict[int, list[int]] = field(default_factory=dict)
    """Number -> [used, most]."""

    @property
    def status(self) -> Status:
        return self.told[-1][1]

    def valid_at(self, at: int) -> bool:
        known = [status for since, status in self.told if since <= at]
        return (
            bool(known)
            and known[-1] == Status.VALID
            and self.valid_from <= at
            and (self.valid_to is None or at < self.valid_to)
        )


class Model:
    """One serial number: its versions, and what must be allowed next."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sample = world.data.sample(TYPES[1])
        start = world.chain.time_ms
        self.years = 400 * DAY_MS
        identifier = world.issue(self.sample, valid_to=start + self.years)
        self.versions = [
            Version(identifier, 1, start, start + self.years, [(world.chain.time_ms, Status.VALID)])
        ]

    def step(self, action: str, which: int, amount: int) -> None:
        version = self.versions[which % len(self.versions)]
        self.world.chain.advance(ms=amount * DAY_MS // 4)
        before = dict(self.world.chain.state)
        try:
            allowed = (
                getattr(self, "_" + action)(version) if action not in AFTER else self._simple(action, version)
            )
        except ContractError as error:
            assert self.world.chain.state == before, "a refusal changed state"
            assert not self._may(action, version), (action, version, error)  # noqa: PT017 - also on success
        else:
            assert allowed, (action, version)

    def _may(self, action: str, version: Version) -> bool:
        """Whether the model allows it at the time of the block that is made now."""
        status, now = version.status, self.world.chain.time_ms
        match action:
            case "suspend":
                return status == Status.VALID
            case "resume":
                return status == Status.SUSPENDED
            case "revoke" | "withdraw" | "cancel" | "authorise":
                return status not in FINAL
            case "change" | "renew":
                return status == Status.VALID and (version.valid_to is None or now < version.valid_to)
            case "present":
                return any(used < most for used, most in version.consents.values())
        raise AssertionError(action)

    def _simple(self, action: str, version: Version) -> bool:
        getattr(self.world.contract, action)(version.identifier, REASONS[action], by=self.world.issuer)
        allowed = self._may(action, version)
        version.told.append((self.world.chain.time_ms, AFTER[action]))
        return allowed

    def _change(self, version: Version) -> bool:
        return self._next(version, renew=False)

    def _renew(self, version: Version) -> bool:
        return self._next(version, renew=True)

    def _next(self, version: Version, *, renew: bool) -> bool:
        world, sample = self.world, self.world.data.next_version(self.sample)
        new_id = world.id_of(sample, version.number + 1)
        content = (Hash(sample.file_sm3), sample.seal_cert_sn, Hash(sample.attributes.root))
        until = version.valid_to
        if renew:
            assert until is not None
            until += self.years
            world.contract.renew(version.identifier, new_id, until, *content, by=world.issuer)
        else:
            ref = Ref(sample.number.ref)
            world.contract.change(
                version.identifier, new_id, Reason.DATA_CHANGED, ref, *content, by=world.issuer
            )
        allowed = self._may("change", version)
        now = world.chain.time_ms
        version.told.append((now, Status.SUPERSEDED))
        self.versions.append(
            Version(new_id, version.number + 1, version.valid_from, until, [(now, Status.VALID)])
        )
        return allowed

    def _authorise(self, version: Version) -> bool:
        number = self.world.consent(version.identifier, uses=2, days=10_000)
        version.consents[number] = [0, 2]
        return self._may("authorise", version)

    def _present(self, version: Version) -> bool:
        number, uses = next(iter(version.consents.items()), (0, [0, 0]))
        for each in version.consents.items():
            number, uses = each
            if uses[0] < uses[1]:
                break
        answer = self.world.present(version.identifier, number)
        allowed = uses[0] < uses[1]
        uses[0] += 1
        assert answer.valid == version.valid_at(self.world.chain.time_ms)
        assert answer.status == version.status
        return allowed

    def check(self, times: list[int]) -> None:
        """Everything that must hold after any history."""
        contract = self.world.contract
        assert [v.number for v in self.versions] == list(range(1, len(self.versions) + 1))
        assert sum(v.status in (Status.VALID, Status.SUSPENDED) for v in self.versions) <= 1
        borders = [since + d for v in self.versions for since, _ in v.told for d in (-1, 0, 1)]
        ends = [v.valid_to + d for v in self.versions if v.valid_to is not None for d in (-1, 0)]
        for version in self.versions:
            licence = contract.licence(version.identifier)
            assert [(i.since, i.status) for i in licence.history] == version.told
            assert all(status not in FINAL for _, status in version.told[:-1]), "left a final status"
            for at in [*borders, *ends, *times]:
                answer = contract.status_at(version.identifier, at)
                assert answer.valid == version.valid_at(at), (version, at)
            for number, (used, most) in version.consents.items():
                found = contract.consents_of(version.identifier, number, by=self.world.holders[0])
                assert found[0].used == used <= most
        assert (
            contract.current(TYPES[1].code(_keeper()), _issuer(), self.sample.serial)
            == self.versions[-1].identifier
        )


def _keeper() -> str:
    from .conftest import KEEPER

    return KEEPER


def _issuer() -> str:
    from .conftest import ISSUERS

    return ISSUERS["org2"]


ACTIONS = st.sampled_from([*AFTER, "change", "renew", "authorise", "present", "suspend", "resume", "present"])
HISTORIES = st.lists(st.tuples(ACTIONS, st.integers(0, 9), st.integers(0, 400)), max_size=25)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(HISTORIES, st.lists(st.integers(1_767_000_000_000, 1_900_000_000_000), max_size=5))
def test_any_history_agrees_with_the_model(
    new_world: Callable[..., World], history: list[tuple[str, int, int]], times: list[int]
) -> None:
    """Final statuses never return, versions rise by one, uses stay within what was granted, answers as of any
    time."""
    model = Model(new_world())
    for action, which, amount in history:
        model.step(action, which, amount)
    model.check(times)


def test_events_of_all_versions_form_one_chain(world: World) -> None:
    """Each change names the digest of the one before, across versions, and the digest is that of its own
    fields."""
    model = Model(world)
    for action in ("suspend", "resume", "change", "renew", "suspend", "revoke"):
        model.step(action, len(model.versions) - 1, 1)
    changes = [each.value for each in world.chain.events if each.name == "LicenceChanged"]
    assert [each.operation.name for each in changes] == (
        ["ISSUE", "SUSPEND", "RESUME", "SUPERSEDE", "CHANGE", "SUPERSEDE", "RENEW", "SUSPEND", "REVOKE"]
    )
    previous = bytes(32)
    for each in changes:
        assert each.previous_event == previous
        assert each.actor == world.issuer
        parts = [encode(each.licence_id), encode(each.operation), encode(each.reason), encode(each.status)]
        previous = sm3_digest(
            b"xl:elicence:event:1" + previous + b"".join(parts) + each.actor + each.at.to_bytes(8, "little")
        )
        assert each.event_hash == previous
    assert world.contract.licence(model.versions[-1].identifier).last_event == previous


def test_versions_are_linked_both_ways(world: World) -> None:
    model = Model(world)
    model.step("change", 0, 1)
    first, second = (world.contract.licence(each.identifier) for each in model.versions)
    assert (first.next_id, second.previous_id) == (second.licence_id, first.licence_id)
    assert (first.status, second.status, second.version) == (Status.SUPERSEDED, Status.VALID, 2)
    assert first.valid_to == second.valid_to
    assert first.holder_ref == second.holder_ref
    answer = world.contract.status_at(first.licence_id, None)
    assert (answer.valid, answer.next_id) == (False, second.licence_id)


def test_the_next_version_must_follow(world: World) -> None:
    sample = world.data.sample(TYPES[0])
    identifier = world.issue(sample)
    other = world.data.sample(TYPES[0])
    content = (
        Ref(sample.number.ref),
        Hash(sample.file_sm3),
        sample.seal_cert_sn,
        Hash(sample.attributes.root),
    )
    for wrong in (world.id_of(sample, 1), world.id_of(sample, 3), world.id_of(other, 2)):
        with pytest.raises(e.NotNextVersion):
            world.contract.change(identifier, wrong, Reason.DATA_CHANGED, *content, by=world.issuer)
    with pytest.raises(e.NotLonger):
        world.contract.renew(identifier, world.id_of(sample, 2), None, *content[1:], by=world.issuer)


def test_renewal_must_end_later_and_come_in_time(world: World) -> None:
    now = world.chain.time_ms
    sample = world.data.sample(TYPES[1])
    identifier = world.issue(sample, valid_to=now + 10 * DAY_MS)
    content = (Hash(sample.file_sm3), sample.seal_cert_sn, Hash(sample.attributes.root))
    renew: Callable[..., Any] = world.contract.renew
    with pytest.raises(e.NotLonger):
        renew(identifier, world.id_of(sample, 2), now + 10 * DAY_MS, *content, by=world.issuer)
    world.chain.advance(days=11)
    with pytest.raises(e.Expired):
        renew(identifier, world.id_of(sample, 2), now + 100 * DAY_MS, *content, by=world.issuer)
    # It can still be cancelled because it ran out: expiry itself changed nothing.
    assert world.contract.licence(identifier).status == Status.VALID
    world.contract.cancel(identifier, Reason.NOT_RENEWED, by=world.issuer)


def test_a_licence_can_always_be_ended(world: World) -> None:
    """However often it was suspended, room for the last transition is kept."""
    identifier = world.issue()
    with pytest.raises(e.HistoryFull):  # noqa: PT012
        for _ in range(t.HISTORY_MAX):
            world.contract.suspend(identifier, Reason.INVESTIGATION, by=world.issuer)
            world.contract.resume(identifier, Reason.RECTIFIED, by=world.issuer)
    world.contract.revoke(identifier, Reason.VIOLATION, by=world.issuer)
    assert world.contract.licence(identifier).status == Status.REVOKED
    with pytest.raises(e.IllegalTransition) as refused:
        world.contract.resume(identifier, Reason.RECTIFIED, by=world.issuer)
    assert refused.value.facts == {"status": Status.REVOKED, "operation": Operation.RESUME}
