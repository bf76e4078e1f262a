"""A chain in memory for a contract's tests: accounts, roles, time, calls, events; one call is one
transaction.

    chain = Chain()
    alice, bob = chain.account("alice", roles=("issuer",)), chain.account("bob")
    points = chain.deploy(Points, by=alice)
    points.issue(bob, 10, by=alice)          # raises the contract's own error; then nothing has changed
    assert points.balance(bob) == 10

State is the bytes that a node would store, so plain Python and a compiled module are compared key by key.
"""

from __future__ import annotations

import copy
import dataclasses
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from xianglian.contract import codec, spec
from xianglian.contract.context import Aborted, Host, running_host
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.errors import (
    BUILTIN_ERRORS,
    AssertionFailed,
    BadArguments,
    CallFailed,
    ContractError,
    DivisionByZero,
    IndexOutOfRange,
    fields_of,
)
from xianglian.contract.invariants import Before
from xianglian.contract.layout import LayoutRefused, changes_between, layout_of
from xianglian.contract.outside import signature
from xianglian.contract.state import MapField, OrderedField
from xianglian.contract.values import Address, coerce, exact, type_of


def load_contract(path: str | Path) -> Any:
    """The module of a contract file that lies in no package, such as those of `xl contract new`. It may
    import files of its folder (`from .types import Licence`).
    """
    folder = Path(path).resolve().parent
    package = "contract_" + sm3_digest(str(folder).encode()).hex()[:16]
    if package not in sys.modules:
        sys.modules[package] = ModuleType(package)
        sys.modules[package].__path__ = [str(folder)]
    name = f"{package}.{Path(path).stem}"
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module


class Engine(Protocol):
    """Runs one method of a contract over a host; argument and result bytes are borsh."""

    def run(self, contract: type, host: Host, method: str, arguments: bytes) -> bytes:
        """The result's bytes. Raises `ContractError` or `Aborted`; the caller drops the writes."""


class PlainPython:
    """Runs the class itself."""

    def run(self, contract: type, host: Host, method: str, arguments: bytes) -> bytes:
        """See `Engine.run`."""
        function = getattr(contract, method)
        shapes, result = signature(function)
        try:
            values = codec.decode(spec.TupleType(tuple(shapes.values())), arguments)
        except codec.DecodeError as error:
            raise BadArguments from error
        if not __debug__:
            raise RuntimeError("python -O leaves out the contract's assert statements")
        token = running_host.set(host)
        try:
            return codec.encode(result, function(contract(), *values))
        except AssertionError as error:
            raise AssertionFailed(message=str(error)) from error
        except IndexError as error:
            raise IndexOutOfRange from error
        except ZeroDivisionError as error:
            raise DivisionByZero from error
        finally:
            running_host.reset(token)


default_engine: Callable[[], Engine] = PlainPython
"""What runs the calls of a chain that is made without an engine; `xl contract test --gas` sets another."""

CALLS_DEEP_MAX = 16
CONTRACTS_CALLED_MAX = 32
"""Calls that may be running at one time; other contracts that a transaction may call (`xl-vm`, limits)."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event of a call that succeeded."""

    contract: Address
    name: str
    data: bytes
    value: Any
    """The event object."""


