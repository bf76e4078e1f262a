"""Points: an issuer issues, holders transfer. The smallest contract."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    contract,
    ctx,
    emit,
    entry,
    event,
    init,
    invariant,
    require,
    total,
    u128,
    view,
)


@event
class Issued:
    """积分已发行 / Points issued."""

    target: Address
    amount: u128


@event
class Transferred:
    """积分已转让 / Points transferred."""

    source: Address
    target: Address
    amount: u128


class NotIssuer(ContractError):
    """只有发行人可以发行积分 / Only the issuer may issue points."""


class AmountIsZero(ContractError):
    """数量必须大于零 / The amount must be above zero."""


class InsufficientBalance(ContractError):
    """余额不足 / The caller holds fewer points than the amount."""

    held: u128
    wanted: u128


@contract
class Points:
    """积分 / Points.

    Whoever deploys is the issuer. Keeps: the balances add up to what was issued.
    """

    issuer: Address
    issued: u128
    balances: Map[Address, u128]

    @init
    def deploy(self) -> None:
        """部署 / Deploy."""
        self.issuer = ctx.caller

    @entry
    def issue(self, target: Address, amount: u128) -> None:
        """发行积分 / Issue points.

        target: 接收账户 / Receiving account
        amount: 数量 / Amount, whole points
        """
        require(ctx.caller == self.issuer, NotIssuer)
        require(amount > 0, AmountIsZero)
        self.issued += amount
        self.balances[target] += amount
        emit(Issued(target=target, amount=amount))

    @entry
    def transfer(self, target: Address, amount: u128) -> None:
        """转让积分 / Transfer points.

        target: 接收账户 / Receiving account
        amount: 数量 / Amount, whole points
        """
        source = ctx.caller
        held = self.balances[source]
        require(amount > 0, AmountIsZero)
        if held < amount:
            raise InsufficientBalance(held=held, wanted=amount)
        self.balances[source] = held - amount  # before the credit: a transfer to oneself changes nothing
        self.balances[target] += amount
        emit(Transferred(source=source, target=target, amount=amount))

    @view
    def balance(self, owner: Address) -> u128:
        """查询余额 / Balance of an account.

        owner: 账户 / Account
        """
        return self.balances[owner]

    @view
    def supply(self) -> u128:
        """查询发行总量 / Points issued in all."""
        return self.issued

    @invariant
    def supply_is_what_is_held(self) -> bool:
        """余额之和等于发行总量 / The balances add up to what was issued."""
        return total(self.balances) == self.issued
