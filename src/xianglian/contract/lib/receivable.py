"""Receivable 应收账款: a claim that the debtor has confirmed, sold and paid against money in one step."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
    Hash,
    Map,
    Ref,
    Set,
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
from xianglian.contract.lib.ledger import Ledger


class ClaimStatus(Enum):
    """应收账款状态 / State of a claim"""

    DRAFT = 0, "待确权 / Waits for the debtor"
    CONFIRMED = 1, "已确权 / Confirmed by the debtor"
    SETTLED = 2, "已结清 / Paid in full"
    CANCELLED = 3, "已撤销 / Cancelled"


@record
class Claim:
    """应收账款 / A claim"""

    creditor: Address
    debtor: Address
    holder: Address
    amount: u128
    paid: u128
    due: Time
    documents: Hash
    status: ClaimStatus


@record
class Offer:
    """报价 / A price for a claim, for one buyer"""

    buyer: Address
    price: u128
    until: Time


@event
class ClaimDrawn:
    """已开立 / Claim drawn"""

    key: Ref
    creditor: Address
    debtor: Address
    amount: u128
    due: Time


@event
class ClaimConfirmed:
    """已确权 / Claim confirmed"""

    key: Ref


@event
class ClaimOffered:
    """已报价 / Claim offered; no offer where it was taken back"""

    key: Ref
    offer: Offer | None


@event
class ClaimSold:
    """已转让 / Claim sold"""

    key: Ref
    seller: Address
    buyer: Address
    price: u128


@event
class ClaimPaid:
    """已付款 / Paid on a claim"""

    key: Ref
    amount: u128
    left: u128


@event
class PaymentOrdered:
    """已下达出金指令 / Payment out of the ledger ordered"""

    holder: Address
    bank: Address
    amount: u128


@event
class ClaimCancelled:
    """已撤销 / Claim cancelled"""

    key: Ref


class ClaimExists(ContractError):
    """编号或单据已用 / The key was used, or these documents back another claim already."""


class NoSuchClaim(ContractError):
    """没有该应收账款 / There is no such claim."""


class NotParticipant(ContractError):
    """无权操作 / The caller may not do this with this claim."""


class WrongClaimStatus(ContractError):
    """状态不符 / Not in this state."""

    status: ClaimStatus


class WrongTerms(ContractError):
    """条款不当 / The amount is zero or too much, or the time lies in the past."""


class NoOffer(ContractError):
    """没有有效报价 / No such offer stands for the caller."""


@component
class Receivable(Ledger):
    """应收账款 / Claims and money in one ledger.

    Keeps: documents back one claim at a time (no double financing); a claim trades only after its debtor
    has confirmed it; price and claim change hands in one call or not at all, at the offer's price, to its
    buyer, when block time <= its end; a sale or payment ends every offer; what is paid goes to the
    present holder and never exceeds the claim; a settled or cancelled claim does nothing more. A debtor
    cannot be holder.
    """

    claims: Map[Ref, Claim]
    offers: Map[Ref, Offer]
    documents_used: Set[Hash]
    orders: Map[Address, Map[Address, u128]]

    @overridable
    def _may_draw(self) -> None:
        require(ctx.has_role(ctx.caller, "enterprise"), NotParticipant)

    @overridable
    def _may_hold(self, account: Address) -> None:
        require(ctx.organisation_of(account) is not None, NotParticipant)

    @overridable
    def _may_fund(self) -> None:
        require(ctx.has_role(ctx.caller, "bank"), NotParticipant)

    def _claim(self, key: Ref, status: ClaimStatus) -> Claim:
        claim = self.claims.get(key)
        if claim is None:
            raise NoSuchClaim
        require(claim.status == status, WrongClaimStatus(status=claim.status))
        return claim

    @entry
    def deposit(self, target: Address, amount: u128) -> None:
        """入金 / Credit money that a bank has received.

        target: 账户 / To whom
        amount: 金额 / Amount, in the smallest unit
        """
        self._may_fund()
        self._make(target, amount)

    @entry
    def pay_out(self, source: Address, amount: u128) -> None:
        """出金 / Debit money that a bank pays out, as its holder has ordered.

        source: 账户 / From whom
        amount: 金额 / Amount
        """
        self._may_fund()
        require(source == ctx.caller or self.orders[source][ctx.caller] >= amount, NotParticipant)
        if source != ctx.caller:
            self.orders[source][ctx.caller] -= amount
        self._take_out(source, amount)

    @entry
    def order_payment(self, bank: Address, amount: u128) -> None:
        """出金指令 / Order a bank to pay money out; replaces the order before.

        bank: 银行 / The bank
        amount: 金额 / Amount
        """
        self.orders[ctx.caller][bank] = amount
        emit(PaymentOrdered(holder=ctx.caller, bank=bank, amount=amount))

    @entry
    def draw(self, key: Ref, debtor: Address, amount: u128, due: Time, documents: Hash) -> None:
        """开立 / Draw a claim on a debtor.

        key: 编号摘要 / Salted digest of its number
        debtor: 债务人 / Debtor
        amount: 金额 / Amount
        due: 到期时间 / When it is due
        documents: 单据摘要 / Digest of contract, invoice and delivery note
        """
        self._may_draw()
        require(key not in self.claims, ClaimExists)
        require(self.documents_used.add(documents), ClaimExists)
        require(amount > 0 and due > ctx.time_ms and debtor != ctx.caller, WrongTerms)
        self.claims[key] = Claim(
            creditor=ctx.caller,
            debtor=debtor,
            holder=ctx.caller,
            amount=amount,
            paid=0,
            due=due,
            documents=documents,
            status=ClaimStatus.DRAFT,
        )
        emit(ClaimDrawn(key=key, creditor=ctx.caller, debtor=debtor, amount=amount, due=due))

    @entry
    def confirm_claim(self, key: Ref) -> None:
        """确权 / The debtor confirms that the claim is owed.

        key: 应收账款 / The claim
        """
        claim = self._claim(key, ClaimStatus.DRAFT)
        require(claim.debtor == ctx.caller, NotParticipant)
        self.claims[key] = replace(claim, status=ClaimStatus.CONFIRMED)
        emit(ClaimConfirmed(key=key))

    @entry
    def cancel_claim(self, key: Ref) -> None:
        """撤销 / Cancel a claim that is not confirmed; its documents may back another.

        key: 应收账款 / The claim
        """
        claim = self._claim(key, ClaimStatus.DRAFT)
        require(ctx.caller in (claim.creditor, claim.debtor), NotParticipant)
        self.claims[key] = replace(claim, status=ClaimStatus.CANCELLED)
        self.documents_used.remove(claim.documents)
        emit(ClaimCancelled(key=key))

    @entry
    def offer_claim(self, key: Ref, offer: Offer | None) -> None:
        """报价 / Offer a claim to one buyer, or take the offer back.

        key: 应收账款 / The claim
        offer: 买方、价格、期限 / Buyer, price and end
        """
        claim = self._claim(key, ClaimStatus.CONFIRMED)
        require(claim.holder == ctx.caller, NotParticipant)
        if offer is None:
            del self.offers[key]
        else:
            require(offer.until >= ctx.time_ms, WrongTerms)
            require(offer.buyer not in (claim.debtor, ctx.caller), NotParticipant)
            self._may_hold(offer.buyer)
            self.offers[key] = offer
        emit(ClaimOffered(key=key, offer=offer))

    @entry
    def buy(self, key: Ref, price: u128) -> None:
        """购买 / Buy an offered claim: money and claim change hands at once.

        key: 应收账款 / The claim
        price: 价格 / The price, as the buyer knows it
        """
        claim = self._claim(key, ClaimStatus.CONFIRMED)
        offer = self.offers.get(key)
        if offer is None:
            raise NoOffer
        require(offer.buyer == ctx.caller and offer.price == price and ctx.time_ms <= offer.until, NoOffer)
        self._may_hold(ctx.caller)
        del self.offers[key]
        self.claims[key] = replace(claim, holder=ctx.caller)
        self._move(ctx.caller, claim.holder, price)
        emit(ClaimSold(key=key, seller=claim.holder, buyer=ctx.caller, price=price))

    @entry
    def pay(self, key: Ref, amount: u128) -> u128:
        """付款 / Pay on a claim; yields what is left.

        key: 应收账款 / The claim
        amount: 金额 / Amount
        """
        claim = self._claim(key, ClaimStatus.CONFIRMED)
        require(claim.debtor == ctx.caller, NotParticipant)
        left = claim.amount - claim.paid
        require(amount > 0 and amount <= left, WrongTerms)
        del self.offers[key]
        done = amount == left
        status = ClaimStatus.SETTLED if done else ClaimStatus.CONFIRMED
        self.claims[key] = replace(claim, paid=claim.paid + amount, status=status)
        self._move(ctx.caller, claim.holder, amount)
        emit(ClaimPaid(key=key, amount=amount, left=left - amount))
        return left - amount

    @view
    def claim(self, key: Ref) -> Claim:
        """应收账款 / A claim."""
        return self.claims[key]

    @view
    def offer(self, key: Ref) -> Offer | None:
        """报价 / The offer that stands."""
        return self.offers.get(key)

    @view
    def is_overdue(self, key: Ref) -> bool:
        """是否逾期 / Whether something is left to pay after the due time."""
        claim = self.claims[key]
        return claim.status == ClaimStatus.CONFIRMED and ctx.time_ms > claim.due

    @view
    def money_of(self, account: Address) -> u128:
        """资金余额 / Money of an account."""
        return self.balances[account]

    @invariant
    def documents_back_one_claim(self) -> bool:
        """单据不重复融资 / The claims that are not cancelled have as many documents as they are."""
        return len(self.documents_used) == total(
            self.claims, lambda key, claim: int(claim.status != ClaimStatus.CANCELLED)
        )

    @invariant
    def paid_up_to_the_amount(self) -> bool:
        """付款不超额 / Paid in full exactly when settled, never more; no debtor holds."""
        return each(
            self.claims,
            lambda key, claim: (
                claim.paid <= claim.amount
                and claim.holder != claim.debtor
                and (claim.paid == claim.amount) == (claim.status == ClaimStatus.SETTLED)
            ),
        )

    @invariant
    def only_confirmed_claims_are_offered(self) -> bool:
        """已确权才可转让 / An offer stands only for a confirmed claim, and never to its debtor."""
        return each(
            self.offers,
            lambda key, offer: (
                self.claims[key].status == ClaimStatus.CONFIRMED and offer.buyer != self.claims[key].debtor
            ),
        )
