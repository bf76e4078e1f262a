"""The SMT solver, an optional part of the installation."""

from __future__ import annotations

from xianglian.checker.errors import SolverMissing

try:
    import z3
except ImportError as error:  # pragma: no cover (the project's own environment has it)
    raise SolverMissing("z3-solver is not installed: pip install 'xianglian[check]'") from error

__all__ = ["z3"]
