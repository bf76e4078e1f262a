"""A contract that calls others."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    CallFailed,
    ContractError,
    List,
    Map,
    Public,
    Text,
    contract,
    ctx,
    entry,
    interface,
    record,
    u8,
    u32,
    u64,
    u128,
    view,
)


@record
class Line:
    """一行 / A line"""

    who: Address
    amount: u128
    note: Public[Text[8]] | None


@interface
class Token:
    """代币接口 / A token"""

    @entry
    def transfer(self, target: Address, amount: u128) -> u128: ...

    @view
    def balance_of(self, owner: Address) -> u128: ...

    @view
    def lines(self, owner: Address, count: u8) -> List[Line, 3]: ...

    @entry
    def missing(self) -> None: ...

    @entry
    def mint(self, target: Address, amount: u128) -> None: ...


@interface
class Wrong:
    """所说不实的接口 / An interface that does not tell the truth"""

    @view
    def balance_of(self, owner: Address) -> u64: ...

    @view
    def word(self) -> Public[Text[10]]: ...

    @view
    def transfer(self, target: Address, amount: u128) -> u128: ...


@interface
class Other:
    """另一市场 / Another market"""

    @entry
    def relay(self, path: List[Address, 20], token: Address, amount: u128) -> u128: ...

    @entry
    def pay(self, token: Address, target: Address, amount: u128) -> u128: ...

    @entry
    def deep(self, path: List[Address, 20]) -> Public[Text[64]]: ...


class Refused(ContractError):
    """被拒 / Refused"""

    why: Public[Text[64]]


@contract
class Market:
    """市场 / Market"""

    paid: Map[Address, u128]
    failures: u32
    last: Public[Text[64]]

    @entry
    def pay(self, token: Address, target: Address, amount: u128) -> u128:
        """支付 / Pay"""
        self.paid[target] += amount
        return Token(token).transfer(target, amount)

    @entry
    def try_pay(self, token: Address, target: Address, amount: u128) -> Public[Text[64]]:
        """尝试支付 / Try to pay"""
        found: str = "ok"
        left = u128(0)
        try:
            left = Token(token).transfer(target, amount)
        except CallFailed as failure:
            self.failures += 1
            self.last = failure.code
            found = failure.code
            if failure.code == "XL-CONTRACT-UNKNOWN":
                raise Refused(why=failure.code)  # noqa: B904
        if left > 100:
            found = "much"
        return found

    @entry
    def both(self, token: Address, target: Address, amount: u128) -> u128:
        """两次 / Twice"""
        for _turn in range(2):
            try:
                Token(token).transfer(target, amount)
            except CallFailed:
                break
        return Token(token).balance_of(ctx.self_address)

    @entry
    def nothing(self, token: Address) -> None:
        """不存在的方法 / A method that is not there"""
        Token(token).missing()

    @entry
    def drained(self, token: Address, target: Address, amount: u32) -> u128:
        """参数转换 / Arguments converted"""
        return Token(token).transfer(target, len(encode_twice(amount)) - 9)

    @entry
    def top_up(self, token: Address, amount: u128) -> u32:
        """补充 / Top up"""
        Token(token).mint(ctx.self_address, amount)
        try:
            Token(token).mint(ctx.origin, amount)
        except CallFailed:
            self.failures += 1
        return self.failures

    @view
    def seen(self, token: Address, owner: Address, count: u8) -> u128:
        """所见 / What is seen"""
        total = Token(token).balance_of(owner)
        for line in Token(token).lines(owner, count):
            total += line.amount
            if line.note is not None and line.who == owner:
                total += 1000
        return total

    @view
    def sum_of(self, tokens: List[Address, 40], owner: Address) -> u128:
        """合计 / Sum over several tokens"""
        total = u128(0)
        for token in tokens:
            total += Token(token).balance_of(owner)
        return total

    @entry
    def deep(self, path: List[Address, 20]) -> Public[Text[64]]:
        """深处的失败 / The failure down there"""
        if len(path) == 0:
            return "ok"
        rest = List[Address, 20]()
        for i in range(1, len(path)):
            rest = rest + [path[i]]  # noqa: RUF005
        try:
            found = Other(path[0]).deep(rest)
        except CallFailed as failure:
            return failure.code
        return found

    @view
    def wrong(self, token: Address, which: u8) -> u128:
        """不实 / Untrue"""
        if which == 0:
            return u128(Wrong(token).balance_of(token))
        if which == 1:
            return u128(len(Wrong(token).word().encode()))
        return Wrong(token).transfer(token, 1)

    @entry
    def relay(self, path: List[Address, 20], token: Address, amount: u128) -> u128:
        """转交 / Hand on"""
        if len(path) == 0:
            return Token(token).transfer(ctx.origin, amount)
        rest = List[Address, 20]()
        for i in range(1, len(path)):
            rest = rest + [path[i]]  # noqa: RUF005
        try:
            left = Other(path[0]).relay(rest, token, amount)
        except CallFailed as failure:
            raise Refused(why=failure.code)  # noqa: B904
        return left

    @entry
    def nested(self, other: Address, token: Address, amount: u128) -> u128:
        """经由他人 / Through another"""
        return Other(other).pay(token, ctx.origin, amount)


def encode_twice(amount: u32) -> bytes:
    data = bytes(8)
    return data if amount == 0 else data + b"\x01\x02"