@dataclass
class _Call:
    """The host of one call: writes and events are kept aside until it succeeds."""

    chain: Chain
    caller: bytes
    self_address: bytes
    height: int
    time_ms: int
    tx_id: bytes
    read_only: bool
    above: _Call | None = None
    """The call that made this one."""
    writes: dict[bytes, bytes | None] = field(default_factory=dict)
    outside: dict[bytes, bytes | None] = field(default_factory=dict)
    """What contracts called by this one wrote, by whole key."""
    emitted: list[tuple[bytes, str, bytes]] = field(default_factory=list)
    called: set[bytes] = field(default_factory=set)
    """Contracts that the transaction called; shared by its calls."""
    origin: bytes = b""

    def __post_init__(self) -> None:
        self.origin = self.origin or self.caller

    def get(self, key: bytes) -> bytes | None:
        if key in self.writes:
            return self.writes[key]
        above, whole = self.above, self.self_address + key
        while above is not None:
            if whole in above.outside:
                return above.outside[whole]
            above = above.above
        return self.chain.state.get(whole)

    def put(self, key: bytes, value: bytes) -> None:
        self._may_change()
        if len(key) > spec.KEY_BYTES_MAX or len(value) > spec.VALUE_BYTES_MAX:
            raise ValueError("a key takes 256 bytes, a value 65 535")
        self.writes[key] = value

    def delete(self, key: bytes) -> None:
        self._may_change()
        self.writes[key] = None

    def _may_change(self) -> None:
        if self.above is not None and self.path()[-1].read_only:
            raise Aborted("XL-VM-READ_ONLY", 0, b"")

    def path(self) -> list[_Call]:
        """The calls that are running, this one first."""
        return [self] if self.above is None else [self, *self.above.path()]

    def call(self, contract: bytes, method: str, arguments: bytes) -> bytes:
        """See `Host.call`."""
        path = self.path()
        if contract in [each.self_address for each in path]:
            raise Aborted("XL-VM-REENTRANT", 0, b"")
        if len(path) >= CALLS_DEEP_MAX:
            raise Aborted("XL-VM-DEPTH", 0, b"")
        if contract not in self.called and len(self.called) >= CONTRACTS_CALLED_MAX:
            raise Aborted("XL-VM-LIMIT_CONTRACTS", 0, b"")
        deployed = self.chain.contracts.get(Address(contract))
        if deployed is None:
            raise Aborted("XL-CONTRACT-UNKNOWN", 0, b"")
        if method not in ("init", "migrate"):
            self.called.add(contract)
        if getattr(getattr(deployed.contract, method, None), "__kind__", None) not in ("entry", "view"):
            raise Aborted("XL-VM-UNKNOWN_ENTRY", 0, b"")
        # A callee may be any contract, so its host refuses what plain Python would only call a mistake.
        below = dataclasses.replace(
            self,
            caller=self.self_address,
            self_address=bytes(contract),
            read_only=False,
            above=self,
            writes={},
            outside={},
            emitted=[],
        )
        try:
            answer = self.chain.engine.run(deployed.contract, below, method, arguments)
        except ContractError as error:
            detail = b"".join(codec.encode(s, error.facts[n]) for n, s in fields_of(type(error)).items())
            raise Aborted(error.code, 0, detail) from error
        except Aborted as failure:
            known = _error(deployed.contract, failure) if failure.code == CallFailed.__name__ else None
            raise Aborted(known.code if known else failure.code, failure.line, failure.detail) from failure
        self.outside |= below.outside
        self.outside |= {below.self_address + key: value for key, value in below.writes.items()}
        self.emitted += below.emitted
        return answer

    def entries(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Stored keys and values of this contract under a prefix, in order; for invariants."""
        own = len(self.self_address)
        stored = {k[own:]: v for k, v in self.chain.state.items() if k.startswith(self.self_address + prefix)}
        changed = {k: v for k, v in self.writes.items() if k.startswith(prefix)}
        for key, value in sorted({**stored, **changed}.items()):
            if value is not None:
                yield key, value

    def emit(self, name: str, data: bytes) -> None:
        self._may_change()
        self.emitted.append((self.self_address, name, data))

    def has_role(self, account: bytes, role: str) -> bool:
        return role in self.chain.accounts.get(Address(account), ("", frozenset()))[1]

    def organisation_of(self, account: bytes) -> str | None:
        known = self.chain.accounts.get(Address(account))
        return None if known is None else known[0]


@dataclass
class _Past(_Call):
    """The host of a call that was, over what was stored before it."""

    stored: dict[bytes, bytes] = field(default_factory=dict)

    def get(self, key: bytes) -> bytes | None:
        return self.stored.get(key)

    def entries(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See `_Call.entries`."""
        return iter(sorted((key, value) for key, value in self.stored.items() if key.startswith(prefix)))


class Deployed:
    """A deployed contract: its entries and views are methods; entries take `by=` the calling account."""

    def __init__(self, chain: Chain, contract: type, address: Address) -> None:
        self._chain, self._contract, self.address = chain, contract, address

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._contract, name, None)
        kind = getattr(function, "__kind__", None)
        if kind not in ("entry", "view"):
            raise AttributeError(f"{self._contract.__name__} has no entry or view {name!r}")

        def call(*arguments: Any, by: Address | None = None, **named: Any) -> Any:
            if kind == "entry" and by is None:
                raise TypeError(f"{name} is an entry: say who calls, by=")
            shapes, result = signature(function)
            bound = inspect.Signature(
                [inspect.Parameter(each, inspect.Parameter.POSITIONAL_OR_KEYWORD) for each in shapes]
            ).bind(*arguments, **named)
            try:
                data = b"".join(codec.encode(s, coerce(s, bound.arguments[n])) for n, s in shapes.items())
            except ContractError as error:
                raise BadArguments from error
            answer = self._chain.run(self, name, data, by=by or Address(bytes(20)), read_only=kind == "view")
            return codec.decode(result, answer)

        return call

    @property
    def contract(self) -> type:
        """The contract's class."""
        return self._contract

    def stored(self, name: str) -> dict[Any, Any]:
        """All entries of a map or set, by key, an ordered map's in order; only tests may look at state this
        way. Keys replaced by SM3 stay bytes.
        """
        shape = self._contract.__state__[name]  # type: ignore[attr-defined]
        if not isinstance(shape, MapField):
            raise TypeError(f"{name} is no map")
        prefix = self.address + name.encode() + b"/"
        parts, kind = shape.parts()
        keys = spec.TupleType(tuple(spec.HASH if codec.key_part_is_hashed(part) else part for part in parts))
        found: dict[Any, Any] = {}
        for key, value in self._chain.state.items():
            if key.startswith(prefix):
                decoded = codec.decode(keys, key[len(prefix) :])
                found[decoded if len(parts) > 1 else decoded[0]] = codec.decode(kind, value)
        return dict(sorted(found.items())) if isinstance(shape, OrderedField) else found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What `Chain.snapshot` kept."""

    parts: dict[str, Any]


class Chain:
    """Accounts, contracts and state in memory; every call is one block of one transaction."""

    def __init__(self, engine: Engine | None = None, *, time_ms: int = 1_767_225_600_000) -> None:
        self.engine: Engine = engine or default_engine()
        self.accounts: dict[Address, tuple[str, frozenset[str]]] = {}
        self.state: dict[bytes, bytes] = {}
        self.contracts: dict[Address, Deployed] = {}
        self.events: list[Emitted] = []
        self._last: dict[Address, tuple[Host, Host] | None] = {}
        self.time_ms, self.height = time_ms, 0

    def account(self, name: str, *, organisation: str = "org1", roles: Iterable[str] = ()) -> Address:
        """Admits an account."""
        address = Address(sm3_digest(b"test account " + name.encode())[:20])
        self.accounts[address] = (organisation, frozenset(roles))
        return address

    def grant(self, account: Address, *roles: str) -> None:
        """Adds roles."""
        organisation, held = self.accounts[account]
        self.accounts[account] = (organisation, held | set(roles))

    def revoke(self, account: Address, *roles: str) -> None:
        """Takes roles away."""
        organisation, held = self.accounts[account]
        self.accounts[account] = (organisation, held - set(roles))

    def advance(self, *, ms: int = 0, seconds: int = 0, days: int = 0) -> None:
        """Lets time pass."""
        self.time_ms += ms + 1000 * seconds + 86_400_000 * days

    def snapshot(self) -> Snapshot:
        """Everything as it is now, to come back to by `restore`, any number of times."""
        return Snapshot({name: copy.copy(value) for name, value in vars(self).items()})

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a snapshot of this chain: state, events, accounts, height and time."""
        vars(self).clear()
        vars(self).update({name: copy.copy(value) for name, value in snapshot.parts.items()})

    def deploy(self, contract: type, *, by: Address) -> Deployed:
        """A new instance of the contract; runs its `@init` as `by`."""
        address = Address(sm3_digest(b"test contract %d %s" % (self.height, contract.__name__.encode()))[:20])
        deployed = Deployed(self, contract, address)
        for name, function in vars(contract).items():
            if getattr(function, "__kind__", None) == "init":
                self.run(deployed, name, b"", by=by)
        self.contracts[address] = deployed
        return deployed

    def upgrade(
        self, deployed: Deployed, contract: type, *, by: Address, migrated: Iterable[str] = ()
    ) -> Deployed:
        """Puts the next version in the place of a deployed contract and runs its `@migrate` as `by`.

        `migrated` names the stored fields that `@migrate` answers for. Raises `LayoutRefused` where another
        field is dropped or kept otherwise, or what `@migrate` raises; then the old version stays.
        """
        functions = vars(contract).items()
        steps = [name for name, function in functions if getattr(function, "__kind__", None) == "migrate"]
        answered = set(migrated) if steps else set()
        changes = changes_between(layout_of(deployed.contract), layout_of(contract))
        refused = [each for each in changes if not each.is_safe and each.field not in answered]
        if refused:
            raise LayoutRefused(refused)
        following = Deployed(self, contract, deployed.address)
        for name in steps:
            self.run(following, name, b"", by=by)
        self.contracts[deployed.address] = following
        return following

    def install(self, contract: type, state: Mapping[bytes, bytes]) -> Deployed:
        """An instance that stands in a given state, by its stored bytes; `@init` does not run."""
        address = Address(sm3_digest(b"test contract in a state " + contract.__name__.encode())[:20])
        deployed = self.contracts[address] = Deployed(self, contract, address)
        self._commit(deployed, state)
        return deployed

    def run(
        self, deployed: Deployed, method: str, arguments: bytes, *, by: Address, read_only: bool = False
    ) -> bytes:
        """One call with raw argument bytes; result bytes. Raises the contract's error, state unchanged."""
        self.height += 1
        self.time_ms += 1
        tx_id = sm3_digest(b"test transaction %d" % self.height)
        call = _Call(self, by, deployed.address, self.height, self.time_ms, tx_id, read_only)
        try:
            answer = self.engine.run(deployed.contract, call, method, arguments)
        except Aborted as stop:
            raise _error(deployed.contract, stop) from stop
        if read_only and (call.writes or call.emitted or call.outside):
            raise AssertionError(f"the view {method} changed state")
        if not read_only:
            self._last[deployed.address] = self._states_around(call, method, deployed.contract)
        self._commit(deployed, call.writes)
        for key, value in call.outside.items():
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value
        contracts = {**self.contracts, deployed.address: deployed}
        self.events += [self._event(contracts[Address(at)], name, data) for at, name, data in call.emitted]
        return answer

    def _states_around(self, call: _Call, method: str, contract: type) -> tuple[Host, Host] | None:
        """The states after and before a call that is about to be committed, for `@ensures`."""
        deploys = getattr(getattr(contract, method), "__kind__", None) != "entry"
        if deploys or "ensures" not in statements_of(contract).values():
            return None
        own = len(call.self_address)
        stored = {k[own:]: v for k, v in self.state.items() if k.startswith(call.self_address)}
        after = dataclasses.replace(call, writes={}, outside={}, emitted=[], read_only=True)
        return after, _Past(
            **{each.name: getattr(after, each.name) for each in dataclasses.fields(after)}, stored=stored
        )

    def broken_invariants(self, deployed: Deployed) -> list[str]:
        """The names of the invariants that do not hold now, and of what the last call of an entry should have
        ensured but did not; an error inside one counts too.
        """
        still = _Call(self, bytes(20), deployed.address, self.height, self.time_ms, bytes(32), read_only=True)
        broken = []
        for name, kind in statements_of(deployed.contract).items():
            if kind == "invariant":
                holds = _holds(deployed.contract, name, still)
            else:
                around = self._last.get(deployed.address)
                holds = around is None or _holds(
                    deployed.contract, name, around[0], Before(deployed.contract, around[1])
                )
            if not holds:
                broken.append(name)
        return broken

    def _commit(
        self, deployed: Deployed, writes: Mapping[bytes, bytes] | Mapping[bytes, bytes | None]
    ) -> None:
        for key, value in writes.items():
            if value is None:
                self.state.pop(deployed.address + key, None)
            else:
                self.state[deployed.address + key] = value

    def _event(self, deployed: Deployed, name: str, data: bytes) -> Emitted:
        shape = type_of(_name_in(deployed.contract, name))
        return Emitted(deployed.address, name, data, codec.decode(shape, data))


