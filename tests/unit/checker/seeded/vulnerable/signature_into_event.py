"""XL-LINT-17: The answer of the check changes nothing."""

from xianglian.contract import (
    Bytes,
    ContractError,
    Hash,
    Map,
    Public,
    contract,
    ctx,
    entry,
    require,
    sm2_verify,
    sm3,
    view,
)


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Seals:
    sealed: Map[Hash, bool]

    @entry
    def seal(self, key: Public[Bytes[33]], digest: Hash, signature: Public[Bytes[64]]) -> None:
        require(digest not in self.sealed, Exists)
        message = sm3(bytes(ctx.self_address), digest)
        fine = sm2_verify(key, signature, message)
        if fine and not fine:
            pass
        self.sealed[digest] = True

    @view
    def is_sealed(self, digest: Hash) -> bool:
        return self.sealed[digest]
