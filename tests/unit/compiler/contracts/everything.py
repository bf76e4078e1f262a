"""A contract without a purpose: uses each part of the language, also where another form reads better."""

# ruff: noqa: RET505, RUF005, RUF021, SIM108, SIM201

from __future__ import annotations

from xianglian.contract import (
    Address,
    Bytes,
    ContractError,
    Hash,
    List,
    Map,
    NotFound,
    Public,
    Ref,
    Sealed,
    Text,
    Time,
    bounded,
    contract,
    ctx,
    emit,
    encode,
    entry,
    event,
    i64,
    init,
    record,
    replace,
    require,
    sm2_verify,
    sm3,
    u8,
    u16,
    u32,
    u64,
    u128,
    view,
)

from .shared import LIMIT, WEIGHTS, Licence, Status, WrongState, check_character, citizen_check


@record
class Point:
    """点 / Point"""

    x: i64
    tag: Hash
    names: List[Public[Text[8]], 3]


@event
class Changed:
    """已变更 / Changed"""

    key: Ref
    status: Status
    until: Time | None
    points: List[Point, 2]
    secret: Sealed[Bytes[20]]


class Refused(ContractError):
    """拒绝 / Refused."""


def key_of(key: Ref) -> Hash:
    """A helper with a digest."""
    return sm3(key)


