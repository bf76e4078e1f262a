"""Near miss of XL-LINT-18: Each signer has a number that moves on."""

from xianglian.contract import (
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
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Relay:
    keys: Map[Ref, Public[Bytes[33]]]
    numbers: Map[Ref, u64]
    values: Map[Ref, u64]

    @entry
    def enrol(self, signer: Ref, key: Public[Bytes[33]]) -> None:
        require(ctx.has_role(ctx.caller, "registrar"), Refused)
        require(signer not in self.keys, Exists)
        self.keys[signer] = key

    @entry
    def set(self, signer: Ref, value: u64, signature: Public[Bytes[64]]) -> None:
        number = self.numbers[signer]
        message = bytes(ctx.self_address) + encode(number) + encode(value)
        require(sm2_verify(self.keys[signer], signature, message), Refused)
        self.numbers[signer] = number + 1
        self.values[signer] = value

    @view
    def value(self, signer: Ref) -> u64:
        return self.values[signer]
