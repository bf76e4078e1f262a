"""XL-LINT-31: The check is written and never called."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u32


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Rooms:
    booked: Map[tuple[u32, u32], Address]
    closed_rooms: Map[u32, bool]

    @entry
    def book(self, room: u32, day: u32) -> None:
        require((room, day) not in self.booked, Exists)
        self.booked[room, day] = ctx.caller

    @entry
    def close(self, room: u32) -> None:
        require(ctx.has_role(ctx.caller, "porter"), Refused)
        self.closed_rooms[room] = True

    def _must_be_open(self, room: u32) -> None:
        require(not self.closed_rooms[room], Refused)
