"""XL-LINT-20: A card number is an argument, and so on the chain for ever."""

from xianglian.contract import ContractError, Map, Public, Ref, Text, contract, ctx, entry, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Checks:
    passed: Map[Ref, bool]

    @entry
    def check(self, person: Ref, card: Public[Text[18], "gb11643"]) -> None:
        require(ctx.has_role(ctx.caller, "officer"), Refused)
        require(len(card.encode()) == 18, Refused)
        self.passed[person] = True

    @view
    def has_passed(self, person: Ref) -> bool:
        return self.passed[person]
