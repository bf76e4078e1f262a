"""XL-LINT-20: A patient's name in an event."""

from xianglian.contract import (
    ContractError,
    Map,
    Public,
    Text,
    contract,
    ctx,
    emit,
    entry,
    event,
    require,
    u32,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@event
class Admitted:
    patient_name: Public[Text[40]]
    ward: u32


@contract
class Hospital:
    beds: Map[u32, u32]

    @entry
    def admit(self, who: Public[Text[40]], ward: u32) -> None:
        require(ctx.has_role(ctx.caller, "nurse"), Refused)
        self.beds[ward] += 1
        emit(Admitted(patient_name=who, ward=ward))
