"""What a deployed contract shows of a standard: read from the chain, nothing is changed.

The suite (`suite.py`) judges a source on a chain in memory and may call what it likes; of a contract that
runs, only what it published and what its views answer can be asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from xianglian.contract import spec
from xianglian.contract.abi import Interface, Method
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.errors import NotFound
from xianglian.contract.lib.xrc import XRC_1, Xrc1
from xianglian.contract.outside import signatures_of
from xianglian.contract.signatures import Signature
from xianglian.contract.solidity import SolidityInterface
from xianglian.errors import Misused, TransactionFailed
from xianglian.standards.suite import Deviation, Finding, Report, Standard


class Chain(Protocol):
    """How a contract is read; a client of the chain is one."""

    @property
    def account(self) -> str:
        """The address that reads."""

    def versions(self, name: str) -> dict[str, Any]:
        """What the chain records of the contract: its layout, and of each version the digests."""

    def interface(self, contract: str) -> bytes:
        """The interface description of the version that runs."""

    def query(self, contract: str, method: str, /, **arguments: Any) -> Any:
        """The answer of a view. Raises `TransactionFailed`."""


def inspect(chain: Chain, name: str, standard: Standard) -> Report:
    """Holds what a deployed contract publishes and answers against a standard.

    Raises `Misused` for a Solidity contract, whose methods have no id of a standard.
    """
    document = chain.interface(name)
    interface = Interface.parse(document)
    if isinstance(interface, SolidityInterface):
        raise Misused(f"{name} is a Solidity contract: standard interfaces are of WebAssembly contracts")
    report = Report(standard.name, name)

    def judge(check: str, words: tuple[str, str], holds: Callable[..., None], *given: Any) -> bool:
        deviation = None
        try:
            holds(*given)
        except Deviation as found:
            deviation = str(found)
        report.findings.append(Finding(check, words, deviation is None, deviation))
        return deviation is None

    recorded = chain.versions(name)
    words = ("发布的接口与链上摘要一致", "the published interface has the digest that the chain records")
    judge("published", words, _published, recorded, document)
    words = ("状态布局与链上记录一致", "the published state layout is the one that the chain records")
    judge("layout", words, _layout, recorded, interface)
    wanted = signatures_of(standard.interface)
    there = [
        each
        for each in wanted
        if judge(f"method {each.name}", (f"方法 {each}", f"method {each}"), _same, interface, each)
    ]
    judge(
        "interface_id", ("接口标识一致", "its methods have the standard's id"), _identity, interface, standard
    )
    words = ("声明了标准所列的错误", "the errors of the standard are declared")
    judge("errors", words, _errors, interface, standard)
    words = ("接口检测如实", "supports names XRC-1 and this standard, and nothing else that is asked here")
    judge("detection", words, _detects, chain, interface, name, standard)
    for each in there:
        if each.kind == "view" and each.name != "supports":
            words = (f"只读方法 {each.name} 有回答", f"the view {each.name} answers")
            judge(f"view {each.name}", words, _answers, chain, interface.method(each.name), name, standard)
    return report


def _published(recorded: dict[str, Any], document: bytes) -> None:
    kept, own = recorded["versions"][-1]["interface_hash"], sm3_digest(document).hex()
    if kept != own:
        raise Deviation(f"the description has {own[:12]}…, the chain {kept[:12]}…")


def _layout(recorded: dict[str, Any], interface: Interface) -> None:
    for name, each in interface.layout.items():
        if sm3_digest(each.type.encode()).hex() != each.digest:
            raise Deviation(f"{name} is said to be {each.type}, which has another digest")
    kept = {each["field"]: each["digest"] for each in recorded["layout"]}
    said = {name: each.digest for name, each in interface.layout.items()}
    differing = sorted(name for name in {*kept, *said} if kept.get(name) != said.get(name))
    if differing:
        raise Deviation(f"the chain records another type of {', '.join(differing)}")


def _same(interface: Interface, wanted: Signature) -> None:
    found = interface.methods.get(wanted.name)
    if found is None:
        raise Deviation("it has no such method")
    signature = Signature(found.kind, found.name, tuple(found.arguments.values()), found.returns)
    if str(signature) != str(wanted):
        raise Deviation(f"it has {signature}")


def _identity(interface: Interface, standard: Standard) -> None:
    names = [each.name for each in signatures_of(standard.interface)]
    if missing := [each for each in names if each not in interface.methods]:
        raise Deviation(f"it lacks {', '.join(missing)}")
    found = interface.id_of(names)
    if found != standard.id:
        raise Deviation(f"{found[:12]}…, not {standard.id[:12]}…")


def _errors(interface: Interface, standard: Standard) -> None:
    declared = {each["code"] for each in interface.document["errors"]}
    if missing := [each for each in standard.errors if each not in declared]:
        raise Deviation(f"not declared: {', '.join(missing)}")


def _detects(chain: Chain, interface: Interface, name: str, standard: Standard) -> None:
    (wanted,) = signatures_of(Xrc1)
    _same(interface, wanted)
    (argument,) = interface.method(wanted.name).arguments
    asked = {XRC_1: True, bytes.fromhex(standard.id): True, bytes(32): False, b"\xff" * 32: False}
    for identity, answer in asked.items():
        try:
            found = chain.query(name, wanted.name, **{argument: identity})
        except TransactionFailed as error:
            raise Deviation(f"supports fails with {error.code}") from error
        if found is not answer:
            raise Deviation(f"supports({identity.hex()[:8]}…) is {found}, not {answer}")


def _answers(chain: Chain, method: Method, name: str, standard: Standard) -> None:
    """A view answers in its type; where there is no such entry it may refuse with an error of the standard or
    the language's own `NotFound`.
    """
    given = {each: sample(kind, chain.account) for each, kind in method.arguments.items()}
    try:
        chain.query(name, method.name, **given)
    except TransactionFailed as error:
        if error.code not in (*standard.errors, NotFound.__name__):
            raise Deviation(f"{method.name} fails with {error.code}") from error


def sample(of: spec.Type, account: str) -> Any:
    """The least value of a type, as a client takes it; `account` for an address."""
    match of:
        case spec.IntType():
            return 0
        case spec.BoolType():
            return False
        case spec.EnumType():
            return of.members[0][0]
        case spec.FixedType(name="address"):
            return account
        case spec.FixedType():
            return bytes(of.size)
        case spec.VarType():
            return "" if of.name == "text" else b""
        case spec.ListType():
            return []
        case spec.TupleType():
            return [sample(each, account) for each in of.items]
        case spec.RecordType():
            return {name: sample(kind, account) for name, kind in of.fields}
    return None
