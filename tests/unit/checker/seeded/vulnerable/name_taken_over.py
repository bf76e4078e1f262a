"""XL-LINT-07: A name that is registered may be registered again."""

from xianglian.contract import Address, Map, Public, Text, Time, contract, ctx, entry, record, view


@record
class Name:
    owner: Address
    since: Time


@contract
class Names:
    names: Map[Public[Text[32]], Name]

    @entry
    def register(self, name: Public[Text[32]]) -> None:
        self.names[name] = Name(owner=ctx.caller, since=ctx.time_ms)

    @view
    def owner_of(self, name: Public[Text[32]]) -> Address:
        return self.names[name].owner

    @view
    def since(self, name: Public[Text[32]]) -> Time:
        return self.names[name].since
