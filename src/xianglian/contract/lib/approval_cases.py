"""Cases of an approval flow: what is recorded of them, told by events, and refused."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
    Public,
    Ref,
    Text,
    Time,
    event,
    record,
    u8,
    u64,
)


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
