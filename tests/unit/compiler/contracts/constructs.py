"""A contract without a purpose: match, assert, text, loops and comprehensions, each in several forms."""

# ruff: noqa: B905, RUF005, RUF034

from __future__ import annotations

from xianglian.contract import (
    Address,
    Bytes,
    ContractError,
    Enum,
    Hash,
    List,
    Map,
    Public,
    Text,
    Time,
    bounded,
    contract,
    ctx,
    emit,
    entry,
    event,
    i64,
    record,
    u8,
    u16,
    u64,
    u128,
    view,
)

ONE = 1
MANY = (3, 1, 4, 1, 5)
NAME = "abc"


class Stage(Enum):
    """阶段 / Stage"""

    DRAFT = 0, "草稿 / Draft"
    OPEN = 3, "开放 / Open"
    CLOSED = 7, "关闭 / Closed"


@record
class Offer:
    """报价 / Offer"""

    bidder: Address
    amount: u128
    until: Time | None
    name: Public[Text[8]]


@event
class Noted:
    """已记录 / Noted"""

    text: Public[Text[120]]


class Stopped(ContractError):
    """停止 / Stopped"""

    why: Public[Text[60]]


def describe(stage: Stage) -> str:
    """A match that yields on every path."""
    match stage:
        case Stage.DRAFT:
            return "draft"
        case Stage.OPEN | Stage.CLOSED:
            return f"stage {stage.name}"


@contract
class Constructs:
    """构造 / Constructs"""

    stage: Stage
    items: List[u64, 4]
    labels: Map[u8, Public[Text[20]]]
    until: Time | None
    names: Map[u8, Public[Text[8]] | None]
    offer: Offer

    @view
    def matched(self, stage: Stage, n: i64, flag: bool, text: Public[Text[40]]) -> u64:
        """匹配 / Match."""
        found = u64(0)
        match stage:
            case Stage.DRAFT if n > 5:
                found += 1
            case Stage.DRAFT | Stage.OPEN if flag:
                found += 2
            case Stage.CLOSED:
                found += 3
            case Stage.OPEN:
                found += 4
            case _:
                found += 5
        match n + 1:
            case 0 | 1 | -5:
                found += 10
            case 70:
                found += 20
            case _ if n < 0:
                found += 30
            case _:
                pass
        match flag:
            case True:
                bonus = u64(100)
            case False:
                bonus = u64(200)
        match text:
            case "same" | "":
                return found + bonus
            case "x" if n == 3:
                bonus += 1
            case _ if text == NAME:
                bonus += 2
            case _:
                bonus += 3
        match text.encode():
            case b"abc":
                bonus += 1000
            case _:
                pass
        match u8(n):
            case 255:
                bonus += 5000
            case _:
                bonus += len(describe(stage).encode())
        return found + bonus

    @view
    def asserted(self, n: u8, text: Public[Text[40]], who: Address) -> u8:
        """断言 / Assert."""
        assert n != 3
        assert n != 4, "four"
        assert n < 200 or text != "same", f"{n} by {who}, not {text}{text}{text}"
        assert len(text.encode()) < 30, text + text + text + text + text + text + text
        for i in range(3):
            assert i + n != 9, f"at {i}"
        return n

    @view
    def texts(
        self, a: u8, b: i64, c: u128, d: Hash, stage: Stage, text: Public[Text[20]]
    ) -> Public[Text[400]]:
        """文本 / Text."""
        made = f"{a}|{b}|{c}|{d}|{stage}|{stage.name}|{a > 3}|{text}|{ONE}{NAME}|{int(a) - 9}"
        made += "!" + str(u16(a) * 250) + str(Stage.OPEN) + text
        if text + "x" == "samex":
            made = made + d[:3].hex() + f"{text}" + str(d)
        return made + Stage.CLOSED.name + "{}" + f"{{{ONE}}}"

    @view
    def walked(self, items: List[u64, 6], data: Public[Bytes[5]], more: List[u64, 3], n: u8) -> u64:
        """遍历 / Walk."""
        found = u64(0)
        for i, x in enumerate(items):
            found = found * 3 % 1_000_003 + x % 1_000 * i
        for i, (x, y) in enumerate(zip(items, more, strict=False), 5):
            found = found * 3 % 1_000_003 + x % 1_000 * i + y % 1_000
        for x, byte, digit, _ in zip(items, data, MANY, range(9)):
            found = found * 5 % 1_000_003 + x % 1_000 + byte + digit
        for byte in reversed(data):
            if byte == 7:
                continue
            found = found * 7 % 1_000_003 + byte
        for i, digit in enumerate(reversed(MANY), n):
            found = found * 7 % 1_000_003 + digit * i
        for turn in bounded(20):
            if turn * turn >= n:
                break
            found += turn
        return found

    @view
    def listed(self, offers: List[Offer, 5], items: List[u64, 6], n: u8) -> List[u64, 9]:
        """列表 / Lists."""
        big = [offer.until + 1 for offer in offers if offer.until is not None if offer.until > 10]
        odd = [x * 2 for i, x in enumerate(items) if i % 2 == n % 2]
        last = List[u64, 3](*[u64(byte) for byte in b"abc" if byte < n])
        if int(n) in [int(x % 200) for x in items]:
            return last + odd
        return big + [u64(len(odd))] + odd if len(odd) > 2 else odd + big

    @view
    def folded(self, offers: List[Offer, 5], items: List[u64, 6], n: u8) -> u128:
        """汇总 / Fold."""
        total = sum((offer.amount for offer in offers if offer.name != "x"), u128(n))
        if any(x > 60 for x in items) and not all(100 // (x - 3) > 1 for x in items):
            total += sum(len(offer.name.encode()) for offer in offers)
        if all(offer.until is not None and offer.until > 3 for offer in offers):
            total += sum(1 for i in range(n) if i % 3 == 0)
        return total - sum((u128(x) for x in items), u128(0))

    @view
    def maybe(self, yes: bool, n: i64, given: u64 | None) -> u8 | None:
        """可空 / A choice with None."""
        kept: u64 | None = given if yes else None
        kept = (None if yes else kept) if n > 9 else kept
        kept = None if yes else None if n > 60 else u64(4) if kept is None else kept
        if kept is None and n > 20:
            kept = None if yes else None
        narrow = int(n) * 2 if yes or kept is None else None
        return narrow if n != 3 else 5 if kept is None else None

    @entry
    def offered(self, yes: bool, n: i64, name: Public[Text[20]], given: Time | None) -> None:
        """可空的字段 / Fields that may be None."""
        self.until = int(n) if yes else None
        self.names[u8(7)] = name if yes else None
        self.until = u64(9) if n > 9 else None if yes else given
        self.offer = Offer(bidder=ctx.caller, amount=1, until=int(n) - 3 if yes else None, name="x")

    @entry
    def kept(self, items: List[u64, 6], n: u8, text: Public[Text[20]]) -> None:
        """保存 / Keep."""
        self.items = [x + u64(n) for x in items if x < 100]
        self.items += [x for x in reversed(self.items) if x > 5]
        self.labels[n] = f"{text}{n}"
        emit(Noted(text=f"{n}: " + text + "; " + str(len(self.items))))
        if n > 60:
            raise Stopped(why=f"{n} {text} {text}")
        self.stage = Stage.OPEN if n > 5 else Stage.CLOSED
