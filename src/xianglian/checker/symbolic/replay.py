"""A counterexample as a test that fails: state as stored bytes, one call, and the invariant after it.

The test is run before it is shown: what does not fail on the plain-Python chain is no counterexample.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xianglian.checker.symbolic.prove import Counterexample, Proof
from xianglian.checker.symbolic.solver import z3
from xianglian.checker.symbolic.storage import Keys
from xianglian.checker.symbolic.values import OptionValue, RecordValue, Term, Value
from xianglian.compiler.frontend import Checked
from xianglian.contract import codec, spec


class NotConcrete(Exception):
    """The solver's model has no value of this type: it rests on something that was taken as any value."""


@dataclass
class Concrete:
    """Values of a model."""

    example: Counterexample

    def __post_init__(self) -> None:
        strings = self.example.storage.world.strings
        self.strings = {number: data for data, number in strings.items()}

    def number(self, term: Term) -> int:
        """The value of a term that stands for a number."""
        return int(self.example.model.eval(term, model_completion=True).as_long())

    def holds(self, term: Term) -> bool:
        """The value of a condition."""
        return bool(z3.is_true(self.example.model.eval(term, model_completion=True)))

    def value(self, value: Value, of: spec.Type) -> Any:
        """A Python value that `codec.encode` takes for this type."""
        world = self.example.storage.world
        match of:
            case spec.BoolType():
                return self.holds(value)
            case spec.IntType() | spec.EnumType():
                return self.number(value)
            case spec.FixedType():
                return self.number(value).to_bytes(of.size, "big")
            case spec.VarType():
                data = self.string(value)
                return data.decode() if of.name == "text" else data
            case spec.OptionType():
                assert isinstance(value, OptionValue)
                return self.value(value.value, of.item) if self.holds(value.present) else None
            case spec.RecordType():
                assert isinstance(value, RecordValue)
                pairs = zip(value.fields, of.fields, strict=True)
                return {name: self.value(each, kind) for each, (name, kind) in pairs}
            case spec.TupleType():
                assert isinstance(value, RecordValue)
                return tuple(self.value(a, kind) for a, kind in zip(value.fields, of.items, strict=True))
            case spec.ListType():
                found = []
                for index in range(self.number(world.length(value))):
                    item = world.item(value, z3.IntVal(index))
                    assert item is not None
                    found.append(self.value(item, of.item))
                return tuple(found)
        raise NotConcrete(str(of))

    def string(self, term: Term) -> bytes:
        """A string of the model's length, another one for each number."""
        number = self.number(term)
        if number in self.strings:
            return self.strings[number]
        length = self.number(self.example.storage.world.length_of_string(term))
        count, letters = len(self.strings), b""
        while count:
            count, digit = divmod(count, 26)
            letters += bytes([ord("a") + digit])
        made = letters.ljust(length, b"-")
        if len(made) > length or made in self.strings.values():
            raise NotConcrete("another string of that length")
        self.strings[number] = made
        return made


def write_test(checked: Checked, proof: Proof, rounds: int) -> str | None:
    """A pytest for the counterexample, or None where the model is no state of the real machine."""
    example = proof.counterexample
    assert example is not None
    try:
        text = _text(checked, proof, example)
    except NotConcrete as error:
        proof.detail = f"a counterexample would need {error}"
        return None
    outcome = run_test(text)
    if outcome == "after":
        return text
    kind = "starts from a state that breaks an invariant" if outcome == "before" else f"ends with {outcome}"
    proof.detail = f"the solver's counterexample {kind} when it is run ({rounds} rounds)"
    return None


def run_test(text: str) -> str:
    """`after` if the test fails for its invariant; otherwise what else happened."""
    space: dict[str, Any] = {"__name__": "counterexample"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, "counterexample.py", "exec"), space)  # noqa: S102 (the text is ours)
        test = next(value for name, value in space.items() if name.startswith("test_"))
        try:
            test()
        except AssertionError as failed:
            return "before" if "before" in str(failed) else "after"
        except Exception as error:  # noqa: BLE001 (any other end of the call is not a counterexample)
            return f"{type(error).__name__}: {error}"
    return "passes"


