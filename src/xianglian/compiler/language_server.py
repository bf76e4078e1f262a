"""The compiler's refusals in an editor: a server of the Language Server Protocol 3.17 over `build`.

A file is compiled when it is opened and when it is saved; one that declares no contract (a library, a test)
is left alone. Refusals of imported files are shown in those files.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from xianglian.compiler import CompileError, Diagnostic, LimitExceeded, build

_SOURCE = "xl contract"


def refusals(path: Path) -> list[Diagnostic]:
    """What the compiler refuses in a contract file and its imports; nothing for a file without contract."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    if "@contract" not in text:
        return []
    try:
        build(path)
    except CompileError as error:
        return error.diagnostics
    except LimitExceeded as error:
        return [Diagnostic(path, 1, 1, str(error), "split the contract, or lower its bounds")]
    return []


def shown(found: Diagnostic) -> types.Diagnostic:
    """A refusal as editors have it: from its place to the end of the line, counted from 0."""
    line, start = found.line - 1, found.column - 1
    end = max(len(found.source.rstrip()), start + 1)
    return types.Diagnostic(
        range=types.Range(types.Position(line, start), types.Position(line, end)),
        message=f"{found.what}\nfix: {found.fix}",
        severity=types.DiagnosticSeverity.Error,
        source=_SOURCE,
    )


def server() -> LanguageServer:
    """A server that is ready to be started."""
    made = LanguageServer("xianglian-contract", version("xianglian"))
    told: dict[str, set[str]] = {}
    """By the file that was compiled: the files that have marks from it."""

    def tell(uri: str) -> None:
        path = to_fs_path(uri)
        if path is None:
            return
        by_file: dict[str, list[types.Diagnostic]] = {uri: []}
        for found in refusals(Path(path)):
            there = uri if Path(path) == found.file else from_fs_path(str(found.file)) or uri
            by_file.setdefault(there, []).append(shown(found))
        for gone in told.get(uri, set()) - set(by_file):
            by_file[gone] = []
        told[uri] = {each for each, marks in by_file.items() if marks}
        for each, marks in by_file.items():
            made.text_document_publish_diagnostics(types.PublishDiagnosticsParams(each, marks))

    @made.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(parameters: types.DidOpenTextDocumentParams) -> None:
        tell(parameters.text_document.uri)

    @made.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(parameters: types.DidSaveTextDocumentParams) -> None:
        tell(parameters.text_document.uri)

    return made
