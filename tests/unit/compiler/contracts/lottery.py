"""A draw among those who commit."""

from __future__ import annotations

from xianglian.contract import Address, Hash, contract, entry, u32, u64, view
from xianglian.contract.lib.randomness import CommitReveal, commitment


@contract
class Lottery(CommitReveal):
    """抽签 / Lottery"""

    @entry
    def open(self, number: u64, commit_blocks: u64, reveal_blocks: u64, least: u32) -> None:
        """开始 / Open"""
        self._open_round(number, commit_blocks, reveal_blocks, least)

    @view
    def drawn(self, number: u64, tickets: u32) -> u32:
        """中签号 / The number drawn"""
        value = self._outcome(number)
        found = u64(0)
        for i in range(4):
            found = found * 256 + value[i]
        return u32(found % u64(tickets))

    @view
    def silent(self, number: u64, account: Address) -> bool:
        """未公开 / Whether an account stayed silent"""
        return not self._has_revealed(number, account) and not self._all_revealed(number)

    @view
    def digest(self, number: u64, account: Address, value: Hash) -> Hash:
        """承诺值 / What to commit to"""
        return commitment(number, account, value)
