"""Escrow over units that its owner issues."""

from __future__ import annotations

from xianglian.contract import Address, contract, entry, init, u128, view
from xianglian.contract.lib.access import Ownable
from xianglian.contract.lib.ledger import Escrow


@contract
class DepositBox(Escrow, Ownable):
    """资金托管 / Escrow over units that its owner issues."""

    @init
    def start(self) -> None:
        """部署 / Deploy."""
        self._init_ownable()

    @entry
    def credit(self, target: Address, amount: u128) -> None:
        """入账 / Credit units.

        target: 账户 / To whom
        amount: 数量 / Amount
        """
        self._only_owner()
        self._make(target, amount)

    @view
    def held(self, account: Address) -> u128:
        """余额 / What an account holds."""
        return self.balances[account]
