"""What is asked of a file before its declarations are read: that it is plain text of a bounded size, that its
names look the same to Python and to readers, and that importing it runs nothing but declarations.

The last matters because tests, `xl contract check` and editors import a contract that the compiler accepted.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from xianglian.compiler.errors import SourceUnreadable
from xianglian.compiler.frontend.declarations import Api, InvariantDecl, Module, Report

SOURCE_BYTES_MAX = 1 << 20
"""The largest file that is read: a node takes 256 KiB of code."""
_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_UTF_8 = ("utf-8", "utf8", "utf_8")
_WORDS = {
    "abs",
    "all",
    "any",
    "bool",
    "bytes",
    "int",
    "len",
    "max",
    "min",
    "old",
    "range",
    "self",
    "str",
    "sum",
}
"""What a condition may name beside declarations."""


def read(path: Path) -> str:
    """The text of a source file. Raises `SourceUnreadable`."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise SourceUnreadable(f"{path}: no regular file", source=str(path))
        with path.open("rb") as file:
            data = file.read(SOURCE_BYTES_MAX + 1)
    except OSError as error:
        raise SourceUnreadable(f"{path}: {error.strerror}", source=str(path)) from error
    if len(data) > SOURCE_BYTES_MAX:
        raise SourceUnreadable(f"{path}: more than {SOURCE_BYTES_MAX} bytes", source=str(path))
    try:
        # As Python does: every way to end a line counts as one line feed.
        text = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise SourceUnreadable(f"{path}: no UTF-8 text", source=str(path)) from error
    return text


def check_tree(module: Module, report: Report) -> None:
    """Notes names that Python or a reader takes for others, and what an import would run."""
    for number, line in enumerate(module.source[:2], 1):
        found = _CODING.match(line)
        if found and found[1].lower() not in _UTF_8:
            at = ast.Constant(0, lineno=number, col_offset=0)
            report.note(module, at, f"the file declares the encoding {found[1]}", "write UTF-8")
    for node in ast.walk(module.tree):
        for name in _names(node):
            if not name.isascii():
                report.note(
                    module, node, f"the name `{name}`", "use ASCII letters; people read the docstring"
                )
            elif name.startswith("__") and name != "__all__" and not _is_read(node):
                report.note(
                    module,
                    node,
                    f"the name `{name}`",
                    "begin it with a letter: Python gives this one a meaning",
                )
    for call in _run_by_import(module.tree):
        made = module.names.get(call.func.id) if isinstance(call.func, ast.Name) else None
        told = any(each.file == module.path and each.line == call.lineno for each in report.found)
        if not isinstance(made, Api) and not told:
            report.note(
                module,
                call,
                f"`{ast.unparse(call.func)}` called outside functions",
                "declare only: what runs, runs in an entry",
            )


def check_condition(found: InvariantDecl, report: Report) -> None:
    """Notes names in an invariant that are neither declared nor among the words of conditions."""
    own = {each.arg for each in ast.walk(found.condition) if isinstance(each, ast.arg)}
    for node in ast.walk(found.condition):
        if isinstance(node, ast.Name) and node.id not in own | _WORDS and node.id not in found.module.names:
            report.note(
                found.module, node, f"`{node.id}` is not known here", "assign, import or declare it first"
            )


def has_late_annotations(module: Module) -> bool:
    """Whether annotations are left as text, so that they may name what is declared below."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(each.name == "annotations" for each in node.names)
        for node in module.tree.body
    )


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.keyword(arg=str(name)) | ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name


def _is_read(node: ast.AST) -> bool:
    """Whether a name is only looked up, which is refused elsewhere where nothing declares it."""
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def _run_by_import(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls outside the bodies of functions."""
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
        elif isinstance(node, ast.Lambda):
            todo.append(node.args)
        else:
            todo += list(ast.iter_child_nodes(node))
