"""What the compiler refuses: the offending line carries `#! words of the refusal`, and only such lines are
refused.
"""

# ruff: noqa: E501 (one case, one line)

from __future__ import annotations

from pathlib import Path

import pytest

from xianglian.compiler import CompileError, build

HEAD = '''
from __future__ import annotations
from xianglian.contract import (
    Address, AssertionFailed, Bytes, FixedBytes, u256, ContractError, Enum, Hash, List, Map, Option, Public, Ref, Sealed, Text, Time, bounded, contract,
    ctx, emit, encode, entry, event, i64, init, record, replace, require, sm3, u8, u16, u32, u64, u128, view,
)

class Status(Enum):
    """状态 / Status"""
    VALID = 0, "有效 / Valid"
    REVOKED = 1, "吊销 / Revoked"

@record
class Licence:
    """证照 / Licence"""
    status: Status
    until: Time | None
    name: Public[Text[8]]

@event
class Changed:
    """变更 / Changed"""
    holder: Ref
    note: Public[Text[8]]

class NoRight(ContractError):
    """无权 / No right"""

class Short(ContractError):
    """不足 / Short"""
    held: u64

TABLE = (1, 2, 3)
NAME = "abc"

def helper(x: u64, text: bytes) -> u64:
    return x + text[0]

'''
CLASS = '''
@contract
class C:
    """合约 / Contract"""
    owner: Address
    count: u32
    items: List[u64, 4]
    secret: Sealed[Bytes[16]]
    note: Public[Bytes[16]]
    licences: Map[Ref, Licence]
    balances: Map[Address, u128]
    pairs: Map[tuple[Address, u32], u64]
'''
METHOD = """
    @{kind}
    def method(self, a: u64, b: u128, s: i64, ref: Ref, text: Public[Text[32]], data: Public[Bytes[8]], \
opt: u64 | None, hidden: Sealed[Bytes[16]], items: List[u64, 4], status: Status) -> {result}:
        '''方法 / Method'''
"""

