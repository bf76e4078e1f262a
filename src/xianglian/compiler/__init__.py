"""Typed Python to WebAssembly: `frontend` (files to typed form) → `ir` → `wasm` (module); each stage prints
itself.

Nodes do not trust this package: they validate and meter every module themselves. `build(path)` is the whole
of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xianglian.compiler.errors import TOO_DEEP, CompileError, Diagnostic, LimitExceeded, SourceUnreadable
from xianglian.compiler.frontend import Checked, check
from xianglian.compiler.interface import describe
from xianglian.compiler.ir import dump, dump_types
from xianglian.compiler.wasm.encode import WasmModule, text_module
from xianglian.compiler.wasm.module import generate
from xianglian.contract.crypto import sm3_digest

__all__ = [
    "BuildResult",
    "CompileError",
    "Diagnostic",
    "LimitExceeded",
    "SourceUnreadable",
    "build",
    "contract_file",
]


@dataclass(frozen=True)
class BuildResult:
    """A compiled contract; the texts are made when they are asked for."""

    path: Path
    checked: Checked
    module: WasmModule
    wasm: bytes

    @property
    def name(self) -> str:
        """The contract's class name."""
        return self.checked.contract.name

    @property
    def code_hash(self) -> str:
        """SM3 of the module, hex."""
        return sm3_digest(self.wasm).hex()

    @cached_property
    def interface(self) -> dict[str, Any]:
        """The interface description."""
        return describe(self.checked)

    @cached_property
    def interface_json(self) -> bytes:
        """The description as canonical JSON: UTF-8, sorted keys, no spaces."""
        return json.dumps(self.interface, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @property
    def types_text(self) -> str:
        """Names with the types that the checker gave them."""
        return dump_types(self.checked.program)

    @property
    def ir_text(self) -> str:
        """The typed form."""
        return dump(self.checked.program)

    @property
    def wat_text(self) -> str:
        """The module as text."""
        return text_module(self.module)

    @property
    def source_map(self) -> dict[str, Any]:
        """Files and the lines of functions; a receipt's line n means file n // lines_per_file."""
        source: dict[str, Any] = self.interface["source"]
        return source


def contract_file(path: str | Path) -> Path:
    """The file that a path means: itself, or `contract.py` in the folder."""
    found = Path(path)
    return found / "contract.py" if found.is_dir() else found


def build(path: str | Path) -> BuildResult:
    """Compiles the contract in a file, or in `contract.py` of a folder.

    Raises `CompileError` with all refusals, `LimitExceeded` if a node would not take the module,
    `SourceUnreadable`.
    """
    file = contract_file(path)
    checked = check(file)
    try:
        module, wasm = generate(checked.program)
    except RecursionError:
        raise CompileError([Diagnostic(file, 1, 1, *TOO_DEEP)]) from None
    return BuildResult(file, checked, module, wasm)
