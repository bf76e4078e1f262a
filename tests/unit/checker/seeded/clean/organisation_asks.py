"""Near miss of XL-LINT-01: The right belongs to the organisation of the caller."""

from xianglian.contract import ContractError, Public, Text, contract, ctx, entry, init, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Bureau:
    organisation: Public[Text[64]]
    notice: Public[Text[64]]

    @init
    def deploy(self) -> None:
        mine = ctx.organisation_of(ctx.caller)
        if mine is None:
            raise Refused
        self.organisation = mine

    @entry
    def post(self, notice: Public[Text[64]]) -> None:
        mine = ctx.organisation_of(ctx.caller)
        require(mine is not None and mine == self.organisation, Refused)
        self.notice = notice

    @view
    def read(self) -> Public[Text[64]]:
        return self.notice
