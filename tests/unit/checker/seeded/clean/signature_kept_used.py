"""Near miss of XL-LINT-18: A signed voucher is kept as used."""

from xianglian.contract import (
    Address,
    Bytes,
    ContractError,
    Map,
    Public,
    Ref,
    contract,
    ctx,
    encode,
    entry,
    require,
    sm2_verify,
    sm3,
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Vouchers:
    key: Public[Bytes[33]]
    used: Map[Ref, bool]
    balances: Map[Address, u64]

    @entry
    def set_key(self, key: Public[Bytes[33]]) -> None:
        require(ctx.has_role(ctx.caller, "operator"), Refused)
        self.key = key

    @entry
    def redeem(self, voucher: Ref, amount: u64, signature: Public[Bytes[64]]) -> None:
        require(amount > 0, Refused)
        require(not self.used[voucher], Exists)
        message = sm3(bytes(ctx.self_address), voucher, encode(amount), ctx.caller)
        require(sm2_verify(self.key, signature, message), Refused)
        self.used[voucher] = True
        self.balances[ctx.caller] += amount

    @view
    def balance(self, owner: Address) -> u64:
        return self.balances[owner]
