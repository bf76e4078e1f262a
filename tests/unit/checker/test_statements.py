"""The statements of the pattern library are about something: each is lost by a pattern with one fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xianglian.checker.symbolic import prove
from xianglian.compiler.frontend import check

ROOT = Path(__file__).parents[3]
LIBRARY = ROOT / "src/xianglian/contract/lib"
IMPORTED = re.compile(r"from xianglian\.contract\.lib\.(\w+) import")

SHARE, KINDS, ITEMS = "standards/regulated_share", "standards/kinds_of_units", "standards/single_items"
EVIDENCE, BOUND = "standards/evidence_store", "standards/bound_credential"
OFFICES, METERS = "standards/administration", "patterns/water_meters"
BOARD, PERMIT = "patterns/board", "patterns/building_permit"
FAULTS = [
    (
        SHARE,
        "tokens",
        "self.frozen[source], IsFrozen",
        "self.frozen[target], IsFrozen",
        "frozen_units_stand_still",
    ),
    (
        SHARE,
        "tokens",
        'require(ctx.has_role(ctx.caller, "supervisor"), NotSupervisor)',
        "pass",
        "only_the_supervisor_freezes",
    ),
    (SHARE, "tokens", "self.documents[name] = document", "del self.documents[name]", "documents_stay"),
    (
        SHARE,
        "ledger",
        "self.allowances[source][ctx.caller] = allowed - amount",
        "pass",
        "units_go_by_right",
    ),
    (
        SHARE,
        "ledger",
        "self.allowances[ctx.caller][spender] = amount",
        "self.allowances[spender][ctx.caller] = amount",
        "only_the_holder_allows_more",
    ),
    (SHARE, "ledger", "        self._may_issue()\n", "", "only_the_issuer_makes_units"),
    (
        KINDS,
        "tokens",
        "self.kind_balances[kind][ctx.caller] = held - amount",
        "pass",
        "units_add_up",
    ),
    (KINDS, "tokens", "self._may_issue_kind(kind)", "pass", "only_the_issuer_makes_units"),
    (
        ITEMS,
        "tokens",
        "require(ctx.caller == holder or allowed, NotTokenHolder)",
        "pass",
        "only_holder_or_spender_moves",
    ),
    (
        ITEMS,
        "tokens",
        "        del self.token_spenders[token]\n        self.token_counts",
        "        self.token_counts",
        "a_move_ends_the_permission",
    ),
    (
        OFFICES,
        "access",
        "require(offered == ctx.caller, NotOffered)",
        "pass",
        "owned_by_acceptance",
    ),
    (
        OFFICES,
        "access",
        "        self._only_owner()\n        self.offered_to",
        "        self.offered_to",
        "offered_by_the_owner",
    ),
    (METERS, "metering", "counter > found.counter", "counter >= found.counter", "readings_go_on"),
    (
        METERS,
        "metering",
        "require(found.status == DeviceStatus.ACTIVE, NoSuchDevice)",
        "pass",
        "only_devices_in_use_meter",
    ),
    (
        METERS,
        "metering",
        "found.status != DeviceStatus.RETIRED and found.status != status",
        "found.status != status",
        "retired_stays_retired",
    ),
    (
        BOARD,
        "multi_signature",
        "require(agreed >= self.threshold,",
        "require(agreed >= 1,",
        "taken_once_by_enough",
    ),
    (
        BOARD,
        "multi_signature",
        "not proposal.taken and proposal.term",
        "proposal.term",
        "proposals_stay_as_proposed",
    ),
    (
        BOARD,
        "multi_signature",
        "require(ctx.caller not in self.confirmations[number], AlreadyConfirmed)",
        "pass",
        "confirmations_are_counted",
    ),
    (BOARD, "multi_signature", "        self.term += 1\n", "", "signers_change_by_term"),
    (
        PERMIT,
        "approval",
        "require(ctx.time_ms <= case.deadline, DeadlinePassed)",
        "pass",
        "opinions_count_in_time",
    ),
    (PERMIT, "approval", "case.step + 1 == self.steps:", "case.step == 0:", "steps_go_in_order"),
    (
        PERMIT,
        "approval",
        "        require(not self.is_open, FlowIsOpen)\n        require(office",
        "        require(office",
        "open_flow_is_fixed",
    ),
    (
        PERMIT,
        "approval",
        "self.opinions[number][case.opinions] =",
        "self.opinions[number][u8(0)] =",
        "opinions_stay",
    ),
    (
        EVIDENCE,
        "evidence",
        "require(item.keeper == ctx.caller, NotKeeper)",
        "pass",
        "only_the_keeper_goes_on",
    ),
    (EVIDENCE, "evidence", "require(item.withdrawn is None, IsWithdrawn)", "pass", "only_the_keeper_goes_on"),
    (
        EVIDENCE,
        "evidence",
        "self._add(key, item.versions + 1,",
        "self._add(key, item.versions,",
        "what_was_kept_stays",
    ),
    (
        EVIDENCE,
        "evidence",
        "require(self.roots.add(root), EvidenceExists)",
        "self.roots.add(root)",
        "new_is_the_callers",
    ),
    (
        BOUND,
        "registry",
        "until is not None and ctx.time_ms <= until, NotIssuer",
        "until is not None, NotIssuer",
        "only_listed_issuers_issue",
    ),
    (
        BOUND,
        "registry",
        "require(key not in self.credentials, CredentialExists)",
        "pass",
        "credentials_are_bound",
    ),
    (
        BOUND,
        "registry",
        "now != CredentialStatus.REVOKED and now != status",
        "now != status",
        "revoked_stays_revoked",
    ),
    (
        BOUND,
        "registry",
        "self.changes[key][credential.changes] =",
        "self.changes[key][u8(0)] =",
        "changes_stay",
    ),
    (
        BOUND,
        "registry",
        "credential.issuer != ctx.caller or not listed",
        "not listed",
        "issuer_or_registrar_changes",
    ),
]


def faulty(folder: Path, example: str, module: str, right: str, wrong: str) -> Path:
    """The example with the part of the library that it inherits from beside it, one line of that changed."""
    pattern = ROOT / f"examples/{example}.py"
    parts, todo = {pattern.stem: pattern.read_text()}, [pattern.stem]
    while todo:
        for name in IMPORTED.findall(parts[todo.pop()]):
            if name not in parts:
                parts[name] = (LIBRARY / f"{name}.py").read_text()
                todo.append(name)
    at = module if right in parts[module] else pattern.stem
    assert right in parts[at], "the line that is to be changed is no longer there"
    parts[at] = parts[at].replace(right, wrong, 1)
    for name, text in parts.items():
        (folder / f"{name}.py").write_text(IMPORTED.sub(r"from .\1 import", text))
    return folder / f"{pattern.stem}.py"


@pytest.mark.parametrize(
    ("example", "module", "right", "wrong", "statement"),
    FAULTS,
    ids=lambda part: part if part.isidentifier() else "",
)
def test_a_fault_breaks_its_statement(
    tmp_path: Path, example: str, module: str, right: str, wrong: str, statement: str
) -> None:
    proofs = prove(check(faulty(tmp_path, example, module, right, wrong)))
    verdicts = {each.verdict for each in proofs if each.invariant == statement}
    # What a signature or digest decides cannot be run from a model: there the proof is lost, without a test.
    assert verdicts & {"violated", "undecided"}, verdicts
