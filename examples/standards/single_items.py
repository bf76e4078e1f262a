"""Single items: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract, ctx, each, ensures
from xianglian.contract.lib.tokens import NonFungible
from xianglian.contract.lib.xrc import XRC_21, Detection


@contract
class SingleItems(NonFungible, Detection):
    """非同质通证 / Single items."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id == XRC_21

    @ensures
    def only_the_issuer_makes_tokens(self, old: SingleItems) -> bool:
        """仅发行人可发行 / Only the issuer makes a token; none is taken out."""
        return each(
            self.token_holders,
            lambda token, _holder: token in old.token_holders or ctx.has_role(ctx.caller, "issuer"),
        ) and each(old.token_holders, lambda token, _holder: token in self.token_holders)
