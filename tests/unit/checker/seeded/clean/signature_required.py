"""Near miss of XL-LINT-17: The signature decides, bound to contract and number."""

from xianglian.contract import (
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
    sm2_verify,
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Orders:
    key: Public[Bytes[33]]
    next_number: u64
    orders: Map[u64, Hash]

    @entry
    def set_key(self, key: Public[Bytes[33]]) -> None:
        require(ctx.has_role(ctx.caller, "operator"), Refused)
        self.key = key

    @entry
    def order(self, digest: Hash, signature: Public[Bytes[64]]) -> None:
        message = bytes(ctx.self_address) + encode(self.next_number) + digest
        require(sm2_verify(self.key, signature, message), Refused)
        self.orders[self.next_number] = digest
        self.next_number += 1

    @view
    def digest_of(self, number: u64) -> Hash:
        return self.orders[number]