STATEMENTS = [
    "x = 0.5  #! no exact value",
    "x = a / 2  #! the operator /",
    "x = a ** 2  #! the operator **",
    "x = a + b  #! u64 and u128 do not mix",
    "if a == b:  #! do not mix\n    pass",
    "x = u8(300)  #! outside u8",
    "x: u64 = 5  #! the value a plain int",
    "x = helper(5, data)  #! the value a plain int",
    "x = helper(a)  #! takes 2",
    "if a > -1:  #! never reaches -1\n    pass",
    "if a:  #! is u64, not bool\n    pass",
    "if opt:  #! not bool\n    pass",
    "x = opt + 1  #! check for None first",
    "if opt == 3:  #! may be None\n    pass",
    "x = a\nx = b  #! is u64, now u128",
    "if a > 1:\n    y = a\nx = y + 1  #! may be unset",
    "x = missing  #! not known",
    "x = None  #! type of `x` is not known",
    "x = None if a > 1 else None  #! type of `x` is not known",
    "x: u64 | None = 5 if a > 1 else None  #! the value int | None",
    "x: u64 | None = opt if a > 1 else 5  #! the value a plain int",
    "x = opt if a > 1 else b  #! the choice is u64, the value u128",
    "x: u64 = opt if a > 1 else None  #! may be None",
    "x = [a]  #! a list without a type",
    "x = {a: b}  #! outside the language",
    "x = lambda: a  #! outside the language",
    "x = text[0]  #! indexing text",
    "x = len(text)  #! len of Text[32]",
    "x = data[a:2:1]  #! a slice",
    "print(a)  #! print(...) here",
    "a  #! outside the language",
    "len(data)  #! nobody uses",
    "try:  #! catching an error\n    pass\nexcept Exception:\n    pass",
    "with ctx:  #! outside the language\n    pass",
    "import os  #! outside the language",
    "global NAME  #! outside the language",
    "NAME = 'x'  #! already means something",
    "for i in range(a, 9, a):  #! step is no constant\n    pass",
    "for i in text:  #! a loop over Text\n    pass",
    "for i in items:\n    pass\nelse:  # the loop\n    pass  #? else on a loop",
    "items.append(a)  #! changed in place",
    "x = items + items + data  #! joining different lists",
    "self.items[0] = a  #! is no map",
    "self.balances = b  #! as a whole",
    "x = self.balances  #! as a value",
    "x = self.missing  #! no state field",
    "self.count = a  #! the value u64",
    "self.balances[ref] = b  #! the value Ref",
    "self.pairs[ctx.caller] = a  #! a key of 2 parts",
    "self.licences[ref].status = status  #! changed in place",
    "x = self.licences[ref]\nx.status = status  #! changed in place",
    "x = self.licences.get(ref)\ny = x.status  #! may be None",
    "x = Licence(status=status, until=None)  #! lacks name",
    "x = Licence(status, None, 'a')  #! unnamed values",
    "x = Licence(status=status, until=None, name='123456789')  #! 9 bytes do not fit",
    "x = replace(self.licences[ref], foo=1)  #! no field `foo`",
    "x = Status.GONE  #! no member",
    "if status == 1:  #! comparing Status and int\n    pass",
    "if status < Status.REVOKED:  #! < on Status\n    pass",
    "raise ValueError  #! no error of this contract",
    "raise Short  #! without its facts",
    "raise NoRight(held=a)  #! has no field held",
    "require(a, NoRight)  #! not bool",
    "require(a > 1, 'no')  #! no error of this contract",
    "emit(Licence(status=status, until=None, name='a'))  #! no event",
    "emit(Changed(holder=sm3(data), note='a'))  #! the value Hash",
    "self.note = hidden  #! is public, the value is sealed",
    "x = hidden[:4] + b'x'\nself.note = x  #! is public, the value is sealed",
    "x = ctx.now  #! no fact `now`",
    "x = ctx.has_role(ctx.caller, text)  #! no text constant",
    "x = sm3(a)  #! sm3 of u64",
    "x = encode(5)  #! encode of int",
    "self.method(a)  #! cannot be called",
    "x = b << 2  #! << on u128",
    "x = ~a  #! only int, i64",
    "x = -a  #! only int, i64",
    "x = a if a > 1 else 0  #! make both the same type #!",
    "x = 1 if status else 2  #! not bool",
    "x = a is b  #! `is` between values",
    "if a is None:  #! never None\n    pass",
    "x = min(a, 3)  #! min of u64 and int",
    "return 5  #! returns nothing",
    "return\nx = 1  #! never runs",
    "x = (y := a)  #! assignment inside",
    "x = __import__('os')  #! cannot be called",
    "x = a.__class__  #! only records have fields",
    "x = open  #! not known",
    "x = 3 and a > 1  #! not bool",
    "x = helper  #! is not a value",
    "x = 9223372036854775808  #! beyond a plain int",
    "for i in range(9223372036854775808):  #! beyond a plain int\n    pass",
    "self.pairs[ctx.caller, 4294967296] = a  #! outside u32",
    "match status:  #! leaves out Status.REVOKED\n    case Status.VALID:\n        pass",
    "match status:  #! leaves out Status.REVOKED\n    case Status.VALID:\n        pass\n    case Status.REVOKED if a > 1:\n        pass",
    "match a > 1:  #! leaves out False\n    case True:\n        pass",
    "match a:  #! add them, or `case _:`\n    case 1:\n        pass",
    "match opt:  #! check it for None first\n    case 1:\n        pass\n    case _:\n        pass",
    "match a:\n    case 1 | 2:\n        pass\n    case 2:  #! covered above\n        pass\n    case _:\n        pass",
    "match a:\n    case 1 | 1:  #! covered above\n        pass\n    case _:\n        pass",
    "match a:\n    case 1 | _:  #! write `case _:` alone\n        pass",
    "match a:\n    case _:\n        pass\n    case 1:  #! never runs\n        pass",
    "match a:\n    case other:  #! would catch every value\n        pass",
    "match a:\n    case None:  #! check for None before\n        pass\n    case _:\n        pass",
    "match a:\n    case [1, 2]:  #! a case names constants\n        pass\n    case _:\n        pass",
    "match a:\n    case -1:  #! outside u64\n        pass\n    case _:\n        pass",
    "match text:\n    case b'a':  #! the value is Text[32], the case Bytes[1]\n        pass\n    case _:\n        pass",
    "match status:\n    case Status.VALID:\n        x = a\n    case Status.REVOKED:\n        pass\ny = x  #! may be unset",
    "match status:\n    case Status.VALID:\n        return\n    case _:\n        return\ny = 1  #! never runs",
    "assert a  #! not bool",
    "assert a > 1, b  #! the message is Text[200], the value u128",
    "assert a > 1, hidden.hex()  #! the value is sealed",
    "assert a > 1, '" + "x" * 201 + "'  #! do not fit",
    "assert False\nx = 1  #! never runs",
    "raise AssertionFailed  #! write assert",
    "x = f'{data}'  #! write data.hex()",
    "x = f'{opt}'  #! check it for None first",
    "x = f'{a:04}'  #! write the value alone",
    "x = f'{a!r}'  #! write the value alone",
    "x = text + a  #! make it text first",
    "x = data + text  #! make it text first",
    "x = str(items)  #! write its parts",
    "self.note = f'{hidden.hex()}'.encode()  #! the value is sealed",
    "while a > 1:  #! begin with `if not (a > 1): break`\n    pass",
    "while True:  #! a loop without a bound\n    pass",
    "for i in bounded(a):  #! the bound is no constant\n    pass",
    "x = bounded(3)  #! cannot be called here",
    "x = [i for i in bounded(3)]  #! belongs into a for statement",
    "for i, j in items:  #! several names for one u64\n    pass",
    "for i in enumerate(items):  #! 2 values in one name\n    pass",
    "for i, j, k in zip(items, data):  #! 3 names for 2 values\n    pass",
    "for i, j in zip(items, data, strict=True):  #! compare the lengths before\n    pass",
    "for i in reversed(range(3)):  #! write range(last, first - 1, -1)\n    pass",
    "for i in reversed(text):  #! a loop over Text\n    pass",
    "x = enumerate(items)  #! stands only in",
    "x = [i for i in range(a)]  #! a list without a bound",
    "x = [i for i in range(5000)]  #! at most 4096",
    "x = [items for i in data]  #! a list of List",
    "x = [i for i in data for j in data]  #! several `for`",
    "x = [a for a in data]\ny = i  #! not known",
    "x = [NAME for NAME in data]  #! already means something",
    "self.items = [i for i in data]  #! convert each: u64(x)",
    "self.items = [status for i in items]  #! the value List[Status, 4]",
    "x: List[u64, 4] = [i for i in items]  #! write List[u64, 4](*[",
    "x = [i for i in items]\nx = x + [a]  #! has no declared type and changes",
    "x = [i for i in items] + items  #! write List[u64, 4](*x) + y",
    "x = [i for i in items] + [5]  #! the value a plain int",
    "x = sum(i for i in items)  #! write sum((i for i in items), u64(0))",
    "x = sum((i for i in items), b)  #! do not mix",
    "x = sum(items)  #! write sum(x for x in items)",
    "x = any([i > 1 for i in items])  #! leave the square brackets out",
    "x = any(i for i in items)  #! not bool",
    "x = all(items)  #! write any(x for x in items)",
    "x = (i for i in items)  #! outside the language",
    "x = ()  #! an empty tuple",
    "x = (a, None)  #! give None a type before",
    "x = (a, TABLE)  #! table[3] in a tuple",
    "x = (a, b)\ny = x[2]  #! has no part 2",
    "x = (a, b)\ny = x[a]  #! write pair[0]",
    "x = (a, b)\nx[0] = a  #! changed in place",
    "x = (a, b)\nx = (a, a)  #! is u128, the value u64",
    "x, y = (a, b, s)  #! 2 names for 3 values",
    "x, y = a  #! several names for one u64",
    "x, y = a, a\nz = x + y\nx, y = b, a  #! now u128",
    "[x, y] = a, b  #! assign one name",
    "x, self.count = a, 5  #! unpack into plain names",
    "if (a, b) == (a, b):  #! field by field\n    pass",
    "x = encode((a, b))  #! put options, lists and tuples into a record",
    "x = FixedBytes[8](text)  #! it takes 8 bytes",
    "x = FixedBytes[0](data)  #! not a whole number above 0",
    "x: FixedBytes[8] = data  #! write FixedBytes[8](data)",
    "x = u256(a) + a  #! u256 and u64 do not mix",
    "x = u256(1) << 3  #! << on u256",
    "x = u256(-1)  #! outside u256",
    "x = {i for i in items}  #! outside the language",
]


