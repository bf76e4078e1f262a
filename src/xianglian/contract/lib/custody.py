"""Custody 溯源: lots of goods from hand to hand, split and merged without loss, stopped by a recall."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
    List,
    Map,
    Public,
    Ref,
    Text,
    Time,
    component,
    ctx,
    each,
    emit,
    entry,
    event,
    invariant,
    overridable,
    record,
    replace,
    require,
    total,
    u128,
    view,
)


class LotStatus(Enum):
    """批次状态 / State of a lot"""

    HELD = 0, "持有 / Held"
    IN_TRANSIT = 1, "交接中 / On the way"
    DIVIDED = 2, "已拆分或合并 / Divided or merged"
    USED = 3, "已消耗 / Used up"


@record
class Lot:
    """批次 / A lot"""

    product: Ref
    amount: u128
    holder: Address
    target: Address | None
    until: Time
    status: LotStatus
    origins: List[Ref, 8]


@record
class Part:
    """部分 / A part that a lot is split into"""

    key: Ref
    amount: u128


@event
class LotMade:
    """批次已产生 / Lot made"""

    key: Ref
    product: Ref
    amount: u128
    holder: Address
    origins: List[Ref, 8]


@event
class LotSent:
    """已移交 / Lot sent"""

    key: Ref
    source: Address
    target: Address
    until: Time


@event
class LotReceived:
    """已接收 / Lot received"""

    key: Ref
    source: Address
    target: Address


@event
class LotReturned:
    """移交已取消 / Hand-over called off"""

    key: Ref
    by: Address


@event
class LotEnded:
    """批次已结束 / Lot ended"""

    key: Ref
    status: LotStatus


@event
class Recalled:
    """已召回 / Recalled: every lot that stems from this one"""

    origin: Ref
    reason: Public[Text[120]]
    by: Address


class LotExists(ContractError):
    """批次编号已用 / A lot has this key already."""


class NoSuchLot(ContractError):
    """没有该批次 / There is no such lot."""


class NotHolder(ContractError):
    """不是持有者 / The caller does not hold this lot, or may not do this with it."""


class WrongLotStatus(ContractError):
    """批次状态不符 / Not in this state."""

    status: LotStatus


class LotRecalled(ContractError):
    """批次已召回 / The lot stems from a recalled one."""

    origin: Ref


class HandOverEnded(ContractError):
    """交接期限已过 / The time for accepting is over, or lies in the past."""


class WrongAmount(ContractError):
    """数量不符 / The parts must add up to the lot, and each be above zero."""


@component
class Custody:
    """溯源 / Custody of lots.

    Keeps: what was made equals what is held, on the way and used up, over every split and merge; a lot
    has one holder, and changes hands only when the receiver accepts, at or before the end of the offer; a
    divided or used lot does nothing more; a recall of an origin stops every lot that stems from it (also
    through merges) except for using it up, which is how recalled goods are destroyed. At most eight
    origins in one lot.
    """

    lots: Map[Ref, Lot]
    recalls: Map[Ref, Time]
    made: u128
    used_up: u128

    @overridable
    def _may_make(self) -> None:
        require(ctx.has_role(ctx.caller, "maker"), NotHolder)

    @overridable
    def _may_recall(self, origin: Ref) -> None:
        require(ctx.has_role(ctx.caller, "inspector"), NotHolder)

    @overridable
    def _may_receive(self, target: Address) -> None:
        require(ctx.organisation_of(target) is not None, NotHolder)

    def _lot(self, key: Ref) -> Lot:
        lot = self.lots.get(key)
        if lot is None:
            raise NoSuchLot
        return lot

    def _held(self, key: Ref) -> Lot:
        """A lot that its holder may dispose of now."""
        lot = self._lot(key)
        require(lot.holder == ctx.caller, NotHolder)
        require(lot.status == LotStatus.HELD, WrongLotStatus(status=lot.status))
        return lot

    def _not_recalled(self, lot: Lot) -> None:
        for origin in lot.origins:
            require(origin not in self.recalls, LotRecalled(origin=origin))

    def _put(self, key: Ref, lot: Lot) -> None:
        require(key not in self.lots, LotExists)
        require(lot.amount > 0, WrongAmount)
        self.lots[key] = lot
        emit(LotMade(key=key, product=lot.product, amount=lot.amount, holder=lot.holder, origins=lot.origins))

    @entry
    def make(self, key: Ref, product: Ref, amount: u128) -> None:
        """产生批次 / Make a lot.

        key: 批次编号摘要 / Digest of the lot's number
        product: 产品摘要 / Digest of the product
        amount: 数量 / Amount, in the smallest unit
        """
        self._may_make()
        self.made += amount
        self._put(
            key,
            Lot(
                product=product,
                amount=amount,
                holder=ctx.caller,
                target=None,
                until=0,
                status=LotStatus.HELD,
                origins=List[Ref, 8](key),
            ),
        )

    @entry
    def hand_over(self, key: Ref, target: Address, until: Time) -> None:
        """移交 / Hand a lot over; it changes hands when the other accepts.

        key: 批次 / The lot
        target: 接收方 / Receiver
        until: 接收期限 / Until when the receiver may accept
        """
        lot = self._held(key)
        self._not_recalled(lot)
        require(until >= ctx.time_ms, HandOverEnded)
        require(target != ctx.caller, NotHolder)
        self._may_receive(target)
        self.lots[key] = replace(lot, status=LotStatus.IN_TRANSIT, target=target, until=until)
        emit(LotSent(key=key, source=ctx.caller, target=target, until=until))

    @entry
    def accept(self, key: Ref) -> None:
        """接收 / Accept a lot.

        key: 批次 / The lot
        """
        lot = self._lot(key)
        require(lot.status == LotStatus.IN_TRANSIT, WrongLotStatus(status=lot.status))
        target = lot.target
        if target is None:
            raise NotHolder
        require(target == ctx.caller, NotHolder)
        require(ctx.time_ms <= lot.until, HandOverEnded)
        self._not_recalled(lot)
        self._may_receive(target)
        self.lots[key] = replace(lot, status=LotStatus.HELD, holder=target, target=None, until=0)
        emit(LotReceived(key=key, source=lot.holder, target=target))

    @entry
    def call_off(self, key: Ref) -> None:
        """取消移交 / Call a hand-over off: either side, at any time before it is accepted.

        key: 批次 / The lot
        """
        lot = self._lot(key)
        require(lot.status == LotStatus.IN_TRANSIT, WrongLotStatus(status=lot.status))
        target = lot.target
        if target is None:
            raise NotHolder
        require(ctx.caller in (lot.holder, target), NotHolder)
        self.lots[key] = replace(lot, status=LotStatus.HELD, target=None, until=0)
        emit(LotReturned(key=key, by=ctx.caller))

    @entry
    def split(self, key: Ref, parts: List[Part, 16]) -> None:
        """拆分 / Split a lot; the parts add up to it.

        key: 批次 / The lot
        parts: 各部分 / The parts
        """
        lot = self._held(key)
        self._not_recalled(lot)
        left = lot.amount
        for part in parts:
            require(part.amount <= left, WrongAmount)
            left -= part.amount
            self._put(part.key, replace(lot, amount=part.amount))
        require(left == 0, WrongAmount)
        self.lots[key] = replace(lot, status=LotStatus.DIVIDED)
        emit(LotEnded(key=key, status=LotStatus.DIVIDED))

    @entry
    def merge(self, keys: List[Ref, 16], into: Ref) -> None:
        """合并 / Merge lots of one product.

        keys: 各批次 / The lots
        into: 新批次编号摘要 / Digest of the new lot's number
        """
        require(len(keys) >= 2, WrongAmount)
        first = self._held(keys[0])
        amount = u128(0)
        origins = List[Ref, 8]()
        for key in keys:
            lot = self._held(key)
            self._not_recalled(lot)
            require(lot.product == first.product, WrongAmount)
            amount += lot.amount
            for origin in lot.origins:
                if origin not in origins:
                    origins = origins + [origin]
            self.lots[key] = replace(lot, status=LotStatus.DIVIDED)
            emit(LotEnded(key=key, status=LotStatus.DIVIDED))
        self._put(into, replace(first, amount=amount, origins=origins))

    @entry
    def use_up(self, key: Ref) -> None:
        """消耗或销毁 / Use a lot up, or destroy a recalled one.

        key: 批次 / The lot
        """
        lot = self._held(key)
        self.used_up += lot.amount
        self.lots[key] = replace(lot, status=LotStatus.USED)
        emit(LotEnded(key=key, status=LotStatus.USED))

    @entry
    def recall(self, origin: Ref, reason: Public[Text[120]]) -> None:
        """召回 / Recall a lot and all that stem from it.

        origin: 批次 / The lot as it was made
        reason: 原因，公开 / Why; public
        """
        self._may_recall(origin)
        lot = self._lot(origin)
        require(origin in lot.origins and origin not in self.recalls, LotRecalled(origin=origin))
        self.recalls[origin] = ctx.time_ms
        emit(Recalled(origin=origin, reason=reason, by=ctx.caller))

    @view
    def lot(self, key: Ref) -> Lot:
        """批次 / A lot."""
        return self._lot(key)

    @view
    def is_recalled(self, key: Ref) -> bool:
        """是否被召回 / Whether a lot stems from a recalled one."""
        for origin in self._lot(key).origins:
            if origin in self.recalls:
                return True
        return False

    @invariant
    def nothing_is_lost(self) -> bool:
        """数量守恒 / What was made is held, on the way, or used up."""
        return self.made == self.used_up + total(
            self.lots,
            lambda key, lot: int(lot.amount) if lot.status in (LotStatus.HELD, LotStatus.IN_TRANSIT) else 0,
        )

    @invariant
    def on_the_way_has_a_target(self) -> bool:
        """交接中必有接收方 / A lot has a receiver exactly while it is on the way."""
        return each(
            self.lots, lambda key, lot: (lot.target is not None) == (lot.status == LotStatus.IN_TRANSIT)
        )
