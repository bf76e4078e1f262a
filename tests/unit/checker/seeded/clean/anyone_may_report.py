"""Near miss of XL-LINT-01: Reports are open to all and carry their author."""

from xianglian.contract import Address, Hash, Map, contract, ctx, entry, record, u32, view


@record
class Report:
    author: Address
    digest: Hash


@contract
class Reports:
    count: u32
    reports: Map[u32, Report]

    @entry
    def report(self, digest: Hash) -> u32:
        number = self.count
        self.count = number + 1
        self.reports[number] = Report(author=ctx.caller, digest=digest)
        return number

    @view
    def read(self, number: u32) -> Report:
        return self.reports[number]
