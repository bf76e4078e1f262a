"""Who may do what, and what the chain refuses: each refusal with its code, state unchanged."""

from __future__ import annotations

from typing import Any

import pytest

from xianglian.contract.errors import ContractError
from xianglian.contract.lib import identifiers as ids
from xianglian.contract.values import Hash, Ref
from xianglian.solutions.elicence import errors as e
from xianglian.solutions.elicence import types as t
from xianglian.solutions.elicence.data import DAY_MS, TYPES, credit_code
from xianglian.solutions.elicence.drafts import licence_id
from xianglian.solutions.elicence.types import Operation, Reason, Status

from .conftest import ISSUERS, KEEPER, World

CITIZEN = "529999199003070015"


def refused(
    world: World, error: type[ContractError], call: Any, *arguments: Any, **named: Any
) -> ContractError:
    """Expects a refusal and that it changed nothing."""
    before, events = dict(world.chain.state), len(world.chain.events)
    with pytest.raises(error) as caught:
        call(*arguments, **named)
    assert type(caught.value) is error
    assert world.chain.state == before
    assert len(world.chain.events) == events
    return caught.value


def test_a_wrong_check_character_is_refused(world: World) -> None:
    sample = world.data.sample(TYPES[0])
    good = world.id_of(sample)
    forged = good[:-1] + ("A" if good[-1] != "A" else "B")
    error = refused(world, e.BadIdentifier, world.issue, sample, licence_id=forged)
    assert error.facts == {"problem": ids.CHECK}
    assert world.issue(sample) == good
    assert refused(world, e.BadIdentifier, world.contract.licence, forged).facts["problem"] == ids.CHECK


def test_the_catalogue_belongs_to_the_deployers_organisation(world: World) -> None:
    code = KEEPER + "009"
    refused(
        world, e.NotCatalogueManager, world.contract.define_type, code, "样例", ("name",), by=world.issuer
    )
    # The same role, granted by another organisation's administrator, gives no right here.
    refused(
        world, e.NotCatalogueManager, world.contract.define_type, code, "样例", ("name",), by=world.stranger
    )
    refused(world, e.NotCatalogueManager, world.contract.appoint_auditor, "org3", by=world.stranger)
    world.contract.define_type(code, "样例", ("name",), by=world.manager)
    refused(world, e.TypeExists, world.contract.define_type, code, "样例", ("name",), by=world.manager)
    refused(
        world,
        e.BadIdentifier,
        world.contract.define_type,
        KEEPER[:-1] + "Z009",
        "样例",
        ("name",),
        by=world.manager,
    )
    for attributes in ((), ("name", "name"), ("Name",), ("1a",)):
        refused(
            world,
            e.BadAttributes,
            world.contract.define_type,
            KEEPER + "010",
            "样例",
            attributes,
            by=world.manager,
        )


def test_organisations_are_registered_once(world: World) -> None:
    register = world.contract.register_organisation
    fresh = credit_code("91", "MA0XL777")
    refused(world, e.OrganisationExists, register, "org1", fresh, "样例", by=world.manager)
    refused(world, e.OrganisationExists, register, "org9", ISSUERS["org2"], "样例", by=world.manager)
    refused(
        world,
        e.BadIdentifier,
        register,
        "org9",
        fresh[:-1] + ("0" if fresh[-1] != "0" else "1"),
        "样例",
        by=world.manager,
    )
    refused(world, e.PersonalData, register, "org9", fresh, f"样例{CITIZEN}机构", by=world.manager)
    register("org9", fresh, "样例", by=world.manager)
    assert world.contract.organisation("org9").uscc == fresh
    assert world.contract.organisation("org8") is None


def test_only_a_listed_issuer_issues(world: World) -> None:
    sample = world.data.sample(TYPES[0])
    refused(world, e.NotIssuer, world.issue, sample, by=world.verifier)
    own = world.id_of(sample, issuer="org3")
    refused(world, e.IssuerNotAuthorised, world.issue, sample, by=world.stranger, licence_id=own)
    error = refused(world, e.WrongOrganisation, world.issue, sample, by=world.stranger)
    assert error.facts == {"held": ISSUERS["org3"]}
    world.contract.authorise_issuer(TYPES[0].code(KEEPER), ISSUERS["org3"], True, by=world.manager)
    world.issue(sample, by=world.stranger, licence_id=own)
    world.contract.authorise_issuer(TYPES[0].code(KEEPER), ISSUERS["org3"], False, by=world.manager)
    again = world.data.sample(TYPES[0])
    refused(
        world,
        e.IssuerNotAuthorised,
        world.issue,
        again,
        by=world.stranger,
        licence_id=world.id_of(again, issuer="org3"),
    )
    # What it issued it still answers for.
    world.contract.suspend(own, Reason.INVESTIGATION, by=world.stranger)


def test_the_definer_of_a_type_may_issue_it(world: World) -> None:
    code = TYPES[0].code(KEEPER)
    assert world.contract.may_issue(code, KEEPER)
    world.contract.authorise_issuer(code, KEEPER, False, by=world.manager)
    assert not world.contract.may_issue(code, KEEPER)


