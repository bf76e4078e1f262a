"""Components: one inherited twice, one that offers a method to be replaced."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    component,
    ctx,
    emit,
    entry,
    event,
    invariant,
    overridable,
    require,
    u32,
    view,
)


@event
class OwnerChanged:
    """换主 / Owner changed"""

    before: Address
    after: Address


class NotOwner(ContractError):
    """不是所有者 / Not the owner"""

    owner: Address


@component
class Ownable:
    """所有权 / Ownership

    owner: 所有者 / Owner
    """

    owner: Address

    def _init_ownable(self) -> None:
        self.owner = ctx.caller

    @entry
    def transfer_ownership(self, to: Address) -> None:
        """转移所有权 / Transfer ownership"""
        self._only_owner()
        emit(OwnerChanged(before=self.owner, after=to))
        self.owner = to

    def _only_owner(self) -> None:
        require(ctx.caller == self.owner, NotOwner(owner=self.owner))


class Paused(ContractError):
    """已暂停 / Paused"""


@component
class Pausable(Ownable):
    """暂停 / Pausing"""

    paused: bool

    @entry
    def pause(self, value: bool) -> None:
        """暂停或恢复 / Pause or resume"""
        self._only_owner()
        self.paused = value

    def _when_running(self) -> None:
        require(not self.paused, Paused)


@component
class Counted(Ownable):
    """计数 / Counting"""

    counts: Map[Address, u32]

    @overridable
    @view
    def step(self, who: Address) -> u32:
        """一次的步长 / How much one visit counts"""
        return u32(1)

    @entry
    def visit(self) -> u32:
        """来访 / Visit"""
        self._before_visit()
        self.counts[ctx.caller] += self.step(ctx.caller)
        return self.counts[ctx.caller]

    @overridable
    def _before_visit(self) -> None:
        pass

    @invariant
    def step_is_positive(self) -> bool:
        """步长为正 / A step is positive"""
        return self.step(self.owner) > 0