def refusals(tmp_path: Path, source: str) -> None:
    """Builds and compares lines and words."""
    file = tmp_path / "contract.py"
    file.write_text(source)
    wanted = {n: line.split("#!")[1].strip() for n, line in enumerate(source.splitlines(), 1) if "#!" in line}
    with pytest.raises(CompileError) as caught:
        build(file)
    found = {d.line: f"{d.what} | {d.fix}" for d in caught.value.diagnostics}
    assert set(found) == set(wanted), str(caught.value)
    for line, words in wanted.items():
        assert words in found[line], str(caught.value)
    for each in caught.value.diagnostics:
        assert each.fix
        assert each.column >= 1
        assert each.file == file.resolve()


@pytest.mark.parametrize("body", [b for b in STATEMENTS if "#!" in b])
def test_statement(tmp_path: Path, body: str) -> None:
    method = METHOD.format(kind="entry", result="None")
    refusals(tmp_path, HEAD + CLASS + method + "".join(f"        {line}\n" for line in body.splitlines()))


FILES = [
    "import os  #! a whole module",
    "from os import path  #! import from `os`",
    "from xianglian.compiler import build  #! import from",
    "from .missing import x  #! import from `.missing`",
    "from xianglian.contract import nothing  #! has no `nothing`",
    "X = u64(-1)  #! is no constant",
    "X = open('x')  #! is no constant",
    "print('x')  #! statement outside functions",
    "class D:  #! of no known kind\n    pass",
    "class D(dict):  #! of no known kind\n    pass",
    "class NoDoc(ContractError):  #! has no reason\n    pass",
    "@record\nclass R:\n    name: Text[8]  #! without saying who may read it",
    "@record\nclass R:\n    names: List[Bytes[8], 3]  #! without saying who may read it",
    "@record\nclass R:\n    x: u64 = 5  #! more than fields",
    "@record\nclass R:\n    x: int  #! is no type here",
    "@record\nclass R:\n    x: float  #! is no type here",
    "@record\nclass R:\n    x: Public[Text]  #! without a bound",
    "@record\nclass R:\n    x: Public[Text[0]]  #! not a whole number above 0",
    "@record\nclass R:\n    x: Map[u64, u64]  #! a Map inside",
    "@record\nclass R:\n    x: tuple[u64, Text[8]]  #! without saying who may read it",
    "@record\nclass R:\n    x: tuple[u64, None]  #! None in a tuple",
    "@record\nclass R:\n    x: FixedBytes[4]  #! without saying who may read it",
    "@record\nclass R:\n    x: Sealed[FixedBytes[4]]  #! only Text and Bytes",
    "@record\nclass R:\n    x: u64 | u32  #! a union of two types",
    "@record\nclass R:\n    x: Option[u64] | None  #! an option of an option",
    "@record\nclass R:\n    x: Sealed[u64]  #! only Text and Bytes",
    "class E(Enum):  #! numbers must differ\n    A = 0\n    B = 0",
    "def f(x) -> u64:  #! has no type\n    return u64(1)",
    "def f(x: u64) -> u64:  #! may end without a result\n    if x > 1:\n        return x",
    "def f(x: u64 = 3) -> u64:  #! optional, starred\n    return x",
    "def f(x: u64) -> u64:  #! calls itself\n    return f(x - 1)",
    "def f(x: u64) -> u64:  #! calls itself\n    return g(x)\n\ndef g(x: u64) -> u64:  #! calls itself\n    return f(x)",
    "def helper(x: u64) -> u64:  #! declared twice\n    return x",
    "@contract\nclass D:  #! a second contract\n    pass",
    'class Odd(ContractError):\n    """一 / One"""\n    code: u64  #! the fact `code`',
    "x =  #! not Python",
]