@contract
class Everything:
    """全部 / Everything."""

    owner: Address
    counter: u32
    flag: bool
    last: Hash | None
    log: List[u128, 4]
    secret: Sealed[Bytes[20]]
    licences: Map[Ref, Licence]
    names: Map[Public[Text[16]], u64]
    long_names: Map[Public[Text[200]], Public[Text[20]]]
    uses: Map[tuple[Ref, u32, Status], u16]
    points: Map[u8, Point]
    states: Map[bool, Status]
    maybe: Map[Address, u64 | None]
    signed: Map[i64, i64]

    @init
    def start(self) -> None:
        """部署 / Deploy."""
        self.owner = ctx.caller
        self.counter = 1

    @view
    def arithmetic(self, a: u128, b: u128, op: u8) -> u128:
        """运算 / Arithmetic."""
        if op == 0:
            return a + b
        elif op == 1:
            return a - b
        elif op == 2:
            return a * b
        elif op == 3:
            return a // b
        elif op == 4:
            return a % b
        elif op == 5:
            return min(a, b)
        elif op == 6:
            return max(a, b)
        return a if a < b and not a == b or b <= a != b else u128(7)

    @view
    def small(self, a: u64, b: u64, op: u8) -> u64:
        """运算 / Arithmetic."""
        if op == 0:
            return a + b
        if op == 1:
            return a - b
        if op == 2:
            return a * b
        if op == 3:
            return a // b
        if op == 4:
            return a % b
        if op == 5:
            return a & b | (a ^ 255)
        if op == 6:
            return a << b
        if op == 7:
            return a >> b
        x = u8(a)
        y = u16(b)
        z = u32(x * 2) + 3
        return u64(y + 40000) + u64(z) - u64(x - 1)

    @view
    def negative(self, a: i64, b: i64, op: u8) -> i64:
        """运算 / Arithmetic."""
        if op == 0:
            return a + b
        if op == 1:
            return a - b
        if op == 2:
            return a * b
        if op == 3:
            return a // b
        if op == 4:
            return a % b
        if op == 5:
            return -a
        if op == 6:
            return i64(u64(a)) + min(a, b)
        return i64(int(a) // 7 - int(b) % 5)

    @view
    def compare(self, a: u64, c: u128, d: u8) -> u32:
        """比较 / Compare."""
        n = int(d) - 100
        found = u32(0)
        if a < n:
            found += 1
        if n < a:
            found += 2
        if c >= n:
            found += 4
        if n == c:
            found += 8
        if d > n:
            found += 16
        if 10 <= d < 100 <= u8(200):
            found += 32
        if d in (1, 5, 9):
            found += 64
        if a != 4 and c > 4 or d == 3:
            found += 128
        return found

    @view
    def loops(self, n: u8, data: Public[Bytes[40]]) -> u64:
        """循环 / Loops."""
        total = u64(0)
        for i in range(n):
            if i == 3:
                continue
            if i > 20:
                break
            total += i * 2
        for i in range(LIMIT, 0, -3):
            total += i
        for weight in WEIGHTS:
            total += weight
        for byte in data:
            total = total * 3 % 1000003 + byte
        k = 0
        for turn in bounded(100_000):
            k = turn + 1
            if k * k > total:
                break
        for _ in bounded(60):
            if k <= 10:
                break
            k = k // 2
        return total * 100 + k

    @view
    def text(self, a: Public[Text[40]], b: Public[Bytes[40]], i: i64, j: i64) -> Public[Bytes[120]]:
        """字节 / Bytes."""
        raw = a.encode()
        joined = raw + b + b"!"
        part = joined[i:j]
        if a == "same" or raw == b:
            return joined[:3]
        if part < raw:
            part = part + encode(u16(part.find(65) + 1))
        if len(part) == 0:
            return joined[i : i + 1] + b[2:]
        return part + joined[-2:]

    @view
    def at(self, b: Public[Bytes[40]], i: i64) -> u8:
        """取 / At."""
        return b[i]

    @view
    def checks(self, a: Public[Text[40]]) -> i64:
        """校验 / Check."""
        found = check_character(a.encode())
        if citizen_check(a.encode()):
            found += 1000
        return found

    @view
    def hashes(self, salt: Hash, value: Public[Text[40]], key: Address) -> Hash:
        """摘要 / Digest."""
        one = sm3(salt, value)
        two = sm3(b"tag", encode(u64(5)), key, encode(Status.REVOKED), encode(value))
        ref = Ref(one)
        if ref == two or one < two:
            return Hash(ref)
        return Hash(bytes(two)[:16] + bytes(one)[16:])

    @view
    def fixed(self, data: Public[Bytes[40]]) -> Address:
        """定长 / Fixed."""
        return Address(data)

    @view
    def prove(self, leaf: Hash, path: List[Hash, 8], index: u8) -> Hash:
        """证明 / Prove."""
        node = leaf
        bits = index
        for step in path:
            if bits % 2 == 1:
                node = sm3(step, node)
            else:
                node = sm3(node, step)
            bits = bits // 2
        require(bits == 0, Refused)
        return node

    @view
    def lists(self, items: List[u128, 6], names: List[Public[Text[8]], 3], want: u128) -> List[u128, 4]:
        """列表 / Lists."""
        picked = List[u128, 4]()
        for item in items:
            if item > want:
                picked = picked + [item]
        if want in items:
            picked += [u128(len(items)), items[-1]]
        if "x" in names:
            picked = picked + picked
        return picked

    @view
    def verify(
        self, key: Public[Bytes[65]], signature: Public[Bytes[64]], message: Public[Bytes[40]]
    ) -> bool:
        """验签 / Verify."""
        return sm2_verify(key, signature, message)

    @view
    def facts(self, role: u8) -> Public[Bytes[200]]:
        """环境 / Facts."""
        known = ctx.organisation_of(ctx.caller)
        name = known if known is not None else "none"
        held = ctx.has_role(ctx.caller, "issuer") if role == 1 else ctx.has_role(ctx.caller, "auditor")
        return (
            encode(ctx.height)
            + encode(ctx.time_ms)
            + encode(ctx.tx_id)
            + encode(ctx.self_address)
            + encode(held)
            + name.encode()
        )

    @entry
    def put(self, key: Ref, number: Public[Text[40]], until: Time | None, weight: u128, level: u8) -> bool:
        """登记 / Register."""
        fresh = key not in self.licences
        self.licences[key] = Licence(
            level=level, weight=weight, status=Status.VALID, until=until, holder=key, number=number, next=None
        )
        self.names["abc"] += 1 if fresh else 2
        return fresh

    @entry
    def change(self, key: Ref, status: Status, until: Time | None) -> u64:
        """变更 / Change."""
        licence = self.licences.get(key)
        if licence is None:
            raise NotFound
        if licence.status == Status.REVOKED:
            raise WrongState(at=ctx.height, status=licence.status, note="revoked")
        require(licence.level > 0, WrongState(status=status, at=u64(licence.level) * 1000, note="level"))
        changed = replace(licence, status=status, until=until if until is not None else licence.until)
        self.licences[key] = changed
        self.uses[key, self.counter, status] += 300
        self.counter += 1
        self.states[status == Status.VALID] = status
        self.last = sm3(encode(changed))
        return changed.until + 1 if changed.until is not None else u64(0)

    @entry
    def note(self, name: Public[Text[200]], value: Public[Text[60]], secret: Sealed[Bytes[20]]) -> None:
        """记录 / Note."""
        self.long_names[name] = value
        self.secret = secret
        self.flag = not self.flag
        self.log += [u128(len(name.encode()))]
        self._touch(name)

    def _touch(self, name: str) -> None:
        if len(name.encode()) > 3:
            self.maybe[ctx.caller] = None
        else:
            self.maybe[ctx.caller] = u64(len(name.encode()))

    @entry
    def point(self, k: u8, point: Point, secret: Sealed[Bytes[20]]) -> None:
        """点 / Point."""
        if k in self.points:
            old = self.points[k]
            emit(
                Changed(
                    key=Ref(old.tag),
                    status=Status.SUSPENDED,
                    until=ctx.time_ms,
                    points=List[Point, 2](old, point),
                    secret=secret,
                )
            )
        self.points[k] = point
        self.signed[point.x] -= point.x
        emit(
            Changed(
                key=Ref(point.tag),
                status=Status.VALID,
                until=None,
                points=List[Point, 2](),
                secret=self.secret,
            )
        )

    @entry
    def remove(self, k: u8) -> None:
        """删除 / Remove."""
        del self.points[k]
        if not self.flag:
            return
        del self.names["abc"]

    @view
    def read(self, key: Ref, k: u8) -> Public[Text[40]]:
        """读取 / Read."""
        found = self.uses.get((key, u32(1), Status.VALID))
        if found is not None and found > 500:
            return "many"
        last = self.last
        if last is None:
            return self.long_names["nothing"]
        point = self.points[k]
        for name in point.names:
            if name == "é":
                return name
        return self.licences[key].number

    @entry
    def order(self, which: u8, n: i64, key: Ref) -> u64:
        """次序 / Which of two failures wins."""
        big = int(n)
        name = self.long_names["gone"] if which == 99 else "123456789"
        if which == 0:
            self.uses[key, big, self.licences[key].status] = u16(1)
        elif which == 1:
            self.points[u8(1)] = Point(names=List[Public[Text[8]], 3](name), x=n // (n - n), tag=key_of(key))
        elif which == 2:
            self.names[name] = big + u64(self.licences[key].level)
        elif which == 3:
            self.uses[key, u32(1), self.licences[key].status] = big
        elif which == 4:
            raise WrongState(note=name, at=big, status=self.licences[key].status)
        elif which == 5:
            emit(
                Changed(
                    secret=self.secret,
                    points=List[Point, 2](self.points[9]),
                    until=big,
                    status=Status.VALID,
                    key=key,
                )
            )
        elif which == 6:
            self.licences[key] = replace(self.licences[key], level=big, number=self.long_names["gone"])
        elif which == 7:
            return u64(len(List[u8, 4](big, u8(self.points[9].x))))
        return big + u64(self.licences[key].level)

    @view
    def mixed(self, owner: Address) -> u64:
        """混合 / Mixed."""
        value = self.maybe[owner]
        if value is None:
            return self.names["abc"] + 7
        total = value
        for entry_ in self.log:
            total += u64(entry_)
        return total + self._twice(total)

    def _twice(self, x: u64) -> u64:
        return x * 2
