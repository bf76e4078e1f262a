"""Source text to the typed form: read files, resolve declarations, check bodies, then the rules on the whole
program.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from xianglian.compiler import ir
from xianglian.compiler.errors import TOO_DEEP, CompileError, Diagnostic, Refused
from xianglian.compiler.frontend.body import Body
from xianglian.compiler.frontend.classes import merge, seen_by
from xianglian.compiler.frontend.declarations import (
    ClassDecl,
    ContractDecl,
    EnumDecl,
    FunctionDecl,
    Module,
    Report,
    StateDecl,
    StructDecl,
)
from xianglian.compiler.frontend.modules import Loader
from xianglian.compiler.frontend.source import check_condition
from xianglian.contract import spec
from xianglian.contract.codec import key_part_is_hashed


@dataclass(frozen=True, slots=True)
class Checked:
    """A contract that passed: what it declares, and its program."""

    contract: ContractDecl
    modules: tuple[Module, ...]
    program: ir.Program


def check(path: Path) -> Checked:
    """Checks the contract in a file. Raises `CompileError` with all that was found, `SourceUnreadable`."""
    try:
        return _check(path)
    except (RecursionError, MemoryError):
        raise CompileError([Diagnostic(path, 1, 1, *TOO_DEEP)]) from None


def _check(path: Path) -> Checked:
    report = Report()
    loader = Loader(report)
    try:
        module = loader.load(path)
        if module.contract is None and not any(
            isinstance(stmt, ast.ClassDef) and stmt.name in module.refused for stmt in module.tree.body
        ):
            report.note(module, None, "no contract in this file", "decorate one class with @contract")
    except Refused:
        raise CompileError(report.found) from None
    if module.contract is None:
        raise CompileError(report.found)
    contract = module.contract
    _check_sizes(module, contract, report)
    _check_names(loader, report)
    _check_reported(loader, report)
    _check_conditions(loader, contract, report)
    bodies = _Bodies(contract, report)
    for each in list(loader.modules.values()):
        for declaration in each.names.values():
            # Library functions are compiled where they are used; the contract's own are checked anyway.
            if isinstance(declaration, FunctionDecl) and declaration.module is module:
                bodies.lower(declaration)
    for method in contract.methods.values():
        bodies.lower(method)
    bodies.check_rules()
    bodies.check_started()
    _check_components(module, bodies)
    if report.found:
        raise CompileError(report.found)
    state = {each.name: _state(each) for field in contract.state.values() for each in _kept(field)}
    return Checked(
        contract, tuple(loader.modules.values()), ir.Program(contract.name, state, bodies.reachable())
    )


def _check_components(module: Module, bodies: _Bodies) -> None:
    """Components of the contract's own file are checked as they stand, inherited or not."""
    for found in module.names.values():
        if not isinstance(found, ClassDecl) or found.module is not module:
            continue
        if all(each.symbol in bodies.bodies for each in found.methods.values()):
            continue
        alone = _Bodies(merge(found, bodies.report), bodies.report)
        for method in found.methods.values():
            alone.lower(method)
        alone.check_rules()


class _Bodies:
    """Lowered functions and who calls whom."""

    def __init__(self, contract: ContractDecl, report: Report) -> None:
        self.contract, self.report = contract, report
        self.functions: dict[str, ir.Function] = {}
        self.bodies: dict[str, Body] = {}

    def lower(self, declaration: FunctionDecl) -> None:
        """Lowers a function and those that it calls."""
        if declaration.symbol in self.bodies:
            return
        owner = declaration.part or seen_by(self.contract, declaration)
        body = self.bodies[declaration.symbol] = Body(owner, declaration, self.report)
        self.functions[declaration.symbol] = body.lower()
        for callee in body.called:
            self.lower(callee)

    def check_rules(self) -> None:
        """No recursion; views, and what they call, change nothing."""
        for body in self.bodies.values():
            symbol = body.function.symbol
            below = self._below(symbol)
            if symbol in below:
                self.report.note(
                    body.module,
                    body.function.node,
                    f"{body.function.name} calls itself",
                    "write a loop: the depth of calls must be known",
                )
            if body.function.kind == "view":
                for name in sorted(below | {symbol}):
                    if self.bodies[name].function.part is not None:
                        continue  # a collection's own code: its use is noted where it is called
                    for node, what in self.bodies[name].effects:
                        self.report.note(
                            self.bodies[name].module,
                            node,
                            f"the view {body.function.name} {what}",
                            "make it an @entry, or leave this out",
                        )

    def check_started(self) -> None:
        """What a component must have done before its first call is done at deployment."""
        starts = [m for m in self.contract.methods.values() if m.kind == "init"]
        if any(self.bodies[each.symbol].broken for each in starts):
            return  # the call may stand in a statement that was refused
        reached = {name for each in starts for name in self._below(each.symbol)}
        for method in self.contract.methods.values():
            if method.name.startswith("_init_") and method.symbol not in reached:
                owner = method.owner.name if method.owner else self.contract.name
                self.report.note(
                    method.module,
                    method.node,
                    f"@init of {self.contract.name} does not call {owner}.{method.name}",
                    f"call self.{method.name}(...) in a method with @init",
                )

    def _below(self, symbol: str) -> set[str]:
        found: set[str] = set()
        todo = [each.symbol for each in self.bodies[symbol].called]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += [each.symbol for each in self.bodies[name].called]
        return found

    def reachable(self) -> dict[str, ir.Function]:
        """The functions that some export needs, in a fixed order."""
        used: set[str] = set()
        for symbol, function in self.functions.items():
            if function.export:
                used |= {symbol} | self._below(symbol)
        return {symbol: function for symbol, function in sorted(self.functions.items()) if symbol in used}


