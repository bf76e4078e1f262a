"""Who may act: an owner who hands over in two steps, roles that a contract keeps itself, and pausing."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Public,
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
    require,
    total,
    u32,
    view,
)


@event
class OwnershipOffered:
    """已提出移交 / Ownership offered"""

    owner: Address
    target: Address | None


@event
class OwnershipTaken:
    """已移交所有权 / Ownership taken"""

    previous: Address
    owner: Address


class NotOwner(ContractError):
    """不是所有者 / The caller does not own this contract."""


class NotOffered(ContractError):
    """未向该账户移交 / Ownership was not offered to the caller."""


@component
class Ownable:
    """所有权 / An owner, who hands over in two steps.

    Keeps: there is exactly one owner; it changes only when the owner has offered and the target, whose
    key thereby is known to work, accepts. An offer ends with the next one, with its withdrawal or
    acceptance.
    """

    owned_by: Address
    offered_to: Address | None

    def _init_ownable(self) -> None:
        self.owned_by = ctx.caller

    def _only_owner(self) -> None:
        require(ctx.caller == self.owned_by, NotOwner)

    @entry
    def offer_ownership(self, target: Address | None) -> None:
        """提出移交所有权 / Offer ownership, or withdraw the offer.

        target: 接收账户，空为撤回 / Who may accept it; empty withdraws
        """
        self._only_owner()
        self.offered_to = target
        emit(OwnershipOffered(owner=ctx.caller, target=target))

    @entry
    def accept_ownership(self) -> None:
        """接受所有权 / Accept ownership."""
        offered = self.offered_to
        if offered is None:
            raise NotOffered
        require(offered == ctx.caller, NotOffered)
        emit(OwnershipTaken(previous=self.owned_by, owner=ctx.caller))
        self.owned_by = ctx.caller
        self.offered_to = None

    @view
    def owner(self) -> Address:
        """所有者 / The owner."""
        return self.owned_by

    @view
    def pending_owner(self) -> Address | None:
        """待接收者 / To whom ownership is offered."""
        return self.offered_to

    @invariant
    def there_is_an_owner(self) -> bool:
        """必有所有者 / There is an owner: what was never set equals nothing."""
        return self.owned_by == self.owned_by

    @ensures
    def owned_by_acceptance(self, old: Ownable) -> bool:
        """须接受方生效 / Ownership passes only to the caller to whom it was offered, and the offer ends."""
        return self.owned_by == old.owned_by or (
            self.owned_by == ctx.caller
            and old.offered_to is not None
            and old.offered_to == ctx.caller
            and self.offered_to is None
        )

    @ensures
    def offered_by_the_owner(self, old: Ownable) -> bool:
        """仅所有者可提出 / What is offered changes by the owner, or ends by acceptance."""
        return (
            ctx.caller == old.owned_by
            or (self.offered_to is None and (old.offered_to is None or self.owned_by == ctx.caller))
            or (
                self.offered_to is not None
                and old.offered_to is not None
                and self.offered_to == old.offered_to
            )
        )


@event
class Paused:
    """已暂停 / Paused"""

    by: Address
    reason: Public[Text[120]]


@event
class Resumed:
    """已恢复 / Resumed"""

    by: Address


class IsPaused(ContractError):
    """合约已暂停 / The contract is paused."""


class NotPaused(ContractError):
    """合约未暂停 / The contract is not paused."""


@component
class Pausable(Ownable):
    """暂停 / A stop for emergencies: entries that call `_when_running` are refused while it lasts.

    Keeps: only who may pause (the owner, unless overridden) stops and resumes, and each says so in an
    event. Reading is never paused.
    """

    stopped: bool

    @overridable
    def _may_pause(self) -> None:
        self._only_owner()

    def _when_running(self) -> None:
        require(not self.stopped, IsPaused)

    @entry
    def pause(self, reason: Public[Text[120]]) -> None:
        """暂停 / Pause.

        reason: 原因，公开 / Why; public
        """
        self._may_pause()
        require(not self.stopped, IsPaused)
        self.stopped = True
        emit(Paused(by=ctx.caller, reason=reason))

    @entry
    def resume(self) -> None:
        """恢复 / Resume."""
        self._may_pause()
        require(self.stopped, NotPaused)
        self.stopped = False
        emit(Resumed(by=ctx.caller))

    @view
    def is_paused(self) -> bool:
        """是否暂停 / Whether it is paused."""
        return self.stopped


@event
class RoleGranted:
    """已授予角色 / Role granted"""

    role: Public[Text[32]]
    account: Address
    until: Time | None
    by: Address


@event
class RoleRevoked:
    """已收回角色 / Role revoked"""

    role: Public[Text[32]]
    account: Address
    by: Address


class LacksRole(ContractError):
    """缺少角色 / The account lacks the role, or it has expired."""

    role: Public[Text[32]]


class AlreadyHeld(ContractError):
    """已有该角色 / The account holds the role already with this end."""


class LastAdministrator(ContractError):
    """不能移除最后一名管理员 / The last administrator stays: grant the role to another first."""


class TimeIsPast(ContractError):
    """时间已过 / The time lies in the past."""


ADMINISTRATOR = "administrator"
FOREVER = 18446744073709551615


@component
class Roles:
    """角色 / Roles that this contract keeps itself, by name, with an end.

    Keeps: there is always an administrator, whose role has no end; only administrators grant and revoke;
    anyone may give up a role of one's own; a role acts while block time <= its end.
    """

    role_ends: Map[tuple[Public[Text[32]], Address], Time]
    administrators: u32

    def _init_roles(self) -> None:
        self.role_ends[ADMINISTRATOR, ctx.caller] = FOREVER
        self.administrators = 1

    def _holds(self, role: str, account: Address) -> bool:
        end = self.role_ends.get((role, account))
        return end is not None and ctx.time_ms <= end

    def _only_role(self, role: str) -> None:
        require(self._holds(role, ctx.caller), LacksRole(role=role))

    @entry
    def grant_role(self, role: Public[Text[32]], account: Address, until: Time | None) -> None:
        """授予角色 / Grant a role.

        role: 角色名 / Its name
        account: 账户 / To whom
        until: 截止时间，空为长期 / Its end; empty for none
        """
        self._only_role(ADMINISTRATOR)
        end = until if until is not None else Time(FOREVER)
        require(end >= ctx.time_ms, TimeIsPast)
        old = self.role_ends.get((role, account))
        require(old is None or old != end, AlreadyHeld)
        if role == ADMINISTRATOR:
            require(until is None, TimeIsPast)
            self.administrators += 1
        self.role_ends[role, account] = end
        emit(RoleGranted(role=role, account=account, until=until, by=ctx.caller))

    @entry
    def revoke_role(self, role: Public[Text[32]], account: Address) -> None:
        """收回角色 / Revoke a role, or give up one's own.

        role: 角色名 / Its name
        account: 账户 / From whom
        """
        if account != ctx.caller:
            self._only_role(ADMINISTRATOR)
        require((role, account) in self.role_ends, LacksRole(role=role))
        if role == ADMINISTRATOR:
            require(self.administrators > 1, LastAdministrator)
            self.administrators -= 1
        del self.role_ends[role, account]
        emit(RoleRevoked(role=role, account=account, by=ctx.caller))

    @view
    def has_role(self, role: Public[Text[32]], account: Address) -> bool:
        """是否有角色 / Whether an account holds a role now."""
        return self._holds(role, account)

    @invariant
    def administrators_counted(self) -> bool:
        """管理员人数相符 / The count is that of the administrators, and there is one."""
        return self.administrators >= 1 and self.administrators == total(
            self.role_ends, lambda key, end: int(key[0] == ADMINISTRATOR)
        )

    @invariant
    def administrators_have_no_end(self) -> bool:
        """管理员无期限 / An administrator's role does not end."""
        return each(self.role_ends, lambda key, end: key[0] != ADMINISTRATOR or end == FOREVER)

    @ensures
    def only_administrators_grant(self, old: Roles) -> bool:
        """仅管理员可授予 / Roles are granted, and their ends set, by an administrator, for a time to come."""
        return each(
            self.role_ends,
            lambda key, end: (
                (key in old.role_ends and old.role_ends[key] == end)
                or ((ADMINISTRATOR, ctx.caller) in old.role_ends and end >= ctx.time_ms)
            ),
        )

    @ensures
    def only_administrators_revoke(self, old: Roles) -> bool:
        """仅管理员可收回 / A role is revoked by an administrator, or given up by its holder."""
        return each(
            old.role_ends,
            lambda key, end: (
                key in self.role_ends or key[1] == ctx.caller or (ADMINISTRATOR, ctx.caller) in old.role_ends
            ),
        )
