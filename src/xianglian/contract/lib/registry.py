"""Registry and credentials 登记与凭证: who issues what, bound to whom, and what it was worth at any time."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
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
    ensures,
    entry,
    event,
    invariant,
    overridable,
    record,
    replace,
    require,
    total,
    u8,
    u16,
    view,
)

CHANGES_MAX = 64


class CredentialStatus(Enum):
    """凭证状态 / Status of a credential"""

    VALID = 0, "有效 / Valid"
    SUSPENDED = 1, "暂停 / Suspended"
    REVOKED = 2, "吊销 / Revoked"


class Standing(Enum):
    """某时效力 / What it is worth at a time"""

    UNKNOWN = 0, "未登记 / Not issued"
    NOT_YET = 1, "未生效 / Not yet valid"
    GOOD = 2, "有效 / Good"
    SUSPENDED = 3, "暂停 / Suspended"
    REVOKED = 4, "吊销 / Revoked"
    EXPIRED = 5, "过期 / Expired"


@record
class Credential:
    """凭证 / A credential"""

    kind: u16
    issuer: Address
    holder: Ref
    attributes: Hash
    issued: Time
    valid_from: Time
    valid_until: Time
    status: CredentialStatus
    changes: u8


@record
class Change:
    """变更 / A change of status"""

    status: CredentialStatus
    at: Time
    by: Address
    reason: Public[Text[120]]


@event
class IssuerListed:
    """已登记签发方 / Issuer listed, or its end changed"""

    kind: u16
    issuer: Address
    until: Time


@event
class CredentialIssued:
    """已签发 / Credential issued"""

    key: Ref
    kind: u16
    issuer: Address
    holder: Ref
    valid_from: Time
    valid_until: Time


@event
class CredentialChanged:
    """凭证状态已变更 / Status changed"""

    key: Ref
    status: CredentialStatus
    reason: Public[Text[120]]


class NotRegistrar(ContractError):
    """不是登记机关 / The caller does not keep this register."""


class NotIssuer(ContractError):
    """不是该类凭证的签发方 / The caller is no listed issuer of this kind, or no longer."""

    kind: u16


class CredentialExists(ContractError):
    """凭证编号已用 / A credential has this key already."""


class NoSuchCredential(ContractError):
    """没有该凭证 / There is no such credential."""


class WrongPeriod(ContractError):
    """有效期不当 / The period ends before it begins, or has ended."""


class WrongChange(ContractError):
    """不能如此变更 / The status cannot become this one from the present one."""

    status: CredentialStatus


class TooManyChanges(ContractError):
    """变更次数过多 / Only a revocation is possible after so many changes."""


@component
class CredentialRegistry:
    """登记与凭证 / Credentials that are bound to their holder: nothing transfers them.

    Keeps: only an issuer listed for a kind, and not past its end, issues that kind; only the issuer or
    the registrar changes a status; a revocation is final; every change stays with its time, so the status
    at any past time follows from the state of today; validity is [valid_from, valid_until). Holder and
    attributes are salted digests.
    """

    issuers: Map[u16, Map[Address, Time]]
    credentials: Map[Ref, Credential]
    changes: Map[Ref, Map[u8, Change]]

    @overridable
    def _may_register(self) -> None:
        require(ctx.has_role(ctx.caller, "registrar"), NotRegistrar)

    def _credential(self, key: Ref) -> Credential:
        found = self.credentials.get(key)
        if found is None:
            raise NoSuchCredential
        return found

    @entry
    def list_issuer(self, kind: u16, issuer: Address, until: Time) -> None:
        """登记签发方 / List an issuer for a kind, or end it by a time that is past.

        kind: 凭证类别 / Kind of credential
        issuer: 签发方 / Who may issue it
        until: 截止时间 / Until when
        """
        self._may_register()
        self.issuers[kind][issuer] = until
        emit(IssuerListed(kind=kind, issuer=issuer, until=until))

    @entry
    def issue_credential(
        self, key: Ref, kind: u16, holder: Ref, attributes: Hash, valid_from: Time, valid_until: Time
    ) -> None:
        """签发 / Issue a credential.

        key: 编号摘要 / Salted digest of its number
        kind: 类别 / Kind
        holder: 持有人摘要 / Salted digest of the holder
        attributes: 属性树根 / Root of the salted attributes
        valid_from: 生效时间 / From when
        valid_until: 失效时间 / Until when, exclusive
        """
        until = self.issuers[kind].get(ctx.caller)
        require(until is not None and ctx.time_ms <= until, NotIssuer(kind=kind))
        require(key not in self.credentials, CredentialExists)
        require(valid_from < valid_until and ctx.time_ms < valid_until, WrongPeriod)
        self.credentials[key] = Credential(
            kind=kind,
            issuer=ctx.caller,
            holder=holder,
            attributes=attributes,
            issued=ctx.time_ms,
            valid_from=valid_from,
            valid_until=valid_until,
            status=CredentialStatus.VALID,
            changes=0,
        )
        emit(
            CredentialIssued(
                key=key,
                kind=kind,
                issuer=ctx.caller,
                holder=holder,
                valid_from=valid_from,
                valid_until=valid_until,
            )
        )

    @entry
    def change_status(self, key: Ref, status: CredentialStatus, reason: Public[Text[120]]) -> None:
        """变更状态 / Suspend, make valid again, or revoke.

        key: 凭证 / The credential
        status: 新状态 / New status
        reason: 原因，公开 / Why; public
        """
        credential = self._credential(key)
        until = self.issuers[credential.kind].get(ctx.caller)
        listed = until is not None and ctx.time_ms <= until
        if credential.issuer != ctx.caller or not listed:
            self._may_register()
        now = credential.status
        require(now != CredentialStatus.REVOKED and now != status, WrongChange(status=now))
        final = status == CredentialStatus.REVOKED
        require(final or credential.changes < CHANGES_MAX - 1, TooManyChanges)
        self.changes[key][credential.changes] = Change(
            status=status, at=ctx.time_ms, by=ctx.caller, reason=reason
        )
        self.credentials[key] = replace(credential, status=status, changes=credential.changes + 1)
        emit(CredentialChanged(key=key, status=status, reason=reason))

    @view
    def credential(self, key: Ref) -> Credential:
        """凭证 / A credential."""
        return self._credential(key)

    @view
    def holder_of(self, key: Ref) -> Ref:
        """持有人 / To whom it is bound."""
        return self._credential(key).holder

    @view
    def issuer_of(self, key: Ref) -> Address:
        """签发方 / Who issued it."""
        return self._credential(key).issuer

    @view
    def change(self, key: Ref, number: u8) -> Change:
        """变更 / One of its changes, from 0."""
        return self.changes[key][number]

    @view
    def standing(self, key: Ref, at: Time) -> Standing:
        """某时效力 / What it was worth at a time."""
        credential = self.credentials.get(key)
        if credential is None:
            return Standing.UNKNOWN
        if at < credential.issued:
            return Standing.UNKNOWN
        status = CredentialStatus.VALID
        for number in range(credential.changes):
            change = self.changes[key][number]
            if change.at > at:
                break
            status = change.status
        if status == CredentialStatus.REVOKED:
            return Standing.REVOKED
        if at >= credential.valid_until:
            return Standing.EXPIRED
        if status == CredentialStatus.SUSPENDED:
            return Standing.SUSPENDED
        return Standing.GOOD if at >= credential.valid_from else Standing.NOT_YET

    @invariant
    def status_is_the_last_change(self) -> bool:
        """状态即最后变更 / The status is that of the last change; a revocation was the last one."""
        return each(
            self.changes,
            lambda key, change: (
                key[1] < self.credentials[key[0]].changes
                and (
                    change.status != CredentialStatus.REVOKED
                    or key[1] + 1 == self.credentials[key[0]].changes
                )
                and (
                    key[1] + 1 < self.credentials[key[0]].changes
                    or change.status == self.credentials[key[0]].status
                )
            ),
        )

    @invariant
    def periods_are_periods(self) -> bool:
        """有效期成立 / A credential is valid for some time, and was issued before it ends."""
        return each(
            self.credentials,
            lambda key, found: found.valid_from < found.valid_until and found.issued < found.valid_until,
        )

    @invariant
    def changes_have_no_gaps(self) -> bool:
        """变更无缺 / There are as many changes as the credentials count."""
        return total(self.changes, lambda key, change: 1) == total(
            self.credentials, lambda key, found: found.changes
        )

    @ensures
    def credentials_are_bound(self, old: CredentialRegistry) -> bool:
        """凭证不可转移 / Holder, issuer, kind, attributes and period of a credential never change."""
        return each(
            old.credentials,
            lambda key, found: (
                key in self.credentials
                and self.credentials[key].holder == found.holder
                and self.credentials[key].issuer == found.issuer
                and self.credentials[key].kind == found.kind
                and self.credentials[key].attributes == found.attributes
                and self.credentials[key].issued == found.issued
                and self.credentials[key].valid_from == found.valid_from
                and self.credentials[key].valid_until == found.valid_until
            ),
        )

    @ensures
    def revoked_stays_revoked(self, old: CredentialRegistry) -> bool:
        """吊销不可逆 / A revocation is final; a status changes with one change that is noted."""
        return each(
            old.credentials,
            lambda key, found: (
                (
                    self.credentials[key].status == found.status
                    and self.credentials[key].changes == found.changes
                )
                or (
                    found.status != CredentialStatus.REVOKED
                    and self.credentials[key].status != found.status
                    and self.credentials[key].changes == found.changes + 1
                    and self.changes[key][found.changes].at == ctx.time_ms
                    and self.changes[key][found.changes].by == ctx.caller
                )
            ),
        )

    @ensures
    def changes_stay(self, old: CredentialRegistry) -> bool:
        """变更记录不改 / A change that was noted stays, with its time and who made it."""
        return each(
            old.changes,
            lambda key, change: (
                self.changes[key[0]][key[1]].status == change.status
                and self.changes[key[0]][key[1]].at == change.at
                and self.changes[key[0]][key[1]].by == change.by
            ),
        )

    @ensures
    def only_listed_issuers_issue(self, old: CredentialRegistry) -> bool:
        """仅登记的签发方可签发 / A new credential is of an issuer listed for its kind, in time, and valid."""
        return each(
            self.credentials,
            lambda key, found: (
                key in old.credentials
                or (
                    found.issuer == ctx.caller
                    and old.issuers[found.kind][ctx.caller] >= ctx.time_ms
                    and found.issued == ctx.time_ms
                    and found.status == CredentialStatus.VALID
                    and found.changes == 0
                )
            ),
        )
