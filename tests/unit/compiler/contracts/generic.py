"""Calls of generic helpers with several types."""

from __future__ import annotations

from xianglian.contract import Address, List, Public, Text, contract, ctx, entry, record, u8, u64, view

from .search import either, first_or, index_of, with_item


@record
class Place:
    """地点 / Place"""

    at: u64
    name: Public[Text[8]]


@contract
class Generic:
    """泛型 / Generic"""

    numbers: List[u64, 3]
    seen: List[Address, 4]
    places: List[Place, 2]

    @entry
    def add(self, number: u64, name: Public[Text[8]]) -> None:
        """添加 / Add"""
        self.numbers = with_item(self.numbers, number)
        self.seen = with_item(self.seen, ctx.caller)
        self.places = self.places + [Place(at=number, name=name)]  # noqa: RUF005

    @view
    def find(self, number: u64, name: Public[Text[8]], who: Address) -> List[Public[u64], 6]:
        """查找 / Find"""
        a = index_of(self.numbers, number) + 1
        b = index_of(self.seen, who) + 1
        c = index_of(with_item(self.seen, ctx.self_address), ctx.self_address)
        d = first_or(self.numbers, u64(7))
        e = first_or(self.places, Place(at=number, name=name)).at
        f = either(None if number == 0 else number, u64(9))
        return List[u64, 6](a, b, c, d, e, f)

    @view
    def names(self, given: List[Public[Text[4]], 3], name: Public[Text[8]]) -> u8:
        """名称 / Names"""
        return u8(index_of(given, name) + 1 + len(with_item(given, name)))
