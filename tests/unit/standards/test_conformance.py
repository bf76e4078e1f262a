"""Reference implementations conform, compiled too; wrong ones do not; the page is the code."""

from __future__ import annotations

import importlib.util
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xianglian.cli.root import run as xl
from xianglian.contract import ctx, emit, entry, u128, view
from xianglian.contract.lib import xrc
from xianglian.contract.lib.ledger import Moved
from xianglian.contract.lib.registry import CredentialStatus
from xianglian.contract.lib.tokens import IsFrozen
from xianglian.contract.outside import signatures_of
from xianglian.contract.testing import Chain, load_contract
from xianglian.contract.values import Address, Hash, Ref
from xianglian.standards import STANDARDS, conform

ROOT = Path(__file__).parents[3]
REFERENCE = {
    "fungible_units": (1, 20),
    "single_items": (1, 21),
    "kinds_of_units": (1, 22),
    "bound_credential": (1, 23),
    "regulated_share": (1, 20, 24),
    "evidence_store": (1, 30, 31, 32),
    "administration": (1, 3, 4),
}
CASES = [(name, number) for name, numbers in REFERENCE.items() for number in numbers]


def path_of(name: str) -> Path:
    return ROOT / "examples" / "standards" / f"{name}.py"


def contract(name: str) -> type:
    made: type = getattr(load_contract(path_of(name)), "".join(part.capitalize() for part in name.split("_")))
    return made


@pytest.fixture(scope="session")
def machine() -> Any:
    found = importlib.util.spec_from_file_location(
        "engine", ROOT / "tests" / "unit" / "compiler" / "conftest.py"
    )
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module.Machine()


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_reference_implementation_conforms(name: str, number: int, machine: Any) -> None:
    standard = STANDARDS[number]
    for engine in (None, machine):
        report = conform(contract(name), standard, engine=engine)
        assert [f"{each.check}: {each.deviation}" for each in report.findings if not each.holds] == []
        assert {each.name for each in signatures_of(standard.interface)} <= report.called, (
            "a method is not called"
        )
        assert set(standard.errors) <= report.errors, "an error path is not taken"


def test_each_standard_has_a_reference_implementation() -> None:
    assert {number for _, number in CASES} == set(STANDARDS)


@entry
def keeps_the_debit(self: Any, target: Address, amount: u128) -> None:
    self.balances[target] += amount
    emit(Moved(source=ctx.caller, target=target, amount=amount))


@entry
def doubles_to_oneself(self: Any, target: Address, amount: u128) -> None:
    held, other = self.balances[ctx.caller], self.balances[target]
    self._debit(ctx.caller, amount)
    self.balances[target] = other + amount
    assert held >= amount
    emit(Moved(source=ctx.caller, target=target, amount=amount))


@entry
def says_nothing(self: Any, target: Address, amount: u128) -> None:
    self._debit(ctx.caller, amount)
    self.balances[target] += amount


@entry
def replaces_blindly(self: Any, spender: Address, previous: u128, amount: u128) -> None:
    self.allowances[ctx.caller][spender] = amount


@entry
def never_lowers(self: Any, source: Address, target: Address, amount: u128) -> None:
    if self.allowances[source][ctx.caller] < amount:
        from xianglian.contract.lib.ledger import AllowanceTooLow

        raise AllowanceTooLow(allowed=self.allowances[source][ctx.caller], amount=amount)
    self._move(source, target, amount)


@entry
def keeps_the_permission(self: Any, token: Ref, target: Address) -> None:
    spender = self.token_spenders.get(token)
    holder = self._holder(token)
    self.__class__.__mro__[1].transfer_token(self, token, target)
    if spender is not None:
        self.token_spenders[token] = spender
    assert holder is not None


@entry
def takes_at_once(self: Any, target: Address | None) -> None:
    self._only_owner()
    if target is not None:
        self.owned_by = target


@view
def never_expires(self: Any, role: str, account: Address) -> bool:
    return (role, account) in self.role_ends


@view
def any_leaf(self: Any, number: int, leaf: Hash, index: int, path: Any) -> bool:
    return number in self.batches


@view
def claims_everything(self: Any, interface_id: Hash) -> bool:
    return True


def resurrects(self: Any, key: Ref, status: CredentialStatus, reason: str) -> None:
    self.credentials[key] = self.credentials[key]


def like(wrong: Callable[..., Any], right: Any) -> Any:
    """With the types of the method that it stands for."""
    inner = getattr(wrong, "__wrapped__", wrong)
    inner.__annotations__ = inspect.get_annotations(right.__wrapped__, eval_str=True)
    return (entry if right.__kind__ == "entry" else view)(inner)


