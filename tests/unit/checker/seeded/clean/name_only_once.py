"""Near miss of XL-LINT-07: A name is registered once."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Public,
    Text,
    Time,
    contract,
    ctx,
    entry,
    record,
    require,
    view,
)


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Name:
    owner: Address
    since: Time


@contract
class Names:
    names: Map[Public[Text[32]], Name]

    @entry
    def register(self, name: Public[Text[32]]) -> None:
        require(name not in self.names, Exists)
        self.names[name] = Name(owner=ctx.caller, since=ctx.time_ms)

    @view
    def find(self, name: Public[Text[32]]) -> Name | None:
        return self.names.get(name)
