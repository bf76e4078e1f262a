"""Data exchange 数据共享: a catalogue, requests for a purpose, grants with limits, every use on record."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
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
    u32,
    u64,
    view,
)


@record
class DataSet:
    """数据目录项 / An entry of the catalogue"""

    provider: Address
    title: Public[Text[120]]
    terms: Hash
    version: u32
    open: bool


@record
class Grant:
    """授权 / A grant: who may use what for which purpose, until when and how often"""

    data: Ref
    user: Address
    purpose: Public[Text[64]]
    terms: Hash
    until: Time
    most: u32
    used: u32
    ended: bool


@record
class Wish:
    """申请 / A request for a grant"""

    data: Ref
    user: Address
    purpose: Public[Text[64]]
    basis: Ref
    answered: bool


@event
class DataListed:
    """目录已更新 / Catalogue entry listed or changed"""

    data: Ref
    provider: Address
    version: u32
    open: bool


@event
class GrantRequested:
    """已申请 / Grant requested"""

    number: u64
    data: Ref
    user: Address
    purpose: Public[Text[64]]


@event
class GrantRefused:
    """已拒绝 / Request refused"""

    number: u64
    reason: Public[Text[120]]


@event
class GrantGiven:
    """已授权 / Grant given"""

    number: u64
    data: Ref
    user: Address
    until: Time
    most: u32


@event
class GrantEnded:
    """授权已终止 / Grant ended"""

    number: u64
    by: Address


@event
class DataUsed:
    """数据已使用 / Data used"""

    number: u64
    data: Ref
    user: Address
    query: Ref
    count: u32


class NotProvider(ContractError):
    """不是提供方 / The caller does not provide this data set."""


class NotUser(ContractError):
    """不是授权使用方 / The caller is not the user of this grant, or may not ask."""


class DataExists(ContractError):
    """目录编号已用 / A data set has this key already."""


class NotOpen(ContractError):
    """未开放 / There is no such data set, or it is not open."""


class NoGrant(ContractError):
    """授权不存在或已失效 / There is no such request or grant, or it has ended, expired or is used up."""


class OtherPurpose(ContractError):
    """用途不符 / The grant is for another purpose."""

    purpose: Public[Text[64]]


class OtherTerms(ContractError):
    """条款已变更 / The terms are not those that the caller names."""


@component
class DataExchange:
    """数据共享 / Catalogue, grant and usage; the data itself never comes here.

    Keeps: every use names a grant of its user, for its purpose, when block time <= its end, and at most
    `most` times; only the provider grants, and only what was asked for, on the terms that the user has
    named; closing a data set or ending a grant stops uses at once; uses are numbered without gaps, so a
    provider can show that its log is complete. Queries and legal bases are salted digests.
    """

    catalogue: Map[Ref, DataSet]
    wishes: Map[u64, Wish]
    grants: Map[u64, Grant]
    uses: Map[u64, Map[u32, Ref]]
    wish_count: u64

    @overridable
    def _may_provide(self) -> None:
        require(ctx.has_role(ctx.caller, "provider"), NotProvider)

    @overridable
    def _may_ask(self) -> None:
        require(ctx.organisation_of(ctx.caller) is not None, NotUser)

    @overridable
    def _may_use(self, number: u64) -> None:
        """What a contract adds to the terms of a grant: refuse here."""

    def _own_data(self, data: Ref) -> DataSet:
        found = self.catalogue.get(data)
        if found is None:
            raise NotOpen
        require(found.provider == ctx.caller, NotProvider)
        return found

    def _open_wish(self, number: u64) -> Wish:
        wish = self.wishes.get(number)
        if wish is None:
            raise NoGrant
        require(not wish.answered, NoGrant)
        return wish

    @entry
    def list_data(self, data: Ref, title: Public[Text[120]], terms: Hash) -> None:
        """编目 / Put a data set into the catalogue.

        data: 目录编号摘要 / Digest of its number
        title: 名称，公开 / Title; public
        terms: 使用条款摘要 / Digest of its terms of use
        """
        self._may_provide()
        require(data not in self.catalogue, DataExists)
        self.catalogue[data] = DataSet(provider=ctx.caller, title=title, terms=terms, version=1, open=True)
        emit(DataListed(data=data, provider=ctx.caller, version=1, open=True))

    @entry
    def change_data(self, data: Ref, terms: Hash, is_open: bool) -> None:
        """变更目录 / Change terms, close or open a data set; grants keep the terms they were given on.

        data: 数据集 / The data set
        terms: 使用条款摘要 / Digest of its terms
        is_open: 是否开放 / Whether it may be used
        """
        found = self._own_data(data)
        self.catalogue[data] = replace(found, terms=terms, version=found.version + 1, open=is_open)
        emit(DataListed(data=data, provider=ctx.caller, version=found.version + 1, open=is_open))

    @entry
    def ask(self, data: Ref, purpose: Public[Text[64]], basis: Ref, terms: Hash) -> u64:
        """申请 / Ask for a grant; yields the number of request and grant.

        data: 数据集 / The data set
        purpose: 用途 / What for; public
        basis: 依据摘要 / Salted digest of the legal basis
        terms: 使用条款摘要 / The terms, as the caller knows them
        """
        self._may_ask()
        found = self.catalogue.get(data)
        if found is None:
            raise NotOpen
        require(found.open, NotOpen)
        require(found.terms == terms, OtherTerms)
        self.wish_count += 1
        self.wishes[self.wish_count] = Wish(
            data=data, user=ctx.caller, purpose=purpose, basis=basis, answered=False
        )
        emit(GrantRequested(number=self.wish_count, data=data, user=ctx.caller, purpose=purpose))
        return self.wish_count

    @entry
    def give(self, number: u64, terms: Hash, until: Time, most: u32) -> None:
        """授权 / Give what was asked for.

        number: 申请编号 / The request
        terms: 使用条款摘要 / The terms, which must be those of today
        until: 截止时间 / Its end
        most: 使用次数上限 / How often at most
        """
        wish = self._open_wish(number)
        found = self._own_data(wish.data)
        require(found.open, NotOpen)
        require(found.terms == terms, OtherTerms)
        require(until >= ctx.time_ms and most > 0, NoGrant)
        self.wishes[number] = replace(wish, answered=True)
        self.grants[number] = Grant(
            data=wish.data,
            user=wish.user,
            purpose=wish.purpose,
            terms=terms,
            until=until,
            most=most,
            used=0,
            ended=False,
        )
        emit(GrantGiven(number=number, data=wish.data, user=wish.user, until=until, most=most))

    @entry
    def refuse(self, number: u64, reason: Public[Text[120]]) -> None:
        """拒绝 / Refuse a request.

        number: 申请编号 / The request
        reason: 原因，公开 / Why; public
        """
        wish = self._open_wish(number)
        self._own_data(wish.data)
        self.wishes[number] = replace(wish, answered=True)
        emit(GrantRefused(number=number, reason=reason))

    @entry
    def end_grant(self, number: u64) -> None:
        """终止授权 / End a grant: its provider, or its user.

        number: 授权编号 / The grant
        """
        grant = self.grants.get(number)
        if grant is None:
            raise NoGrant
        require(not grant.ended, NoGrant)
        if grant.user != ctx.caller:
            self._own_data(grant.data)
        self.grants[number] = replace(grant, ended=True)
        emit(GrantEnded(number=number, by=ctx.caller))

    @entry
    def use(self, number: u64, purpose: Public[Text[64]], query: Ref) -> u32:
        """使用 / Record a use before the data is handed out; yields its number.

        number: 授权编号 / The grant
        purpose: 用途 / What for
        query: 查询摘要 / Salted digest of the query
        """
        grant = self.grants.get(number)
        if grant is None:
            raise NoGrant
        require(grant.user == ctx.caller, NotUser)
        self._may_use(number)
        require(not grant.ended and ctx.time_ms <= grant.until and grant.used < grant.most, NoGrant)
        require(grant.purpose == purpose, OtherPurpose(purpose=grant.purpose))
        require(self.catalogue[grant.data].open, NotOpen)
        count = grant.used + 1
        self.grants[number] = replace(grant, used=count)
        self.uses[number][count] = query
        emit(DataUsed(number=number, data=grant.data, user=ctx.caller, query=query, count=count))
        return count

    @view
    def data_set(self, data: Ref) -> DataSet:
        """目录项 / A data set."""
        return self.catalogue[data]

    @view
    def grant(self, number: u64) -> Grant:
        """授权 / A grant."""
        return self.grants[number]

    @view
    def use_of(self, number: u64, count: u32) -> Ref:
        """使用记录 / A use, from 1."""
        return self.uses[number][count]

    @view
    def may_use(self, number: u64, user: Address, purpose: Public[Text[64]]) -> bool:
        """能否使用 / Whether a use would be accepted now."""
        grant = self.grants.get(number)
        if grant is None:
            return False
        fits = grant.user == user and grant.purpose == purpose and not grant.ended
        return (
            fits
            and ctx.time_ms <= grant.until
            and grant.used < grant.most
            and self.catalogue[grant.data].open
        )

    @invariant
    def uses_stay_within_grants(self) -> bool:
        """使用不超授权 / No grant is used more than it allows; a grant answers the request of its number."""
        return each(self.wishes, lambda number, wish: number <= self.wish_count) and each(
            self.grants,
            lambda number, grant: (
                grant.used <= grant.most
                and number <= self.wish_count
                and self.wishes[number].answered
                and self.wishes[number].user == grant.user
                and self.wishes[number].purpose == grant.purpose
            ),
        )

    @invariant
    def uses_are_numbered(self) -> bool:
        """使用连续编号 / Uses lie in 1 .. their number."""
        return each(self.uses, lambda key, query: key[1] >= 1 and key[1] <= self.grants[key[0]].used)
