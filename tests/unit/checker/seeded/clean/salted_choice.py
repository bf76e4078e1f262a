"""Near miss of XL-LINT-24: A commitment with a salt."""

from xianglian.contract import (
    Address,
    Bytes,
    ContractError,
    Hash,
    Map,
    Public,
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
    def reveal(self, choice: u8, salt: Public[Bytes[32]]) -> None:
        require(len(salt) == 32, Refused)
        require(sm3(encode(choice), salt, ctx.caller) == self.commitments[ctx.caller], Refused)
        self.choices[ctx.caller] = choice

    @view
    def choice(self, player: Address) -> u8:
        return self.choices[player]
