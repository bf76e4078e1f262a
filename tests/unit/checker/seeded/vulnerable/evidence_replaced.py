"""XL-LINT-07: Evidence can be replaced by whoever knows its digest."""

from xianglian.contract import Address, Hash, Map, Time, contract, ctx, emit, entry, event, record, view


@event
class Changed:
    """已变更 / Changed."""

    actor: Address


@record
class Proof:
    depositor: Address
    at: Time


@contract
class Evidence:
    proofs: Map[Hash, Proof]

    @entry
    def deposit(self, digest: Hash) -> None:
        self.proofs[digest] = Proof(depositor=ctx.caller, at=ctx.time_ms)
        emit(Changed(actor=ctx.caller))

    @view
    def depositor(self, digest: Hash) -> Address:
        return self.proofs[digest].depositor

    @view
    def at(self, digest: Hash) -> Time:
        return self.proofs[digest].at
