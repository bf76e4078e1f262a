"""Writes the generated pages of docs/reference: commands, HTTP, errors. `--check` tells what is out of date.

Every page is made from what runs: the command tree, the gateway's own description, the codes in the sources.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
CODE = re.compile(r'"(XL-[A-Z][A-Z0-9_-]*[A-Z0-9])"')
CLAUSE = re.compile(r"-\d+$")
MADE = "<!-- Made by `make docs`; a change here is lost. -->"


# --- errors -------------------------------------------------------------------------------------------------


def source_files() -> Iterator[Path]:
    """Rust and Python of the platform, without tests."""
    for folder, pattern in (("crates", "*/src/**/*.rs"), ("src/xianglian", "**/*.py")):
        for path in sorted((ROOT / folder).glob(pattern)):
            if "tests" not in path.parts and path.name != "tests.rs":
                yield path


def codes() -> dict[str, list[str]]:
    """Each code of the platform -> the files that give it."""
    found: dict[str, set[str]] = {}
    for path in source_files():
        text = path.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
        for code in CODE.findall(text):
            if not CLAUSE.search(code):
                found.setdefault(code, set()).add(str(path.relative_to(ROOT)))
    outcome = ROOT / "crates/vm/src/outcome.rs"
    for name in re.findall(r'=> "([A-Z_]+)"', outcome.read_text(encoding="utf-8")):
        found.setdefault(f"XL-VM-{name}", set()).add(str(outcome.relative_to(ROOT)))
    return {code: sorted(files) for code, files in sorted(found.items())}


def classes() -> dict[str, Any]:
    """Code -> the Python class that carries it."""
    from xianglian import errors
    from xianglian.checker import errors as checking
    from xianglian.compiler import errors as compiling
    from xianglian.contract import abi

    found: dict[str, Any] = {}
    for module in (errors, checking, compiling, abi):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, errors.XianglianError):
                found.setdefault(kind.code, kind)
    return found


def family(kind: Any) -> str:
    """`rejected`, `unreachable` or `misused`."""
    from xianglian import errors

    for base in (errors.Rejected, errors.Unreachable, errors.Misused):
        if issubclass(kind, base):
            return base.__name__.lower()
    return ""


def errors_page() -> str:
    """The catalogue, one row a code; codes that one entry describes stand together."""
    from xianglian.catalogue import entries, key_of

    kinds = classes()
    rows: dict[str, list[str]] = {}
    for code in codes():
        rows.setdefault(key_of(code) or code, []).append(code)
    lines = [
        "# Errors 错误代码",
        "",
        MADE,
        "",
        "A code is stable; its facts are fields beside it. `xl` and the console say the same words.",
        "In Python every error is a `Rejected` (no effect), `Unreachable` (ask by hash) or `Misused`",
        "(the caller's own mistake); `retry` says whether trying again can help. A receipt of a failed",
        "transaction carries the contract's own code or one of these.",
        "",
        "| code | 含义 | meaning | 怎么办 | what to do | Python |",
        "|---|---|---|---|---|---|",
    ]
    known = entries()
    for key in sorted(rows):
        words = known.get(key)
        kind = kinds.get(key)
        python = ""
        if kind is not None:
            python = f"`{kind.__name__}` {family(kind)}" + (", retry" if kind.retry else "")
        text = [words.zh, words.en, words.do_zh, words.do_en] if words else [""] * 4
        shown = f"`{key}`"
        if key.endswith("*"):
            shown += "<br>" + "<br>".join(f"`{code.removeprefix(key[:-1])}`" for code in rows[key])
        lines.append("| " + " | ".join([shown, *text, python]) + " |")
    return "\n".join(lines) + "\n"


# --- commands -----------------------------------------------------------------------------------------------


def command_lines(command: Any, name: str, depth: int) -> Iterator[str]:
    """A command, its parameters, and its sub-commands."""
    children = getattr(command, "commands", {})
    if not children or depth == 2:
        yield from ("", f"{'#' * depth} `{name}`", "")
    if command.help:
        yield " ".join(command.help.split())
    shown = [parameter for parameter in command.params if getattr(parameter, "help", None) or not children]
    rows = [row for row in map(parameter_row, shown) if row]
    if rows and not children:
        yield from ("", "| parameter | meaning |", "|---|---|", *rows)
    for child_name, child in children.items():
        yield from command_lines(child, f"{name} {child_name}", 3)


def parameter_row(parameter: Any) -> str:
    """One row of a command's table."""
    if parameter.name in {"help", "install_completion", "show_completion"}:
        return ""
    if parameter.param_type_name == "argument":
        shown = f"`{str(parameter.name).upper()}`" + ("" if parameter.required else " (optional)")
    else:
        shown = ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))
        simple = isinstance(parameter.default, int | float | str) and not isinstance(parameter.default, bool)
        if simple and parameter.default != "":
            shown += f" (default {parameter.default})"
    words = " ".join((getattr(parameter, "help", None) or "").split()).replace("|", "\\|")
    return f"| {shown} | {words} |"