def _kept(field: StateDecl) -> list[StateDecl]:
    """A field, and what a collection keeps beside its entries."""
    return [field, *(field.parts.state.values() if field.parts else ())]


def _state(declared: StateDecl) -> ir.StateField:
    key = None if declared.key is None else tuple(each.type for each in declared.key)
    return ir.StateField(declared.name, key, declared.value.type)


def _check_names(loader: Loader, report: Report) -> None:
    """One name means one record, event, error or enum in a program, since receipts carry only the name."""
    known: dict[tuple[str, str], StructDecl | EnumDecl] = {}
    for module in loader.modules.values():
        for declaration in module.names.values():
            if isinstance(declaration, StructDecl | EnumDecl):
                kind = declaration.kind if isinstance(declaration, StructDecl) else "enum"
                name = declaration.name if isinstance(declaration, StructDecl) else declaration.type.name
                if known.setdefault((kind, name), declaration) is not declaration:
                    report.note(module, None, f"two {kind}s are called {name}", "rename one, or import it")


FACTS_BYTES_MAX = 256
"""The most bytes of an error's facts (`xl-vm`, limits)."""
EVENT_BYTES_MAX = 64 << 10
"""The most bytes of all events of one call (`xl-vm`, limits)."""


def _check_reported(loader: Loader, report: Report) -> None:
    """Errors and events fit into a receipt."""
    limits = {"error": FACTS_BYTES_MAX, "event": EVENT_BYTES_MAX}
    for module in loader.modules.values():
        for found in module.names.values():
            if not isinstance(found, StructDecl) or found.kind not in limits:
                continue
            size, most = spec.size_max(found.type), limits[found.kind]
            if size > most:
                report.note(
                    module, None, f"{found.name} may take {size} bytes", f"at most {most}: lower the bounds"
                )


def _check_conditions(loader: Loader, contract: ContractDecl, report: Report) -> None:
    """Nothing compiles invariants, but tests and the checker run them."""
    classes = [d for m in loader.modules.values() for d in m.names.values() if isinstance(d, ClassDecl)]
    found = [*contract.invariants.values(), *(i for each in classes for i in each.invariants.values())]
    for condition in {id(each): each for each in found}.values():
        check_condition(condition, report)


def _check_sizes(module: Module, contract: ContractDecl, report: Report) -> None:
    for state in contract.state.values():
        size = len(state.name) + 1
        for part in state.key or ():
            size += 32 if key_part_is_hashed(part.type) else spec.size_max(part.type)
        if size > spec.KEY_BYTES_MAX:
            report.note(
                module,
                None,
                f"the key of {state.name} may take {size} bytes",
                f"a key takes at most {spec.KEY_BYTES_MAX}: hash a part, or use fewer",
            )
    for method in contract.methods.values():
        if method.kind not in ("entry", "view"):
            continue
        given = sum(spec.size_max(each.type) for each in method.parameters.values())
        for what, size in (("arguments", given), ("result", spec.size_max(method.result.type))):
            if size > spec.VALUE_BYTES_MAX:
                report.note(
                    method.module,
                    method.node,
                    f"the {what} of {method.name} may take {size} bytes",
                    f"at most {spec.VALUE_BYTES_MAX}: lower the bounds",
                )