def test_an_issuer_touches_only_its_own_licences(world: World) -> None:
    identifier = world.issue()
    for call, reason in (
        (world.contract.suspend, Reason.INVESTIGATION),
        (world.contract.revoke, Reason.VIOLATION),
        (world.contract.cancel, Reason.HOLDER_REQUEST),
        (world.contract.withdraw, Reason.GRANTED_IN_ERROR),
    ):
        refused(world, e.WrongOrganisation, call, identifier, reason, by=world.stranger)
        refused(world, e.NotIssuer, call, identifier, reason, by=world.holders[0])


def test_what_a_licence_must_say(world: World) -> None:
    now = world.chain.time_ms
    refused(world, e.TypeUnknown, world.issue, type_code=TYPES[1].code(KEEPER))
    refused(world, e.HolderUnknown, world.issue, holder=world.verifier)
    refused(world, e.BadValidity, world.issue, valid_from=now + DAY_MS, valid_to=now + DAY_MS)
    refused(world, e.BadValidity, world.issue, valid_from=now - 9 * DAY_MS, valid_to=now - DAY_MS)
    refused(world, e.FutureTime, world.issue, issued_on=now + DAY_MS)
    for name in ("file_sm3", "attribute_root"):
        refused(world, e.BadDigest, world.issue, **{name: Hash(bytes(32))})
    refused(world, e.BadDigest, world.issue, holder_ref=Ref(bytes(32)))
    refused(world, e.BadIdentifier, world.issue, seal_cert_sn="ABC")
    sample = world.data.sample(TYPES[0])
    second = licence_id(TYPES[0].code(KEEPER), ISSUERS["org2"], sample.serial, 2)
    refused(world, e.FirstVersionWanted, world.issue, sample, licence_id=second)
    plain = licence_id(TYPES[0].code(KEEPER), ISSUERS["org2"], CITIZEN)
    assert refused(world, e.BadIdentifier, world.issue, sample, licence_id=plain).facts == {
        "problem": ids.PERSONAL
    }
    world.contract.retire_type(TYPES[0].code(KEEPER), by=world.manager)
    refused(world, e.TypeInactive, world.issue, sample)


def test_a_serial_is_used_once(world: World) -> None:
    sample = world.data.sample(TYPES[0])
    identifier = world.issue(sample)
    refused(world, e.SerialTaken, world.issue, sample)
    other = world.data.sample(TYPES[0])
    refused(world, e.SerialTaken, world.issue, other, licence_id=identifier)
    assert world.contract.current(sample.kind.code(KEEPER), ISSUERS["org2"], sample.serial) == identifier


def test_reasons_fit_operations(world: World) -> None:
    identifier = world.issue()
    error = refused(
        world, e.ReasonDoesNotFit, world.contract.revoke, identifier, Reason.HOLDER_REQUEST, by=world.issuer
    )
    assert error.facts == {"operation": Operation.REVOKE, "given": Reason.HOLDER_REQUEST}
    refused(world, e.ReasonDoesNotFit, world.contract.cancel, identifier, Reason.VIOLATION, by=world.issuer)


def test_only_the_holder_authorises_and_withdraws(world: World) -> None:
    identifier = world.issue()
    refused(world, e.NotHolder, world.consent, identifier, holder=1)
    number = world.consent(identifier)
    refused(world, e.NotHolder, world.contract.withdraw_consent, identifier, number, by=world.verifier)
    refused(world, e.ConsentUnknown, world.contract.withdraw_consent, identifier, 7, by=world.holders[0])
    world.contract.withdraw_consent(identifier, number, by=world.holders[0])
    refused(world, e.ConsentEnded, world.contract.withdraw_consent, identifier, number, by=world.holders[0])
    refused(world, e.ConsentEnded, world.present, identifier, number)


def test_what_an_authorisation_must_say(world: World) -> None:
    identifier = world.issue()
    for uses in (0, t.USES_MAX + 1):
        refused(world, e.BadConsent, world.consent, identifier, uses=uses)
    refused(world, e.BadConsent, world.consent, identifier, days=0)
    refused(world, e.BadConsent, world.consent, identifier, ())
    refused(world, e.FieldUnknown, world.consent, identifier, ("citizen_number",))
    now = world.chain.time_ms
    authorise, holder = world.contract.authorise, world.holders[0]
    refused(
        world, e.NotVerifier, authorise, identifier, holder, KEEPER, ("name",), now + DAY_MS, 1, by=holder
    )
    error = refused(
        world,
        e.BadIdentifier,
        authorise,
        identifier,
        world.verifier,
        CITIZEN,
        ("name",),
        now + DAY_MS,
        1,
        by=holder,
    )
    assert error.facts == {"problem": ids.PERSONAL}
    world.contract.revoke(identifier, Reason.VIOLATION, by=world.issuer)
    refused(world, e.IllegalTransition, world.contract.resume, identifier, Reason.RECTIFIED, by=world.issuer)
    assert refused(world, e.LicenceEnded, world.consent, identifier).facts == {"status": Status.REVOKED}


