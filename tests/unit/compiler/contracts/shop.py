"""A contract made of components; `Ownable` is reached twice."""

from __future__ import annotations

from xianglian.contract import Address, contract, entry, init, u32, view

from .parts import Counted, Pausable


@contract
class Shop(Counted, Pausable):
    """商店 / Shop

    sold: 售出 / Sold
    """

    sold: u32

    @init
    def start(self) -> None:
        self._init_ownable()

    @view
    def step(self, who: Address) -> u32:
        """所有者计三 / The owner counts three"""
        return u32(3) if who == self.owner else u32(2)

    def _before_visit(self) -> None:
        self._when_running()

    @entry
    def sell(self, count: u32) -> None:
        """出售 / Sell"""
        self._when_running()
        self.sold += count
