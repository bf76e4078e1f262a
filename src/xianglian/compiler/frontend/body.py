"""Checks the statements of one function: types of locals, assignment on every path, options proven
present.
"""

from __future__ import annotations

import ast

from xianglian.compiler import ir
from xianglian.compiler.errors import Refused
from xianglian.compiler.frontend.access import PAGE_MAX
from xianglian.compiler.frontend.annotations import unbounded
from xianglian.compiler.frontend.declarations import Api, StateDecl, StructDecl
from xianglian.compiler.frontend.outside import Outside
from xianglian.compiler.frontend.scope import assigned_in, proven
from xianglian.compiler.frontend.tuples import is_open
from xianglian.compiler.frontend.walks import Turn
from xianglian.contract import spec
from xianglian.contract.errors import BUILTIN_ERRORS, AssertionFailed

_BUILTIN = {error.__name__ for error in BUILTIN_ERRORS}


class Body(Outside):
    """Lowers a function. A refused statement is skipped, so that one run reports all."""

    def lower(self) -> ir.Function:
        """The function in the intermediate form; only meaningful if nothing was refused."""
        declared = self.function
        parameters = tuple((name, each.type) for name, each in declared.parameters.items())
        for name, kind in parameters:
            self.scope.types[name] = kind
            self.scope.assigned.add(name)
        body = self.block(declared.node.body)
        if not self.scope.ended and declared.result.type != spec.NONE and not self.open_end:
            self.report.note(
                self.module,
                declared.node,
                f"{declared.name} may end without a result",
                f"return a {declared.result.type} on every path",
            )
        exported = {
            "entry": declared.name,
            "view": declared.name,
            "init": "init",
            "migrate": "migrate",
        }.get(declared.kind)
        line = self.line(declared.node)
        return ir.Function(
            declared.symbol,
            parameters,
            declared.result.type,
            line,
            dict(self.scope.types),
            tuple(body),
            exported,
        )

    def block(self, body: list[ast.stmt]) -> list[ir.Stmt]:
        """Statements in order."""
        lowered: list[ir.Stmt] = []
        for stmt in body:
            if self.scope.ended:
                self.report.note(self.module, stmt, "this never runs", "remove it")
                break
            try:
                lowered += [ir.placed(each, self.line(stmt)) for each in self._statement(stmt)]
            except Refused:
                self.broken = True
                self.scope.ended = isinstance(stmt, ast.Return | ast.Raise)
                self.open_end |= any(isinstance(each, ast.Return | ast.Raise) for each in ast.walk(stmt))
                for name in assigned_in([stmt]) - set(self.scope.types):
                    self.scope.broken.add(name)
        return lowered

    def _statement(self, stmt: ast.stmt) -> list[ir.Stmt]:
        match stmt:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                return []
            case ast.Expr(value=ast.Call() as call):
                return self._call_statement(call)
            case ast.Assign(targets=[target]):
                return self._assign(stmt, target, stmt.value)
            case ast.AnnAssign(target=ast.Name() as target) if stmt.value is not None:
                return self._annotated(stmt, target, stmt.value)
            case ast.AugAssign():
                return self._augmented(stmt)
            case ast.Delete(targets=[ast.Subscript() as target]):
                self.effects.append((stmt, "writes state"))
                return self.delete_entry(target)
            case ast.If():
                return self._if(stmt)
            case ast.While():
                test = ast.unparse(stmt.test)
                fix = (
                    f"write `for turn in bounded(100):`, the most turns; begin with `if not ({test}): break`"
                )
                if test == "True":
                    fix = "write `for turn in bounded(100):`, the most turns; leave it by break or return"
                raise self.refuse(stmt, "a loop without a bound", fix)
            case ast.For():
                return self._for(stmt)
            case ast.Break() | ast.Continue():
                self.scope.ended = True
                return [ir.Break() if isinstance(stmt, ast.Break) else ir.Continue()]
            case ast.Return():
                return self._return(stmt)
            case ast.Raise():
                return self._raise(stmt)
            case ast.Match():
                return self.match(stmt)
            case ast.Assert():
                return self._assert(stmt)
            case ast.Try():
                return self.attempt(stmt)
        raise self.refuse(
            stmt,
            f"`{ast.unparse(stmt).splitlines()[0]}` is outside the language",
            "see the list of statements in the reference",
        )

    # assignments

    def _assign(self, stmt: ast.stmt, target: ast.expr, value: ast.expr) -> list[ir.Stmt]:
        match target:
            case ast.Name():
                return self.assign(stmt, target.id, value, self.value(value))
            case ast.Attribute() | ast.Subscript():
                return self._set_state(stmt, target, value)
            case ast.Tuple():
                return self._unpack(stmt, target, value)
        raise self.refuse(
            stmt, f"assignment to `{ast.unparse(target)}`", "assign one name, state field or map entry"
        )

    def _unpack(self, stmt: ast.stmt, target: ast.Tuple, value: ast.expr) -> list[ir.Stmt]:
        """`a, b = b, a`: all values first, then the names from left to right."""
        turn: Turn = ()
        held: list[ir.Stmt] = []
        if isinstance(value, ast.Tuple):
            parts: list[ir.Expr] = []
            for each in value.elts:
                part = self.value(each)
                if not isinstance(part, ir.Const | ir.Data | ir.Nothing):
                    name = self.scope.temporary(part.type)
                    held.append(ir.Assign(name, part))
                    part = ir.Local(part.type, name)
                parts.append(part)
            turn = tuple(parts)
        else:
            turn = self.value(value)
        return held + self.take(target, turn, lambda name, part: self.assign(stmt, name.id, name, part)[0])

    def assign(self, stmt: ast.stmt, name: str, node: ast.expr, found: ir.Expr) -> list[ir.Stmt]:
        """`name = found`, where `found` is the checked form of `node`."""
        if name == "self" or name in self.module.names:
            raise self.refuse(stmt, f"`{name}` already means something here", "take another name")
        kind = self.scope.types.get(name)
        if kind is None:
            if isinstance(found, ir.Nothing):
                raise self.refuse(
                    stmt, f"the type of `{name}` is not known", f"write {name}: T | None = None"
                )
            if is_open(found.type):
                raise self.refuse(
                    stmt, f"the type of `{name}` is not known", "give None a type before: x: T | None = None"
                )
            if found.type == spec.NONE:
                raise self.refuse(stmt, "the call yields nothing", "leave the assignment out")
            kind = found.type
            if isinstance(kind, spec.VarType):
                kind = spec.VarType(
                    kind.name, None if not isinstance(found.type, spec.VarType) else kind.limit, kind.sealed
                )
                # A local may later hold a longer value; its bound matters only where it is stored.
                kind = spec.VarType(kind.name, kind.limit if self._assigned_once(name) else None, kind.sealed)
            if isinstance(kind, spec.TupleType) and not self._assigned_once(name):
                kind = unbounded(kind)
            self.scope.types[name] = kind
        if found.type != kind and isinstance(kind, spec.IntType) and isinstance(found.type, spec.IntType):
            raise self.refuse(
                stmt,
                f"`{name}` is {kind}, now {found.type}",
                f"write {name} = {kind}({ast.unparse(node)}), or take another name",
            )
        fitted = self.fit(node, found, kind, f"`{name}`", convert=False)
        self.scope.forget(name)
        self.scope.assigned.add(name)
        if isinstance(kind, spec.OptionType) and isinstance(fitted, ir.Wrap):
            self.scope.present.add(name)
        return [ir.Assign(name, fitted)]

    def _assigned_once(self, name: str) -> bool:
        stores = [
            n
            for n in ast.walk(self.function.node)
            if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
        ]
        return len(stores) == 1

    def _annotated(self, stmt: ast.AnnAssign, target: ast.Name, value: ast.expr) -> list[ir.Stmt]:
        kind = self.annotations.resolve(stmt.annotation, stmt, f"`{target.id}`", shown=False).type
        known = self.scope.types.get(target.id)
        if known is not None and known != kind:
            raise self.refuse(stmt, f"`{target.id}` is {known}, now {kind}", "take another name")
        found = self.value(value)
        self.scope.types[target.id] = kind
        return self.assign(
            stmt, target.id, value, self.fit(value, found, kind, f"`{target.id}`", convert=False)
        )

    def _set_state(self, stmt: ast.stmt, target: ast.expr, value: ast.expr) -> list[ir.Stmt]:
        place = target
        while isinstance(place, ast.Subscript):
            place = place.value
        if isinstance(place, ast.Attribute) and not (
            isinstance(place.value, ast.Name) and place.value.id == "self"
        ):
            raise self.refuse(
                stmt,
                "a record changed in place",
                "records are values: write x = replace(x, field=value), then store x",
            )
        if isinstance(place, ast.Name):
            raise self.refuse(
                stmt,
                f"`{ast.unparse(target)}` changed in place",
                "lists and bytes are values: build a new one with +",
            )
        state = self.state(place)
        if isinstance(target, ast.Subscript) and state.key is None:
            fix = "lists and bytes are values: build a new one with +, then store it"
            raise self.refuse(stmt, f"`{state.name}` is no map", fix)
        self.effects.append((stmt, "writes state"))
        if isinstance(target, ast.Subscript):
            return self._store_entry(target, value)
        if state.key is not None:
            raise self.refuse(
                stmt, f"the map `{state.name}` as a whole", f"write one entry: self.{state.name}[key] = value"
            )
        fitted = self.fit(value, self.value(value), state.value.type, f"self.{state.name}", convert=True)
        return [ir.Store(state.name, (), fitted)]

    def _store_entry(self, target: ast.Subscript, value: ast.expr) -> list[ir.Stmt]:
        """`self.m[key] = value`: the value is evaluated first, converted last."""
        state, given = self.map_place(target)
        if state.kind == "set":
            raise self.refuse(target, "an entry of a set", f"write self.{state.name}.add(key)")
        found = self.value(value)
        what = f"self.{state.name}"
        fitted = self.fit(value, found, state.value.type, what, convert=True)
        simple = fitted is found or isinstance(fitted, ir.Const | ir.Nothing)
        if simple and state.kind == "plain":
            return [ir.Store(state.name, self.keys(target, state, given), fitted)]
        name = self.scope.temporary(found.type)
        lowered: list[ir.Stmt] = [ir.Assign(name, found)]
        keys, assigns = self._held(self.keys(target, state, given))
        held = ir.Local(found.type, name)
        fitted = self.fit(value, held, state.value.type, what, convert=True)
        return [*lowered, *assigns, *self.store(state, keys, fitted)]

    def _held(self, keys: tuple[ir.Expr, ...]) -> tuple[tuple[ir.Expr, ...], list[ir.Stmt]]:
        """Key parts as constants and locals, and the assignments that make them so."""
        held: list[ir.Expr] = []
        assigns: list[ir.Stmt] = []
        for key in keys:
            if isinstance(key, ir.Const | ir.Data | ir.Local):
                held.append(key)
                continue
            name = self.scope.temporary(key.type)
            assigns.append(ir.Assign(name, key))
            held.append(ir.Local(key.type, name))
        return tuple(held), assigns

    def _augmented(self, stmt: ast.AugAssign) -> list[ir.Stmt]:
        as_value = ast.copy_location(ast.BinOp(stmt.target, stmt.op, stmt.value), stmt)
        if isinstance(stmt.target, ast.Name):
            read = ast.copy_location(ast.Name(stmt.target.id, ast.Load()), stmt.target)
            as_value.left = read
            return self.assign(stmt, stmt.target.id, as_value, self.value(as_value))
        if not isinstance(stmt.target, ast.Subscript):
            self.state(stmt.target)
            as_value.left = ast.copy_location(
                ast.Attribute(stmt.target.value, stmt.target.attr, ast.Load()), stmt.target
            )
            return self._set_state(stmt, stmt.target, as_value)
        state, given = self.map_place(stmt.target)
        if state.kind == "set":
            raise self.refuse(stmt, "an entry of a set", f"write self.{state.name}.add(key)")
        keys, lowered = self._held(self.keys(stmt.target, state, given))
        current = ir.Load(state.value.type, state.name, keys, self.line(stmt))
        right = stmt.value
        if isinstance(right, ast.List) and isinstance(current.type, spec.ListType):
            found = self._list_join(stmt, current, self.list_of(right, current.type))  # type: ignore[arg-type]
        else:
            found = self._binary(as_value, current, self.value(right), stmt.op)
        self.effects.append((stmt, "writes state"))
        fitted = self.fit(as_value, found, state.value.type, f"self.{state.name}", convert=True)
        return [*lowered, *self.store(state, keys, fitted)]

    # control flow

    def _if(self, stmt: ast.If) -> list[ir.Stmt]:
        condition = self.condition(stmt.test)
        before = self.scope.save()
        self.scope.present |= proven(stmt.test, True)
        then = self.block(stmt.body)
        after_then = self.scope.save()
        self.scope.restore(before)
        self.scope.present |= proven(stmt.test, False)
        other = self.block(stmt.orelse)
        self.scope.join(after_then)
        return [ir.If(condition, tuple(then), tuple(other))]

    def _loop_body(self, body: list[ast.stmt], kept: tuple[set[str], set[str], bool]) -> tuple[ir.Stmt, ...]:
        lowered = tuple(self.block(body))
        self.scope.restore(kept)
        return lowered

    def _enter_loop(self, stmt: ast.For) -> tuple[set[str], set[str], bool]:
        if stmt.orelse:
            raise self.refuse(stmt, "else on a loop", "set a bool in the loop and test it after")
        for name in assigned_in(stmt.body):
            self.scope.forget(name)
        return self.scope.save()

    def _for(self, stmt: ast.For) -> list[ir.Stmt]:
        called = stmt.iter.func if isinstance(stmt.iter, ast.Call) else None
        place = self.place(called.value) if isinstance(called, ast.Attribute) else None
        if place is not None and place.state.kind == "ordered":
            return self._for_page(stmt, stmt.iter, place.state)
        walk = self.walk(stmt.iter)
        kept = self._enter_loop(stmt)
        take = self.take(
            stmt.target, walk.item, lambda name, part: self._bind(stmt, name.id, part.type, part)
        )
        body = self._loop_body(stmt.body, kept)
        # Only a break leaves a bounded loop for what follows it: the turn after the last is an error.
        self.scope.ended = bool(walk.head) and not any(isinstance(n, ast.Break) for n in ast.walk(stmt))
        return [*walk.start, ir.Loop(walk.condition, (*walk.head, *take, *body), tuple(walk.step))]

    def _for_page(self, stmt: ast.For, call: ast.expr, state: StateDecl) -> list[ir.Stmt]:
        """`for key, value in self.m.page(start, limit)`: runs of keys, one row of the tree at a time; entries
        that are gone when their turn comes are left out.
        """
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Attribute)
        match stmt.target:
            case ast.Tuple(elts=[key_target, value_target]) if call.func.attr == "page":
                pass
            case _:
                fix = f"write `for key, value in self.{state.name}.page(start, 50)`"
                raise self.refuse(stmt, f"a loop over `{ast.unparse(call)}`", fix)
        first, most = self._arguments(call, 2)
        (start,) = self.whole_key(self.keys(first, state, [first]))
        limit = self.value(most)
        if not isinstance(limit, ir.Const) or not 0 < limit.value <= PAGE_MAX:
            raise self.refuse(most, "the limit is no constant", f"write a number from 1 to {PAGE_MAX}")
        run_call = self.part(state, "run")
        kind = run_call.result.type
        assert isinstance(kind, spec.ListType)
        step = kind.item
        run, at, left = (self.scope.temporary(each) for each in (kind, spec.INT, spec.INT))
        here, rest = ir.Local(spec.INT, at), ir.Local(spec.INT, left)
        of = spec.OptionType(state.value.type)
        held = self.scope.temporary(state.value.type if isinstance(state.value.type, spec.OptionType) else of)
        zero, one = ir.Const(spec.INT, 0), ir.Const(spec.INT, 1)
        more = ir.Compare(spec.BOOL, ">", rest, zero)
        length = ir.Length(spec.INT, ir.Local(kind, run))

        def key_at(index: ir.Expr) -> ir.Expr:
            return ir.Field(start.type, ir.At(step, ir.Local(kind, run), index, self.line(stmt)), 0)

        def next_run(key: ir.Expr, after: bool) -> ir.Stmt:
            return ir.Assign(run, ir.Call(kind, run_call.symbol, (key, ir.Const(spec.BOOL, int(after)))))

        kept = self._enter_loop(stmt)

        def bound(name: ast.Name, part: ir.Expr) -> ir.Stmt:
            return self._bind(stmt, name.id, part.type, part)

        if isinstance(key_target, ast.Name):
            key = ir.Local(start.type, key_target.id)
            take = self.take(key_target, key_at(here), bound)
        else:
            key = ir.Local(start.type, self.scope.temporary(start.type))
            take = [ir.Assign(key.name, key_at(here)), *self.take(key_target, key, bound)]
        keys: tuple[ir.Expr, ...] = (key,)
        if isinstance(start.type, spec.TupleType):
            keys = tuple(ir.Field(kind, key, n) for n, kind in enumerate(start.type.items))
        less = ir.Assign(left, ir.Binary(spec.INT, "-", rest, one, self.line(stmt)))
        if isinstance(state.value.type, spec.OptionType):
            test: ir.Expr = ir.Has(spec.BOOL, state.name, keys)
            look: list[ir.Stmt] = []
            value: ir.Expr = ir.Load(state.value.type, state.name, keys, self.line(stmt))
        else:
            look = [ir.Assign(held, ir.TryLoad(of, state.name, keys, self.line(stmt)))]
            test = ir.Not(spec.BOOL, ir.IsNone(spec.BOOL, ir.Local(of, held)))
            value = ir.Unwrap(state.value.type, ir.Local(of, held))
        bind = self.take(value_target, value, bound)
        body = self._loop_body(stmt.body, kept)
        end = ir.Both(spec.BOOL, ir.Compare(spec.BOOL, "==", here, length), more)
        next_place = ir.Assign(at, ir.Binary(spec.INT, "next", here, one, self.line(stmt)))
        again = [next_run(key_at(ir.Const(spec.INT, -1)), True), ir.Assign(at, zero)]
        return [
            next_run(start, False),
            ir.Assign(at, zero),
            ir.Assign(left, ir.Const(spec.INT, limit.value)),
            ir.Loop(
                ir.Both(spec.BOOL, ir.Compare(spec.BOOL, "<", here, length), more),
                (*take, *look, ir.If(test, (less, *bind, *body), ())),
                (next_place, ir.If(end, tuple(again), ())),
            ),
        ]

    def _bind(self, stmt: ast.For, name: str, kind: ir.AnyType, value: ir.Expr) -> ir.Stmt:
        known = self.scope.types.setdefault(name, kind)
        if known != kind or name in self.module.names:
            raise self.refuse(
                stmt, f"`{name}` is {known}, now {kind}", "take another name for the loop variable"
            )
        self.scope.assigned.add(name)
        return ir.Assign(name, value)

    def _return(self, stmt: ast.Return) -> list[ir.Stmt]:
        result = self.function.result.type
        self.scope.ended = True
        if stmt.value is None or (
            isinstance(stmt.value, ast.Constant) and stmt.value.value is None and result == spec.NONE
        ):
            if result != spec.NONE and not isinstance(result, spec.OptionType):
                raise self.refuse(stmt, "a return without a value", f"return a {result}")
            return [ir.Return(ir.Nothing(result) if isinstance(result, spec.OptionType) else None)]
        if result == spec.NONE:
            raise self.refuse(
                stmt, f"{self.function.name} returns nothing", "correct its `->`, or leave the value out"
            )
        outside = self.function.kind in ("entry", "view")
        return [
            ir.Return(self.fit(stmt.value, self.value(stmt.value), result, "the result", convert=outside))
        ]

    # errors, events, calls

    def _raise(self, stmt: ast.Raise) -> list[ir.Stmt]:
        self.scope.ended = True
        if stmt.exc is None or stmt.cause is not None:
            raise self.refuse(stmt, "raise without an error, or with a cause", "write raise SomeError")
        return [self._refusal(stmt.exc, stmt)]

    def _refusal(self, node: ast.expr, stmt: ast.AST) -> ir.Raise:
        name = node.func if isinstance(node, ast.Call) else node
        declaration = self.module.names.get(name.id) if isinstance(name, ast.Name) else None
        if (
            isinstance(declaration, Api)
            and declaration.name in _BUILTIN
            and (node is name or not _has_arguments(node))
        ):
            if declaration.name == "AssertionFailed":
                raise self.refuse(node, "AssertionFailed raised by name", 'write assert condition, "message"')
            if declaration.name == "CallFailed":
                raise self.refuse(node, "CallFailed raised by name", "declare an error of your own")
            return ir.Raise(
                declaration.name, ir.Make(spec.RecordType(declaration.name, ()), (), ()), self.line(stmt)
            )
        if not isinstance(declaration, StructDecl) or declaration.kind != "error":
            raise self.refuse(
                node,
                f"`{ast.unparse(node)}` is no error of this contract",
                "declare class Name(ContractError) with a docstring",
            )
        made: ir.Expr
        if isinstance(node, ast.Call):
            made = self.make(node, declaration)
        elif declaration.fields:
            raise self.refuse(
                node,
                f"{declaration.name} without its facts",
                "give " + ", ".join(f"{f}=..." for f in declaration.fields),
            )
        else:
            made = ir.Make(declaration.type, (), ())
        return ir.Raise(declaration.name, made, self.line(stmt))

    def _call_statement(self, node: ast.Call) -> list[ir.Stmt]:
        api = self.module.names.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if api == Api("require"):
            return self._require(node)
        if api == Api("emit"):
            return self._emit(node)
        found = self.call(node)
        call = found.body if isinstance(found, ir.Let) else found
        if not isinstance(call, ir.Call | ir.Outside):
            raise self.refuse(node, "a value that nobody uses", "assign it, or remove the line")
        return [ir.Do(found)]

    def _require(self, node: ast.Call) -> list[ir.Stmt]:
        test, error = self._arguments(node, 2)
        condition = self.condition(test)
        lowered: list[ir.Stmt] = []
        refusal = self._refusal(error, node)
        if isinstance(refusal.value.type, spec.RecordType) and refusal.value.type.fields:
            # As in plain Python, the facts are computed before the call, so also where the condition holds.
            name, facts = self.scope.temporary(spec.BOOL), self.scope.temporary(refusal.value.type)
            lowered = [ir.Assign(name, condition), ir.Assign(facts, refusal.value)]
            condition = ir.Local(spec.BOOL, name)
            refusal = ir.Raise(refusal.code, ir.Local(refusal.value.type, facts), refusal.line)
        self.scope.present |= proven(test, True)
        return [*lowered, ir.If(ir.Not(spec.BOOL, condition), (refusal,), ())]

    def _assert(self, stmt: ast.Assert) -> list[ir.Stmt]:
        """As in plain Python, the message is made only where the condition fails."""
        condition = self.condition(stmt.test)
        before = self.scope.save()
        self.scope.present |= proven(stmt.test, False)
        facts = spec.RecordType("AssertionFailed", tuple(AssertionFailed.builtin_facts.items()))
        (_, kind), message = facts.fields[0], stmt.msg or ast.copy_location(ast.Constant(""), stmt)
        text = self.fit(message, self.value(message), kind, "the message", convert=True)
        self.scope.restore(before)
        self.scope.present |= proven(stmt.test, True)
        self.scope.ended = isinstance(condition, ir.Const) and not condition.value
        refusal = ir.Raise("AssertionFailed", ir.Make(facts, (text,), (0,)), self.line(stmt))
        return [ir.If(ir.Not(spec.BOOL, condition), (refusal,), ())]

    def _emit(self, node: ast.Call) -> list[ir.Stmt]:
        call = self._arguments(node, 1)[0]
        declaration = (
            self.module.names.get(call.func.id)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
            else None
        )
        if (
            not isinstance(call, ast.Call)
            or not isinstance(declaration, StructDecl)
            or declaration.kind != "event"
        ):
            raise self.refuse(
                node,
                "emit of something that is no event",
                "declare @event class Name, then emit(Name(field=...))",
            )
        self.effects.append((node, "emits"))
        return [ir.Emit(declaration.name, self.make(call, declaration))]


def _has_arguments(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and bool(node.args or node.keywords)
