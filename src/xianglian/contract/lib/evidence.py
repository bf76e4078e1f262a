"""Evidence 存证: a salted digest of a document with its time, one at a time or a batch under one root, and a
chain of versions that cannot be rewritten.
"""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    List,
    Map,
    Public,
    Ref,
    Set,
    Text,
    Time,
    component,
    ctx,
    each,
    emit,
    encode,
    ensures,
    entry,
    event,
    invariant,
    overridable,
    record,
    replace,
    require,
    sm3,
    total,
    u32,
    u64,
    view,
)
from xianglian.contract.lib.merkle import is_in_batch


@record
class Version:
    """版本 / A version of a piece of evidence"""

    digest: Ref
    link: Hash
    by: Address
    at: Time


@record
class Item:
    """存证 / A piece of evidence"""

    keeper: Address
    purpose: Public[Text[64]]
    versions: u32
    withdrawn: Time | None


@record
class Batch:
    """批次 / A batch under one root"""

    root: Hash
    count: u32
    purpose: Public[Text[64]]
    by: Address
    at: Time


@event
class EvidenceKept:
    """已存证 / Evidence kept"""

    key: Ref
    version: u32
    digest: Ref
    link: Hash


@event
class EvidenceWithdrawn:
    """存证已撤回 / Evidence withdrawn"""

    key: Ref
    reason: Public[Text[120]]


@event
class BatchKept:
    """批次已存证 / Batch kept"""

    number: u64
    root: Hash
    count: u32


class EvidenceExists(ContractError):
    """该存证已存在 / Evidence with this key or root exists already."""


class NoEvidence(ContractError):
    """没有该存证 / There is no such evidence."""


class NotKeeper(ContractError):
    """无权操作该存证 / The caller may not keep or change this evidence."""


class NotLatest(ContractError):
    """不是最新版本 / Another version has come in between: look again."""

    versions: u32


class IsWithdrawn(ContractError):
    """存证已撤回 / The evidence is withdrawn."""


