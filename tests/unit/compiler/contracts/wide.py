"""A contract without a purpose: u256, i128, tuples and bytes of a fixed length, each in several forms."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    Bytes,
    Enum,
    FixedBytes,
    Hash,
    List,
    Map,
    Public,
    Text,
    contract,
    emit,
    encode,
    entry,
    event,
    i64,
    i128,
    record,
    sm3,
    u8,
    u16,
    u64,
    u128,
    u256,
    view,
)

BIG = u256(2**200)
HALF = u256(2**128)
LOW = -(2**127)


class Side(Enum):
    """方向 / Side"""

    BUY = 0, "买 / Buy"
    SELL = 1, "卖 / Sell"


@record
class Deal:
    """成交 / Deal"""

    pair: tuple[Side, u128]
    worth: u256
    change: i128
    tag: Public[FixedBytes[4]]
    parts: List[tuple[Address, u8], 3]


@event
class Dealt:
    """已成交 / Dealt"""

    pair: tuple[Side, u128 | None]
    worth: u256


def split(n: u64) -> tuple[u64, int, str]:
    """Several results."""
    if n > 1_000:
        return n // 7, int(n % 7), "large"
    return n, 0, f"{n}"


@contract
class Wide:
    """宽 / Wide"""

    worth: u256
    change: i128
    last: tuple[u64, Public[Text[9]]]
    deals: Map[Public[FixedBytes[4]], Deal]
    by_worth: Map[tuple[u256, i128], u256]
    options: Map[u8, u256 | None]

    @view
    def unsigned(self, a: u256, b: u256, op: u8) -> u256:
        """运算 / Arithmetic."""
        match op:
            case 0:
                return a + b
            case 1:
                return a - b
            case 2:
                return a * b
            case 3:
                return a // b
            case 4:
                return a % b
            case 5:
                return min(a, b) + max(a, u256(5)) // 3 if a > 0 else max(a, b)
            case 6:
                return a * 3 + BIG - 1
            case 7:
                return a // 10 * b
            case _:
                return (a % HALF) * (b % (HALF // 2)) // (b % 1000 + 1)

    @view
    def signed(self, a: i128, b: i128, op: u8) -> i128:
        """运算 / Arithmetic."""
        match op:
            case 0:
                return a + b
            case 1:
                return a - b
            case 2:
                return a * b
            case 3:
                return a // b
            case 4:
                return a % b
            case 5:
                return -a
            case 6:
                return min(a, b) - max(a, b)
            case _:
                return a % 1_000_003 * (b % -1_000) + a // -7

    @view
    def compared(self, a: u256, b: u256, c: i128, d: i128, n: i64) -> u64:
        """比较 / Compare."""
        found = u64(0)
        k = int(n // 2) - 3
        for i, test in enumerate(
            List[bool, 13](
                a < b,
                a == b,
                a >= b,
                a != k,
                a > k,
                k <= a,
                c < d,
                c == d,
                c > k,
                k >= c,
                c != k,
                a <= 7,
                c > -3,
            )
        ):
            if test:
                found += u64(1) << i
        if a in (b, 5, 70) or c in (d, LOW, -1):
            found += u64(1) << 20
        return found

    @view
    def converted(self, a: u256, b: u128, c: i128, d: u64, e: i64, op: u8) -> u256:
        """转换 / Convert."""
        match op:
            case 0:
                return u256(b) + u256(d) + u256(u8(d % 200))
            case 1:
                return u256(c)
            case 2:
                return u256(e) + u256(u128(a))
            case 3:
                return u256(u64(a)) + u256(u16(b % 60_000))
            case 4:
                return u256(i64(a)) + u256(i64(c))
            case 5:
                return u256(u128(i128(a))) + u256(i128(b))
            case 6:
                return u256(i128(d) + i128(e))
            case 7:
                return u256(u64(c)) + u256(u8(a))
            case _:
                return u256(u128(c)) + u256(int(i64(c))) + u256(int(i64(a)))

    @view
    def told(self, a: u256, b: i128, c: Public[FixedBytes[6]]) -> Public[Text[300]]:
        """文本 / Text."""
        return f"{a} {b} {c} {BIG} {a % BIG} {-5} {i128(LOW)}"

    @view
    def fixed(self, data: Public[Bytes[9]], tag: Public[FixedBytes[4]], i: i64) -> Public[FixedBytes[4]]:
        """定长 / Fixed."""
        other = FixedBytes[4](data)
        if tag == other or tag < other:
            return FixedBytes[4](sm3(tag, encode(other), encode(u256(5)), encode(i128(-5)))[i : i + 4])
        if tag == b"\x01\x02\x03\x04" or len(tag) != 4:
            return FixedBytes[4](b"abcd")
        return FixedBytes[4](bytes(tag)[2:] + data[:2]) if tag[i] > 7 else other

    @view
    def tuples(
        self, pair: tuple[u64, Public[Text[5]]], n: u16, maybe: tuple[u8, i64] | None
    ) -> tuple[u64, u8]:
        """元组 / Tuples."""
        size, text = pair
        a, b, name = split(size)
        (first, _), third = (pair[1], n), u64(n)
        a, third = third, a
        if maybe is not None:
            small, e = maybe
            a += u64(small) + u64(e)
        if name == "large" or first == text == "same":
            both = (a, b)
            b = both[-1] + 1
        return third * 2 + a, len(text.encode()) + b

    @entry
    def deal(self, deal: Deal, worth: u256, change: i128, k: u8) -> tuple[Public[Text[9]], List[u256, 4]]:
        """成交 / Deal."""
        side, amount = deal.pair
        self.deals[deal.tag] = deal
        self.by_worth[worth, change] += worth
        self.worth = max(self.worth, worth)
        self.change -= change
        self.options[k] = None if k > 3 else worth
        kept = [(who, n) for who, n in deal.parts if n != k]
        self.deals[FixedBytes[4](b"last")] = Deal(
            pair=(Side.BUY if side == Side.SELL else Side.SELL, amount),
            worth=deal.worth + 1,
            change=-deal.change,
            tag=deal.tag,
            parts=kept,
        )
        emit(Dealt(pair=(side, amount if k > 5 else None), worth=self.by_worth[worth, change]))
        found = self.options[k]
        self.last = (u64(k), f"{k}")
        total = found if found is not None else u256(len(kept))
        return self.last[1], List[u256, 4](total, worth, self.by_worth[total, change])

    @view
    def before(self, owner: Address, digest: Hash) -> tuple[u64, Public[Text[9]]]:
        """先前 / Before."""
        if digest == sm3(owner):
            return 5, "five"
        return self.last