def _text(checked: Checked, proof: Proof, example: Counterexample) -> str:
    concrete = Concrete(example)
    caller = example.storage.world.any("ctx.caller", (), spec.ADDRESS)
    label = f"{proof.method}: {proof.invariant} of {checked.contract.name}"
    lines = [
        f'"""A counterexample, found by `xl contract check`: {label}."""',
        "",
        *_imports(checked),
        "",
        "",
        f"def test_{proof.method}_keeps_{proof.invariant}() -> None:",
        f"    chain = Chain(time_ms={max(_fact(concrete, 'time_ms') - 1, 0)})",
        f"    chain.height = {max(_fact(concrete, 'height') - 1, 0)}",
        *(f"    {each}" for each in _accounts(concrete)),
        f"    caller = {_address(concrete.number(caller))}",
    ]
    name = checked.contract.name
    if example.function is None or example.storage.empty:
        lines.append(f"    contract = chain.deploy(module.{name}, by=caller)")
    else:
        lines += [
            "    state = {",
            *(f"        {each}" for each in _state(concrete)),
            "    }",
            f"    contract = chain.install(module.{name}, state)",
            '    assert chain.broken_invariants(contract) == [], "before the call"',
            *(f"    {each}" for each in _call(concrete)),
        ]
    lines.append(f'    assert "{proof.invariant}" not in chain.broken_invariants(contract)')
    return "\n".join(lines) + "\n"


def _imports(checked: Checked) -> list[str]:
    path = checked.modules[0].path
    if (path.parent / "__init__.py").exists():
        folder, names = path.parent, [path.parent.name]
        while (folder.parent / "__init__.py").exists():
            folder = folder.parent
            names.insert(0, folder.name)
        return [
            "from xianglian.contract import Address",
            "from xianglian.contract.testing import Chain",
            f"from {'.'.join(names)} import {path.stem} as module",
        ]
    return [
        "from xianglian.contract import Address",
        "from xianglian.contract.testing import Chain, load_contract",
        "",
        f"module = load_contract({str(path)!r})",
    ]


def _fact(concrete: Concrete, name: str) -> int:
    return concrete.number(concrete.example.storage.world.any(f"ctx.{name}", (), spec.U64))


def _address(number: int) -> str:
    return f'Address(bytes.fromhex("{number:040x}"))'


def _accounts(concrete: Concrete) -> list[str]:
    """Accounts with the roles and organisations that the model gives them."""
    world = concrete.example.storage.world
    roles: dict[int, set[str]] = {}
    organisations: dict[int, str] = {}
    for role, account in world.roles:
        held = roles.setdefault(concrete.number(account), set())
        if concrete.holds(world.any(f"role {role}", (account,), spec.BOOL)):
            held.add(role)
    for account, found in world.organisations:
        if concrete.holds(found.present):
            organisations[concrete.number(account)] = concrete.string(found.value).decode()
    lines = []
    for number in sorted({*organisations, *(each for each, held in roles.items() if held)}):
        if number not in organisations and world.organisations:
            raise NotConcrete("roles without an organisation")
        named = "".join(f'"{role}", ' for role in sorted(roles.get(number, set())))
        organisation = organisations.get(number, "org")
        lines.append(f'chain.accounts[{_address(number)}] = ("{organisation}", frozenset(({named})))')
    return lines


def _state(concrete: Concrete) -> list[str]:
    storage = concrete.example.storage
    lines: dict[bytes, str] = {}
    for name, known in concrete.example.entries.items():
        declared = storage.fields[name]
        for keys in known:
            present, value = storage.before(name, keys)
            if not concrete.holds(present):
                continue
            key = _keys(concrete, declared.key, keys)
            shape = spec.TupleType(declared.key) if declared.key else None
            at = codec.key_bytes(name, shape, key)
            plain = concrete.value(value, declared.value)
            stored = codec.encode(declared.value, plain)
            words = f"{name}{'' if key is None else f'[{_words(key)}]'} = {_words(plain)}"
            lines[at] = f'bytes.fromhex("{at.hex()}"): bytes.fromhex("{stored.hex()}"),  # {words}'
    return list(lines.values())


def _keys(concrete: Concrete, kinds: tuple[spec.Type, ...] | None, keys: Keys) -> Any:
    if not kinds:
        return None
    return tuple(concrete.value(each, kind) for each, kind in zip(keys, kinds, strict=True))


def _call(concrete: Concrete) -> list[str]:
    example = concrete.example
    assert example.function is not None
    words, data = [], b""
    for (name, kind), value in zip(example.function.parameters, example.arguments, strict=True):
        plain = concrete.value(value, kind)
        data += codec.encode(kind, plain)
        words.append(f"{name}={_words(plain)}")
    method = example.function.export
    return [
        f"# {method}({', '.join(words)})",
        f'chain.run(contract, "{method}", bytes.fromhex("{data.hex()}"), by=caller)',
    ]


def _words(value: Any) -> str:
    """A value for a comment."""
    match value:
        case bytes():
            return f"0x{value.hex().lstrip('0') or '0'}" if len(value) in (20, 32) else repr(value)
        case dict():
            return "{" + ", ".join(f"{name}: {_words(each)}" for name, each in value.items()) + "}"
        case tuple():
            return ", ".join(_words(each) for each in value)
    return repr(value)


def example_path(folder: Path, proof: Proof) -> Path:
    """Where the test of a counterexample is written."""
    return folder / f"test_{proof.method}_breaks_{proof.invariant}.py"