@pytest.mark.parametrize("text", FILES)
def test_file(tmp_path: Path, text: str) -> None:
    refusals(tmp_path, HEAD + CLASS + "    pass\n" + text + "\n")


MEMBERS = [
    "x: Public[Text[65535]]  #! not a whole number",
    "x: List[Licence, 4096]  #! may take",
    "x: Map[Licence, u64]  #! cannot be a map key",
    "x: Map[Text[8], u64]  #! without saying who may read it",
    "x: u64 = 1  #! something else than",
    "def free(self) -> None:  #! neither entry nor view\n    pass",
    "@entry\ndef _hidden(self) -> None:  #? cannot be called from outside",
    "@view\ndef look(self) -> None:\n    self.count = 1  #! the view look writes state",
    "@view\ndef look(self) -> None:\n    self._deep()\n\ndef _deep(self) -> None:\n    self.count = 1  #! the view look writes",
    "@view\ndef look(self, r: Ref) -> None:\n    emit(Changed(holder=r, note='a'))  #! the view look emits",
    "@init\ndef start(self, x: u64) -> None:  #! takes no arguments\n    pass",
    "@view\ndef name(self, x: Text[3]) -> None:  #! without saying who may read it\n    pass",
    "@view\ndef name(self) -> Bytes[3]:  #! without saying who may read it\n    return b'abc'",
    "@view\ndef name(x: u64) -> None:  #! has no self\n    pass",
]