WRONG = [
    ("fungible_units", 20, "transfer", keeps_the_debit, "units_are_kept"),
    ("fungible_units", 20, "transfer", doubles_to_oneself, "units_are_kept"),
    ("fungible_units", 20, "transfer", says_nothing, "units_are_kept"),
    ("fungible_units", 20, "set_allowance", replaces_blindly, "an_allowance_is_replaced_knowingly"),
    ("fungible_units", 20, "transfer_from", never_lowers, "allowances_bind"),
    ("single_items", 21, "transfer_token", keeps_the_permission, "a_permission_ends_with_a_move"),
    ("administration", 3, "offer_ownership", takes_at_once, "ownership_moves_in_two_steps"),
    ("administration", 4, "has_role", never_expires, "roles_end"),
    ("bound_credential", 23, "change_status", resurrects, "a_status_changes_lawfully"),
    ("evidence_store", 31, "is_in", any_leaf, "a_batch_holds_its_leaves"),
    ("kinds_of_units", 1, "supports", claims_everything, "detection"),
]


@pytest.mark.parametrize(("name", "number", "method", "wrong", "check"), WRONG)
def test_a_wrong_implementation_does_not_conform(
    name: str, number: int, method: str, wrong: Callable[..., Any], check: str
) -> None:
    right = contract(name)
    made = type(
        "Wrong", (right,), {method: like(wrong, getattr(right, method)), "__module__": right.__module__}
    )
    made.start = right.start if hasattr(right, "start") else None  # type: ignore[attr-defined]
    report = conform(made, STANDARDS[number])
    assert check in [each.check for each in report.findings if not each.holds]


def test_other_types_are_another_interface() -> None:
    right: Any = contract("fungible_units")

    def balance_of(self: Any, holder: Address) -> Address:
        return holder

    balance_of.__annotations__ = {"holder": Address, "return": Address}
    made = type("Wrong", (right,), {"balance_of": view(balance_of), "__module__": right.__module__})
    report = conform(made, STANDARDS[20])
    assert not report.findings[0].holds
    assert "view balance_of(address)->address" in str(report.findings[0].deviation)


def test_a_standard_that_it_does_not_have() -> None:
    report = conform(contract("fungible_units"), STANDARDS[21])
    assert not any(each.holds for each in report.findings)


def test_a_frozen_account_cannot_redeem_what_may_be_seized() -> None:
    chain = Chain()
    ann, bob = chain.account("ann", roles=("issuer", "supervisor")), chain.account("bob")
    share = chain.deploy(contract("regulated_share"), by=ann)
    share.issue(bob, 10, by=ann)
    share.set_frozen(bob, True, "order", by=ann)
    with pytest.raises(IsFrozen):
        share.redeem(1, by=bob)
    share.set_frozen(bob, False, "lifted", by=ann)
    share.redeem(1, by=bob)


def test_constants_in_contracts_are_the_ids() -> None:
    for number, standard in STANDARDS.items():
        assert getattr(xrc, f"XRC_{number}").hex() == standard.id


def test_the_page_of_the_standard_is_the_code() -> None:
    """Numbers, ids, methods, errors and checks: the clauses name all of them, and the table no other."""
    page = (ROOT / "spec" / "20-xrc.md").read_text(encoding="utf-8")
    for standard in STANDARDS.values():
        start = page.index(f"### {standard.name} ")
        section = page[start : page.find("\n### ", start + 1)]
        assert f"`{standard.id}`" in section
        for each in signatures_of(standard.interface):
            assert f"`{each}`" in section, (standard.name, str(each))
        for code in standard.errors:
            assert f"`{code}`" in section, (standard.name, code)
        assert standard.needs in section
        for check in standard.checks:
            assert check.words[1] in section, (standard.name, check.name)
    assert page.count("\n### XRC-") == len(STANDARDS)


def test_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XL_LANG", "en")
    source = str(path_of("fungible_units"))
    assert xl(["contract", "conform", source, "--standard", "XRC-20", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["conforms"] is True
    assert told["interface_id"] == STANDARDS[20].id
    assert len(told["findings"]) == 2 + len(STANDARDS[20].checks)
    assert xl(["contract", "conform", source, "--standard", "21"]) == 1
    assert "✗" in capsys.readouterr().out
    assert xl(["contract", "conform", source, "--standard", "XRC-99", "--json"]) == 2
    capsys.readouterr()
    prepare = tmp_path / "prepare.py"
    prepare.write_text("def prepare(bench):\n    bench.call('issue', bench.ann, 3)\n")
    arguments = ["contract", "conform", source, "--standard", "20", "--prepare", str(prepare)]
    assert xl(arguments) == 1
    assert "transfer fails with BalanceTooLow" in capsys.readouterr().out
