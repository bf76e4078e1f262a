"""The example contracts of the pattern library on a chain in memory: as plain Python and compiled."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from xianglian.contract.errors import ContractError
from xianglian.contract.testing import Chain, Deployed, load_contract
from xianglian.contract.values import Address, Hash, Ref

ROOT = Path(__file__).parents[4]
PATTERNS = ROOT / "examples" / "patterns"


def _machine() -> Any:
    path = ROOT / "tests" / "unit" / "compiler" / "conftest.py"
    found = importlib.util.spec_from_file_location("compiler_conftest", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module.Machine()


@pytest.fixture(scope="session")
def machine() -> Any:
    """The engine that runs compiled modules."""
    return _machine()


class Story:
    """A chain with accounts, one example contract, and short words for what tests say often."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.accounts: dict[str, Address] = {}

    def account(self, name: str, *roles: str, organisation: str = "org1") -> Address:
        """An account by name, made when it is first named."""
        if name not in self.accounts:
            self.accounts[name] = self.chain.account(name, organisation=organisation, roles=roles)
        return self.accounts[name]

    def deploy(self, name: str, by: Address) -> Deployed:
        """The example contract of a file."""
        module = load_contract(PATTERNS / f"{name}.py")
        self.module = module
        contract = getattr(module, "".join(part.capitalize() for part in name.split("_")))
        self.deployed = self.chain.deploy(contract, by=by)
        self.holds()
        return self.deployed

    def holds(self) -> None:
        """Every invariant of the contract holds."""
        assert self.chain.broken_invariants(self.deployed) == []

    @property
    def now(self) -> int:
        """Block time of the next call."""
        return self.chain.time_ms + 1

    @contextmanager
    def refused(self, code: str) -> Iterator[None]:
        """The call inside ends with this error and changes nothing."""
        before = dict(self.chain.state)
        with pytest.raises(ContractError) as end:
            yield
        assert end.value.code == code, end.value.code
        assert self.chain.state == before
        self.holds()


@pytest.fixture(params=["plain", "compiled"])
def story(request: pytest.FixtureRequest, machine: Any) -> Story:
    """Runs a test twice: in plain Python and compiled."""
    return Story(Chain(machine if request.param == "compiled" else None))


def ref(number: int) -> Ref:
    """A salted digest."""
    return Ref(bytes([number]) * 32)


def digest(number: int) -> Hash:
    """A digest."""
    return Hash(bytes([number]) * 32)


@pytest.fixture
def refs() -> Callable[[int], Ref]:
    """Salted digests by number."""
    return ref


@pytest.fixture
def digests() -> Callable[[int], Hash]:
    """Digests by number."""
    return digest
