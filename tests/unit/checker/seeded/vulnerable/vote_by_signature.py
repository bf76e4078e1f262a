"""XL-LINT-18: A signed vote counts as often as it is sent."""

from xianglian.contract import (
    Bytes,
    ContractError,
    Map,
    Public,
    Ref,
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


@contract
class Ballot:
    keys: Map[Ref, Public[Bytes[33]]]
    yes: u64

    @entry
    def enrol(self, voter: Ref, key: Public[Bytes[33]]) -> None:
        require(ctx.has_role(ctx.caller, "registrar"), Refused)
        self.keys[voter] = key

    @entry
    def vote(self, voter: Ref, signature: Public[Bytes[64]]) -> None:
        require(sm2_verify(self.keys[voter], signature, b"yes"), Refused)
        self.yes += 1

    @view
    def count(self) -> u64:
        return self.yes
