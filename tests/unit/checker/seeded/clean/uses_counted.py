"""Near miss of XL-LINT-29: Each use is counted."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Ref,
    contract,
    ctx,
    entry,
    record,
    replace,
    require,
    u32,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Pass:
    holder: Address
    used: u32
    most: u32


@contract
class Passes:
    passes: Map[Ref, Pass]

    @entry
    def issue(self, ref: Ref, holder: Address, most: u32) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), Refused)
        require(ref not in self.passes, Exists)
        self.passes[ref] = Pass(holder=holder, used=0, most=most)

    @entry
    def enter(self, ref: Ref) -> None:
        given = self.passes[ref]
        require(ctx.caller == given.holder, Refused)
        require(given.used < given.most, Refused)
        self.passes[ref] = replace(given, used=given.used + 1)