@dataclass(frozen=True, slots=True)
class Parties:
    """Four accounts of four organisations, by name or by number from 0."""

    alice: Address
    bob: Address
    carol: Address
    dave: Address

    @classmethod
    def of(cls, chain: Chain) -> Parties:
        """Admits them; none has a role: `chain.grant(parties.alice, "issuer")`."""
        names = ("alice", "bob", "carol", "dave")
        return cls(*(chain.account(name, organisation=f"org{n}") for n, name in enumerate(names, 1)))

    def __getitem__(self, number: int) -> Address:
        return (self.alice, self.bob, self.carol, self.dave)[number]


def statements_of(contract: type) -> dict[str, str]:
    """The names of a contract's `@invariant` and `@ensures` methods with their kind, inherited ones first."""
    found: dict[str, str] = {}
    for cls in reversed(contract.__mro__):
        kinds = {name: str(getattr(value, "__kind__", None)) for name, value in vars(cls).items()}
        found.update({name: kind for name, kind in kinds.items() if kind in ("invariant", "ensures")})
    return found


def _holds(contract: type, name: str, host: Host, *before: object) -> bool:
    token, unbounded = running_host.set(host), exact.set(True)
    try:
        return bool(getattr(contract(), name)(*before))
    except (ContractError, ArithmeticError, IndexError):
        return False
    finally:
        exact.reset(unbounded)
        running_host.reset(token)


def _name_in(contract: type, name: str) -> Any:
    """The event or error called `name` in the contract's module or in one that it imports from."""
    todo, seen = [each.__module__ for each in contract.__mro__[:-1]], set()
    while todo:
        module = todo.pop(0)
        if module in seen or module not in sys.modules:
            continue
        seen.add(module)
        names = vars(sys.modules[module])
        if name in names:
            return names[name]
        todo += sorted({str(getattr(each, "__module__", "")) for each in names.values()})
    raise LookupError(f"{contract.__name__} has no event or error {name}")


def _error(contract: type, stop: Aborted) -> ContractError:
    """The exception that plain Python would have raised."""
    own = {error.__name__: error for error in BUILTIN_ERRORS}
    error: type[ContractError] = own.get(stop.code) or _name_in(contract, stop.code)
    shape = fields_of(error)
    values = codec.decode(spec.TupleType(tuple(shape.values())), stop.detail)
    return error(**dict(zip(shape, values, strict=True)))