def test_presentation_keeps_to_the_authorisation(world: World) -> None:
    sample = world.data.sample(TYPES[0])
    identifier = world.issue(sample)
    number = world.consent(identifier, ("name", "address"), uses=2)
    refused(world, e.ConsentOfAnother, world.present, identifier, number, by=world.other_verifier)
    refused(world, e.NotVerifier, world.present, identifier, number, by=world.holders[0])
    refused(world, e.FileDiffers, world.present, identifier, number, file_sm3=bytes(31) + b"\1")
    refused(world, e.FutureTime, world.present, identifier, number, asked_for=world.chain.time_ms + DAY_MS)
    scope = disclosure(sample.attributes.open("scope"))
    refused(world, e.FieldNotAuthorised, world.present, identifier, number, disclosed=(scope,))
    right = sample.attributes.open("name")
    for wrong in (
        disclosure(right, leaf=bytes(32)),
        disclosure(right, index=1),
        disclosure(right, index=16),
        disclosure(right, index=255),
        disclosure(right, path=right.path[:3]),
    ):
        refused(world, e.DisclosureWrong, world.present, identifier, number, disclosed=(wrong,))
    answer = world.present(identifier, number, file_sm3=sample.file_sm3, disclosed=(disclosure(right),))
    assert answer.valid
    assert answer.status == Status.VALID
    world.present(identifier, number)
    assert refused(world, e.UsesExhausted, world.present, identifier, number).facts == {"max_uses": 2}
    usages = world.contract.usages_of(identifier, 0, by=world.holders[0])
    assert [(u.number, u.fields, u.file_checked) for u in usages] == [(0, ("name",), True), (1, (), False)]


def test_an_authorisation_expires(world: World) -> None:
    identifier = world.issue()
    number = world.consent(identifier, days=1)
    world.chain.advance(days=2)
    refused(world, e.ConsentExpired, world.present, identifier, number)


def test_uses_are_read_by_the_holder_and_the_auditor_only(world: World) -> None:
    identifier = world.issue()
    world.present(identifier, world.consent(identifier))
    views = world.contract
    for reader in (world.holders[0], world.auditor):
        assert len(views.usages_of(identifier, 0, by=reader)) == 1
        assert len(views.consents_of(identifier, 0, by=reader)) == 1
        assert views.licences_of(world.holders[0], 0, by=reader) == (identifier,)
    # `stranger` has the role, but its organisation was not appointed.
    for reader in (world.holders[1], world.issuer, world.stranger, world.verifier):
        refused(world, e.NotAllowedToRead, views.usages_of, identifier, 0, by=reader)
        refused(world, e.NotAllowedToRead, views.consents_of, identifier, 0, by=reader)
        refused(world, e.NotAllowedToRead, views.licences_of, world.holders[0], 0, by=reader)
    assert views.offers(world.verifier, 0, by=world.verifier)[0].licence_id == identifier
    refused(world, e.NotAllowedToRead, views.offers, world.verifier, 0, by=world.other_verifier)


def test_lists_come_in_pages(world: World) -> None:
    made = [world.issue() for _ in range(t.PAGE + 3)]
    holder = world.holders[0]
    pages = [
        world.contract.licences_of(holder, first, by=holder) for first in (0, t.PAGE, 2 * t.PAGE, 2**32 - 20)
    ]
    assert [len(page) for page in pages] == [t.PAGE, 3, 0, 0]
    assert [*pages[0], *pages[1]] == made
    assert [each.name for each in world.contract.catalogue(0)] == [kind.name for kind in TYPES]


def test_nothing_personal_reaches_the_chain(world: World) -> None:
    secrets = set()
    for kind in TYPES:
        sample = world.data.sample(kind)
        identifier = world.issue(sample)
        number = world.consent(identifier, ("name",))
        opening = sample.attributes.open("name")
        world.present(identifier, number, file_sm3=sample.file_sm3, disclosed=(disclosure(opening),))
        secrets |= {value for _, value, _ in sample.attributes.items} | {
            sample.number.value,
            sample.holder.value,
        }
        secrets |= {salt.hex() for _, _, salt in sample.attributes.items}
    stored = b"".join(
        [*world.chain.state, *world.chain.state.values(), *(e.data for e in world.chain.events)]
    )
    for secret in secrets:
        raw = secret.encode()
        assert len(raw) < 4 or raw not in stored, secret


def disclosure(opening: Any, **changes: Any) -> t.Disclosure:
    """What goes to the chain of an opening, perhaps tampered with."""
    parts = {"index": opening.index, "leaf": opening.leaf, "path": opening.path} | changes
    return t.Disclosure(
        index=parts["index"], leaf=Ref(parts["leaf"]), path=tuple(Hash(each) for each in parts["path"])
    )
