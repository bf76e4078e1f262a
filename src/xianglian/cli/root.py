"""The command tree, exit codes, and how errors are told.

Exit 0 done · 1 refused or failed · 2 misuse · 3 outcome unknown, ask by hash. With `--json` (anywhere on the
line) stdout carries exactly one JSON document, also for errors: `{"error": {...}}`. `--lang zh|en` chooses
the words.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import typer
import typer.core
import typer.main

from xianglian.cli import output
from xianglian.cli.messages import worded
from xianglian.errors import XianglianError

COMMANDS = {
    "demo": ("demo", "一键演示 / Make a network and watch licences being issued and proven"),
    "doctor": ("doctor", "检查本机 / Check this machine"),
    "network": ("network", "网络 / Make, start, stop and look at a network"),
    "node": ("node", "节点 / One node of a network"),
    "key": ("key", "密钥 / Keys of profiles"),
    "account": ("account", "账户 / Accounts, roles and their status"),
    "contract": ("contract", "合约 / Write, build, test, deploy and upgrade contracts"),
    "gov": ("gov", "治理 / Proposals and votes of organisations"),
    "call": ("call", "调用 / Call a contract and wait for the receipt"),
    "query": ("call", "查询 / Ask a contract"),
    "tx": ("tx", "交易 / Transactions"),
    "block": ("tx", "区块 / Blocks"),
    "event": ("tx", "事件 / Events"),
    "proof": ("proof", "证明 / Export proofs"),
    "verify": ("proof", "离线验证 / Verify a proof file with no network"),
    "solution": ("solution", "方案 / Solutions"),
    "bench": ("bench", "压测 / Measure a network under load"),
    "console": ("console", "控制台 / The console's address"),
}
"""Command -> (module, help). A module has one Typer application for each of its commands, named after it."""

EPILOG = "--json: one JSON document on stdout. --lang zh|en. --network D or $XL_NETWORK, else ./xl-network."


class _Tree(typer.core.TyperGroup):
    """Finds a command's module when the command is used."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command, from its module."""
        if cmd_name not in COMMANDS:
            return None
        module, help_text = COMMANDS[cmd_name]
        app: typer.Typer = getattr(importlib.import_module(f"xianglian.cli.{module}"), cmd_name)
        command = typer.main.get_command(app)
        command.name = cmd_name
        command.short_help = output.in_language(help_text)
        _localise(command)
        return command


def _localise(command: Any) -> None:
    """Keeps one language of every `"中文 / English"` help text."""
    for part in (command, *command.params):
        if getattr(part, "help", None):
            part.help = output.in_language(part.help)
    for child in getattr(command, "commands", {}).values():
        _localise(child)


def _tree() -> Any:
    app = typer.Typer(
        cls=_Tree,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="享链 Xianglian",
        epilog=EPILOG,
    )
    app.callback()(lambda: None)
    return typer.main.get_command(app)


def run(arguments: list[str]) -> int:
    """Runs one command line; the exit code."""
    arguments = output.take_global_options(arguments)
    try:
        code = _tree().main(args=arguments, prog_name="xl", standalone_mode=False)
    except XianglianError as error:
        return _tell(error)
    except typer.TyperException as error:
        text = error.format_message() if hasattr(error, "format_message") else str(error)
        usage = getattr(getattr(error, "ctx", None), "get_usage", str)()
        output.fail(
            {"code": "XL-CLI-USAGE", "reason": text, "retry": False, "facts": {}}, f"{usage}\n{text}".strip()
        )
        return 2
    except (KeyboardInterrupt, typer.Abort):
        output.note("已中断", "interrupted")
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code if isinstance(code, int) else 0


def _tell(error: XianglianError) -> int:
    output.fail(error.to_json(), worded(error, output.LANGUAGE))
    return error.exit_code
