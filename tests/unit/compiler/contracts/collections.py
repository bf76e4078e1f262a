"""Sets, nested maps and ordered maps, each by several types of key."""

# ruff: noqa: RUF005

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
    FixedBytes,
    Hash,
    List,
    Map,
    OrderedMap,
    Public,
    Ref,
    Set,
    Text,
    contract,
    ctx,
    entry,
    i64,
    i128,
    record,
    require,
    u8,
    u16,
    u64,
    u128,
    u256,
    view,
)


class Colour(Enum):
    """颜色 / Colour"""

    RED = 7, "红 / Red"
    BLUE = 2, "蓝 / Blue"
    GREEN = 200, "绿 / Green"


@record
class Note:
    """备注 / Note"""

    text: Public[Text[12]]
    by: Address


class UsedTwice(ContractError):
    """重复使用 / Used twice."""


@contract
class Shelf:
    """架 / Shelf."""

    members: Set[Address]
    used: Set[tuple[Address, u64]]
    names: Set[Public[Text[80]]]
    grid: Map[u8, Map[u16, u64]]
    deep: Map[Address, Map[tuple[u8, bool], Map[Hash, Note]]]
    by_number: OrderedMap[u64, u128]
    by_sign: OrderedMap[i64, Note]
    by_colour: OrderedMap[Colour, bool]
    by_ref: OrderedMap[Ref, u64 | None]
    by_amount: OrderedMap[u128, List[u8, 3]]
    by_wide: OrderedMap[u256, u8]
    by_wide_sign: OrderedMap[i128, u8]
    by_tag: OrderedMap[Public[FixedBytes[4]], u8]
    pairs: Set[tuple[u256, Public[FixedBytes[4]]]]
    pair_counts: Map[tuple[u256, Public[FixedBytes[4]]], u8]

    @entry
    def join(self, who: Address, on: bool) -> bool:
        """加入 / Join."""
        if on:
            return self.members.add(who)
        return self.members.discard(who)

    @entry
    def leave(self, who: Address) -> u64:
        """退出 / Leave."""
        self.members.remove(who)
        return len(self.members)

    @view
    def joined(self, who: Address) -> u64:
        """人数 / Count."""
        return u64(len(self.members)) * 10 + (1 if who in self.members else 0)

    @entry
    def use(self, who: Address, number: i64) -> u64:
        """使用 / Use."""
        require(self.used.add((who, int(number))), UsedTwice)
        return len(self.used)

    @entry
    def name(self, name: Public[Text[80]], known: Public[Text[90]]) -> bool:
        """命名 / Name."""
        self.names.add(name)
        self.names.discard("gone")
        return known in self.names

    @entry
    def mark(self, a: i64, b: u16, amount: u64) -> u64:
        """记 / Mark."""
        self.grid[int(a)][b] += amount
        self.grid[u8(a)][b + 1] = int(amount) - 3
        if b > 9 and b in self.grid[int(a)]:
            del self.grid[int(a)][b]
        found = self.grid[u8(a)].get(b)
        return found if found is not None else u64(77)

    @entry
    def order(self, a: i64, b: i64, amount: i64) -> None:
        """次序 / Which failure wins: that of the outer key, then of the inner one, then of the value."""
        self.grid[int(a)][int(b)] = int(amount) // int(b - 1)

    @entry
    def pin(self, a: u8, on: bool, at: Hash, text: Public[Text[12]]) -> Public[Text[12]]:
        """钉 / Pin."""
        if at not in self.deep[ctx.caller][a, on]:
            self.deep[ctx.caller][a, on][at] = Note(text=text, by=ctx.caller)
        note = self.deep[ctx.caller][a, not on].get(at)
        return note.text if note is not None else self.deep[ctx.caller][a, on][at].text

    @entry
    def put(self, key: u64, value: u128) -> None:
        """放 / Put."""
        self.by_number[key] = value

    @entry
    def bump(self, key: i64, value: u8) -> u128:
        """加 / Bump."""
        self.by_number[int(key)] += u128(value)
        return self.by_number[u64(key)]

    @entry
    def take(self, key: u64) -> None:
        """取 / Take."""
        del self.by_number[key]

    @view
    def look(self, key: u64) -> List[u128, 8]:
        """看 / Look."""
        found = List[u128, 8](len(self.by_number), self.by_number[key])
        if key in self.by_number:
            found += [u128(1)]
        value = self.by_number.get(key)
        return found + [value if value is not None else u128(1_000_000_007)]

    @entry
    def wide(self, a: u256, b: i128, c: Public[FixedBytes[4]], on: bool) -> List[u8, 4]:
        """宽 / Wide numbers, fixed bytes, and tuples as keys."""
        pair = (a, c)
        self.pair_counts[pair] += u8(1)
        if on:
            self.by_wide[a] = u8(1)
            self.by_wide_sign[b] = u8(2)
            self.by_tag[c] = u8(3)
            self.pairs.add(pair)
        else:
            del self.by_wide[a]
            self.pairs.discard(pair)
            del self.pair_counts[pair]
        counts = List[u8, 4](len(self.by_wide), len(self.by_wide_sign), len(self.by_tag), len(self.pairs))
        next_tag = self.by_tag.next_after(c)
        first = self.by_wide_sign.first()
        if first is not None and first < b and next_tag is not None and pair not in self.pairs:
            return List[u8, 4](self.by_tag[next_tag], self.by_wide_sign[first])
        return counts

    @view
    def ends(self) -> List[u64, 2]:
        """端 / Ends."""
        first = self.by_number.first()
        last = self.by_number.last()
        if first is None or last is None:
            return List[u64, 2]()
        return List[u64, 2](first, last)

    @view
    def around(self, key: u64) -> List[u64, 2]:
        """邻 / Around."""
        below = self.by_number.last_before(key)
        above = self.by_number.next_after(key)
        found = List[u64, 2]()
        if below is not None:
            found += [below]
        if above is not None:
            found += [above]
        return found

    @view
    def page(self, start: u64, skip: u64) -> List[u128, 20]:
        """页 / Page."""
        found = List[u128, 20]()
        for key, value in self.by_number.page(start, 7):
            if key == skip:
                continue
            if value == 13:
                break
            found += [u128(key), value]
        return found

    @entry
    def sweep(self, start: u64, also: u64) -> u64:
        """清 / Removes up to fifty entries, and one more while it goes."""
        count = u64(0)
        for key, value in self.by_number.page(start, 50):
            if value == 13:
                break
            del self.by_number[key]
            del self.by_number[also]
            count += 1
        return count

    @entry
    def grow(self, start: u64) -> u64:
        """长 / Adds entries to the page that it walks."""
        count = u64(0)
        for key, value in self.by_number.page(start, 40):
            self.by_number[key + 1] = value + 1
            count += 1
        return count

    @entry
    def fill(self, start: u64, step: u64, count: u8) -> None:
        """填 / Fill."""
        for i in range(count):
            self.by_number[start + step * i] = u128(i)

    @entry
    def others(self, sign: i64, colour: Colour, ref: Ref, amount: u128, on: bool) -> List[u64, 12]:
        """其他 / The other key types, written or removed, and their neighbours."""
        if on:
            self.by_sign[sign] = Note(text="x", by=ctx.caller)
            self.by_colour[colour] = sign > 0
            self.by_ref[ref] = None if sign < 0 else u64(sign)
            self.by_amount[amount] += [u8(1)]
        else:
            del self.by_sign[sign]
            del self.by_colour[colour]
            del self.by_ref[ref]
            del self.by_amount[amount]
        found = List[u64, 12](len(self.by_sign), len(self.by_colour), len(self.by_ref), len(self.by_amount))
        below = self.by_sign.last_before(sign)
        found += [u64(below + 1000) if below is not None and below > -1000 else u64(0)]
        after = self.by_colour.next_after(colour)
        found += [u64(after) if after is not None else u64(300)]
        for _ref, number in self.by_ref.page(ref, 3):
            found += [number if number is not None else u64(99)]
        last = self.by_amount.last()
        if last is not None:
            found += [u64(last % 1000)]
        return found
