"""What a standard is, and how a contract is held against one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from xianglian.contract.errors import ContractError, split_label
from xianglian.contract.outside import id_of, signatures_of
from xianglian.contract.testing import Chain, Engine
from xianglian.contract.values import Address, Hash, Ref

Prepare = Callable[["Bench"], None]
"""Brings a fresh contract to where the checks of a standard begin; see `Standard.needs`."""


class Deviation(Exception):
    """The contract does something else than the standard says."""


class Bench:
    """A fresh contract with four accounts: `ann` has deployed it and holds the roles of the standard."""

    def __init__(self, contract: type, standard: Standard, engine: Engine | None) -> None:
        self.chain = Chain(engine)
        self.ann, self.bob, self.cid, self.dan = (
            self.chain.account(name, organisation="org1", roles=standard.roles if name == "ann" else ())
            for name in ("ann", "bob", "cid", "dan")
        )
        self.contract = self.chain.deploy(contract, by=self.ann)
        self.called: set[str] = set()
        self.errors: set[str] = set()

    @property
    def now(self) -> int:
        """Block time of the next call."""
        return self.chain.time_ms + 1

    def call(self, name: str, *arguments: Any, by: Address | None = None) -> Any:
        """A call; it must succeed."""
        self.called.add(name)
        try:
            return self._run(name, arguments, by)
        except ContractError as error:
            raise Deviation(f"{name} fails with {error.code}") from error

    def _run(self, name: str, arguments: tuple[Any, ...], by: Address | None) -> Any:
        try:
            return getattr(self.contract, name)(*arguments, by=by or self.ann)
        except (AttributeError, TypeError) as error:
            raise Deviation(f"{name} cannot be called: {error}") from error

    def refused(self, code: str, name: str, *arguments: Any, by: Address | None = None) -> None:
        """A call that must fail with this error and leave the state as it is."""
        self.called.add(name)
        before = dict(self.chain.state)
        try:
            self._run(name, arguments, by)
        except ContractError as error:
            if error.code != code:
                raise Deviation(f"{name} fails with {error.code}, not with {code}") from error
        else:
            raise Deviation(f"{name} succeeds, and must fail with {code}")
        if self.chain.state != before:
            raise Deviation(f"{name} fails and changes the state")
        self.errors.add(code)

    def equal(self, found: Any, wanted: Any, what: str) -> None:
        """A comparison."""
        if found != wanted:
            raise Deviation(f"{what} is {found!r}, not {wanted!r}")

    def emitted(self, name: str, /, **fields: Any) -> None:
        """The last event of the chain."""
        if not self.chain.events or self.chain.events[-1].name != name:
            raise Deviation(f"no event {name}")
        value = self.chain.events[-1].value
        for each, wanted in fields.items():
            self.equal(getattr(value, each, None), wanted, f"{name}.{each}")


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of a standard; its docstring's first line is what people read."""

    run: Callable[[Bench], None]

    @property
    def name(self) -> str:
        """Its name."""
        return self.run.__name__

    @property
    def words(self) -> tuple[str, str]:
        """What it promises, in Chinese and English."""
        return split_label(self.run.__doc__ or self.name)


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard interface: number, version, methods, errors, and the checks that define its meaning."""

    number: int
    version: int
    interface: type
    errors: tuple[str, ...]
    roles: tuple[str, ...]
    """Chain roles that `ann` holds in the suite."""
    needs: str
    """What `prepare` must bring about."""
    prepare: Prepare
    checks: tuple[Check, ...]

    @property
    def name(self) -> str:
        """`XRC-20`."""
        return f"XRC-{self.number}"

    @property
    def id(self) -> str:
        """Interface id, hex."""
        return id_of(self.interface)

    @property
    def title(self) -> tuple[str, str]:
        """What it is called, in Chinese and English."""
        return split_label(self.interface.__doc__ or self.name)


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one promise holds."""

    check: str
    words: tuple[str, str]
    holds: bool
    deviation: str | None = None


@dataclass(slots=True)
class Report:
    """What holds of a standard."""

    standard: str
    contract: str
    findings: list[Finding] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    """Methods of the contract that the checks have called."""
    errors: set[str] = field(default_factory=set)
    """Errors that the checks have met where they had to."""

    @property
    def conforms(self) -> bool:
        """Whether everything holds."""
        return all(each.holds for each in self.findings)


def conform(
    contract: type, standard: Standard, *, engine: Engine | None = None, prepare: Prepare | None = None
) -> Report:
    """Runs each check on a fresh deployment.

    `prepare` stands for the standard's own where a contract must be brought to the start another way;
    `engine` runs it other than as plain Python.
    """
    report = Report(standard.name, contract.__name__)
    for check in (Check(methods_and_types), Check(detection), *standard.checks):
        deviation = None
        try:
            if report.findings and not report.findings[0].holds:
                raise Deviation("not judged: the methods are not those of the standard")
            bench = Bench(contract, standard, engine)
            if check.run is methods_and_types:
                _same_methods(contract, standard)
            elif check.run is detection:
                _detects(bench, standard)
            else:
                (prepare or standard.prepare)(bench)
                bench.called.clear()
                check.run(bench)
            report.called |= bench.called
            report.errors |= bench.errors
        except Deviation as found:
            deviation = str(found)
        except ContractError as error:
            deviation = f"deployment or preparation fails with {error.code}"
        report.findings.append(Finding(check.name, check.words, deviation is None, deviation))
    return report


def methods_and_types(_bench: Bench) -> None:
    """方法与类型一致 / Each method is there, with the kind and the types of the standard."""


def detection(_bench: Bench) -> None:
    """接口检测如实 / `supports` names XRC-1 and this standard, and nothing else that is asked here."""


def _same_methods(contract: type, standard: Standard) -> None:
    own = {each.name: str(each) for each in signatures_of(contract)}
    for wanted in signatures_of(standard.interface):
        if own.get(wanted.name) != str(wanted):
            raise Deviation(f"{own.get(wanted.name, f'no {wanted.name}')}, not {wanted}")


def _detects(bench: Bench, standard: Standard) -> None:
    from xianglian.contract.lib.xrc import XRC_1

    for each in (XRC_1, bytes.fromhex(standard.id)):
        bench.equal(bench.call("supports", Hash(each)), True, f"supports({each.hex()[:8]}…)")
    for unknown in (bytes(32), b"\xff" * 32):
        bench.equal(bench.call("supports", Hash(unknown)), False, f"supports({unknown.hex()[:8]}…)")


def ref(number: int) -> Ref:
    """A digest for a check."""
    return Ref(bytes([number]) * 32)