def commands_page() -> str:
    """The whole command tree, both languages as the sources have them."""
    import importlib

    import typer.main

    from xianglian.cli.root import COMMANDS, EPILOG

    exits = "Exit codes: 0 done, 1 refused or failed, 2 misuse, 3 outcome unknown (ask by hash)."
    lines = ["# Commands 命令", "", MADE, "", EPILOG, "", exits]
    for name, (module, text) in COMMANDS.items():
        app = getattr(importlib.import_module(f"xianglian.cli.{module}"), name)
        command = typer.main.get_command(app)
        if not command.help:
            command.help = text
        lines.extend(command_lines(command, f"xl {name}", 2))
    return "\n".join(lines) + "\n"


# --- HTTP ---------------------------------------------------------------------------------------------------


def http_page() -> str:
    """The gateway's operations, from its own description."""
    from xianglian._core import Node
    from xianglian.gateway.app import Gateway, GatewaySettings

    with tempfile.TemporaryDirectory() as folder:
        settings = GatewaySettings("127.0.0.1:8000", bytes(32), bytes(33), b"", Path(folder), console=False)
        gateway = Gateway(cast("Node", SimpleNamespace(wait_height=lambda *_: 0)), settings)
        document = gateway.app.openapi()
    lines = [
        "# HTTP",
        "",
        MADE,
        "",
        "Every access node serves its description at `/openapi.json` and, for people, at `/docs`;",
        "nothing there loads from another host. Besides: `/healthz`, `/readyz`, `/metrics`. Every",
        "operation under `/v1` but the session's answers 401 without a session.",
        "",
        "| operation | does | answers |",
        "|---|---|---|",
    ]
    for path, operations in sorted(document["paths"].items()):
        for method, operation in operations.items():
            words = " ".join((operation.get("summary") or "").split())
            answers = ", ".join(sorted(operation["responses"]))
            lines.append(f"| `{method.upper()} {path}` | {words} | {answers} |")
    return "\n".join(lines) + "\n"


# --- checks of contracts -----------------------------------------------------------------------------------


CHECKS = f"""# Checks of contracts 合约检查

{MADE}

`xl contract check SOURCE` compiles a contract, looks for the weaknesses below, and tries to prove what
it declares with `@invariant` and `@ensures` ([the language](contract_language.md#invariants)).

A finding is a question. Fix it, or answer it in the source, on its line or the line above:
`# accept XL-LINT-12: emptied by the next version, by vote`. An acceptance without a reason, or of
nothing, is itself a finding. The verdict is negative while a finding above `low` is open or an invariant
is broken; the command then ends with 1.

| answer | means |
|---|---|
| proved | every call from every state in which all invariants hold keeps it |
| holds up to the rounds given | the same, but loops were looked at for `--rounds` rounds only |
| broken | a test is printed (`--tests FOLDER` writes it) that was run and fails; see XL-LINT-33 |
| not decided | the solver needed longer than `--seconds`, or what it found does not break it when it is run |
| not covered | a construct that the proof does not know; it is named |

Numbers are exact, sums are unbounded. Hashes, signatures, built text and what other contracts do are
taken as any value; the command names what was. Deployment (`@init`) is proved from empty state,
`@migrate` from any state that keeps the invariants of this version: whether the version before left such a
state is not proved. The solver is an optional part: `pip install 'xianglian[check]'`.

`--record` signs the report with the key of a profile and takes its SM3 and the verdict to the chain
(`system:contracts.audit`), where a chain's policy can ask for it. `xl contract verify-report FILE SOURCE`
checks such a file. The signature covers `xianglian:check-report:1`, a zero byte, and the report as
canonical JSON; the chain keeps the SM3 of the whole file.

| lint | | 标题 | title | 为什么 | why | 改为 | instead |
|---|---|---|---|---|---|---|---|
"""


def checks_page() -> str:
    """What `xl contract check` does, and one row a lint."""
    from xianglian.checker.lints import LINTS

    rows = []
    for name, about in LINTS.items():
        words = (about.severity, about.zh, about.en, about.why_zh, about.why_en, about.do_zh, about.do_en)
        rows.append(f"| `{name}` | " + " | ".join(words) + " |")
    return CHECKS + "\n".join(rows) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "errors.md": errors_page,
    "commands.md": commands_page,
    "checks.md": checks_page,
    "http.md": http_page,
}


def undescribed() -> list[str]:
    """Codes that no entry of the catalogue describes, and entries that describe no code."""
    from xianglian.catalogue import entries, key_of

    given = codes()
    used = {key_of(code) for code in given}
    unknown = {code: files for code, files in given.items() if not key_of(code)}
    missing = [f"{code} ({', '.join(files)}) is not in catalogue.json" for code, files in unknown.items()]
    return missing + [f"{key} of catalogue.json is given nowhere" for key in entries() if key not in used]


def main() -> int:
    """Exit 1 where a page is out of date or a code is not described."""
    problems = undescribed()
    for name, make in PAGES.items():
        path, text = FOLDER / name, make()
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            problems.append(f"docs/reference/{name} is out of date: make docs")
    print("\n".join(problems) or "reference: current")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
