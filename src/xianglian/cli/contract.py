"""`xl contract new|build|test|deploy|list`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from xianglian.cli.common import ADMIN, As, Network, client_of, group
from xianglian.cli.output import note, say, short, show, table
from xianglian.errors import FolderExists, Misused, Rejected

contract = group()
Source = Annotated[Path, typer.Argument(help="合约文件或目录 / contract file, or folder with contract.py")]


@contract.command()
def new(folder: Annotated[Path, typer.Argument(help="新目录 / folder to make")]) -> None:
    """新建合约工程: 可编译的合约与属性测试 / Start a contract: one that builds, with a property test."""
    from xianglian.cli.templates import CONTRACT, TEST

    if folder.exists():
        raise FolderExists(f"{folder} exists already", path=str(folder))
    folder.mkdir(parents=True)
    (folder / "contract.py").write_text(CONTRACT)
    (folder / "test_contract.py").write_text(TEST)
    show(
        {"folder": str(folder), "files": ["contract.py", "test_contract.py"]},
        say(
            f"已建立 {folder}; 下一步: xl contract test {folder}",
            f"{folder} is made; next: xl contract test {folder}",
        ),
    )


@contract.command()
def build(
    source: Source,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="输出目录 / folder for .wasm and interface")
    ] = None,
    emit: Annotated[
        str | None, typer.Option(help="打印中间结果: ir 或 wat / print a stage: ir or wat")
    ] = None,
) -> None:
    """编译合约 / Compile; everything refused is told with file, line and how to fix it."""
    from xianglian.compiler import build as compile_contract

    built = compile_contract(source)
    if emit is not None:
        stages = {"ir": lambda: built.ir_text, "wat": lambda: built.wat_text}
        if emit not in stages:
            raise Misused(f"--emit {emit}: know ir and wat", option="--emit")
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
def test(source: Source) -> None:
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
    folder = contract_file(source).parent
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    code = subprocess.run(command, check=False, stdout=sys.stderr).returncode
    passed = code == 0
    show(
        {"contract": built.name, "passed": passed},
        say("测试通过" if passed else "测试失败", "passed" if passed else "FAILED"),
    )
    if not passed:
        raise typer.Exit(1)


@contract.command()
def deploy(
    source: Source,
    name: Annotated[str, typer.Option(help="链上名称: a-z 0-9 - / name on the chain")],
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """部署合约 / Compile and deploy; whoever deploys is the owner."""
    from xianglian.compiler import build as compile_contract

    built = compile_contract(source)
    with client_of(network, profile, purpose="xl contract deploy") as client:
        show(deployed(client, name, built.wasm, built.interface_json))


@contract.command("list")
def list_contracts(network: Network = None, profile: As = ADMIN) -> None:
    """链上合约 / Every contract on the chain."""
    with client_of(network, profile, purpose="xl contract list") as client:
        rows = client.contracts()
    head = say("名称 地址 机构 高度 代码", "name address org height code").split()
    cells = [
        (r["name"], r["address"], r["organisation"], r["deployed_height"], short(r["code_hash"]))
        for r in rows
    ]
    show(rows, table(head, cells))


def deployed(client: Any, name: str, code: bytes, interface: bytes) -> dict[str, Any]:
    """Deploys and tells `{"contract", "address", "code_hash", "height", "tx_hash"}`."""
    receipt = client.deploy(name, code, interface)
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
