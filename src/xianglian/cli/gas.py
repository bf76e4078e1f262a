"""Gas of a contract's own tests: a pytest plugin that runs them in a node's machine instead of plain Python.

`xl contract test --gas` loads it. The same tests pass or fail there as in plain Python, so this is also a
check that both agree. The report goes to the file that `XL_GAS_REPORT` names.
"""

from __future__ import annotations

import inspect
import json
import os
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from xianglian import _core
from xianglian.compiler import build
from xianglian.contract import testing
from xianglian.contract.context import Aborted, Host

REPORT = "XL_GAS_REPORT"


@dataclass
class Use:
    """What the calls of one method used."""

    contract: str
    method: str
    calls: int = 0
    failed: int = 0
    gas_min: int = 0
    gas_max: int = 0
    gas_sum: int = 0
    reads_max: int = 0
    writes_max: int = 0
    events_max: int = 0

    def add(self, gas: int, counts: Counts, *, failed: bool) -> None:
        """One more call."""
        self.gas_min = gas if self.calls == 0 else min(self.gas_min, gas)
        self.gas_max = max(self.gas_max, gas)
        self.gas_sum += gas
        self.calls += 1
        self.failed += failed
        self.reads_max = max(self.reads_max, counts.reads)
        self.writes_max = max(self.writes_max, counts.writes)
        self.events_max = max(self.events_max, counts.events)


@dataclass
class Counts:
    """A host that counts what it is asked; see `xianglian.contract.context.Host`."""

    host: Host
    reads: int = 0
    writes: int = 0
    events: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.host, name)

    def get(self, key: bytes) -> bytes | None:
        """A read."""
        self.reads += 1
        return self.host.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        """A write."""
        self.writes += 1
        self.host.put(key, value)

    def delete(self, key: bytes) -> None:
        """A write too."""
        self.writes += 1
        self.host.delete(key)

    def emit(self, name: str, data: bytes) -> None:
        """An event."""
        self.events += 1
        self.host.emit(name, data)


@cache
def _code(file: str) -> bytes:
    return build(Path(file)).wasm


@dataclass
class Metered:
    """An `Engine` of the test chain: compiled contracts in the machine that nodes run."""

    machine: _core.ContractMachine = field(default_factory=_core.ContractMachine)
    uses: dict[tuple[str, str], Use] = field(default_factory=dict)

    def run(self, contract: type, host: Host, method: str, arguments: bytes) -> bytes:
        """See `xianglian.contract.testing.Engine`."""
        kind = getattr(getattr(contract, method), "__kind__", "")
        entry = kind if kind in ("init", "migrate") else method
        counts = Counts(host)
        code, line, data, gas = self.machine.run(
            code=_code(inspect.getfile(contract)), entry=entry, arguments=arguments, host=counts
        )
        use = self.uses.setdefault((contract.__name__, method), Use(contract.__name__, method))
        use.add(gas, counts, failed=bool(code))
        if code:
            raise Aborted(code, line, data)
        return data

    def report(self) -> list[dict[str, Any]]:
        """A row for each method, by name; `gas_mean` is rounded down."""
        rows = [{**asdict(use), "gas_mean": use.gas_sum // use.calls} for use in self.uses.values()]
        return sorted(rows, key=lambda row: (row["contract"], row["method"]))


_ENGINE = pytest.StashKey[Metered]()


def pytest_configure(config: pytest.Config) -> None:
    """Every chain of the tests that names no engine has the metered one."""
    engine = config.stash[_ENGINE] = Metered()
    testing.default_engine = lambda: engine


def pytest_unconfigure(config: pytest.Config) -> None:
    """Writes the report."""
    testing.default_engine = testing.PlainPython
    if path := os.environ.get(REPORT):
        Path(path).write_text(json.dumps(config.stash[_ENGINE].report()), encoding="utf-8")
