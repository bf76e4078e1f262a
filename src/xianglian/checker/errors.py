"""How a check itself can fail; findings are no errors."""

from __future__ import annotations

from xianglian.errors import Misused, Rejected


class SolverMissing(Misused):
    """The solver that proves invariants is not installed."""

    code = "XL-CHECK-SOLVER-MISSING"


class ReportInvalid(Rejected):
    """A report's signature, form or code does not fit."""

    code = "XL-CHECK-REPORT-INVALID"
