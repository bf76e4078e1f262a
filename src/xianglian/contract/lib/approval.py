"""Approval flow 审批流: cases that pass offices one after the other, each with a time limit."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    List,
    Map,
    OrderedMap,
    Ref,
    Time,
    component,
    ctx,
    each,
    emit,
    ensures,
    entry,
    invariant,
    overridable,
    replace,
    require,
    u8,
    u64,
    u128,
    view,
)
from xianglian.contract.lib.approval_cases import (
    BadOffice,
    Case,
    CaseMoved,
    CaseOpened,
    CaseStatus,
    CaseWithdrawn,
    DeadlinePassed,
    DeadlineRuns,
    Decision,
    FlowIsOpen,
    FlowNotOpen,
    FlowOpened,
    NoSuchCase,
    NotInCharge,
    NotManager,
    Office,
    Opinion,
    StepAdded,
    TooManyOpinions,
    WrongCaseStatus,
)

STEPS_MAX = 12
YEAR_MS = 31_622_400_000
TWO_64 = u128(18_446_744_073_709_551_616)


def due_key(deadline: u64, number: u64) -> u128:
    """Orders cases by deadline, those of one deadline by number."""
    return u128(deadline) * TWO_64 + u128(number)


@component
class ApprovalFlow:
    """审批流 / Cases over a fixed list of steps.

    Keeps: steps are decided in order, each by its organisation and never by the applicant; a decision
    counts when block time <= the deadline, after it anyone may let silence take effect as the step says;
    approved, rejected and withdrawn cases never change; every opinion stays. `due` lists running cases by
    deadline, so that offices and supervisors see what is late.
    """

    offices: Map[u8, Office]
    steps: u8
    is_open: bool
    cases: Map[u64, Case]
    opinions: Map[u64, Map[u8, Opinion]]
    case_count: u64
    due: OrderedMap[u128, bool]

    @overridable
    def _may_manage(self) -> None:
        require(ctx.has_role(ctx.caller, "manager"), NotManager)

    def _case(self, number: u64) -> Case:
        case = self.cases.get(number)
        if case is None:
            raise NoSuchCase
        return case

    def _await(self, number: u64, step: u8) -> Time:
        """Notes the deadline of a step."""
        deadline = ctx.time_ms + self.offices[step].limit_ms
        self.due[due_key(deadline, number)] = True
        return deadline

    def _note(self, number: u64, case: Case, decision: Decision, by: Address | None, text: Ref) -> None:
        """Adds an opinion and moves the case on."""
        require(case.opinions < 200, TooManyOpinions)
        self.opinions[number][case.opinions] = Opinion(
            step=case.step, decision=decision, by=by, text=text, at=ctx.time_ms
        )
        del self.due[due_key(case.deadline, number)]
        status = case.status
        step = case.step
        deadline = Time(0)
        if decision == Decision.REFUSE:
            status = CaseStatus.REJECTED
        elif decision == Decision.RETURN:
            status = CaseStatus.RETURNED
        elif case.step + 1 == self.steps:
            status = CaseStatus.APPROVED
        else:
            step = case.step + 1
            deadline = self._await(number, step)
        self.cases[number] = replace(
            case, status=status, step=step, deadline=deadline, opinions=case.opinions + 1
        )
        # accept XL-LINT-22: the step that was decided, not the one that comes next
        emit(CaseMoved(number=number, step=case.step, decision=decision, status=status, deadline=deadline))

    @entry
    def add_step(self, office: Office) -> u8:
        """增加环节 / Add a step, before the flow opens.

        office: 办理方、时限、逾期处理 / Who, how long, and what silence means
        """
        self._may_manage()
        require(not self.is_open, FlowIsOpen)
        require(office.limit_ms > 0 and office.limit_ms <= YEAR_MS, BadOffice)
        require(office.silence != Decision.RETURN and self.steps < STEPS_MAX, BadOffice)
        self.offices[self.steps] = office
        emit(StepAdded(step=self.steps, office=office))
        self.steps += 1
        return self.steps

    @entry
    def open_flow(self) -> None:
        """启用流程 / Open the flow; its steps are fixed from now on."""
        self._may_manage()
        require(not self.is_open, FlowIsOpen)
        require(self.steps > 0, FlowNotOpen)
        self.is_open = True
        emit(FlowOpened(steps=self.steps))

    @entry
    def apply(self, subject: Ref) -> u64:
        """申请 / Apply; yields the case's number.

        subject: 申请材料摘要 / Salted digest of what is applied for
        """
        require(self.is_open, FlowNotOpen)
        self.case_count += 1
        number = self.case_count
        deadline = self._await(number, u8(0))
        self.cases[number] = Case(
            applicant=ctx.caller,
            subject=subject,
            step=0,
            deadline=deadline,
            status=CaseStatus.RUNNING,
            opinions=0,
        )
        emit(CaseOpened(number=number, applicant=ctx.caller, subject=subject))
        return number

    @entry
    def decide(self, number: u64, decision: Decision, text: Ref) -> None:
        """办理 / Decide the present step.

        number: 办件编号 / The case
        decision: 意见 / Decision
        text: 意见摘要 / Salted digest of the written opinion
        """
        case = self._case(number)
        require(case.status == CaseStatus.RUNNING, WrongCaseStatus(status=case.status))
        organisation = ctx.organisation_of(ctx.caller)
        require(organisation is not None and case.applicant != ctx.caller, NotInCharge)
        require(
            organisation is not None and organisation == self.offices[case.step].organisation, NotInCharge
        )
        require(ctx.time_ms <= case.deadline, DeadlinePassed)
        self._note(number, case, decision, ctx.caller, text)

    @entry
    def let_silence_decide(self, number: u64) -> None:
        """逾期处理 / Let silence take effect after the deadline; anyone may.

        number: 办件编号 / The case
        """
        case = self._case(number)
        require(case.status == CaseStatus.RUNNING, WrongCaseStatus(status=case.status))
        require(ctx.time_ms > case.deadline, DeadlineRuns)
        self._note(number, case, self.offices[case.step].silence, None, Ref(bytes(32)))

    @entry
    def resubmit(self, number: u64, subject: Ref) -> None:
        """补正 / Hand in again what was returned.

        number: 办件编号 / The case
        subject: 新材料摘要 / Salted digest of the corrected application
        """
        case = self._case(number)
        require(case.applicant == ctx.caller, NotInCharge)
        require(case.status == CaseStatus.RETURNED, WrongCaseStatus(status=case.status))
        deadline = self._await(number, case.step)
        self.cases[number] = replace(case, subject=subject, status=CaseStatus.RUNNING, deadline=deadline)
        emit(CaseOpened(number=number, applicant=ctx.caller, subject=subject))

    @entry
    def withdraw_case(self, number: u64) -> None:
        """撤回 / Withdraw an application.

        number: 办件编号 / The case
        """
        case = self._case(number)
        require(case.applicant == ctx.caller, NotInCharge)
        require(
            case.status == CaseStatus.RUNNING or case.status == CaseStatus.RETURNED,
            WrongCaseStatus(status=case.status),
        )
        if case.status == CaseStatus.RUNNING:
            del self.due[due_key(case.deadline, number)]
        self.cases[number] = replace(case, status=CaseStatus.WITHDRAWN, deadline=0)
        emit(CaseWithdrawn(number=number))

    @view
    def case(self, number: u64) -> Case:
        """办件 / A case."""
        return self._case(number)

    @view
    def opinion(self, number: u64, index: u8) -> Opinion:
        """意见 / An opinion, from 0."""
        return self.opinions[number][index]

    @view
    def late_cases(self, after: Time) -> List[u64, 100]:
        """逾期办件 / Running cases whose deadline has passed, a hundred of them from a deadline on."""
        found = List[u64, 100]()
        for key, _listed in self.due.page(due_key(after, u64(0)), 100):
            if key // TWO_64 >= u128(ctx.time_ms):
                break
            found = found + [u64(key % TWO_64)]
        return found

    @invariant
    def running_cases_are_due(self) -> bool:
        """办理中必有时限 / A case runs exactly while it has a deadline, and is listed under it."""
        return each(
            self.cases,
            lambda number, case: (
                (case.status == CaseStatus.RUNNING)
                == (case.deadline > 0 and due_key(case.deadline, number) in self.due)
            ),
        ) and each(self.due, lambda key, listed: self.cases[u64(key % TWO_64)].deadline == key // TWO_64)

    @invariant
    def steps_stay_in_the_flow(self) -> bool:
        """环节不越界 / No case goes beyond the last step."""
        return (not self.is_open or self.steps > 0) and each(
            self.cases, lambda number, case: case.step < self.steps
        )

    @ensures
    def ended_cases_stay_ended(self, old: ApprovalFlow) -> bool:
        """办结不再变 / What was approved, rejected or withdrawn never changes; no case is lost."""
        return each(
            old.cases,
            lambda number, case: (
                number in self.cases
                and self.cases[number].applicant == case.applicant
                and (
                    case.status in (CaseStatus.RUNNING, CaseStatus.RETURNED)
                    or (
                        self.cases[number].status == case.status
                        and self.cases[number].subject == case.subject
                        and self.cases[number].step == case.step
                        and self.cases[number].opinions == case.opinions
                    )
                )
            ),
        )

    @ensures
    def steps_go_in_order(self, old: ApprovalFlow) -> bool:
        """逐环节办理 / A case goes one step on with one opinion, and is approved at the last."""
        return each(
            old.cases,
            lambda number, case: (
                (
                    self.cases[number].step == case.step
                    or (
                        self.cases[number].step == case.step + 1
                        and self.cases[number].status == CaseStatus.RUNNING
                        and self.cases[number].opinions == case.opinions + 1
                    )
                )
                and self.cases[number].opinions >= case.opinions
                and self.cases[number].opinions <= case.opinions + 1
                and (
                    self.cases[number].status != CaseStatus.APPROVED
                    or case.status == CaseStatus.APPROVED
                    or (case.step + 1 == self.steps and self.cases[number].opinions == case.opinions + 1)
                )
                and (
                    self.cases[number].status != CaseStatus.WITHDRAWN
                    or case.status == CaseStatus.WITHDRAWN
                    or case.applicant == ctx.caller
                )
                and (self.cases[number].subject == case.subject or case.applicant == ctx.caller)
            ),
        )

    @ensures
    def opinions_count_in_time(self, old: ApprovalFlow) -> bool:
        """限时办理 / An opinion is another's than the applicant and in time; silence decides only after."""
        return each(
            old.cases,
            lambda number, case: (
                self.cases[number].opinions == case.opinions
                or (
                    case.status == CaseStatus.RUNNING
                    and (ctx.time_ms > case.deadline or case.applicant != ctx.caller)
                    and self.opinions[number][case.opinions].step == case.step
                    and self.opinions[number][case.opinions].at == ctx.time_ms
                    and (self.opinions[number][case.opinions].by is None) == (ctx.time_ms > case.deadline)
                )
            ),
        )

    @ensures
    def opinions_stay(self, old: ApprovalFlow) -> bool:
        """意见不改 / An opinion given before a case's next one stays as it is."""
        return each(
            old.opinions,
            lambda key, opinion: (
                key[1] >= old.cases[key[0]].opinions
                or (
                    self.opinions[key[0]][key[1]].decision == opinion.decision
                    and self.opinions[key[0]][key[1]].text == opinion.text
                    and self.opinions[key[0]][key[1]].at == opinion.at
                    and self.opinions[key[0]][key[1]].step == opinion.step
                )
            ),
        )

    @ensures
    def open_flow_is_fixed(self, old: ApprovalFlow) -> bool:
        """启用后环节不变 / Once the flow is open it stays so, with its steps and what they ask."""
        return not old.is_open or (
            self.is_open
            and self.steps == old.steps
            and each(
                old.offices,
                lambda step, office: (
                    self.offices[step].organisation == office.organisation
                    and self.offices[step].limit_ms == office.limit_ms
                    and self.offices[step].silence == office.silence
                ),
            )
        )

    @ensures
    def new_cases_begin(self, old: ApprovalFlow) -> bool:
        """从头办理 / A new case is the caller's, runs, and stands at the first step without an opinion."""
        return each(
            self.cases,
            lambda number, case: (
                number in old.cases
                or (
                    old.is_open
                    and number == old.case_count + 1
                    and case.applicant == ctx.caller
                    and case.step == 0
                    and case.opinions == 0
                    and case.status == CaseStatus.RUNNING
                    and case.deadline == ctx.time_ms + self.offices[0].limit_ms
                )
            ),
        )

    @invariant
    def cases_are_numbered(self) -> bool:
        """编号连续 / Cases have the numbers up to their count, steps the numbers below theirs."""
        return each(self.cases, lambda number, case: number >= 1 and number <= self.case_count) and each(
            self.offices, lambda step, office: step < self.steps
        )

    @invariant
    def offices_have_limits(self) -> bool:
        """环节有时限 / A step has a time limit of at most a year, and there are at most twelve."""
        return self.steps <= STEPS_MAX and each(
            self.offices,
            lambda step, office: (
                office.limit_ms > 0 and office.limit_ms <= YEAR_MS and office.silence != Decision.RETURN
            ),
        )
