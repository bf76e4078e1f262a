"""Near miss of XL-LINT-07: Everyone overwrites only his own."""

from xianglian.contract import Address, Hash, Map, Time, contract, ctx, entry, record, view


@record
class Profile:
    organisation: Hash
    updated: Time


@contract
class Profiles:
    profiles: Map[Address, Profile]

    @entry
    def set(self, organisation: Hash) -> None:
        self.profiles[ctx.caller] = Profile(organisation=organisation, updated=ctx.time_ms)

    @view
    def of(self, account: Address) -> Profile:
        return self.profiles[account]
