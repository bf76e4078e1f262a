"""Approval flow 审批流: cases that pass offices one after the other, each with a time limit."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
    List,
    Map,
    OrderedMap,
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
    u8,
    u64,
    u128,
    view,
)

STEPS_MAX = 12


class CaseStatus(Enum):
    """办件状态 / State of a case"""

    RUNNING = 0, "办理中 / Running"
    RETURNED = 1, "已退回补正 / Returned to the applicant"
    APPROVED = 2, "已批准 / Approved"
    REJECTED = 3, "未批准 / Rejected"
    WITHDRAWN = 4, "已撤回 / Withdrawn"


class Decision(Enum):
    """意见 / A decision"""

    AGREE = 0, "同意 / Agree"
    REFUSE = 1, "不同意 / Refuse"
    RETURN = 2, "退回补正 / Return for correction"


@record
class Office:
    """环节 / A step: who decides, within which time, and what silence means"""

    organisation: Public[Text[64]]
    limit_ms: u64
    silence: Decision


@record
class Case:
    """办件 / A case"""

    applicant: Address
    subject: Ref
    step: u8
    deadline: Time
    status: CaseStatus
    opinions: u8


@record
class Opinion:
    """意见 / An opinion; `by` is None where a time limit decided"""

    step: u8
    decision: Decision
    by: Address | None
    text: Ref
    at: Time


@event
class CaseOpened:
    """已受理 / Case opened"""

    number: u64
    applicant: Address
    subject: Ref


@event
class CaseMoved:
    """办件已流转 / Case moved on"""

    number: u64
    step: u8
    decision: Decision
    status: CaseStatus
    deadline: Time


@event
class StepAdded:
    """已增加环节 / Step added"""

    step: u8
    office: Office


@event
class FlowOpened:
    """流程已启用 / Flow opened"""

    steps: u8


@event
class CaseWithdrawn:
    """办件已撤回 / Case withdrawn"""

    number: u64


class NotManager(ContractError):
    """不是流程管理者 / The caller does not manage this flow."""


class FlowIsOpen(ContractError):
    """流程已启用 / Steps change only before the flow is opened."""


class FlowNotOpen(ContractError):
    """流程未启用 / The flow is not open, or has no step."""


class BadOffice(ContractError):
    """环节设置不当 / A time limit is above zero and at most a year; silence agrees or refuses."""


class NoSuchCase(ContractError):
    """没有该办件 / There is no such case."""


class NotInCharge(ContractError):
    """不是该环节的办理方 / The caller does not decide this step, or is the applicant."""


class WrongCaseStatus(ContractError):
    """办件状态不符 / Not in this state."""

    status: CaseStatus


class DeadlinePassed(ContractError):
    """已过时限 / The time limit has passed: what silence means holds."""


class DeadlineRuns(ContractError):
    """时限未到 / The time limit has not passed yet."""


class TooManyOpinions(ContractError):
    """退回次数过多 / A case is returned only so often."""


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