@component
class Evidence:
    """存证 / Evidence by salted digests; never the document itself, nor a digest that can be guessed.

    Keeps: a version once kept never changes, and its link is the digest of the link before it and of all
    its fields, so the last link stands for the whole history; versions are numbered 1, 2, ... without
    gaps and their times rise; only the keeper adds versions, naming the one that it replaces; withdrawn
    evidence stays readable and takes no further version; a root is kept once.
    """

    items: Map[Ref, Item]
    versions: Map[Ref, Map[u32, Version]]
    batches: Map[u64, Batch]
    roots: Set[Hash]

    @overridable
    def _may_keep(self) -> None:
        require(ctx.has_role(ctx.caller, "evidence"), NotKeeper)

    def _add(self, key: Ref, number: u32, before: Hash, digest: Ref) -> None:
        link = sm3(before, key, encode(number), digest, ctx.caller, encode(ctx.time_ms))
        self.versions[key][number] = Version(digest=digest, link=link, by=ctx.caller, at=ctx.time_ms)
        emit(EvidenceKept(key=key, version=number, digest=digest, link=link))

    def _item(self, key: Ref) -> Item:
        item = self.items.get(key)
        if item is None:
            raise NoEvidence
        return item

    def _own(self, key: Ref) -> Item:
        item = self._item(key)
        require(item.keeper == ctx.caller, NotKeeper)
        require(item.withdrawn is None, IsWithdrawn)
        return item

    @entry
    def keep(self, key: Ref, digest: Ref, purpose: Public[Text[64]]) -> None:
        """存证 / Keep the first version.

        key: 编号摘要 / Salted digest of the document's number
        digest: 内容摘要 / Salted digest of its content
        purpose: 用途 / What for; public
        """
        self._may_keep()
        require(key not in self.items, EvidenceExists)
        self.items[key] = Item(keeper=ctx.caller, purpose=purpose, versions=1, withdrawn=None)
        self._add(key, u32(1), Hash(bytes(32)), digest)

    @entry
    def update(self, key: Ref, replaced: u32, digest: Ref) -> u32:
        """更新 / Add a version.

        key: 编号摘要 / The evidence
        replaced: 被替代的版本 / The last version, as the caller knows it
        digest: 新内容摘要 / Salted digest of the new content
        """
        self._may_keep()
        item = self._own(key)
        require(item.versions == replaced, NotLatest(versions=item.versions))
        before = self.versions[key][item.versions]
        self.items[key] = replace(item, versions=item.versions + 1)
        self._add(key, item.versions + 1, before.link, digest)
        return item.versions + 1

    @entry
    def withdraw(self, key: Ref, reason: Public[Text[120]]) -> None:
        """撤回 / Withdraw; what was kept stays.

        key: 编号摘要 / The evidence
        reason: 原因，公开 / Why; public
        """
        self._may_keep()
        item = self._own(key)
        self.items[key] = replace(item, withdrawn=ctx.time_ms)
        emit(EvidenceWithdrawn(key=key, reason=reason))

    @entry
    def keep_batch(self, root: Hash, count: u32, purpose: Public[Text[64]]) -> u64:
        """批量存证 / Keep a batch by the root of its Merkle tree; yields its number.

        root: 树根 / The root
        count: 件数 / How many leaves
        purpose: 用途 / What for; public
        """
        self._may_keep()
        require(count > 0, NoEvidence)
        require(self.roots.add(root), EvidenceExists)
        number = u64(len(self.roots))
        self.batches[number] = Batch(root=root, count=count, purpose=purpose, by=ctx.caller, at=ctx.time_ms)
        emit(BatchKept(number=number, root=root, count=count))
        return number

    @view
    def item(self, key: Ref) -> Item:
        """存证 / A piece of evidence."""
        return self._item(key)

    @view
    def version(self, key: Ref, number: u32) -> Version:
        """版本 / One of its versions."""
        return self.versions[key][number]

    @view
    def is_current(self, key: Ref, digest: Ref) -> bool:
        """是否最新 / Whether a digest is the last version, not withdrawn."""
        item = self.items.get(key)
        if item is None:
            return False
        return item.withdrawn is None and self.versions[key][item.versions].digest == digest

    @view
    def batch(self, number: u64) -> Batch:
        """批次 / A batch."""
        return self.batches[number]

    @view
    def is_in(self, number: u64, leaf: Hash, index: u32, path: List[Hash, 32]) -> bool:
        """是否在批次中 / Whether a leaf has this place in a batch."""
        batch = self.batches.get(number)
        return batch is not None and is_in_batch(batch.root, int(batch.count), leaf, int(index), path)

    @invariant
    def versions_are_numbered(self) -> bool:
        """版本连续编号 / Versions lie in 1 .. their number."""
        return each(self.versions, lambda key, v: key[1] >= 1 and key[1] <= self.items[key[0]].versions)

    @invariant
    def batches_are_counted(self) -> bool:
        """批次数相符 / Each batch has its own root."""
        return each(
            self.batches, lambda number, batch: number <= len(self.roots) and batch.root in self.roots
        )

    @invariant
    def versions_have_no_gaps(self) -> bool:
        """版本无缺 / There are as many versions as the evidence counts, at least one of each."""
        return total(self.versions, lambda key, v: 1) == total(
            self.items, lambda key, item: item.versions
        ) and each(self.items, lambda key, item: item.versions >= 1)

    @ensures
    def what_was_kept_stays(self, old: Evidence) -> bool:
        """已存不改 / A version and a batch never change."""
        return each(
            old.versions,
            lambda key, v: (
                self.versions[key[0]][key[1]].digest == v.digest
                and self.versions[key[0]][key[1]].link == v.link
                and self.versions[key[0]][key[1]].by == v.by
                and self.versions[key[0]][key[1]].at == v.at
            ),
        ) and each(
            old.batches,
            lambda number, batch: (
                self.batches[number].root == batch.root
                and self.batches[number].count == batch.count
                and self.batches[number].by == batch.by
                and self.batches[number].at == batch.at
            ),
        )

    @ensures
    def only_the_keeper_goes_on(self, old: Evidence) -> bool:
        """仅存证方可更新 / Its keeper alone adds a version or withdraws; what is withdrawn stays as it is."""
        return each(
            old.items,
            lambda key, item: (
                self.items[key].keeper == item.keeper
                and self.items[key].versions >= item.versions
                and self.items[key].versions <= item.versions + 1
                and (item.withdrawn is None or self.items[key].withdrawn is not None)
                and (
                    (item.withdrawn is None and item.keeper == ctx.caller)
                    or (
                        self.items[key].versions == item.versions
                        and (self.items[key].withdrawn is None) == (item.withdrawn is None)
                    )
                )
            ),
        )

    @ensures
    def new_is_the_callers(self, old: Evidence) -> bool:
        """新存证归调用者 / New evidence and batches are the caller's, of now; a root is kept once."""
        return each(
            self.items,
            lambda key, item: (
                key in old.items
                or (item.keeper == ctx.caller and item.versions == 1 and item.withdrawn is None)
            ),
        ) and each(
            self.batches,
            lambda number, batch: (
                number in old.batches
                or (
                    batch.root not in old.roots
                    and batch.by == ctx.caller
                    and batch.at == ctx.time_ms
                    and batch.count > 0
                )
            ),
        )
