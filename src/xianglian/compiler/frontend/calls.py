"""Checks calls: conversions, built-ins, helpers and methods, records, events, errors, `ctx` and map
methods.
"""

from __future__ import annotations

import ast

from xianglian.compiler import ir
from xianglian.compiler.frontend.annotations import holds_sealed
from xianglian.compiler.frontend.checker import Given, let
from xianglian.compiler.frontend.declarations import Api, FunctionDecl, GenericDecl, StructDecl
from xianglian.compiler.frontend.expressions import Expressions
from xianglian.compiler.frontend.generics import infer, instance, names_in
from xianglian.contract import spec

ROLE_BYTES_MAX = 64
"""The longest role name that a node takes (`xl-vm`, limits)."""
_FIXED = {"Address": spec.ADDRESS, "Hash": spec.HASH, "Ref": spec.REF}
_ORGANISATION = spec.OptionType(spec.VarType("text", 64))


class Calls(Expressions):
    """Call checking for one function."""

    def call(self, node: ast.Call) -> ir.Expr:
        """The checked form of a call that yields a value (or nothing, for a helper without result)."""
        target = node.func
        if isinstance(target, ast.Name) and target.id not in self.scope.types:
            match self.module.names.get(target.id):
                case Api(name):
                    return self._api_call(node, name)
                case StructDecl() as struct:
                    return self.make(node, struct)
                case FunctionDecl() as function:
                    return self._function_call(node, function)
                case GenericDecl() as generic:
                    return self._generic_call(node, generic)
            if target.id in (
                "len",
                "min",
                "max",
                "int",
                "bool",
                "str",
                "bytes",
                "range",
                "print",
                "sum",
                "abs",
                "sorted",
                "isinstance",
                "enumerate",
                "zip",
                "reversed",
                "any",
                "all",
            ):
                return self._builtin(node, target.id)
        if isinstance(target, ast.Subscript):
            return self._list_call(node, target)
        if isinstance(target, ast.Attribute):
            return self._method_call(node, target)
        raise self.refuse(node, f"`{ast.unparse(target)}` cannot be called", "declare or import it first")

    def make(self, node: ast.Call, struct: StructDecl) -> ir.Expr:
        """A record, event or the facts of an error."""
        if node.args:
            raise self.refuse(
                node,
                f"{struct.name} with unnamed values",
                "name every field: " + ", ".join(f"{f}=..." for f in struct.fields),
            )
        given = {each.arg: each.value for each in node.keywords}
        if set(given) != set(struct.fields):
            missing = [f for f in struct.fields if f not in given] or sorted(
                str(f) for f in set(given) - set(struct.fields)
            )
            word = "lacks" if len(given) < len(struct.fields) else "has no field"
            raise self.refuse(
                node, f"{struct.name} {word} {', '.join(missing)}", "give all of: " + ", ".join(struct.fields)
            )
        made = [
            Given(value, self.value(value), struct.fields[str(name)].type, f"{struct.name}.{name}")
            for name, value in given.items()
        ]
        names = list(struct.fields)
        order = tuple(names.index(str(name)) for name in given)
        kept, fitted = self.settle(made, convert=True)
        values = dict(zip(order, fitted, strict=True))
        in_order = tuple(values[index] for index in range(len(names)))
        return let(kept, ir.Make(struct.type, in_order, tuple(range(len(names))) if kept else order))

    def _arguments(self, node: ast.Call, least: int, most: int | None = None) -> list[ast.expr]:
        most = least if most is None else most
        if (
            node.keywords
            or not least <= len(node.args) <= most
            or any(isinstance(a, ast.Starred) for a in node.args)
        ):
            count = (
                str(least) if least == most else f"{least} to {most}" if most < 99 else f"at least {least}"
            )
            raise self.refuse(
                node, f"{ast.unparse(node.func)} takes {count} unnamed values", "correct the call"
            )
        return node.args

    def _api_call(self, node: ast.Call, name: str) -> ir.Expr:
        kind = spec.INTEGERS.get("u64" if name == "Time" else name)
        if kind is not None:
            return self._number(node, kind)
        if name in _FIXED:
            return self._fixed(node, _FIXED[name])
        match name:
            case "sm3":
                return ir.Sm3(spec.HASH, tuple(self._part(each) for each in self._arguments(node, 1, 99)))
            case "encode":
                return self._encode(node)
            case "replace":
                return self._replace(node)
            case "sm2_verify":
                key, signature, message = (self._bytes(each) for each in self._arguments(node, 3))
                return ir.Sm2Verify(spec.BOOL, key, signature, message)
            case "emit" | "require":
                raise self.refuse(node, f"{name} inside an expression", "write it on its own line")
        raise self.refuse(node, f"`{name}` cannot be called here", "see the reference")

    def _number(self, node: ast.Call, kind: spec.IntType) -> ir.Expr:
        argument = self._arguments(node, 1)[0]
        found = self.value(argument)
        if isinstance(found.type, spec.EnumType):
            found = (
                ir.Retype(spec.INT, found)
                if not isinstance(found, ir.Const)
                else ir.Const(spec.INT, found.value)
            )
        if not isinstance(found.type, spec.IntType):
            raise self.refuse(node, f"{kind}(...) of {found.type}", "it converts numbers and enum members")
        return self.convert(node, found, kind)

    def _fixed(self, node: ast.Call, kind: spec.FixedType) -> ir.Expr:
        found = self.value(self._arguments(node, 1)[0])
        if found.type == kind:
            return found
        if isinstance(found.type, spec.FixedType) and found.type.size == kind.size:
            return ir.Retype(kind, found)
        if isinstance(found, ir.Data) and found.type.name == "bytes" and len(found.value) == kind.size:  # type: ignore[union-attr]
            return ir.Data(kind, found.value)
        if isinstance(found.type, spec.VarType) and found.type.name == "bytes":
            return ir.Fix(kind, found, self.line(node))
        raise self.refuse(node, f"{kind}(...) of {found.type}", f"it takes {kind.size} bytes")

    def _bytes(self, node: ast.expr) -> ir.Expr:
        found = self.as_bytes(self.value(node))
        if not isinstance(found.type, spec.VarType) or found.type.name != "bytes":
            raise self.refuse(
                node, f"`{ast.unparse(node)}` is {found.type}, not bytes", "use text.encode(), or encode(x)"
            )
        return found

    def _part(self, node: ast.expr) -> ir.Expr:
        found = self.value(node)
        if not isinstance(found.type, spec.FixedType | spec.VarType):
            raise self.refuse(node, f"sm3 of {found.type}", f"write sm3(encode({ast.unparse(node)}))")
        return found

    def _encode(self, node: ast.Call) -> ir.Expr:
        found = self.value(self._arguments(node, 1)[0])
        if found.type == spec.INT or isinstance(
            found.type, ir.TableType | spec.OptionType | spec.ListType | spec.TupleType
        ):
            raise self.refuse(
                node,
                f"encode of {found.type}",
                "give an int a type: encode(u64(x)); put options, lists and tuples into a record",
            )
        size = spec.size_max(found.type)
        return ir.Encode(spec.VarType("bytes", size, holds_sealed(found.type)), found)

    def _replace(self, node: ast.Call) -> ir.Expr:
        if len(node.args) != 1 or not node.keywords:
            raise self.refuse(
                node,
                "replace takes a record and the fields to change",
                "write replace(licence, status=Status.REVOKED)",
            )
        base = self.value(node.args[0])
        if not isinstance(base.type, spec.RecordType):
            raise self.refuse(node, f"replace of {base.type}", "it works on records")
        kinds, names = dict(base.type.fields), [name for name, _ in base.type.fields]
        local = self.scope.temporary(base.type)
        record = ir.Local(base.type, local)
        values: list[ir.Expr] = [ir.Field(kind, record, n) for n, (_, kind) in enumerate(base.type.fields)]
        given, changed = [], []
        for each in node.keywords:
            if each.arg not in kinds:
                raise self.refuse(
                    node, f"{base.type} has no field `{each.arg}`", f"it has {', '.join(names)}"
                )
            changed.append(names.index(each.arg))
            given.append(
                Given(each.value, self.value(each.value), kinds[each.arg], f"{base.type}.{each.arg}")
            )
        kept, fitted = self.settle(given, convert=True)
        for index, value in zip(changed, fitted, strict=True):
            values[index] = value
        order = (*changed, *(n for n in range(len(names)) if n not in changed))
        made = ir.Make(base.type, tuple(values), tuple(range(len(names))) if kept else order)
        return let([(local, base), *kept], made)

    def _builtin(self, node: ast.Call, name: str) -> ir.Expr:
        match name:
            case "len":
                if (count := self.count_of(node)) is not None:
                    return count
                found = self.as_bytes(self.value(self._arguments(node, 1)[0]))
                if isinstance(found, ir.Table):
                    return ir.Const(spec.INT, len(found.values))
                if isinstance(found, ir.Data) and found.type.name == "bytes":  # type: ignore[union-attr]
                    return ir.Const(spec.INT, len(found.value))
                if isinstance(found.type, spec.ListType) or (
                    isinstance(found.type, spec.VarType) and found.type.name == "bytes"
                ):
                    return ir.Length(spec.INT, found)
                fix = (
                    "count its bytes: len(text.encode())"
                    if isinstance(found.type, spec.VarType)
                    else "it works on bytes and lists"
                )
                raise self.refuse(node, f"len of {found.type}", fix)
            case "min" | "max":
                left, right = (self.value(each) for each in self._arguments(node, 2))
                if left.type != right.type or not isinstance(left.type, spec.IntType):
                    raise self.refuse(
                        node,
                        f"{name} of {left.type} and {right.type}",
                        "give both the same type, for example u64(3)",
                    )
                return ir.Binary(left.type, name, left, right, self.line(node))
            case "any" | "all" | "sum":
                return self.fold(node, name)
            case "str":
                (argument,) = self._arguments(node, 1)
                return self.text_of(argument, self.value(argument))
            case "int":
                found = self.value(self._arguments(node, 1)[0])
                if isinstance(found.type, spec.EnumType):
                    return (
                        ir.Const(spec.INT, found.value)
                        if isinstance(found, ir.Const)
                        else ir.Retype(spec.INT, found)
                    )
                if isinstance(found.type, spec.IntType):
                    return self.convert(node, found, spec.INT)
            case "bytes":
                found = self.value(self._arguments(node, 1)[0])
                if isinstance(found.type, spec.FixedType):
                    return self.as_bytes(found)
                if isinstance(found, ir.Const) and found.type == spec.INT and 0 <= found.value <= 4096:
                    return ir.Data(spec.VarType("bytes", found.value), bytes(found.value))
        fixes = {
            "range": "it stands only in `for i in range(...)`",
            "print": "emit an event",
            "abs": "write `x if x >= 0 else -x`",
            "sorted": "keep what must be ordered in order as it is written",
            "enumerate": "it stands only in `for i, x in enumerate(items)`",
            "zip": "it stands only in `for a, b in zip(x, y)`",
            "reversed": "it stands only in `for x in reversed(items)`",
        }
        raise self.refuse(
            node, f"{name}(...) here", fixes.get(name, "see the list of expressions in the reference")
        )

    def _function_call(self, node: ast.Call, function: FunctionDecl) -> ir.Expr:
        given = self._arguments(node, len(function.parameters))
        return self._pass(function, given, [self.value(each) for each in given])

    def _generic_call(self, node: ast.Call, generic: GenericDecl) -> ir.Expr:
        given = self._arguments(node, len(generic.annotations))
        values = [self.value(each) for each in given]
        bound = infer(generic, [each.type for each in values])
        if open_ones := sorted(generic.variables - set(bound)):
            raise self.refuse(
                node,
                f"{', '.join(open_ones)} of {generic.name} is not known",
                "pass a value of the type meant",
            )
        function = instance(generic, bound)
        if function is None:
            raise self.refuse(node, f"{generic.name} for ever more types", "name one type in its annotations")
        return self._pass(function, given, values)

    def _pass(self, function: FunctionDecl, given: list[ast.expr], values: list[ir.Expr]) -> ir.Expr:
        arguments = tuple(
            self.fit(each, value, declared.type, f"{name} of {function.name}", convert=False)
            for each, value, (name, declared) in zip(given, values, function.parameters.items(), strict=True)
        )
        self.called.append(function)
        return ir.Call(function.result.type, function.symbol, arguments)

    def _list_call(self, node: ast.Call, target: ast.Subscript) -> ir.Expr:
        kind = self.annotations.resolve(target, target, "the list", shown=False).type
        if isinstance(kind, spec.FixedType):
            return self._fixed(node, kind)
        if self.function.bound and names_in([target]) & self.function.bound.keys():
            raise self.refuse(
                node,
                "a list of a type parameter",
                "plain Python cannot know it: pass in a list to start from",
            )
        if not isinstance(kind, spec.ListType) or node.keywords:
            raise self.refuse(
                node,
                f"`{ast.unparse(target)}` cannot be called",
                "only List[T, N](...) and FixedBytes[N](...) make a value",
            )
        if len(node.args) == 1 and isinstance(node.args[0], ast.Starred):
            items = node.args[0].value
            return self.fit(items, self.value(items), kind, "the list", convert=True)
        return self.list_of(ast.copy_location(ast.List(node.args, ast.Load()), node), kind)

    def _method_call(self, node: ast.Call, target: ast.Attribute) -> ir.Expr:
        root = target.value
        if isinstance(root, ast.Name) and root.id not in self.scope.types:
            if root.id == "self" and self.in_contract:
                method = self.contract.methods.get(target.attr)
                if method is None or method.kind in ("entry", "init", "migrate"):
                    raise self.refuse(
                        node,
                        f"`self.{target.attr}` cannot be called",
                        "call views and helpers named _name; move shared code into one",
                    )
                return self._function_call(node, method)
            if self.module.names.get(root.id) == Api("ctx"):
                return self._context_call(node, target.attr)
        if (place := self.place(root)) is not None and place.state.key is not None and place.open:
            return self.collection_call(node, target.attr, place)
        value = self.value(root)
        match target.attr, value.type:
            case "encode", spec.VarType(name="text"):
                self._arguments(node, 0)
                of = spec.VarType("bytes", value.type.limit, value.type.sealed)
                return ir.Data(of, value.value) if isinstance(value, ir.Data) else ir.Retype(of, value)
            case "hex", spec.VarType(name="bytes") | spec.FixedType():
                self._arguments(node, 0)
                size = value.type.size if isinstance(value.type, spec.FixedType) else value.type.limit
                sealed = holds_sealed(value.type)
                return ir.Hex(spec.VarType("text", None if size is None else 2 * size, sealed), value)
            case "find", spec.VarType(name="bytes") | spec.FixedType():
                byte = self.whole(self._arguments(node, 1)[0], "the byte")
                return ir.Find(spec.INT, self.as_bytes(value), byte)
            case "append", spec.ListType():
                raise self.refuse(
                    node, "a list changed in place", "lists are values: write items = items + [x]"
                )
        raise self.refuse(
            node,
            f"{value.type} has no method `{target.attr}`",
            "text has encode(), bytes have find(byte) and hex(), maps have get(key)",
        )

    def _context_call(self, node: ast.Call, name: str) -> ir.Expr:
        match name:
            case "has_role":
                account, role = self._arguments(node, 2)
                found = self.value(role)
                is_text = isinstance(found.type, spec.VarType) and found.type.name == "text"
                if (
                    not isinstance(found, ir.Data)
                    or not is_text
                    or not 0 < len(found.value) <= ROLE_BYTES_MAX
                ):
                    raise self.refuse(
                        role,
                        "the role is no text constant",
                        'write it out: ctx.has_role(ctx.caller, "issuer")',
                    )
                checked = self.fit(account, self.value(account), spec.ADDRESS, "the account", convert=False)
                return ir.HasRole(spec.BOOL, checked, found)
            case "organisation_of":
                account = self._arguments(node, 1)[0]
                checked = self.fit(account, self.value(account), spec.ADDRESS, "the account", convert=False)
                return ir.OrganisationOf(_ORGANISATION, checked)
        raise self.refuse(
            node, f"ctx has no `{name}`", "it has has_role(account, role) and organisation_of(account)"
        )
