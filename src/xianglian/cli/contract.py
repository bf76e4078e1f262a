"""`xl contract new|build|test|deploy|list`; what becomes of a contract later is in `lifecycle`."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from xianglian.cli.check import add_check
from xianglian.cli.common import ADMIN, Arguments, As, Network, client_of, group, parsed
from xianglian.cli.conform import conform
from xianglian.cli.lifecycle import (
    Days,
    Described,
    Propose,
    Title,
    add_lifecycle,
    show_proposed,
    staged,
    staged_solidity,
)
from xianglian.cli.modules import deployable
from xianglian.cli.output import note, say, short, show, table
from xianglian.errors import FolderExists, Misused, Rejected
from xianglian.types import Receipt

contract = group()
Source = Annotated[Path, typer.Argument(help="合约文件或目录 / contract file, or folder with contract.py")]


@contract.command()
def new(
    folder: Annotated[Path, typer.Argument(help="新目录 / folder to make")],
    name: Annotated[
        str | None, typer.Option(help="类名, 缺省取目录名 / class name; of the folder if absent")
    ] = None,
    template: Annotated[
        str, typer.Option(help="模板 / template: counter, evidence, notes, token")
    ] = "counter",
) -> None:
    """新建合约工程: 可编译的合约与属性测试 / Start a contract: one that builds, with property tests."""
    from xianglian.contract.template import write_template

    if folder.exists():
        raise FolderExists(f"{folder} exists already", path=str(folder))
    try:
        written = write_template(folder, name or class_name(folder.name), template)
    except ValueError as error:
        raise Misused(str(error), folder=str(folder)) from error
    show(
        {"folder": str(folder), "files": [file.name for file in written]},
        say(
            f"已建立 {folder}; 下一步: xl contract test {folder}",
            f"{folder} is made; next: xl contract test {folder}",
        ),
    )


def class_name(folder: str) -> str:
    """A class name from a folder's: `land-registry` gives `LandRegistry`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^0-9A-Za-z]+", folder))


@contract.command()
def build(
    source: Source,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="输出目录 / folder for .wasm and interface")
    ] = None,
    emit: Annotated[str | None, typer.Option(help="打印中间结果 / print a stage: types, ir, wat")] = None,
) -> None:
    """编译合约 / Compile; everything refused is told with file, line and how to fix it."""
    from xianglian.compiler import build as compile_contract

    built = compile_contract(source)
    if emit is not None:
        stages = {
            "types": lambda: built.types_text,
            "ir": lambda: built.ir_text,
            "wat": lambda: built.wat_text,
        }
        if emit not in stages:
            raise Misused(f"--emit {emit}: know {', '.join(stages)}", option="--emit")
        show({"stage": emit, "text": stages[emit]()}, stages[emit]())
        return
    files = []
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in (
            (f"{built.name}.wasm", built.wasm),
            (f"{built.name}.interface.json", built.interface_json),
        ):
            (out / name).write_bytes(data)
            files.append(str(out / name))
    methods = {each["name"]: each["kind"] for each in built.interface["methods"]}
    show(
        {
            "contract": built.name,
            "code_hash": built.code_hash,
            "code_bytes": len(built.wasm),
            "interface_bytes": len(built.interface_json),
            "methods": methods,
            "files": files,
        }
    )


@contract.command()
def test(
    source: Source,
    options: Annotated[
        list[str] | None, typer.Argument(help="-- 之后给 pytest / after --, for pytest: -- -k name --pdb")
    ] = None,  # noqa: PT028 - a command, not a test
    gas: Annotated[
        bool, typer.Option("--gas", help="在节点的虚拟机中运行并计费 / run in a node's machine, tell the gas")
    ] = False,  # noqa: PT028 - likewise
) -> None:
    """编译并运行同目录的测试 / Compile, validate as nodes do, and run the tests beside it under pytest."""
    from xianglian import _core
    from xianglian.compiler import build as compile_contract
    from xianglian.compiler import contract_file

    built = compile_contract(source)
    _core.check_contract(built.wasm)
    note(
        f"编译通过, 节点会接受 ({len(built.wasm)} 字节)",
        f"compiles; nodes will take it ({len(built.wasm)} bytes)",
    )
    if importlib.util.find_spec("pytest") is None:
        raise Misused("pytest is not installed: pip install 'xianglian[contracts]'", missing="pytest")
    folder = contract_file(source).parent
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    command += ["-p", "xianglian.contract.fixtures", *(["-p", "xianglian.cli.gas"] if gas else [])]
    command += [*(options or ()), str(folder)]
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "gas.json"
        environment = {**os.environ, "XL_GAS_REPORT": str(report)}
        code = subprocess.run(command, check=False, stdout=sys.stderr, env=environment).returncode
        rows = json.loads(report.read_text(encoding="utf-8")) if report.exists() else []
    passed = code == 0
    show(
        {"contract": built.name, "passed": passed, **({"gas": rows} if gas else {})},
        (gas_table(rows) + "\n" if gas else "")
        + say("测试通过" if passed else "测试失败", "passed" if passed else "FAILED"),
    )
    if not passed:
        raise typer.Exit(1)


