"""What a contract inherits: the order of its components, and their members merged into one class.

The order is Python's own (C3), so that a method means the same in both worlds. A member has one meaning: a
second declaration of a name is a refusal, unless it overrides a method that is marked `@overridable` of a
component that its class inherits, with the same signature. A component that is reached twice counts once.
"""

from __future__ import annotations

import ast

from xianglian.compiler.errors import Refused
from xianglian.compiler.frontend.declarations import ClassDecl, ContractDecl, FunctionDecl, Report


def order_of(cls: ClassDecl) -> list[ClassDecl] | None:
    """The class and its components, nearest first; None where Python finds no order."""
    chains = [order_of(base) for base in cls.bases]
    if None in chains:
        return None
    todo = [list(each) for each in [*chains, list(cls.bases)] if each]
    found = [cls]
    while todo:
        head = next((c[0] for c in todo if not any(c[0] in other[1:] for other in todo)), None)
        if head is None:
            return None
        found.append(head)
        todo = [rest for c in todo if (rest := c[1:] if c[0] is head else c)]
    return found


def inherits(cls: ClassDecl, base: ClassDecl) -> bool:
    """Whether `base` is among the components of `cls`, at any depth."""
    return any(each is base or inherits(each, base) for each in cls.bases)


def merge(cls: ClassDecl, report: Report) -> ContractDecl:
    """The class with its components' members, which come first. Raises `Refused` without an order."""
    order = order_of(cls)
    if order is None:
        raise report.refuse(
            cls.module,
            cls.node,
            f"{cls.name} inherits components in two orders",
            "name a component before those that it inherits, and each once",
        )
    merged = ContractDecl(cls.name, cls.label, {}, {})
    owners: dict[str, ClassDecl] = {}
    for each in reversed(order):
        for name in each.places:
            if name in owners and not _overrides(cls, owners[name], each, name, report):
                continue
            owners[name] = each
            if name in each.state:
                merged.state[name] = each.state[name]
            elif name in each.methods:
                merged.methods[name] = each.methods[name]
            elif name in each.invariants:
                merged.invariants[name] = each.invariants[name]
    return merged


def seen_by(contract: ContractDecl, function: FunctionDecl) -> ContractDecl:
    """What `self` means in a method: the state and methods that its own class declares or inherits.

    A component so cannot come to depend on the contracts that it happens to be part of.
    """
    if function.owner is None:
        return contract
    names = {name for cls in order_of(function.owner) or () for name in cls.places}
    return ContractDecl(
        function.owner.name,
        function.owner.label,
        {name: each for name, each in contract.state.items() if name in names},
        {name: each for name, each in contract.methods.items() if name in names},
    )


def _overrides(cls: ClassDecl, below: ClassDecl, above: ClassDecl, name: str, report: Report) -> bool:
    """Whether the member `name` of `above` may stand for that of `below`; a refusal is noted otherwise."""
    old, new = below.methods.get(name), above.methods.get(name)
    what = f"`{name}` is declared by {_place(below, name)} and by {_place(above, name)}"
    where: tuple[ClassDecl, ast.AST] = (above, above.places[name]) if above is cls else (cls, cls.node)
    fix = "rename one of them"
    if old is not None and new is not None and inherits(above, below):
        if not old.overridable:
            fix = f"rename one, or mark {below.name}.{name} @overridable if contracts may change it"
        elif _signature(old) != _signature(new):
            what = f"`{name}` overrides {_place(below, name)} with another signature"
            fix = f"write {_signature_text(old)}"
        else:
            return True
    report.note(where[0].module, where[1], what, fix)
    return False


def _place(cls: ClassDecl, name: str) -> str:
    return f"{cls.name} ({cls.module.place}, line {getattr(cls.places[name], 'lineno', 1)})"


def _signature(method: FunctionDecl) -> object:
    return (
        method.kind,
        [(name, each.type, each.privacy) for name, each in method.parameters.items()],
        (method.result.type, method.result.privacy),
    )


def _signature_text(method: FunctionDecl) -> str:
    mark = f"@{method.kind} " if method.kind != "method" else ""
    node = method.node
    result = ast.unparse(node.returns) if node.returns else "None"
    return f"{mark}def {method.name}({ast.unparse(node.args)}) -> {result}"


def refuse_base(report: Report, cls: ClassDecl, base: ast.expr) -> Refused:
    """A base class that is no component."""
    return report.refuse(
        cls.module,
        base,
        f"{cls.name} inherits `{ast.unparse(base)}`, which is no component",
        "inherit classes that are decorated with @component",
    )
