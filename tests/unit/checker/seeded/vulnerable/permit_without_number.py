"""XL-LINT-18: A signed permit can be used again."""

from xianglian.contract import (
    Address,
    Bytes,
    ContractError,
    Map,
    Public,
    contract,
    ctx,
    encode,
    entry,
    require,
    sm2_verify,
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Allowance:
    key: Public[Bytes[33]]
    balances: Map[Address, u64]

    @entry
    def set_key(self, key: Public[Bytes[33]]) -> None:
        require(ctx.has_role(ctx.caller, "operator"), Refused)
        self.key = key

    @entry
    def draw(self, amount: u64, signature: Public[Bytes[64]]) -> None:
        message = bytes(ctx.self_address) + bytes(ctx.caller) + encode(amount)
        require(sm2_verify(self.key, signature, message), Refused)
        self.balances[ctx.caller] += amount

    @view
    def balance(self, owner: Address) -> u64:
        return self.balances[owner]
