"""XL-LINT-24: A choice out of three is committed to by its digest."""

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    Map,
    contract,
    ctx,
    encode,
    entry,
    require,
    sm3,
    u8,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Game:
    commitments: Map[Address, Hash]
    choices: Map[Address, u8]

    @entry
    def commit(self, commitment: Hash) -> None:
        require(ctx.caller not in self.commitments, Exists)
        self.commitments[ctx.caller] = commitment

    @entry
    def reveal(self, choice: u8) -> None:
        require(sm3(encode(choice)) == self.commitments[ctx.caller], Refused)
        self.choices[ctx.caller] = choice

    @view
    def choice(self, player: Address) -> u8:
        return self.choices[player]
