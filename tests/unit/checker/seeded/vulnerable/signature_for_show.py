"""XL-LINT-17: The signature is checked and the answer forgotten."""

from xianglian.contract import (
    Bytes,
    ContractError,
    Hash,
    Map,
    Public,
    contract,
    ctx,
    entry,
    require,
    sm2_verify,
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Orders:
    key: Public[Bytes[33]]
    orders: Map[Hash, u64]

    @entry
    def set_key(self, key: Public[Bytes[33]]) -> None:
        require(ctx.has_role(ctx.caller, "operator"), Refused)
        self.key = key

    @entry
    def order(self, digest: Hash, number: u64, signature: Public[Bytes[64]]) -> None:
        require(digest not in self.orders, Exists)
        good = sm2_verify(self.key, signature, bytes(ctx.self_address) + digest)
        self.orders[digest] = number

    @view
    def number_of(self, digest: Hash) -> u64:
        return self.orders[digest]
