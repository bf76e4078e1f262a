"""The acceptance run: the story of electronic licences on a real network, told by its roles.

A catalogue is filled, licences are issued to holders, shown to verifiers with their holders' consent,
changed, suspended and revoked while they are being shown. Every answer is held against the order of the
chain, the refusals of `refusals` must come for the right reason, and proofs are verified without the
platform (`proofs`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xianglian.solutions.elicence import proofs, refusals
from xianglian.solutions.elicence.cast import Cast, prepare
from xianglian.solutions.elicence.data import DAY_MS, Generator, Sample, matter_code
from xianglian.solutions.elicence.drafts import Draft
from xianglian.solutions.elicence.report import Report
from xianglian.solutions.elicence.stage import ADMIN, Act, Outcome, Progress, Stage
from xianglian.solutions.elicence.wallets import Wallets
from xianglian.types import now_ms

__all__ = ["Issued", "Progress", "Report", "Tale", "run"]

LICENCES_MIN = 40
YEAR_MS = 365 * DAY_MS
INVALID_AFTER = {"change": "SUPERSEDED", "suspend": "SUSPENDED", "revoke": "REVOKED"}


def run(
    network: Path,
    *,
    licences: int = 100,
    presentations: int = 200,
    seed: int = 1,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Plays the story on a network that is up; again on the same network issues further licences.

    Args:
        network: folder of a network with three organisations or more.
        licences: how many to issue, at least 40; a tenth is changed, a twentieth suspended, a twentieth
            revoked.
        presentations: how many uses at least.
        seed: of the synthetic data.
        progress: called as the story goes on.

    Returns:
        Counts and checks; a check that does not hold is in the report, not an error.

    Raises:
        Misused: too few licences or organisations. Rejected, Unreachable: a step that must succeed did not.
    """
    return asyncio.run(_run(network, max(licences, LICENCES_MIN), presentations, seed, progress))


@dataclass
class Issued:
    """A licence of the story, with the secrets of its holder and issuer."""

    sample: Sample
    licence_id: str
    holder: str
    issuer: str
    verifier: str
    valid_to: int | None
    consent: int = 0


@dataclass
class Tale:
    """What the parts of the story share."""

    stage: Stage
    cast: Cast
    data: Generator
    wallets: Wallets
    report: Report
    issued: list[Issued]
    issued_at: int = 0
    """Time that the licences of the story begin at."""

    def draft(self, sample: Sample, version: int = 1) -> Draft:
        """A sample as the issuer of its type fills it in."""
        kind = sample.kind
        issuer = self.cast.uscc(self.cast.issuer_of(kind)[1])
        return sample.draft(self.cast.type_code(kind), issuer, version)

    def arguments(self, sample: Sample, holder: str) -> dict[str, Any]:
        """Arguments of `issue` for a sample, valid from the beginning of the story."""
        now, years = self.issued_at, sample.kind.years
        return self.draft(sample).issue_arguments(
            holder=self.stage.account(holder),
            issued_on=now,
            valid_from=now,
            valid_to=None if years is None else now + years * YEAR_MS,
        )

    def consent(self, each: Issued, uses: int, *, not_after: int | None = None) -> Act:
        """The holder's authorisation for the verifier of a licence: its first two attributes."""
        return Act(
            each.holder,
            "authorise",
            {
                "licence_id": each.licence_id,
                "verifier": self.stage.account(each.verifier),
                "purpose": matter_code(self.cast.uscc(self.cast.keeper), each.sample.kind),
                "fields": list(each.sample.kind.attributes[:2]),
                "not_after": not_after or now_ms() + 30 * DAY_MS,
                "max_uses": uses,
            },
        )

    def showing(self, each: Issued, *, consent: int | None = None, **changes: Any) -> Act:
        """A presentation of the file and the first attribute."""
        opening = each.sample.attributes.open(each.sample.kind.attributes[0])
        arguments: dict[str, Any] = {
            "licence_id": each.licence_id,
            "consent": each.consent if consent is None else consent,
            "asked_for": None,
            "file_sm3": each.sample.file_sm3,
            "disclosed": [opening.disclosure()],
        }
        return Act(each.verifier, "present", {**arguments, **changes})

    def next_version(self, each: Issued) -> Draft:
        """What `each`, in its first version, says after a change."""
        return self.draft(self.data.next_version(each.sample), 2)


