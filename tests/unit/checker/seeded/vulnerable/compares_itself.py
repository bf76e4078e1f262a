"""XL-LINT-32: A value is compared with itself."""

from xianglian.contract import ContractError, Hash, contract, ctx, entry, require, u32, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Versions:
    version: u32
    digest: Hash | None

    @entry
    def publish(self, version: u32, digest: Hash) -> None:
        require(ctx.has_role(ctx.caller, "publisher"), Refused)
        require(version == version, Refused)
        self.version = version
        self.digest = digest

    @view
    def current(self) -> u32:
        return self.version

    @view
    def digest_of(self) -> Hash | None:
        return self.digest
