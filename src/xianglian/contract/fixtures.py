"""What pytest offers a contract's tests: a chain in memory, four accounts. `xl contract test` loads it; under
plain pytest a conftest.py says `pytest_plugins = ["xianglian.contract.fixtures"]`.

    def test_only_the_owner_starts_again(chain, parties):
        counter = chain.deploy(Counter, by=parties.alice)

`chain.advance(days=30)` moves the clock, `chain.snapshot()` and `chain.restore()` go back.
"""

from __future__ import annotations

import pytest

from xianglian.contract.testing import Chain, Parties


@pytest.fixture
def chain() -> Chain:
    """A new chain in memory; contracts run on it as plain Python, so breakpoints work."""
    return Chain()


@pytest.fixture
def parties(chain: Chain) -> Parties:
    """Alice, Bob, Carol and Dave of four organisations, admitted on `chain`."""
    return Parties.of(chain)
