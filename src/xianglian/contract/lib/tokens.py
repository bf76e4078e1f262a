"""Tokens that are not all alike, and units under supervision."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    Map,
    Public,
    Ref,
    Text,
    component,
    ctx,
    each,
    emit,
    ensures,
    entry,
    event,
    invariant,
    overridable,
    require,
    total,
    u64,
    u128,
    view,
)
from xianglian.contract.lib.ledger import BalanceTooLow, Fungible


@event
class TokenMoved:
    """通证已转移 / Token moved; no source where it was made, no target where it was taken out"""

    token: Ref
    source: Address | None
    target: Address | None


@event
class TokenAllowed:
    """已授权通证 / Another may move the token"""

    token: Ref
    spender: Address | None


class NoSuchToken(ContractError):
    """没有该通证 / There is no such token."""


class TokenExists(ContractError):
    """通证已存在 / The token exists already."""


class NotTokenHolder(ContractError):
    """无权处理该通证 / The caller neither holds this token nor may move it."""


class NotTokenIssuer(ContractError):
    """无权发行 / The caller may not make tokens."""


@component
class NonFungible:
    """非同质通证 / Single items, each with one holder.

    Keeps: a token has one holder; only the holder, or whom the holder allowed for this token since it came,
    moves it; a move ends that permission; the counts of holders are those of their tokens.
    """

    token_holders: Map[Ref, Address]
    token_spenders: Map[Ref, Address]
    token_counts: Map[Address, u64]

    @overridable
    def _may_issue_token(self) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), NotTokenIssuer)

    @overridable
    def _before_token_move(self, token: Ref, source: Address, target: Address) -> None:
        """What a contract adds: refuse here."""

    def _holder(self, token: Ref) -> Address:
        holder = self.token_holders.get(token)
        if holder is None:
            raise NoSuchToken
        return holder

    @entry
    def issue_token(self, token: Ref, target: Address) -> None:
        """发行 / Make a token.

        token: 通证编号摘要 / Digest of its number
        target: 接收账户 / Receiving account
        """
        self._may_issue_token()
        require(token not in self.token_holders, TokenExists)
        self.token_holders[token] = target
        self.token_counts[target] += 1
        emit(TokenMoved(token=token, source=None, target=target))

    @entry
    def transfer_token(self, token: Ref, target: Address) -> None:
        """转让 / Move a token.

        token: 通证 / The token
        target: 接收账户 / Receiving account
        """
        holder = self._holder(token)
        spender = self.token_spenders.get(token)
        allowed = spender is not None and spender == ctx.caller
        require(ctx.caller == holder or allowed, NotTokenHolder)
        self._before_token_move(token, holder, target)
        del self.token_spenders[token]
        self.token_counts[holder] -= 1
        self.token_counts[target] += 1
        self.token_holders[token] = target
        emit(TokenMoved(token=token, source=holder, target=target))

    @entry
    def allow_token(self, token: Ref, spender: Address | None) -> None:
        """授权 / Let another move a token, or nobody.

        token: 通证 / The token
        spender: 被授权账户，空为收回 / Who may move it; empty for nobody
        """
        require(self._holder(token) == ctx.caller, NotTokenHolder)
        if spender is None:
            del self.token_spenders[token]
        else:
            self.token_spenders[token] = spender
        emit(TokenAllowed(token=token, spender=spender))

    @view
    def holder_of_token(self, token: Ref) -> Address:
        """持有者 / Who holds a token."""
        return self._holder(token)

    @view
    def spender_of_token(self, token: Ref) -> Address | None:
        """被授权账户 / Who else may move it."""
        return self.token_spenders.get(token)

    @view
    def tokens_of(self, holder: Address) -> u64:
        """持有数 / How many tokens an account holds."""
        return self.token_counts[holder]

    @invariant
    def tokens_are_counted(self) -> bool:
        """持有数相符 / The counts add up to the tokens; only a token there is can be allowed."""
        return total(self.token_counts) == total(self.token_holders, lambda token, holder: 1) and each(
            self.token_spenders, lambda token, spender: token in self.token_holders
        )

    @ensures
    def only_holder_or_spender_moves(self, old: NonFungible) -> bool:
        """仅持有者或被授权者可转移 / Only its holder, or whom the holder allowed, moves a token."""
        return each(
            old.token_holders,
            lambda token, holder: (
                (token in self.token_holders and self.token_holders[token] == holder)
                or ctx.caller == holder
                or (token in old.token_spenders and old.token_spenders[token] == ctx.caller)
            ),
        )

    @ensures
    def a_move_ends_the_permission(self, old: NonFungible) -> bool:
        """转移后授权失效 / A permission is of the present holder: given in this call, or before and kept."""
        return each(
            self.token_spenders,
            lambda token, spender: (
                ctx.caller == self.token_holders[token]
                or (
                    token in old.token_spenders
                    and old.token_spenders[token] == spender
                    and old.token_holders[token] == self.token_holders[token]
                )
            ),
        )


@event
class KindMoved:
    """已转移 / Units of a kind moved"""

    kind: u64
    source: Address | None
    target: Address | None
    amount: u128


@component
class SemiFungible:
    """半同质通证 / Units of many kinds: alike within one, different between two.

    Keeps: for each kind the balances add up to its supply; moving changes neither.
    """

    kind_balances: Map[u64, Map[Address, u128]]
    kind_supplies: Map[u64, u128]

    @overridable
    def _may_issue_kind(self, kind: u64) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), NotTokenIssuer)

    @entry
    def issue_kind(self, kind: u64, target: Address, amount: u128) -> None:
        """发行 / Make units of a kind.

        kind: 类别 / Kind
        target: 接收账户 / Receiving account
        amount: 数量 / Amount
        """
        self._may_issue_kind(kind)
        self.kind_supplies[kind] += amount
        self.kind_balances[kind][target] += amount
        emit(KindMoved(kind=kind, source=None, target=target, amount=amount))

    @entry
    def transfer_kind(self, kind: u64, target: Address, amount: u128) -> None:
        """转让 / Move own units of a kind.

        kind: 类别 / Kind
        target: 接收账户 / Receiving account
        amount: 数量 / Amount
        """
        held = self.kind_balances[kind][ctx.caller]
        require(held >= amount, BalanceTooLow(held=held, amount=amount))
        self.kind_balances[kind][ctx.caller] = held - amount
        self.kind_balances[kind][target] += amount
        emit(KindMoved(kind=kind, source=ctx.caller, target=target, amount=amount))

    @view
    def balance_of_kind(self, kind: u64, holder: Address) -> u128:
        """余额 / What an account holds of a kind."""
        return self.kind_balances[kind][holder]

    @view
    def supply_of_kind(self, kind: u64) -> u128:
        """总量 / All units of a kind."""
        return self.kind_supplies[kind]

    @invariant
    def kinds_add_up(self) -> bool:
        """各类余额合计等于总量 / For each kind the balances add up to its supply."""
        return each(
            self.kind_supplies,
            lambda kind, supply: (
                total(self.kind_balances, lambda key, held: int(held) if key[0] == kind else 0) == supply
            ),
        )

    @invariant
    def units_add_up(self) -> bool:
        """总额相符 / All balances of all kinds add up to all supplies."""
        return total(self.kind_balances) == total(self.kind_supplies)


@event
class HolderFrozen:
    """持有者已冻结或解冻 / Holder frozen, or no longer"""

    holder: Address
    frozen: bool
    reason: Public[Text[120]]


@event
class DocumentSet:
    """文件已登记 / Document set"""

    name: Public[Text[64]]
    digest: Hash


@event
class TransferForced:
    """已强制划转 / Transfer forced by order"""

    source: Address
    target: Address
    amount: u128
    order: Ref


class IsFrozen(ContractError):
    """账户已冻结 / Source or target is frozen."""

    holder: Address


class NotSupervisor(ContractError):
    """不是监管方 / The caller does not supervise this asset."""


class NoDocument(ContractError):
    """没有该文件 / There is no document of this name."""


@component
class RegulatedAsset(Fungible):
    """受监管资产 / Fungible units whose transfers are supervised, with the documents that they stand on.

    Keeps: what `Fungible` keeps; a frozen account neither gives nor takes, nor redeems what it holds; a
    forced transfer needs the supervisor and names the order it follows; documents are replaced, never
    removed.
    """

    frozen: Map[Address, bool]
    documents: Map[Public[Text[64]], Hash]

    @overridable
    def _may_supervise(self) -> None:
        require(ctx.has_role(ctx.caller, "supervisor"), NotSupervisor)

    def _before_move(self, source: Address, target: Address, amount: u128) -> None:
        require(not self.frozen[source], IsFrozen(holder=source))
        require(not self.frozen[target], IsFrozen(holder=target))

    def _before_redeem(self, source: Address, amount: u128) -> None:
        require(not self.frozen[source], IsFrozen(holder=source))

    @entry
    def set_frozen(self, holder: Address, on: bool, reason: Public[Text[120]]) -> None:
        """冻结或解冻 / Freeze an account, or no longer.

        holder: 账户 / The account
        on: 是否冻结 / Whether it is frozen
        reason: 原因，公开 / Why; public
        """
        self._may_supervise()
        self.frozen[holder] = on
        emit(HolderFrozen(holder=holder, frozen=on, reason=reason))

    @entry
    def force_transfer(self, source: Address, target: Address, amount: u128, order: Ref) -> None:
        """强制划转 / Move units by order of a court or authority.

        source: 付出账户 / From whom
        target: 接收账户 / To whom
        amount: 数量 / Amount
        order: 文书摘要 / Salted digest of the order
        """
        self._may_supervise()
        self._move(source, target, amount)
        emit(TransferForced(source=source, target=target, amount=amount, order=order))

    @entry
    def set_document(self, name: Public[Text[64]], document: Hash) -> None:
        """登记文件 / Set or replace a document.

        name: 名称，公开 / Its name; public
        document: 文件摘要 / Its digest
        """
        self._may_supervise()
        self.documents[name] = document
        emit(DocumentSet(name=name, digest=document))

    @view
    def is_frozen(self, holder: Address) -> bool:
        """是否冻结 / Whether an account is frozen."""
        return self.frozen[holder]

    @view
    def document(self, name: Public[Text[64]]) -> Hash:
        """文件摘要 / The digest of a document."""
        digest = self.documents.get(name)
        if digest is None:
            raise NoDocument
        return digest

    @ensures
    def documents_stay(self, old: RegulatedAsset) -> bool:
        """文件不删除 / A document is replaced, never removed."""
        return each(old.documents, lambda name, digest: name in self.documents)
