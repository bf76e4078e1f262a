"""Near miss of XL-LINT-20: A salted digest stands for the telephone number."""

from xianglian.contract import Address, Bytes, Map, Ref, Sealed, contract, ctx, entry, view


@contract
class Contacts:
    phone: Map[Address, Ref]
    sealed_email: Map[Address, Sealed[Bytes[128]]]

    @entry
    def set(self, number: Ref, email: Sealed[Bytes[128]]) -> None:
        self.phone[ctx.caller] = number
        self.sealed_email[ctx.caller] = email

    @view
    def of(self, owner: Address) -> Ref:
        return self.phone[owner]

    @view
    def email_of(self, owner: Address) -> Sealed[Bytes[128]]:
        return self.sealed_email[owner]
