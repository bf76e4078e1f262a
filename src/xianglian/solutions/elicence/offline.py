"""Answers from a proof alone: the licence that a verified state fact holds, and its validity at any time up
to then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xianglian.contract import codec
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.values import type_of, u64
from xianglian.solutions.elicence.rules import answer_at
from xianglian.solutions.elicence.types import Answer, Licence

PREFIX = b"licences/"
CONTRACT_BYTES = 20


@dataclass(frozen=True, slots=True)
class ProvenLicence:
    """A licence out of a verified proof file, as it stood after the block at `height`."""

    licence: Licence
    height: int
    time_ms: int
    """Header time of that block: for later times the proof says nothing about changes of status."""

    def answer(self, at_ms: int) -> Answer:
        """Whether it was valid at `at_ms`. Raises `ValueError` for a time after the proof."""
        if at_ms > self.time_ms:
            raise ValueError(f"the proof reaches to {self.time_ms}, asked for {at_ms}")
        return answer_at(self.licence, u64(at_ms))


def state_key_of(licence_id: str) -> bytes:
    """The key of a licence within its contract."""
    return PREFIX + sm3_digest(licence_id.encode())


def proven_licence(result: Mapping[str, Any]) -> ProvenLicence | None:
    """The licence of what `xianglian.verify` returned; None where the fact is something else.

    The key must be the one of the licence's own identifier: a value under another key would prove nothing.
    """
    fact = result["fact"]
    if fact["kind"] != "state":
        return None
    key = bytes.fromhex(fact["key"])[CONTRACT_BYTES:]
    if not key.startswith(PREFIX):
        return None
    try:
        licence = codec.decode(type_of(Licence), bytes.fromhex(fact["value"]))
    except codec.DecodeError:
        return None
    if key != state_key_of(licence.licence_id):
        return None
    return ProvenLicence(licence, int(result["height"]), int(result["time_ms"]))


def differences(proven: ProvenLicence, told: Mapping[str, Any]) -> list[str]:
    """Where a platform's answer (`status_at`, `present`) departs from the proof; empty if they agree."""
    mine = proven.answer(int(told["asked_for"]))
    own = {
        "valid": mine.valid,
        "status": None if mine.status is None else mine.status.name,
        "expired": mine.expired,
        "begun": mine.begun,
        "version": int(mine.version),
    }
    return [name for name, value in own.items() if told[name] != value]
