"""Who plays: organisations with their credit codes, the people they admit, the catalogue, and holders'
wallets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xianglian.compiler import build
from xianglian.contract.crypto import sm3_digest
from xianglian.deployment.layout import NetworkFolder
from xianglian.errors import Misused, NotFound
from xianglian.solutions.elicence.data import TYPES, TypeSample, credit_code
from xianglian.solutions.elicence.stage import ADMIN, CONTRACT, Act, Stage

HOLDERS = 12


@dataclass(frozen=True, slots=True)
class Cast:
    """The roles of the story by profile, spread over the organisations of a network."""

    organisations: tuple[str, ...]
    """In the order of the network; the first keeps the catalogue."""
    manager: str = "elicence-catalogue"
    clerks: tuple[str, ...] = ("elicence-issuer-1", "elicence-issuer-2")
    """Two issuers of the second organisation."""
    other_clerk: str = "elicence-issuer-3"
    """An issuer of the third organisation, for the third type."""
    verifiers: tuple[str, ...] = ("elicence-verifier-1", "elicence-verifier-2")
    auditor: str = "elicence-auditor"
    holders: tuple[str, ...] = tuple(f"elicence-holder-{number}" for number in range(1, HOLDERS + 1))

    @classmethod
    def of(cls, network: Path) -> Cast:
        """The cast for a network. Raises `Misused` where it has fewer than three organisations."""
        folder = NetworkFolder.read(network)
        organisations = tuple(dict.fromkeys(node.org for node in folder.nodes))
        if len(organisations) < 3:
            raise Misused("this story needs three organisations or more", organisations=len(organisations))
        return cls(organisations)

    @property
    def keeper(self) -> str:
        """The organisation that keeps the catalogue."""
        return self.organisations[0]

    def people(self) -> list[tuple[str, str, Sequence[str]]]:
        """(profile, organisation, roles) of everyone."""
        first, second, third, last = *self.organisations[:3], self.organisations[-1]
        return [
            (self.manager, first, ("catalogue-manager",)),
            *((who, second, ("issuer",)) for who in self.clerks),
            (self.other_clerk, third, ("issuer",)),
            (self.verifiers[0], first, ("verifier",)),
            (self.verifiers[1], third, ("verifier",)),
            (self.auditor, last, ("auditor",)),
            *((who, last, ("holder",)) for who in self.holders),
        ]

    def uscc(self, organisation: str) -> str:
        """The synthetic credit code of an organisation of this network."""
        digest = sm3_digest(f"xianglian {organisation}".encode())
        letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
        return credit_code("11", "MB" + "".join(letters[byte % len(letters)] for byte in digest[:6]))

    def type_code(self, kind: TypeSample) -> str:
        """The code of a type, which the catalogue's keeper defines."""
        return kind.code(self.uscc(self.keeper))

    def issuer_of(self, kind: TypeSample) -> tuple[str, str]:
        """(profile, organisation) that issues a type."""
        if kind is TYPES[2]:
            return self.other_clerk, self.organisations[2]
        return self.clerks[0], self.organisations[1]


async def prepare(stage: Stage, cast: Cast) -> None:
    """Deploys the contract, admits everyone, fills the catalogue; whatever is there already stays."""
    stage.say("deploy", "部署电子证照合约", "deploying the contract")
    await _deploy(stage)
    stage.say("admit", f"登记 {len(cast.people())} 个账户", f"admitting {len(cast.people())} accounts")
    await stage.admit(cast.people())
    stage.say("catalogue", "登记机构, 定义证照类型", "registering organisations, defining licence types")
    await stage.must(await _registrations(stage, cast))
    acts = [Act(cast.manager, "appoint_auditor", {"organisation": cast.organisations[-1]})]
    known = {each["code"] for each in await stage.ask(ADMIN, "catalogue", first=0)}
    for kind in TYPES:
        code = cast.type_code(kind)
        if code not in known:
            named = {"code": code, "name": kind.name, "attributes": list(kind.attributes)}
            acts.append(Act(cast.manager, "define_type", named))
    await stage.must(acts)
    await stage.must(
        [
            Act(
                cast.manager,
                "authorise_issuer",
                {
                    "code": cast.type_code(kind),
                    "issuer": cast.uscc(cast.issuer_of(kind)[1]),
                    "authorised": True,
                },
            )
            for kind in TYPES
        ]
    )


async def _deploy(stage: Stage) -> None:
    desk = stage.client(ADMIN)
    try:
        await desk.contract(CONTRACT)
    except NotFound:
        built = build(Path(__file__).parent)
        await desk.deploy(CONTRACT, built.wasm, built.interface_json)
        stage.sent += 1


async def _registrations(stage: Stage, cast: Cast) -> list[Act]:
    names = {each["id"]: each["name"] for each in await stage.client(ADMIN).organisations()}
    acts = []
    for organisation in cast.organisations:
        if await stage.ask(ADMIN, "organisation", organisation=organisation) is None:
            arguments = {
                "organisation": organisation,
                "uscc": cast.uscc(organisation),
                "name": names.get(organisation, organisation),
            }
            acts.append(Act(cast.manager, "register_organisation", arguments))
    return acts
