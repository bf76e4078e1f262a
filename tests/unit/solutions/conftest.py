"""A small world of electronic licences on the test chain: catalogue keeper, two issuers, verifiers, holders,
auditor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from xianglian.contract.testing import Chain
from xianglian.contract.values import Address, Hash, Ref
from xianglian.solutions.elicence.contract import ELicence
from xianglian.solutions.elicence.data import (
    DAY_MS,
    TYPES,
    Generator,
    Sample,
    credit_code,
    matter_code,
)
from xianglian.solutions.elicence.drafts import licence_id
from xianglian.solutions.elicence.types import HolderKind

KEEPER = credit_code("11", "MB0XL002")
ISSUERS = {"org1": KEEPER, "org2": credit_code("11", "MB0XL012"), "org3": credit_code("11", "MB0XL022")}
FIRST = 1_767_225_600_000


class World:
    """Everything is registered; org1 keeps the catalogue, org2 may issue all types, org3 none."""

    def __init__(self, chain: Chain | None = None, seed: int = 1) -> None:
        self.chain = chain or Chain()
        account = self.chain.account
        self.manager = account("manager", organisation="org1", roles=("catalogue-manager",))
        self.issuer = account("issuer", organisation="org2", roles=("issuer",))
        self.stranger = account(
            "stranger", organisation="org3", roles=("issuer", "catalogue-manager", "auditor")
        )
        self.verifier = account("verifier", organisation="org3", roles=("verifier",))
        self.other_verifier = account("verifier2", organisation="org3", roles=("verifier",))
        self.auditor = account("auditor", organisation="org4", roles=("auditor",))
        self.holders = [account(f"holder{i}", organisation="org4", roles=("holder",)) for i in range(3)]
        self.contract: Any = self.chain.deploy(ELicence, by=self.manager)
        self.data = Generator(seed)
        for name, code in {**ISSUERS, "org4": credit_code("11", "MB0XL032")}.items():
            self.contract.register_organisation(name, code, f"样例机构{name}", by=self.manager)
        self.contract.appoint_auditor("org4", by=self.manager)
        for kind in TYPES:
            code = kind.code(KEEPER)
            self.contract.define_type(code, kind.name, kind.attributes, by=self.manager)
            self.contract.authorise_issuer(code, ISSUERS["org2"], True, by=self.manager)

    def id_of(self, sample: Sample, version: int = 1, issuer: str = "org2") -> str:
        return licence_id(sample.kind.code(KEEPER), ISSUERS[issuer], sample.serial, version)

    def issue(
        self, sample: Sample | None = None, *, by: Address | None = None, of: int = 0, **changes: Any
    ) -> str:
        """Issues a licence, by default an ordinary one valid for ever; the identifier."""
        sample = sample or self.data.sample(TYPES[0])
        arguments: dict[str, Any] = {
            "licence_id": self.id_of(sample),
            "type_code": sample.kind.code(KEEPER),
            "holder": self.holders[of],
            "holder_kind": HolderKind.PERSON if sample.kind.of_persons else HolderKind.ORGANISATION,
            "holder_ref": Ref(sample.holder.ref),
            "number_ref": Ref(sample.number.ref),
            "issued_on": self.chain.time_ms,
            "valid_from": self.chain.time_ms,
            "valid_to": None,
            "file_sm3": Hash(sample.file_sm3),
            "seal_cert_sn": sample.seal_cert_sn,
            "attribute_root": Hash(sample.attributes.root),
        }
        arguments.update(changes)
        self.contract.issue(by=by or self.issuer, **arguments)
        return str(arguments["licence_id"])

    def consent(
        self,
        identifier: str,
        fields: tuple[str, ...] = ("name",),
        *,
        uses: int = 1,
        days: int = 30,
        holder: int = 0,
    ) -> int:
        purpose = matter_code(KEEPER, TYPES[0])
        until = self.chain.time_ms + days * DAY_MS
        number = self.contract.authorise(
            identifier, self.verifier, purpose, fields, until, uses, by=self.holders[holder]
        )
        return int(number)

    def present(
        self,
        identifier: str,
        consent: int,
        *,
        asked_for: int | None = None,
        file_sm3: bytes | None = None,
        disclosed: tuple[Any, ...] = (),
        by: Address | None = None,
    ) -> Any:
        digest = None if file_sm3 is None else Hash(file_sm3)
        return self.contract.present(
            identifier, consent, asked_for, digest, disclosed, by=by or self.verifier
        )


@pytest.fixture
def world() -> World:
    """A fresh world."""
    return World()


@pytest.fixture(scope="session")
def new_world() -> Callable[..., World]:
    """Makes worlds, for properties."""
    return World
