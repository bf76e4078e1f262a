"""XL-LINT-03: Whoever names an operator is taken for him."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, init, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Meter:
    operators: Map[Address, bool]
    reading: u64

    @init
    def deploy(self) -> None:
        self.operators[ctx.caller] = True

    @entry
    def report(self, operator: Address, reading: u64) -> None:
        require(self.operators[operator], Refused)
        require(reading > self.reading, Refused)
        self.reading = reading

    @view
    def last(self) -> u64:
        return self.reading
