"""Ordered maps by several parts."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    Enum,
    FixedBytes,
    Hash,
    List,
    OrderedMap,
    Public,
    contract,
    entry,
    i64,
    i128,
    u8,
    u16,
    u32,
    u64,
    u128,
    u256,
    view,
)


class Side(Enum):
    """方向 / Side"""

    SELL = 9, "卖 / Sell"
    BUY = 4, "买 / Buy"


@contract
class Book:
    """簿 / Book."""

    orders: OrderedMap[tuple[Address, u64], u128]
    depth: OrderedMap[tuple[Side, i64, bool, u32], u64]
    wide: OrderedMap[tuple[u256, i128, u8], u64 | None]
    digests: OrderedMap[tuple[Hash, Public[FixedBytes[3]]], tuple[u8, u16]]

    @entry
    def put(self, owner: Address, at: u64, amount: u128) -> u128:
        """放 / Put."""
        self.orders[owner, at] += amount
        key = (owner, at)
        return self.orders[key]

    @entry
    def take(self, owner: Address, at: i64) -> bool:
        """取 / Take."""
        known = at >= 0 and (owner, u64(at)) in self.orders
        del self.orders[owner, int(at)]
        return known

    @view
    def of_owner(self, owner: Address, start: u64) -> List[u64, 20]:
        """某人的 / Entries of one owner: pages over a prefix."""
        found = List[u64, 20]()
        for key, amount in self.orders.page((owner, start), 9):
            if key[0] != owner:
                break
            found += [key[1], u64(amount % 1_000)]
        return found

    @view
    def page(self, owner: Address, start: u64) -> List[u64, 30]:
        """页 / Page."""
        found = List[u64, 30]()
        for (who, at), amount in self.orders.page((owner, start), 7):
            if amount == 13:
                continue
            found += [u64(bytes(who)[0]), at, u64(amount % 1_000)]
        return found

    @entry
    def sweep(self, owner: Address, start: u64) -> u64:
        """清 / Removes what it walks."""
        count = u64(0)
        for (who, at), _amount in self.orders.page((owner, start), 30):
            del self.orders[who, at]
            count += 1
        return count

    @view
    def around(self, owner: Address, at: u64) -> List[u64, 9]:
        """邻 / Ends and neighbours."""
        found = List[u64, 9](len(self.orders))
        first = self.orders.first()
        last = self.orders.last()
        below = self.orders.last_before((owner, at))
        above = self.orders.next_after((owner, at))
        if first is not None and last is not None:
            found += [u64(bytes(first[0])[0]), first[1], u64(bytes(last[0])[0]), last[1]]
        if below is not None:
            found += [u64(bytes(below[0])[0]), below[1]]
        if above is not None:
            found += [u64(bytes(above[0])[0]), above[1]]
        return found

    @entry
    def quote(self, side: Side, price: i64, firm: bool, number: u32, on: bool) -> List[i64, 40]:
        """报价 / Numbers with a sign, an enum and a bool among the parts."""
        if on:
            self.depth[side, price, firm, number] = u64(number) + 1
        else:
            del self.depth[side, price, firm, number]
        found = List[i64, 40]()
        for (kind, at, sure, n), held in self.depth.page((side, price, False, u32(0)), 8):
            found += [i64(int(kind)), at, i64(1 if sure else 0), i64(n), i64(held)]
        return found

    @entry
    def others(self, a: u256, b: i128, c: u8, d: Hash, e: Public[FixedBytes[3]], on: bool) -> List[u64, 40]:
        """其他 / Wide numbers, digests, entries that are options and tuples."""
        if on:
            self.wide[a, b, c] = None if c > 2 else u64(c)
            self.digests[d, e] = (c, u16(7))
        else:
            del self.wide[a, b, c]
            del self.digests[d, e]
        found = List[u64, 40](len(self.wide), len(self.digests))
        for (_a, low, n), held in self.wide.page((a, b, c), 4):
            found += [u64(n), held if held is not None else u64(99), u64(1 if low < 0 else 0)]
        for (digest, tag), (first, second) in self.digests.page((d, e), 4):
            found += [u64(bytes(digest)[31]), u64(bytes(tag)[0]), u64(first) + u64(second)]
        before = self.wide.last_before((a, b, c))
        found += [u64(before[2]) if before is not None else u64(1_000)]
        return found
