"""Near miss of XL-LINT-20: The name of a company is public."""

from xianglian.contract import ContractError, Map, Public, Text, contract, ctx, entry, record, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Company:
    name: Public[Text[96]]
    uscc: Public[Text[18], "uscc"]


@contract
class Companies:
    companies: Map[Public[Text[18]], Company]

    @entry
    def register(self, uscc: Public[Text[18], "uscc"], name: Public[Text[96]]) -> None:
        require(ctx.has_role(ctx.caller, "registrar"), Refused)
        require(uscc not in self.companies, Exists)
        self.companies[uscc] = Company(name=name, uscc=uscc)

    @view
    def company(self, uscc: Public[Text[18]]) -> Company:
        return self.companies[uscc]
