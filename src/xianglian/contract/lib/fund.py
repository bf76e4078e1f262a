"""Earmarked fund 专项资金: money for a purpose, spent by line and invoice, under four eyes."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
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
    entry,
    event,
    invariant,
    overridable,
    record,
    replace,
    require,
    total,
    u8,
    u64,
    u128,
    view,
)


class PaymentStatus(Enum):
    """支付状态 / State of a payment"""

    REQUESTED = 0, "待审核 / Requested"
    PAID = 1, "已支付 / Paid"
    REFUSED = 2, "已驳回 / Refused"


@record
class Project:
    """项目 / A project"""

    grantor: Address
    manager: Address
    supervisor: Address
    purpose: Public[Text[120]]
    budget: u128
    planned: u128
    reserved: u128
    spent: u128
    returned: u128
    until: Time
    closed: bool


@record
class Line:
    """预算科目 / A budget line"""

    name: Public[Text[64]]
    most: u128
    used: u128


@record
class Payment:
    """支付 / A payment"""

    project: Ref
    line: u8
    payee: Address
    amount: u128
    invoice: Ref
    by: Address
    status: PaymentStatus


@event
class ProjectFunded:
    """已拨付 / Project funded"""

    project: Ref
    grantor: Address
    amount: u128
    until: Time


@event
class LinePlanned:
    """已设预算科目 / Budget line planned"""

    project: Ref
    line: u8
    most: u128


@event
class PaymentAsked:
    """已申请支付 / Payment requested"""

    number: u64
    project: Ref
    line: u8
    payee: Address
    amount: u128


@event
class PaymentDecided:
    """支付已审核 / Payment decided"""

    number: u64
    status: PaymentStatus
    by: Address


@event
class ProjectClosed:
    """项目已结清 / Project closed, the rest returned"""

    project: Ref
    returned: u128


class NotInFund(ContractError):
    """无权操作该项目 / The caller may not do this in this project."""


class ProjectExists(ContractError):
    """项目编号已用 / A project has this key already."""


class NoSuchProject(ContractError):
    """没有该项目，或已结清 / There is no such open project."""


class SameHands(ContractError):
    """岗位须分离 / Grantor, manager and supervisor must differ; nobody pays oneself."""


class OverBudget(ContractError):
    """超出预算 / More than is left."""

    left: u128


class InvoiceUsed(ContractError):
    """发票已报销 / The invoice backs another payment."""


class NoSuchPayment(ContractError):
    """没有待审核的支付 / There is no such open payment."""


class PeriodOver(ContractError):
    """项目期限已过或未到 / The period of the project is over, or not yet."""


@component
class EarmarkedFund:
    """专项资金 / Money that is spent only on its purpose.

    Keeps: for each project spent + reserved + returned <= budget, and equal when closed; each line's use
    is within its plan, and the plans within the budget; a payment is asked for by the manager and paid by
    the supervisor, who differ from each other and from the grantor, and goes to none of them; an invoice
    is paid once; payments are asked for when block time <= `until`; after it the rest goes back, once
    every request is decided. `owed` is what a payee is to be paid outside the chain by the treasury.
    """

    projects: Map[Ref, Project]
    lines: Map[Ref, Map[u8, Line]]
    payments: Map[u64, Payment]
    payment_count: u64
    invoices: Set[Ref]
    owed: Map[Address, u128]

    @overridable
    def _may_grant(self) -> None:
        require(ctx.has_role(ctx.caller, "treasury"), NotInFund)

    @overridable
    def _may_be_paid(self, payee: Address) -> None:
        require(ctx.organisation_of(payee) is not None, NotInFund)

    def _project(self, key: Ref) -> Project:
        project = self.projects.get(key)
        if project is None:
            raise NoSuchProject
        require(not project.closed, NoSuchProject)
        return project

    @entry
    def grant(
        self,
        project: Ref,
        manager: Address,
        supervisor: Address,
        purpose: Public[Text[120]],
        budget: u128,
        until: Time,
    ) -> None:
        """拨付 / Fund a project.

        project: 项目编号摘要 / Digest of its number
        manager: 承担单位 / Who asks for payments
        supervisor: 监管单位 / Who approves them
        purpose: 用途，公开 / What for; public
        budget: 预算 / Amount, in the smallest unit
        until: 截止时间 / Until when payments may be asked for
        """
        self._may_grant()
        require(project not in self.projects, ProjectExists)
        apart = manager != supervisor and manager != ctx.caller and supervisor != ctx.caller
        require(apart, SameHands)
        require(until >= ctx.time_ms and budget > 0, PeriodOver)
        self.projects[project] = Project(
            grantor=ctx.caller,
            manager=manager,
            supervisor=supervisor,
            purpose=purpose,
            budget=budget,
            planned=0,
            reserved=0,
            spent=0,
            returned=0,
            until=until,
            closed=False,
        )
        emit(ProjectFunded(project=project, grantor=ctx.caller, amount=budget, until=until))

    @entry
    def plan(self, project: Ref, line: u8, name: Public[Text[64]], most: u128) -> None:
        """设预算科目 / Set a budget line, or raise or lower it to what is used at least.

        project: 项目 / The project
        line: 科目编号 / Number of the line
        name: 科目名称 / Its name; public
        most: 上限 / The most that it may take
        """
        found = self._project(project)
        require(found.grantor == ctx.caller, NotInFund)
        old = self.lines[project].get(line)
        before = old.most if old is not None else u128(0)
        used = old.used if old is not None else u128(0)
        left = found.budget - (found.planned - before)
        require(most <= left and most >= used, OverBudget(left=left))
        self.lines[project][line] = Line(name=name, most=most, used=used)
        self.projects[project] = replace(found, planned=found.planned - before + most)
        emit(LinePlanned(project=project, line=line, most=most))

    @entry
    def ask_payment(self, project: Ref, line: u8, payee: Address, amount: u128, invoice: Ref) -> u64:
        """申请支付 / Ask for a payment; yields its number.

        project: 项目 / The project
        line: 科目 / The budget line
        payee: 收款方 / Who is to be paid
        amount: 金额 / Amount
        invoice: 发票摘要 / Digest of the invoice's number
        """
        found = self._project(project)
        require(found.manager == ctx.caller, NotInFund)
        require(ctx.time_ms <= found.until, PeriodOver)
        require(payee not in (found.grantor, found.manager, found.supervisor), SameHands)
        self._may_be_paid(payee)
        plan = self.lines[project].get(line)
        left = plan.most - plan.used if plan is not None else u128(0)
        left = min(left, found.budget - found.spent - found.reserved)
        require(amount > 0 and amount <= left, OverBudget(left=left))
        if plan is not None:
            self.lines[project][line] = replace(plan, used=plan.used + amount)
        require(self.invoices.add(invoice), InvoiceUsed)
        self.projects[project] = replace(found, reserved=found.reserved + amount)
        self.payment_count += 1
        self.payments[self.payment_count] = Payment(
            project=project,
            line=line,
            payee=payee,
            amount=amount,
            invoice=invoice,
            by=ctx.caller,
            status=PaymentStatus.REQUESTED,
        )
        emit(PaymentAsked(number=self.payment_count, project=project, line=line, payee=payee, amount=amount))
        return self.payment_count

    @entry
    def decide_payment(self, number: u64, approve: bool) -> None:
        """审核支付 / Pay or refuse; also after the end of the project's period.

        number: 支付编号 / The payment
        approve: 是否同意 / Whether it is paid
        """
        payment = self.payments.get(number)
        if payment is None:
            raise NoSuchPayment
        require(payment.status == PaymentStatus.REQUESTED, NoSuchPayment)
        found = self._project(payment.project)
        require(found.supervisor == ctx.caller, NotInFund)
        status = PaymentStatus.PAID if approve else PaymentStatus.REFUSED
        self.payments[number] = replace(payment, status=status)
        reserved = found.reserved - payment.amount
        if approve:
            self.projects[payment.project] = replace(
                found, reserved=reserved, spent=found.spent + payment.amount
            )
            self.owed[payment.payee] += payment.amount
        else:
            self.projects[payment.project] = replace(found, reserved=reserved)
            line = self.lines[payment.project][payment.line]
            self.lines[payment.project][payment.line] = replace(line, used=line.used - payment.amount)
            self.invoices.remove(payment.invoice)
        emit(PaymentDecided(number=number, status=status, by=ctx.caller))

    @entry
    def close_project(self, project: Ref) -> u128:
        """结清 / Close a project and return the rest: its grantor at any time, anyone after its end.

        project: 项目 / The project
        """
        found = self._project(project)
        require(found.grantor == ctx.caller or ctx.time_ms > found.until, PeriodOver)
        require(found.reserved == 0, NoSuchPayment)
        rest = found.budget - found.spent
        self.projects[project] = replace(found, returned=rest, closed=True)
        emit(ProjectClosed(project=project, returned=rest))
        return rest

    @view
    def project(self, project: Ref) -> Project:
        """项目 / A project."""
        return self.projects[project]

    @view
    def line(self, project: Ref, line: u8) -> Line:
        """预算科目 / A budget line."""
        return self.lines[project][line]

    @view
    def payment(self, number: u64) -> Payment:
        """支付 / A payment."""
        return self.payments[number]

    @view
    def owed_to(self, payee: Address) -> u128:
        """应付金额 / What a payee is to be paid."""
        return self.owed[payee]

    @invariant
    def budgets_hold(self) -> bool:
        """预算平衡 / Spent, reserved and returned stay within the budget, and use it up once closed."""
        return each(
            self.projects,
            lambda key, p: (
                p.spent + p.reserved + p.returned <= p.budget
                and p.planned <= p.budget
                and (p.spent + p.returned == p.budget if p.closed else p.returned == 0)
            ),
        )

    @invariant
    def lines_hold(self) -> bool:
        """科目不超支 / No line uses more than it may; all lines together use what is spent and reserved."""
        return each(self.lines, lambda key, line: line.used <= line.most) and total(
            self.lines, lambda key, line: line.used
        ) == total(self.projects, lambda key, p: p.spent + p.reserved)

    @invariant
    def payees_are_owed_what_was_spent(self) -> bool:
        """应付等于支出 / What is owed is what all projects have spent."""
        return total(self.owed) == total(self.projects, lambda key, p: p.spent)

    @invariant
    def invoices_back_one_payment(self) -> bool:
        """发票不重复 / There are as many invoices as payments that were not refused."""
        return each(self.payments, lambda number, p: number <= self.payment_count) and len(
            self.invoices
        ) == total(self.payments, lambda number, p: int(p.status != PaymentStatus.REFUSED))
