"""What is read of a deployed contract: reference implementations show all of it, others are found out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xianglian.compiler import BuildResult, build
from xianglian.contract import codec, spec
from xianglian.contract.abi import Interface
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.errors import ContractError
from xianglian.contract.solidity import read_artefact
from xianglian.contract.testing import Chain, load_contract
from xianglian.contract.values import Fixed
from xianglian.errors import Misused, TransactionFailed
from xianglian.standards import STANDARDS, inspect

EXAMPLES = Path(__file__).parents[3] / "examples"
CASES = [
    ("fungible_units", 20), ("single_items", 21), ("kinds_of_units", 22), ("bound_credential", 23),
    ("regulated_share", 24), ("regulated_share", 20), ("evidence_store", 30), ("evidence_store", 31),
    ("evidence_store", 32), ("administration", 3), ("administration", 4), ("fungible_units", 1),
]  # fmt: skip


class InMemory:
    """A contract on a chain in memory, read as a client reads one."""

    def __init__(self, source: Path) -> None:
        self.built: BuildResult = build(source)
        self.document = self.built.interface_json
        chain = Chain()
        self.by = chain.account("ann", organisation="org1")
        self.contract = chain.deploy(getattr(load_contract(source), self.built.name), by=self.by)
        self.account = bytes(self.by).hex()
        self.recorded: dict[str, Any] = {
            "layout": json.loads(self.document)["layout"],
            "versions": [{"interface_hash": sm3_digest(self.document).hex()}],
        }

    def versions(self, _name: str) -> dict[str, Any]:
        return self.recorded

    def interface(self, _contract: str) -> bytes:
        return self.document

    def query(self, _contract: str, method: str, /, **arguments: Any) -> Any:
        interface = Interface.parse(self.document)
        shapes = tuple(interface.method(method).arguments.values())
        values = codec.decode(spec.TupleType(shapes), interface.encode_arguments(method, arguments))
        plain = [bytes(value) if isinstance(value, Fixed) else value for value in values]
        try:
            return getattr(self.contract, method)(*plain, by=self.by)
        except ContractError as error:
            raise TransactionFailed(str(error), code=error.code) from error


def deviations(chain: InMemory, number: int) -> dict[str, str | None]:
    return {
        each.check: each.deviation
        for each in inspect(chain, "units", STANDARDS[number]).findings
        if not each.holds
    }


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_reference_implementation_shows_the_standard(name: str, number: int) -> None:
    chain = InMemory(EXAMPLES / "standards" / f"{name}.py")
    report = inspect(chain, "units", STANDARDS[number])
    assert [f"{each.check}: {each.deviation}" for each in report.findings if not each.holds] == []
    assert report.conforms


def changed(folder: Path, *changes: tuple[str, str]) -> InMemory:
    """The fungible units with changes of their source."""
    text = (EXAMPLES / "standards" / "fungible_units.py").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "contract.py").write_text(text)
    return InMemory(folder / "contract.py")


NEVER = ("return interface_id == XRC_20", "return interface_id == interface_id and len(XRC_20) == 0")
ALWAYS = ("return interface_id == XRC_20", "return interface_id == interface_id or len(XRC_20) == 0")
BARE = ("FungibleUnits(Fungible, Detection):", "FungibleUnits(Fungible):")
TOTAL = """

class Closed(ContractError):
    \"\"\"未开放 / Closed\"\"\"
"""


def test_a_contract_that_does_not_name_the_standard(tmp_path: Path) -> None:
    found = deviations(changed(tmp_path, NEVER), 20)
    assert list(found) == ["detection"]
    assert found["detection"] == "supports(818ef5b8…) is False, not True"
    found = deviations(changed(tmp_path, ALWAYS), 20)
    assert found == {"detection": "supports(00000000…) is True, not False"}
    found = deviations(changed(tmp_path, BARE), 20)
    assert found == {"detection": "it has no such method"}


def test_a_contract_with_other_methods(tmp_path: Path) -> None:
    found = deviations(changed(tmp_path), 21)
    assert found["method transfer_token"] == "it has no such method"
    assert (found["interface_id"] or "").startswith("it lacks allow_token, holder_of_token")
    assert found["errors"] == "not declared: NoSuchToken, NotTokenHolder"
    assert found["detection"] == "supports(bea4c9b3…) is False, not True"
    assert not any(check.startswith("view") for check in found), "what is not there is not asked"


def test_a_view_that_answers_nobody(tmp_path: Path) -> None:
    bare = (
        ("import Hash, contract", "import Address, ContractError, Hash, contract, u64, u128, view"),
        ("from xianglian.contract.lib.ledger import Fungible\n", ""),
        ("(Fungible, Detection)", "(Detection)"),
        ("\n@contract", TOTAL + "\n\n@contract"),
    )
    views = """
    @view
    def balance_of(self, holder: Address) -> u64:
        return u64(0)

    @view
    def total_supply(self) -> u128:
        raise Closed
"""
    chain = changed(tmp_path, *bare, ("== XRC_20\n", "== XRC_20\n" + views))
    found = deviations(chain, 20)
    assert found["method balance_of"] == "it has view balance_of(address)->u64"
    assert found["view total_supply"] == "total_supply fails with Closed"
    assert "view balance_of" not in found


def test_what_the_chain_records_counts(tmp_path: Path) -> None:
    chain = changed(tmp_path)
    chain.document = chain.document.replace(b"Fungible units", b"Fungible Units")
    found = deviations(chain, 20)
    assert list(found) == ["published"]
    chain = changed(tmp_path)
    chain.recorded["layout"][0]["digest"] = "00" * 32
    chain.recorded["layout"].append({"field": "extra", "digest": "00" * 32})
    (told,) = deviations(chain, 20).values()
    assert told == f"the chain records another type of {chain.recorded['layout'][0]['field']}, extra"
    chain = changed(tmp_path)
    document = json.loads(chain.document)
    document["layout"][0]["type"] = "u8"
    chain.document = json.dumps(document).encode()
    found = deviations(chain, 20)
    assert (found["layout"] or "").endswith("is said to be u8, which has another digest")


def test_a_solidity_contract_has_no_such_interface(tmp_path: Path) -> None:
    chain = changed(tmp_path)
    chain.document = read_artefact(EXAMPLES / "solidity" / "Token.json").interface_json
    with pytest.raises(Misused, match="Solidity"):
        inspect(chain, "units", STANDARDS[20])
