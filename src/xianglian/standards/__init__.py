"""Standard interfaces of contracts (XRC) and the suite that says whether a contract conforms.

`conform(contract, 20)` runs every check of XRC-20 against a contract class on a chain in memory and tells
what holds and what not; `inspect(client, name, STANDARDS[20])` reads a deployed one. The standards as
clauses: `spec/20-xrc.md`.
"""

from __future__ import annotations

from xianglian.standards.deployed import inspect
from xianglian.standards.suite import Finding, Report, Standard, conform
from xianglian.standards.table import STANDARDS

__all__ = ["STANDARDS", "Finding", "Report", "Standard", "conform", "inspect"]
