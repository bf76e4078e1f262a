"""Earmarked funds: while paused, none is granted and no payment asked for."""

from __future__ import annotations

from xianglian.contract import Address, contract, ctx, init, require
from xianglian.contract.lib.access import Pausable
from xianglian.contract.lib.fund import EarmarkedFund, NotInFund


@contract
class Subsidies(EarmarkedFund, Pausable):
    """补贴资金 / Earmarked funds: while paused, none is granted and no payment asked for."""

    @init
    def start(self) -> None:
        """部署 / Deploy."""
        self._init_ownable()

    def _may_grant(self) -> None:
        self._when_running()
        require(ctx.has_role(ctx.caller, "treasury"), NotInFund)

    def _may_be_paid(self, payee: Address) -> None:
        self._when_running()
        require(ctx.organisation_of(payee) is not None, NotInFund)
