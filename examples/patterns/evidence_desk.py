"""A desk that takes evidence for its own staff, and can be paused."""

from __future__ import annotations

from xianglian.contract import Address, Set, contract, ctx, emit, entry, event, init, require
from xianglian.contract.lib.access import Pausable
from xianglian.contract.lib.evidence import Evidence, NotKeeper


@event
class ClerkSet:
    """经办人已变更 / Clerk set, or no longer"""

    clerk: Address
    on: bool


@contract
class EvidenceDesk(Evidence, Pausable):
    """存证窗口 / A desk that takes evidence for its own staff, and can be paused."""

    clerks: Set[Address]

    @init
    def start(self) -> None:
        """部署 / Deploy."""
        self._init_ownable()

    def _may_keep(self) -> None:
        self._when_running()
        require(ctx.caller in self.clerks, NotKeeper)

    @entry
    def set_clerk(self, clerk: Address, on: bool) -> bool:
        """设置经办人 / Let a clerk keep evidence, or no longer.

        clerk: 账户 / The clerk's account
        on: 是否授权 / Whether
        """
        self._only_owner()
        emit(ClerkSet(clerk=clerk, on=on))
        return self.clerks.add(clerk) if on else self.clerks.discard(clerk)