async def _run(
    network: Path, licences: int, presentations: int, seed: int, progress: Callable[[Progress], None] | None
) -> Report:
    started = time.monotonic()
    stage = Stage(network, progress)
    try:
        cast = Cast.of(network)
        await prepare(stage, cast)
        status = await stage.client(ADMIN).status()
        report = Report(first_height=int(status["height"]))
        data = Generator(seed, serial=int(status["height"]) * 10_000)
        tale = Tale(stage, cast, data, Wallets.of(network), report, [])
        await _issue(tale, licences)
        await _authorise(tale, presentations // licences + 8)
        await _show(tale, presentations // 2)
        await _change_while_showing(tale, presentations - presentations // 2)
        await _rest_of_life(tale)
        expiring = await refusals.all_of_them(tale)
        await proofs.compare(tale)
        await refusals.expired(tale, expiring)
        await proofs.nothing_personal(tale)
        tale.wallets.save()
        report.last_height = int((await stage.client(ADMIN).status())["height"])
        report.transactions = stage.sent
        report.seconds = time.monotonic() - started
        return report
    finally:
        await stage.close()


async def _issue(tale: Tale, count: int) -> None:
    stage, cast = tale.stage, tale.cast
    stage.say("issue", f"核发 {count} 张证照", f"issuing {count} licences", 0, count)
    now = int((await stage.client(ADMIN).status())["time_ms"])
    tale.issued_at = now
    acts = []
    for number, sample in enumerate(tale.data.samples(count)):
        holder = cast.holders[number % len(cast.holders)]
        arguments = tale.arguments(sample, holder)
        issuer, verifier = cast.issuer_of(sample.kind)[0], cast.verifiers[number % len(cast.verifiers)]
        identifier, until = arguments["licence_id"], arguments["valid_to"]
        acts.append(Act(issuer, "issue", arguments))
        tale.issued.append(Issued(sample, identifier, holder, issuer, verifier, until))
        tale.wallets.put(holder, tale.draft(sample))
    await stage.must(acts)
    tale.report.issued = count
    answers = await asyncio.gather(
        *(
            stage.ask(ADMIN, "status_at", licence_id=each.licence_id, asked_for=None)
            for each in tale.issued[:12]
        )
    )
    tale.report.check(
        "issued",
        f"已核发 {count} 张证照, 均为有效",
        f"{count} licences issued, each valid",
        all(answer["valid"] for answer in answers),
    )


async def _authorise(tale: Tale, uses: int) -> None:
    count = len(tale.issued)
    tale.stage.say("authorise", f"持证人授权 {count} 次", f"holders give {count} authorisations", 0, count)
    outcomes = await tale.stage.must([tale.consent(each, uses) for each in tale.issued])
    for each, outcome in zip(tale.issued, outcomes, strict=True):
        each.consent = outcome.told("ConsentGiven")["number"]


async def _show(tale: Tale, count: int) -> None:
    """Everything is valid: each answer must say so, and what the holder hands over must fit the root."""
    tale.stage.say("present", f"核验 {count} 次", f"{count} presentations", 0, count)
    shown = [tale.issued[number % len(tale.issued)] for number in range(count)]
    outcomes = await tale.stage.must([tale.showing(each) for each in shown])
    right = sum(_answer(outcome)["valid"] for outcome in outcomes)
    tale.report.presented += len(outcomes)
    tale.report.answers_right += right
    tale.report.check(
        "presented",
        f"{count} 次核验均答复有效",
        f"{count} presentations answered: valid",
        right == count,
        f"{right}/{count}",
    )


async def _change_while_showing(tale: Tale, count: int) -> None:
    """Changes and presentations travel together; each answer must be that of its own place in the chain."""
    stage, report, total = tale.stage, tale.report, len(tale.issued)
    tenth, twentieth = total // 10, total // 20
    changed, suspended = tale.issued[:tenth], tale.issued[tenth : tenth + twentieth]
    revoked = tale.issued[tenth + twentieth : tenth + 2 * twentieth]
    stage.say(
        "change",
        f"变更 {len(changed)}, 暂停 {len(suspended)}, 吊销 {len(revoked)}, 同时核验 {count} 次",
        f"{len(changed)} changes, {len(suspended)} suspensions, {len(revoked)} revocations, {count} uses",
        0,
        count,
    )
    following = [tale.next_version(each) for each in changed]
    acts = [
        *(
            Act(each.issuer, "change", draft.change_arguments(each.licence_id, "DATA_CHANGED"))
            for each, draft in zip(changed, following, strict=True)
        ),
        *(Act(each.issuer, "suspend", _reason(each, "INVESTIGATION")) for each in suspended),
        *(Act(each.issuer, "revoke", _reason(each, "VIOLATION")) for each in revoked),
    ]
    affected = [*changed, *suspended, *revoked]
    shown = [tale.issued[number % total] for number in range(count)]
    outcomes = await stage.must([*acts, *(tale.showing(each) for each in shown)])
    changes = {each.licence_id: outcome for each, outcome in zip(affected, outcomes, strict=False)}
    uses = outcomes[len(acts) :]
    report.presented += len(uses)
    report.changed, report.suspended, report.revoked = len(changed), len(suspended), len(revoked)
    _judge(tale, changes, shown, uses, "raced", "与变更同时的核验", "presentations that race with changes")
    later = await stage.must([tale.showing(each) for each in affected])
    report.presented += len(later)
    _judge(
        tale,
        changes,
        affected,
        later,
        "after",
        "变更后下一区块起的核验",
        "presentations from the next block on",
    )
    await _as_of(tale, changes, affected)
    for each, draft in zip(changed, following, strict=True):
        tale.wallets.put(each.holder, draft)


def _judge(
    tale: Tale,
    changes: dict[str, Outcome],
    shown: Sequence[Issued],
    uses: Sequence[Outcome],
    name: str,
    zh: str,
    en: str,
) -> None:
    wrong = []
    for each, use in zip(shown, uses, strict=True):
        change, answer = changes.get(each.licence_id), _answer(use)
        before = change is None or use.place < change.place
        wanted = "VALID" if change is None or before else INVALID_AFTER[change.act.method]
        if answer["status"] != wanted or answer["valid"] != (wanted == "VALID"):
            wrong.append(f"{each.licence_id} at {use.place}: {answer['status']}, {wanted} wanted")
    tale.report.answers_right += len(uses) - len(wrong)
    count = len(uses)
    tale.report.check(
        f"answers-{name}", f"{count} 次{zh}答复正确", f"{count} {en}: right", not wrong, "; ".join(wrong[:3])
    )


async def _as_of(tale: Tale, changes: dict[str, Outcome], affected: Sequence[Issued]) -> None:
    """Asked about the moment before the change, and about the change's own: valid, then not."""
    acts, wanted = [], []
    for each in affected:
        at = changes[each.licence_id].time_ms
        for asked_for, valid in ((at - 1, True), (at, False)):
            acts.append(tale.showing(each, asked_for=asked_for))
            wanted.append(valid)
    outcomes = await tale.stage.must(acts)
    right = sum(_answer(o)["valid"] == valid for o, valid in zip(outcomes, wanted, strict=True))
    tale.report.presented += len(outcomes)
    tale.report.answers_right += right
    tale.report.check(
        "as-of",
        f"询问变更前后两个时刻, {len(outcomes)} 次答复均正确",
        f"asked as of just before and at the change: {len(outcomes)} answers right",
        right == len(outcomes),
        f"{right}/{len(outcomes)}",
    )


async def _rest_of_life(tale: Tale) -> None:
    """Resume, renew, withdraw, cancel: the transitions that the counts above leave out."""
    stage, total = tale.stage, len(tale.issued)
    stage.say("life", "恢复, 延续, 撤销, 注销", "resume, renew, withdraw, cancel")
    suspended = tale.issued[total // 10]
    free = tale.issued[total // 10 + 2 * (total // 20) :]
    renewable = next(each for each in free if each.valid_to is not None)
    others = [each for each in free if each is not renewable][:2]
    draft = tale.next_version(renewable)
    assert renewable.valid_to is not None
    renewal = draft.renew_arguments(renewable.licence_id, renewable.valid_to + YEAR_MS)
    acts = [
        Act(suspended.issuer, "resume", _reason(suspended, "RECTIFIED")),
        Act(renewable.issuer, "renew", renewal),
        Act(others[0].issuer, "withdraw", _reason(others[0], "OBTAINED_BY_DECEIT")),
        Act(others[1].issuer, "cancel", _reason(others[1], "HOLDER_REQUEST")),
    ]
    await stage.must(acts)
    tale.wallets.put(renewable.holder, draft)
    wanted = {
        suspended.licence_id: "VALID",
        renewable.licence_id: "SUPERSEDED",
        draft.licence_id: "VALID",
        others[0].licence_id: "WITHDRAWN",
        others[1].licence_id: "CANCELLED",
    }
    found = {
        identifier: (await stage.ask(ADMIN, "status_at", licence_id=identifier, asked_for=None))["status"]
        for identifier in wanted
    }
    tale.report.check(
        "life",
        "恢复, 延续, 撤销, 注销后的状态正确",
        "statuses after resume, renew, withdraw and cancel are right",
        found == wanted,
        "" if found == wanted else found,
    )


def _reason(each: Issued, reason: str) -> dict[str, Any]:
    return {"licence_id": each.licence_id, "reason": reason}


def _answer(outcome: Outcome) -> dict[str, Any]:
    """What a presentation answered, as its event tells it."""
    return outcome.told("LicencePresented")
