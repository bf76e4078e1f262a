"""XL-LINT-20: A telephone number for everybody."""

from xianglian.contract import Address, Map, Public, Text, contract, ctx, entry, view


@contract
class Contacts:
    phone: Map[Address, Public[Text[20]]]

    @entry
    def set(self, number: Public[Text[20]]) -> None:
        self.phone[ctx.caller] = number

    @view
    def of(self, owner: Address) -> Public[Text[20]]:
        return self.phone[owner]
