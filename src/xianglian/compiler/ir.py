"""The typed intermediate form between the checker and the code generator.

Everything implicit in the source is explicit here: conversions and range checks, loading and storing of state
with its key parts, options wrapped and unwrapped, loops with their step. Nodes that can end the call carry
the source line that the receipt will name. `dump` prints a program as text; golden tests pin that text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

from xianglian.contract.spec import BOOL, Type


@dataclass(frozen=True, slots=True)
class TableType:
    """A constant tuple of whole numbers; only indexed, measured and walked."""

    count: int

    def __str__(self) -> str:
        return f"table[{self.count}]"


AnyType = Type | TableType


@dataclass(frozen=True, slots=True)
class Expr:
    """A value."""

    type: AnyType


@dataclass(frozen=True, slots=True)
class Const(Expr):
    """A number, bool or enum member."""

    value: int


@dataclass(frozen=True, slots=True)
class Data(Expr):
    """Constant text, bytes or fixed bytes."""

    value: bytes


@dataclass(frozen=True, slots=True)
class Table(Expr):
    """A constant tuple of numbers."""

    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Nothing(Expr):
    """None of an option type."""


@dataclass(frozen=True, slots=True)
class Local(Expr):
    """A local variable or parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class Tee(Expr):
    """Keeps a value in a local and yields it."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Let(Expr):
    """Keeps values in locals, in order, then yields `body`: what the source evaluates before it converts."""

    names: tuple[str, ...]
    values: tuple[Expr, ...]
    body: Expr


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """Checked arithmetic on two numbers of `type`: + - * // % & | ^ << >> min max, and `next` (an unchecked +
    1).
    """

    op: str
    left: Expr
    right: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """== != < <= > >= on two values of one type, or of a sized number and an `int`."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Not(Expr):
    """Negation."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Both(Expr):
    """`and`, the right side only if the left is true."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Either(Expr):
    """`or`, the right side only if the left is false."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Choose(Expr):
    """`then if condition else other`."""

    condition: Expr
    then: Expr
    other: Expr


@dataclass(frozen=True, slots=True)
class Convert(Expr):
    """A number as another integer type, `Overflow` outside its range."""

    value: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Retype(Expr):
    """The same bytes under another name: Ref and Hash, text and its bytes."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Fix(Expr):
    """Bytes as Address, Hash or Ref; `IndexOutOfRange` for another length."""

    value: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Loosen(Expr):
    """Address, Hash or Ref as bytes."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Bound(Expr):
    """Text, bytes or list checked against the limit of `type`: `TooLong`."""

    value: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Wrap(Expr):
    """A value as an option."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Unwrap(Expr):
    """The value of an option that flow analysis knows to be there."""

    value: Expr


@dataclass(frozen=True, slots=True)
class IsNone(Expr):
    """Whether an option is None."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A function of the program."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Outside(Expr):
    """A method of another contract: the address first, then the arguments. `CallFailed` if it fails,
    `BadResult` if what it returns is no value of the type.
    """

    contract: Expr
    method: str
    arguments: tuple[Expr, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Fact(Expr):
    """A fact of the call: caller, origin, self_address, height, time_ms, tx_id."""

    name: str


@dataclass(frozen=True, slots=True)
class HasRole(Expr):
    """Whether an account holds a role."""

    account: Expr
    role: Expr


@dataclass(frozen=True, slots=True)
class OrganisationOf(Expr):
    """The organisation of an account, or None."""

    account: Expr


@dataclass(frozen=True, slots=True)
class Sm3(Expr):
    """SM3 of the joined parts."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Sm2Verify(Expr):
    """An SM2 signature check."""

    public_key: Expr
    signature: Expr
    message: Expr