@pytest.mark.parametrize("text", [m for m in MEMBERS if "#!" in m])
def test_member(tmp_path: Path, text: str) -> None:
    refusals(tmp_path, HEAD + CLASS + "".join(f"    {line}\n" for line in text.splitlines()))


SIZES = [
    'class Long(ContractError):\n    """长 / Long"""\n    text: Public[Text[300]]',
    "@event\nclass Long:\n    parts: List[Public[Text[4000]], 20]",
    'class Changed(ContractError):\n    """变更 / Changed"""',
]


@pytest.mark.parametrize("text", SIZES)
def test_what_a_receipt_cannot_hold(tmp_path: Path, text: str) -> None:
    (tmp_path / "contract.py").write_text(HEAD + CLASS + "    pass\n" + text + "\n")
    with pytest.raises(CompileError, match=r"Long may take|`Changed` is declared twice"):
        build(tmp_path)


def test_all_are_reported_at_once_with_their_place(tmp_path: Path) -> None:
    method = METHOD.format(kind="entry", result="None")
    body = "        x = a / 2  #! the operator /\n        y = missing  #! not known\n        z = x + y\n"
    refusals(tmp_path, HEAD + CLASS + method + body)
    with pytest.raises(CompileError) as caught:
        build(tmp_path)
    text = str(caught.value)
    assert "contract.py:" in text
    assert "  fix: use // for whole numbers" in text
    assert caught.value.facts["diagnostics"][0]["column"] == 13
