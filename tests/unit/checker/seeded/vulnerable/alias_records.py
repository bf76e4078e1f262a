"""XL-LINT-05: The same with records."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    contract,
    ctx,
    entry,
    record,
    replace,
    require,
    u32,
    u64,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Account:
    held: u64
    moves: u32


@contract
class Accounts:
    accounts: Map[Address, Account]

    @entry
    def open(self) -> None:
        require(ctx.caller not in self.accounts, Exists)
        self.accounts[ctx.caller] = Account(held=0, moves=0)

    @entry
    def give(self, target: Address, amount: u64) -> None:
        require(amount > 0, Refused)
        mine = self.accounts[ctx.caller]
        theirs = self.accounts[target]
        self.accounts[ctx.caller] = replace(mine, held=mine.held - amount, moves=mine.moves + 1)
        self.accounts[target] = replace(theirs, held=theirs.held + amount)
