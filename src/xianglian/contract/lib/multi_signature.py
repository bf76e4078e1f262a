"""Several must agree: m of n signers confirm one action before a contract takes it."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    List,
    Map,
    Set,
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
    record,
    replace,
    require,
    sm3,
    total,
    u8,
    u32,
    u64,
    view,
)

SIGNERS_MAX = 16


@record
class Committee:
    """签署人 / Signers, and how many must agree"""

    signers: List[Address, 16]
    threshold: u8


@record
class Proposal:
    """提案 / An action that waits for confirmations"""

    action: Hash
    by: Address
    until: Time
    term: u32
    confirmed: u8
    taken: bool


@event
class Proposed:
    """已提案 / Proposed"""

    number: u64
    action: Hash
    by: Address
    until: Time


@event
class Confirmed:
    """已确认 / Confirmed"""

    number: u64
    by: Address
    confirmed: u8


@event
class ActionTaken:
    """已执行 / Action taken"""

    number: u64
    action: Hash


@event
class CommitteeChanged:
    """签署人已变更 / Signers changed"""

    committee: Committee


class NotSigner(ContractError):
    """不是签署人 / The caller is no signer."""


class AlreadyConfirmed(ContractError):
    """已确认过 / The caller has confirmed this already."""


class ProposalClosed(ContractError):
    """提案已失效 / The proposal has expired, was taken, or the signers changed since."""


class NotEnough(ContractError):
    """确认人数不足 / Too few signers have confirmed this action."""

    confirmed: u8
    threshold: u8


class BadCommittee(ContractError):
    """签署人设置不当 / Signers must differ, and the threshold lie in 1 .. their number."""


@component
class MultiSignature:
    """多签 / m of n signers confirm one action by its digest; the contract takes it once.

    Keeps: an action is taken only with `threshold` confirmations of different present signers, before its
    end, and once. A change of signers is such an action and voids every open proposal. The digest of an
    action names this contract, the proposal and the arguments, so a confirmation means nothing elsewhere.
    """

    signers: Set[Address]
    signer_list: List[Address, 16]
    threshold: u8
    term: u32
    proposals: Map[u64, Proposal]
    confirmations: Map[u64, Map[Address, bool]]
    proposal_count: u64

    def _init_multi_signature(self) -> None:
        self.signers.add(ctx.caller)
        self.signer_list = List[Address, 16](ctx.caller)
        self.threshold = 1

    def _only_signer(self) -> None:
        require(ctx.caller in self.signers, NotSigner)

    def _action(self, name: bytes, number: u64, arguments: bytes) -> Hash:
        """The digest to propose for an action of this contract."""
        return sm3(b"xl-action", ctx.self_address, encode(number), sm3(name), arguments)

    def _take_confirmed(self, number: u64, action: Hash) -> None:
        """Goes on only if `action` was confirmed by enough signers under this number, and uses it up."""
        proposal = self.proposals.get(number)
        if proposal is None:
            raise NotEnough(confirmed=0, threshold=self.threshold)
        require(self._is_open(proposal), ProposalClosed)
        agreed = proposal.confirmed if proposal.action == action else u8(0)
        require(agreed >= self.threshold, NotEnough(confirmed=agreed, threshold=self.threshold))
        self.proposals[number] = replace(proposal, taken=True)
        emit(ActionTaken(number=number, action=action))

    def _is_open(self, proposal: Proposal) -> bool:
        return not proposal.taken and proposal.term == self.term and ctx.time_ms <= proposal.until

    @entry
    def propose(self, action: Hash, until: Time) -> u64:
        """提案 / Propose an action, and confirm it.

        action: 操作摘要 / Its digest, which names the next proposal number
        until: 截止时间 / Its end
        """
        self._only_signer()
        require(until >= ctx.time_ms, ProposalClosed)
        self.proposal_count += 1
        number = self.proposal_count
        self.proposals[number] = Proposal(
            action=action, by=ctx.caller, until=until, term=self.term, confirmed=1, taken=False
        )
        self.confirmations[number][ctx.caller] = True
        emit(Proposed(number=number, action=action, by=ctx.caller, until=until))
        return number

    @entry
    def confirm(self, number: u64, action: Hash) -> u8:
        """确认 / Confirm a proposal.

        number: 提案编号 / Its number
        action: 操作摘要 / Its digest, as the signer has computed it
        """
        self._only_signer()
        proposal = self.proposals.get(number)
        if proposal is None:
            raise ProposalClosed
        require(self._is_open(proposal) and proposal.action == action, ProposalClosed)
        require(ctx.caller not in self.confirmations[number], AlreadyConfirmed)
        self.confirmations[number][ctx.caller] = True
        confirmed = proposal.confirmed + 1
        self.proposals[number] = replace(proposal, confirmed=confirmed)
        emit(Confirmed(number=number, by=ctx.caller, confirmed=confirmed))
        return confirmed

    @entry
    def change_signers(self, number: u64, committee: Committee) -> None:
        """变更签署人 / Change the signers, by a confirmed proposal.

        number: 提案编号 / The proposal's number
        committee: 新签署人 / Signers and threshold
        """
        self._only_signer()
        self._take_confirmed(number, self._action(b"change_signers", number, encode(committee)))
        count = len(committee.signers)
        require(committee.threshold > 0 and committee.threshold <= count, BadCommittee)
        for old in self.signer_list:
            self.signers.discard(old)
        for new in committee.signers:
            require(self.signers.add(new), BadCommittee)
        self.signer_list = committee.signers
        self.threshold = committee.threshold
        self.term += 1
        emit(CommitteeChanged(committee=committee))

    @view
    def committee(self) -> Committee:
        """签署人 / The signers and how many must agree."""
        return Committee(signers=self.signer_list, threshold=self.threshold)

    @view
    def change_digest(self, number: u64, committee: Committee) -> Hash:
        """变更摘要 / What to propose under the next number in order to change the signers."""
        return self._action(b"change_signers", number, encode(committee))

    @view
    def proposal(self, number: u64) -> Proposal:
        """提案 / A proposal."""
        return self.proposals[number]

    @invariant
    def threshold_can_be_met(self) -> bool:
        """门限可达 / The threshold lies in 1 .. the number of signers."""
        return self.threshold >= 1 and self.threshold <= len(self.signers)

    @invariant
    def taken_had_a_vote(self) -> bool:
        """执行必经确认 / Nothing is taken without a confirmation."""
        return each(self.proposals, lambda number, p: p.confirmed >= 1 and number <= self.proposal_count)

    @invariant
    def confirmations_are_counted(self) -> bool:
        """确认数相符 / The counts of all proposals add up to the confirmations there are."""
        return total(self.confirmations, lambda key, yes: 1) == total(
            self.proposals, lambda number, p: p.confirmed
        )

    @invariant
    def confirmations_are_of_proposals(self) -> bool:
        """确认必有提案 / A confirmation is of a proposal there is."""
        return each(self.confirmations, lambda key, yes: yes and key[0] in self.proposals)

    @invariant
    def terms_were_voted(self) -> bool:
        """换届必经提案 / Each change of signers used up a proposal, of a term that has been."""
        return self.term <= total(self.proposals, lambda number, p: p.taken) and each(
            self.proposals, lambda number, p: p.term <= self.term
        )

    @ensures
    def taken_once_by_enough(self, old: MultiSignature) -> bool:
        """足数方可执行, 仅一次 / What is taken had enough confirmations in time and term, and stays taken."""
        return each(
            old.proposals,
            lambda number, p: (
                number in self.proposals
                and (
                    self.proposals[number].taken == p.taken
                    or (
                        self.proposals[number].taken
                        and p.confirmed >= old.threshold
                        and p.term == old.term
                        and ctx.time_ms <= p.until
                        and ctx.caller in old.signers
                    )
                )
            ),
        )

    @ensures
    def proposals_stay_as_proposed(self, old: MultiSignature) -> bool:
        """提案不改 / What is proposed never changes; a signer adds one confirmation while it is open."""
        return each(
            old.proposals,
            lambda number, p: (
                self.proposals[number].action == p.action
                and self.proposals[number].by == p.by
                and self.proposals[number].until == p.until
                and self.proposals[number].term == p.term
                and (
                    self.proposals[number].confirmed == p.confirmed
                    or (
                        self.proposals[number].confirmed == p.confirmed + 1
                        and ctx.caller in old.signers
                        and not p.taken
                        and p.term == old.term
                        and ctx.time_ms <= p.until
                    )
                )
            ),
        )

    @ensures
    def only_signers_propose(self, old: MultiSignature) -> bool:
        """仅签署人可提案 / A new proposal is a signer's, of this term, with that one confirmation."""
        return each(
            self.proposals,
            lambda number, p: (
                number in old.proposals
                or (
                    ctx.caller in old.signers
                    and p.by == ctx.caller
                    and p.term == old.term
                    and p.until >= ctx.time_ms
                    and p.confirmed == 1
                    and not p.taken
                )
            ),
        )

    @ensures
    def confirmations_are_own(self, old: MultiSignature) -> bool:
        """本人确认 / A confirmation is given by the signer it is of, and stays."""
        return each(
            self.confirmations,
            lambda key, yes: (
                old.confirmations[key[0]][key[1]] or (key[1] == ctx.caller and ctx.caller in old.signers)
            ),
        ) and each(old.confirmations, lambda key, yes: self.confirmations[key[0]][key[1]])

    @ensures
    def signers_change_by_term(self, old: MultiSignature) -> bool:
        """变更即换届 / The threshold changes only with the term, which voids what is open."""
        return (
            self.threshold == old.threshold and len(self.signers) == len(old.signers)
            if self.term == old.term
            else self.term == old.term + 1
        )
