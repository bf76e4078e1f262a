"""Near miss of XL-LINT-03: The argument must have a role; the caller another one."""

from xianglian.contract import Address, ContractError, Map, Ref, contract, ctx, entry, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


class Unknown(ContractError):
    """不存在 / Unknown."""


@contract
class Assignments:
    assigned: Map[Ref, Address]

    @entry
    def assign(self, task: Ref, inspector: Address) -> None:
        require(ctx.has_role(ctx.caller, "dispatcher"), Refused)
        require(ctx.has_role(inspector, "inspector"), Unknown)
        require(task not in self.assigned, Exists)
        self.assigned[task] = inspector

    @view
    def inspector_of(self, task: Ref) -> Address:
        return self.assigned[task]
