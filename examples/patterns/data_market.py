"""A data exchange whose owner can stop requests and uses at once."""

from __future__ import annotations

from xianglian.contract import contract, ctx, init, require, u64
from xianglian.contract.lib.access import Pausable
from xianglian.contract.lib.data_exchange import DataExchange, NotUser


@contract
class DataMarket(DataExchange, Pausable):
    """数据共享平台 / A data exchange whose owner can stop requests and uses at once."""

    @init
    def start(self) -> None:
        """部署 / Deploy."""
        self._init_ownable()

    def _may_ask(self) -> None:
        self._when_running()
        require(ctx.organisation_of(ctx.caller) is not None, NotUser)

    def _may_use(self, number: u64) -> None:
        self._when_running()
