"""A notice that several must agree to."""

from __future__ import annotations

from xianglian.contract import Hash, contract, encode, entry, init, u64, view
from xianglian.contract.lib.multi_signature import MultiSignature


@contract
class Board(MultiSignature):
    """理事会 / A notice that several must agree to."""

    notice: Hash | None

    @init
    def start(self) -> None:
        """部署 / Deploy."""
        self._init_multi_signature()

    @entry
    def publish(self, number: u64, digest: Hash) -> None:
        """发布公告 / Publish a notice that was agreed to.

        number: 提案编号 / The proposal
        digest: 公告摘要 / Digest of the notice
        """
        self._only_signer()
        self._take_confirmed(number, self._action(b"publish", number, encode(digest)))
        self.notice = digest

    @view
    def publish_digest(self, number: u64, digest: Hash) -> Hash:
        """公告提案摘要 / What to propose in order to publish."""
        return self._action(b"publish", number, encode(digest))

    @view
    def published(self) -> Hash | None:
        """公告摘要 / The digest of the notice that holds."""
        return self.notice