@dataclass(frozen=True, slots=True)
class Encode(Expr):
    """Canonical bytes of a value."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Field(Expr):
    """A field of a record, by position."""

    value: Expr
    index: int


@dataclass(frozen=True, slots=True)
class Make(Expr):
    """A record from its fields in order. `order` lists positions as the source evaluates them."""

    values: tuple[Expr, ...]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Items(Expr):
    """A list of given items."""

    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Join(Expr):
    """Two byte strings, or two lists of one type (`TooLong` beyond its limit), in one."""

    left: Expr
    right: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Concat(Expr):
    """Texts in one."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Decimal(Expr):
    """A whole number as text."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Hex(Expr):
    """Bytes as lower-case hex text."""

    value: Expr


@dataclass(frozen=True, slots=True)
class MemberName(Expr):
    """The name of an enum member as text."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Run(Expr):
    """Runs statements, then yields `value`: the loop of a comprehension."""

    body: tuple[Stmt, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class NewList(Expr):
    """An empty list with room for `room` items (an `int`), for `Push`."""

    room: Expr


@dataclass(frozen=True, slots=True)
class Length(Expr):
    """How many bytes or items."""

    value: Expr


@dataclass(frozen=True, slots=True)
class At(Expr):
    """One byte, item or table number; negative from the end; `IndexOutOfRange`."""

    value: Expr
    index: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Slice(Expr):
    """Part of a byte string, ends clamped as in Python."""

    value: Expr
    start: Expr
    stop: Expr


@dataclass(frozen=True, slots=True)
class Find(Expr):
    """The first position of a byte, or -1."""

    value: Expr
    byte: Expr


@dataclass(frozen=True, slots=True)
class Contains(Expr):
    """Whether a list holds an item."""

    items: Expr
    item: Expr


@dataclass(frozen=True, slots=True)
class Load(Expr):
    """A state field or map entry; its zero value or `NotFound` where absent."""

    field: str
    keys: tuple[Expr, ...]
    line: int


@dataclass(frozen=True, slots=True)
class TryLoad(Expr):
    """A map entry as an option."""

    field: str
    keys: tuple[Expr, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Has(Expr):
    """Whether a map entry was written."""

    field: str
    keys: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Assign:
    """`name = value`."""

    name: str
    value: Expr
    at: int = 0


@dataclass(frozen=True, slots=True)
class Store:
    """Writes a state field or map entry; the value is evaluated before the key."""

    field: str
    keys: tuple[Expr, ...]
    value: Expr
    at: int = 0


@dataclass(frozen=True, slots=True)
class Delete:
    """Removes a map entry."""

    field: str
    keys: tuple[Expr, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Emit:
    """Appends an event."""

    name: str
    value: Expr
    at: int = 0


@dataclass(frozen=True, slots=True)
class Raise:
    """Ends the call with a refusal; `value` holds the facts, as a record."""

    code: str
    value: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call of another contract, then `then`; or, if it failed, `handler`. The locals hold its result, where
    that is wanted, and the failure: a record of its code.
    """

    call: Outside
    result: str | None
    then: tuple[Stmt, ...]
    failure: str
    handler: tuple[Stmt, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class If:
    """A branch."""

    condition: Expr
    then: tuple[Stmt, ...]
    other: tuple[Stmt, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Loop:
    """Repeats body, then step, while the condition holds; `continue` goes to the step."""

    condition: Expr
    body: tuple[Stmt, ...]
    step: tuple[Stmt, ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Break:
    """Leaves the innermost loop."""


@dataclass(frozen=True, slots=True)
class Continue:
    """Goes to the innermost loop's step."""


@dataclass(frozen=True, slots=True)
class Return:
    """Ends the function."""

    value: Expr | None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Do:
    """Evaluates a call for its effect."""

    value: Expr
    at: int = 0


@dataclass(frozen=True, slots=True)
class Push:
    """Appends an item to the list in a local that `NewList` made; nothing else holds that list yet."""

    name: str
    value: Expr
    at: int = 0


# `at` is the source line, for reports about a statement; the code generator and the dump leave it out.
Stmt = Assign | Store | Delete | Emit | Raise | Attempt | If | Loop | Break | Continue | Return | Do | Push


@dataclass(slots=True)
class Function:
    """One function. `line` is where it is defined; `locals` includes the parameters."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    line: int
    locals: dict[str, AnyType] = field(default_factory=dict)
    body: tuple[Stmt, ...] = ()
    export: str | None = None
    """The name under which a call from outside reaches it."""


@dataclass(frozen=True, slots=True)
class StateField:
    """A state field: `key` is None, or the parts of a map's key."""

    name: str
    key: tuple[Type, ...] | None
    value: Type


@dataclass(slots=True)
class Program:
    """A checked contract."""

    name: str
    state: dict[str, StateField]
    functions: dict[str, Function]


def placed(stmt: Stmt, line: int) -> Stmt:
    """The statement with its source line, unless it has one."""
    if isinstance(stmt, Raise | Break | Continue) or stmt.at:
        return stmt
    return replace(stmt, at=line)


def true() -> Const:
    """The constant True."""
    return Const(BOOL, 1)


def dump_types(program: Program) -> str:
    """What the checker found out about names: state, parameters, results and locals with their types."""
    lines = [f"contract {program.name}", *_state_lines(program)]
    for function in program.functions.values():
        lines.append(_head(function))
        lines += _local_lines(function)
    return "\n".join(lines) + "\n"


def _state_lines(program: Program) -> list[str]:
    lines = []
    for state in program.state.values():
        key = "" if state.key is None else f"[{', '.join(map(str, state.key))}]"
        lines.append(f"  state {state.name}{key}: {state.value}")
    return lines


def _head(function: Function) -> str:
    parameters = ", ".join(f"{name}: {kind}" for name, kind in function.parameters)
    export = f" export {function.export}" if function.export else ""
    return f"function {function.name}({parameters}) -> {function.result}{export}  # line {function.line}"


def _local_lines(function: Function) -> list[str]:
    given = dict(function.parameters)
    return [f"  local {name}: {kind}" for name, kind in function.locals.items() if name not in given]


def dump(program: Program) -> str:
    """The program as text, the same for the same program."""
    lines = [f"contract {program.name}", *_state_lines(program)]
    for function in program.functions.values():
        lines += [_head(function), *_local_lines(function), *_block(function.body, 1)]
    return "\n".join(lines) + "\n"


def _block(body: tuple[Stmt, ...], depth: int) -> list[str]:
    pad = "  " * depth
    lines: list[str] = []
    for stmt in body:
        match stmt:
            case Assign():
                lines.append(f"{pad}{stmt.name} = {show(stmt.value)}")
            case If():
                lines += [f"{pad}if {show(stmt.condition)}", *_block(stmt.then, depth + 1)]
                if stmt.other:
                    lines += [f"{pad}else", *_block(stmt.other, depth + 1)]
            case Attempt():
                kept = f"{stmt.result} = " if stmt.result else ""
                lines += [f"{pad}try {kept}{show(stmt.call)}", *_block(stmt.then, depth + 1)]
                lines += [f"{pad}failed {stmt.failure}", *_block(stmt.handler, depth + 1)]
            case Loop():
                lines += [f"{pad}loop {show(stmt.condition)}", *_block(stmt.body, depth + 1)]
                if stmt.step:
                    lines += [f"{pad}step", *_block(stmt.step, depth + 1)]
            case _:
                lines.append(pad + _node(stmt))
    return lines


def show(value: Expr) -> str:
    """An expression as text."""
    match value:
        case Const():
            return f"{value.value}:{value.type}"
        case Local():
            return value.name
        case _:
            return f"{_node(value)}:{value.type}"


def _node(node: Expr | Stmt) -> str:
    parts = []
    for each in fields(node):
        if each.name in ("type", "at"):
            continue
        held = getattr(node, each.name)
        if each.name == "line":
            parts.append(f"@{held}")
        elif isinstance(held, Expr):
            parts.append(show(held))
        elif isinstance(held, tuple) and each.name != "order":
            parts.append("[" + ", ".join(_part(x) for x in held) + "]")
        elif each.name != "order":
            parts.append(repr(held) if isinstance(held, bytes) else str(held))
    return f"{type(node).__name__.lower()}({', '.join(parts)})"


def _part(each: object) -> str:
    match each:
        case Expr():
            return show(each)
        case str() | int():
            return str(each)
        case Assign():
            return f"{each.name} = {show(each.value)}"
        case If() | Loop():
            return "; ".join(line.strip() for line in _block((each,), 0))
        case _:
            return _node(each)  # type: ignore[arg-type]
