"""XL-LINT-18: A signed order fits every contract."""

from xianglian.contract import (
    Bytes,
    ContractError,
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
class Relay:
    key: Public[Bytes[33]]
    number: u64
    value: u64

    @entry
    def set_key(self, key: Public[Bytes[33]]) -> None:
        require(ctx.has_role(ctx.caller, "operator"), Refused)
        self.key = key

    @entry
    def set(self, value: u64, signature: Public[Bytes[64]]) -> None:
        message = encode(self.number) + encode(value)
        require(sm2_verify(self.key, signature, message), Refused)
        self.number += 1
        self.value = value

    @view
    def current(self) -> u64:
        return self.value
