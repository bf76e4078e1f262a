"""Near miss of XL-LINT-22: A field that the change keeps."""

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    Map,
    contract,
    ctx,
    emit,
    entry,
    event,
    record,
    replace,
    require,
    u8,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Parcel:
    sender: Address
    stage: u8


@event
class Moved:
    parcel: Hash
    sender: Address


@contract
class Post:
    parcels: Map[Hash, Parcel]

    @entry
    def send(self, parcel: Hash) -> None:
        require(parcel not in self.parcels, Exists)
        self.parcels[parcel] = Parcel(sender=ctx.caller, stage=0)
        emit(Moved(parcel=parcel, sender=ctx.caller))

    @entry
    def move(self, parcel: Hash) -> None:
        known = self.parcels[parcel]
        require(ctx.caller == known.sender, Refused)
        self.parcels[parcel] = replace(known, stage=known.stage + 1)
        emit(Moved(parcel=parcel, sender=known.sender))
