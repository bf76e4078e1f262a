"""XL-LINT-01: Anyone appoints administrators."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Public,
    Text,
    contract,
    ctx,
    entry,
    init,
    require,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Board:
    admins: Map[Address, bool]
    notice: Public[Text[64]]

    @init
    def deploy(self) -> None:
        self.admins[ctx.caller] = True

    @entry
    def appoint(self, account: Address) -> None:
        self.admins[account] = True

    @entry
    def post(self, notice: Public[Text[64]]) -> None:
        require(self.admins[ctx.caller], Refused)
        self.notice = notice

    @view
    def read(self) -> Public[Text[64]]:
        return self.notice