def gas_table(rows: list[dict[str, Any]]) -> str:
    """Gas, reads, writes and events of each method, as its tests called it."""
    head = say(
        "合约 方法 次数 失败 最少 平均 最多 读 写 事件",
        "contract method calls failed min mean max reads writes events",
    ).split()
    counts = ("calls", "failed", "gas_min", "gas_mean", "gas_max", "reads_max", "writes_max", "events_max")
    keys = ("contract", "method", *counts)
    return table(head, [[row[key] for key in keys] for row in rows])


@contract.command()
def repl(source: Source) -> None:
    """与合约对话 / Talk to a contract at Python's prompt: a chain in memory, four accounts."""
    from xianglian.compiler import build as compile_contract
    from xianglian.compiler import contract_file
    from xianglian.contract.repl import NoContract, Prompt

    compile_contract(source)  # before it is imported: what the compiler accepts runs nothing when it is
    try:
        prompt = Prompt(contract_file(source).resolve())
    except NoContract as error:
        raise Misused(str(error), source=str(source)) from error
    prompt.interact(prompt.banner(), exitmsg="")


@contract.command()
def client(
    source: Source,
    out: Annotated[Path | None, typer.Option("-o", "--output", help="写入文件 / file to write")] = None,
    kind: Annotated[
        str, typer.Option("--as", help="生成什么 / what to make: python, async, openapi")
    ] = "python",
) -> None:
    """从接口描述生成客户端 / Make a typed client, or the contract's part of an OpenAPI document."""
    from xianglian.compiler import build as compile_contract
    from xianglian.contract.abi import Interface
    from xianglian.sdk import generated

    makers = {
        "python": generated.python_client,
        "async": generated.async_client,
        "openapi": generated.openapi_text,
    }
    if kind not in makers:
        raise Misused(f"--as {kind}: know {', '.join(makers)}", option="--as")
    text = makers[kind](Interface(compile_contract(source).interface))
    if out is not None:
        out.write_text(text, encoding="utf-8")
    show({"as": kind, "file": str(out) if out else None, "text": text}, str(out) if out else text)


@contract.command("language-server")
def language_server() -> None:
    """编辑器诊断 (LSP) / Diagnostics for editors over the Language Server Protocol, on stdin and stdout."""
    if importlib.util.find_spec("pygls") is None:
        raise Misused("pygls is not installed: pip install 'xianglian[contracts]'", missing="pygls")
    from xianglian.compiler.language_server import server

    server().start_io()


@contract.command()
def deploy(
    source: Annotated[
        Path,
        typer.Argument(
            help="合约, 已编译的 .wasm, 或 Solidity 产物 .json / contract, compiled module, Solidity artefact"
        ),
    ],
    name: Annotated[str, typer.Option(help="链上名称: a-z 0-9 - / name on the chain")],
    propose: Propose = False,
    title: Title = "",
    days: Days = 7,
    interface: Described = None,
    arg: Arguments = None,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """部署合约, 部署者即所有者 / Compile and deploy, or have it voted on; whoever deploys is the owner. A
    compiled module goes with its interface description; a Solidity artefact (abi and bytecode) takes its
    constructor's arguments by --arg.
    """
    if source.suffix == ".json":
        from xianglian.contract.solidity import read_artefact

        if interface is not None:
            raise Misused("--interface is for a compiled module (.wasm)", option="--interface")
        artefact, arguments = read_artefact(source), parsed(arg, network)
        with client_of(network, profile, purpose="xl contract deploy") as client:
            if propose:
                action = {
                    "kind": "deploy",
                    "name": name,
                    "code_hash": staged_solidity(client, artefact, arguments),
                }
                show_proposed(client, action, title=title, days=days)
                return
            receipt = client.deploy_solidity(name, artefact, **arguments)
            show(registered(client, name, receipt))
        return
    if arg:
        raise Misused("--arg is for Solidity constructors: @init takes no arguments", option="--arg")
    built = deployable(source, interface)
    with client_of(network, profile, purpose="xl contract deploy") as client:
        if propose:
            action = {"kind": "deploy", "name": name, "code_hash": staged(client, built)}
            show_proposed(client, action, title=title, days=days)
            return
        show(deployed(client, name, built.wasm, built.interface_json))


@contract.command("list")
def list_contracts(network: Network = None, profile: As = ADMIN) -> None:
    """链上合约 / Every contract on the chain."""
    with client_of(network, profile, purpose="xl contract list") as client:
        rows = client.contracts()
    head = say("名称 版本 状态 地址 机构 高度 代码", "name version status address org height code").split()
    cells = [
        (
            r["name"],
            r["version"],
            r["status"],
            r["address"],
            r["organisation"],
            r["deployed_height"],
            short(r["code_hash"]),
        )
        for r in rows
    ]
    show(rows, table(head, cells))


def deployed(client: Any, name: str, code: bytes, interface: bytes) -> dict[str, Any]:
    """Deploys and tells `{"contract", "address", "code_hash", "height", "tx_hash"}`."""
    return registered(client, name, client.deploy(name, code, interface))


def registered(client: Any, name: str, receipt: Receipt) -> dict[str, Any]:
    """What is told of a deployment."""
    record = client.contract(name)
    if record is None:
        raise Rejected(f"{name} is not on the chain after its deployment", contract=name)
    return {
        "contract": name,
        "address": record["address"],
        "code_hash": record["code_hash"],
        "height": receipt.height,
        "tx_hash": receipt.tx_hash,
    }


contract.command()(conform)
add_check(contract)
add_lifecycle(contract)
