"""XL-LINT-01: The verdict on a case is written by whoever calls; the hearing is not."""

from xianglian.contract import Address, ContractError, Hash, Map, contract, ctx, entry, record, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


class Unknown(ContractError):
    """不存在 / Unknown."""


@record
class Case:
    plaintiff: Address
    closed: bool


@contract
class Court:
    cases: Map[Hash, Case]
    verdicts: Map[Hash, bool]

    @entry
    def open(self, number: Hash) -> None:
        require(number not in self.cases, Exists)
        self.cases[number] = Case(plaintiff=ctx.caller, closed=False)

    @entry
    def judge(self, number: Hash, guilty: bool) -> None:
        self.verdicts[number] = guilty

    @entry
    def appeal(self, number: Hash, guilty: bool) -> None:
        require(number in self.cases, Unknown)
        require(ctx.has_role(ctx.caller, "judge"), Refused)
        self.verdicts[number] = guilty

    @view
    def verdict(self, number: Hash) -> bool:
        return self.verdicts[number]
