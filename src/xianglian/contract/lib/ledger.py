"""Balances of one unit, as the base of tokens, escrow and settlement; and escrow over them."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
    Map,
    Ref,
    Time,
    component,
    ctx,
    each,
    emit,
    ensures,
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


@event
class Moved:
    """已转移 / Moved; no source where units were made, no target where they were taken out"""

    source: Address | None
    target: Address | None
    amount: u128


class BalanceTooLow(ContractError):
    """余额不足 / The account holds less than the amount."""

    held: u128
    amount: u128


@component
class Ledger:
    """账本 / Balances of one unit.

    Keeps: the balances add up to the supply; moving neither makes nor loses units, also to oneself.
    """

    balances: Map[Address, u128]
    supplied: u128

    def _debit(self, source: Address, amount: u128) -> None:
        held = self.balances[source]
        require(held >= amount, BalanceTooLow(held=held, amount=amount))
        self.balances[source] = held - amount

    def _move(self, source: Address, target: Address, amount: u128) -> None:
        self._debit(source, amount)
        self.balances[target] += amount
        emit(Moved(source=source, target=target, amount=amount))

    def _make(self, target: Address, amount: u128) -> None:
        self.supplied += amount
        self.balances[target] += amount
        emit(Moved(source=None, target=target, amount=amount))

    def _take_out(self, source: Address, amount: u128) -> None:
        self._debit(source, amount)
        self.supplied -= amount
        emit(Moved(source=source, target=None, amount=amount))

    @invariant
    def balances_are_the_supply(self) -> bool:
        """余额合计等于总量 / The balances add up to the supply."""
        return total(self.balances) == self.supplied


class DealStatus(Enum):
    """托管状态 / State of a deal"""

    OPEN = 0, "托管中 / Open"
    RELEASED = 1, "已付给收款方 / Released"
    REFUNDED = 2, "已退回 / Refunded"


@record
class Deal:
    """托管 / Units held for two parties"""

    payer: Address
    payee: Address
    arbiter: Address
    amount: u128
    until: Time
    status: DealStatus


@event
class DealOpened:
    """已托管 / Deal opened"""

    key: Ref
    deal: Deal


@event
class DealEnded:
    """托管已结束 / Deal ended"""

    key: Ref
    status: DealStatus
    by: Address


class DealExists(ContractError):
    """托管编号已用 / A deal has this key already."""


class NoSuchDeal(ContractError):
    """没有进行中的托管 / No deal is open under this key."""


class NotParty(ContractError):
    """无权处理该托管 / The caller may not decide this now."""


class EndIsPast(ContractError):
    """截止时间已过 / The end lies in the past."""


@component
class Escrow(Ledger):
    """托管 / Units lie with the contract until the deal is released or refunded, once.

    Keeps: the contract's own balance is at least the sum of the open deals; a deal ends once. Release: by
    the payer at any time, by the arbiter. Refund: by the payee at any time, by the arbiter, by the payer
    when block time > `until`. Nobody but these three decides, and no one alone can take the units of the
    other.
    """

    deals: Map[Ref, Deal]

    @entry
    def open_deal(self, key: Ref, payee: Address, arbiter: Address, amount: u128, until: Time) -> None:
        """托管 / Pay into escrow.

        key: 编号摘要 / Digest of the deal's number
        payee: 收款方 / Who is to get it
        arbiter: 裁决方 / Who decides a dispute
        amount: 数量 / Amount
        until: 截止时间 / From then on the payer may take it back
        """
        require(key not in self.deals, DealExists)
        require(until >= ctx.time_ms, EndIsPast)
        require(arbiter != ctx.caller and arbiter != payee, NotParty)
        require(payee != ctx.caller and payee != ctx.self_address and amount > 0, NotParty)
        deal = Deal(
            payer=ctx.caller,
            payee=payee,
            arbiter=arbiter,
            amount=amount,
            until=until,
            status=DealStatus.OPEN,
        )
        self.deals[key] = deal
        self._move(ctx.caller, ctx.self_address, amount)
        emit(DealOpened(key=key, deal=deal))

    def _open(self, key: Ref) -> Deal:
        deal = self.deals.get(key)
        if deal is None:
            raise NoSuchDeal
        require(deal.status == DealStatus.OPEN, NoSuchDeal)
        return deal

    @entry
    def release(self, key: Ref) -> None:
        """付给收款方 / Release to the payee.

        key: 编号摘要 / The deal
        """
        deal = self._open(key)
        require(ctx.caller in (deal.payer, deal.arbiter), NotParty)
        self.deals[key] = replace(deal, status=DealStatus.RELEASED)
        self._move(ctx.self_address, deal.payee, deal.amount)
        emit(DealEnded(key=key, status=DealStatus.RELEASED, by=ctx.caller))

    @entry
    def refund(self, key: Ref) -> None:
        """退回付款方 / Refund to the payer.

        key: 编号摘要 / The deal
        """
        deal = self._open(key)
        late = ctx.caller == deal.payer and ctx.time_ms > deal.until
        require(late or ctx.caller in (deal.payee, deal.arbiter), NotParty)
        self.deals[key] = replace(deal, status=DealStatus.REFUNDED)
        self._move(ctx.self_address, deal.payer, deal.amount)
        emit(DealEnded(key=key, status=DealStatus.REFUNDED, by=ctx.caller))

    @view
    def deal(self, key: Ref) -> Deal:
        """托管 / A deal."""
        return self.deals[key]

    @invariant
    def deals_are_different_parties(self) -> bool:
        """三方各异 / Payer, payee and arbiter differ."""
        return each(self.deals, lambda key, d: d.payer not in (d.payee, d.arbiter) and d.payee != d.arbiter)


class NotTransferable(ContractError):
    """不可转让 / This transfer is not allowed."""


class AllowanceTooLow(ContractError):
    """授权额度不足 / The spender may take less than the amount."""

    allowed: u128
    amount: u128


@event
class Allowed:
    """已授权额度 / Allowance set"""

    holder: Address
    spender: Address
    amount: u128


@component
class Fungible(Ledger):
    """同质通证 / Units that anyone moves who holds them, or who was allowed to.

    Keeps: what `Ledger` keeps; a spender takes at most what the holder allowed since; making and taking
    out units needs `_may_issue` (role "issuer" on this chain). `set_allowance` names the allowance it
    replaces, so that a spender cannot use the old and the new one.
    """

    allowances: Map[Address, Map[Address, u128]]

    @overridable
    def _may_issue(self) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), NotTransferable)

    @overridable
    def _before_move(self, source: Address, target: Address, amount: u128) -> None:
        """What a contract adds: refuse here."""

    @overridable
    def _before_redeem(self, source: Address, amount: u128) -> None:
        """What a contract adds: refuse here."""

    @entry
    def issue(self, target: Address, amount: u128) -> None:
        """发行 / Make units.

        target: 接收账户 / Receiving account
        amount: 数量 / Amount
        """
        self._may_issue()
        self._make(target, amount)

    @entry
    def redeem(self, amount: u128) -> None:
        """销毁 / Take own units out.

        amount: 数量 / Amount
        """
        self._before_redeem(ctx.caller, amount)
        self._take_out(ctx.caller, amount)

    @entry
    def transfer(self, target: Address, amount: u128) -> None:
        """转让 / Move own units.

        target: 接收账户 / Receiving account
        amount: 数量 / Amount
        """
        self._before_move(ctx.caller, target, amount)
        self._move(ctx.caller, target, amount)

    @entry
    def set_allowance(self, spender: Address, previous: u128, amount: u128) -> None:
        """授权额度 / Let another take units.

        spender: 被授权账户 / Who may take them
        previous: 当前额度 / The allowance until now, refused if it is another
        amount: 新额度 / The allowance from now on
        """
        allowed = self.allowances[ctx.caller][spender]
        require(allowed == previous, AllowanceTooLow(allowed=allowed, amount=previous))
        self.allowances[ctx.caller][spender] = amount
        emit(Allowed(holder=ctx.caller, spender=spender, amount=amount))

    @entry
    def transfer_from(self, source: Address, target: Address, amount: u128) -> None:
        """代为转让 / Move another's units, as allowed.

        source: 付出账户 / Whose units
        target: 接收账户 / Receiving account
        amount: 数量 / Amount
        """
        allowed = self.allowances[source][ctx.caller]
        require(allowed >= amount, AllowanceTooLow(allowed=allowed, amount=amount))
        self.allowances[source][ctx.caller] = allowed - amount
        self._before_move(source, target, amount)
        self._move(source, target, amount)

    @view
    def balance_of(self, holder: Address) -> u128:
        """余额 / What an account holds."""
        return self.balances[holder]

    @view
    def total_supply(self) -> u128:
        """总量 / All units there are."""
        return self.supplied

    @view
    def allowance(self, holder: Address, spender: Address) -> u128:
        """授权额度 / What a spender may still take."""
        return self.allowances[holder][spender]

    @ensures
    def only_the_holder_allows_more(self, old: Fungible) -> bool:
        """额度只由持有者提高 / Only the holder allows more; others use up what was allowed to them."""
        return each(
            self.allowances,
            lambda key, allowed: key[0] == ctx.caller or allowed <= old.allowances[key[0]][key[1]],
        ) and each(
            old.allowances,
            lambda key, allowed: ctx.caller in (key[0], key[1]) or allowed == self.allowances[key[0]][key[1]],
        )
