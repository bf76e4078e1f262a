"""`xl tx explain`: a final transaction run again on the state it met, and told with its source line.

A failure is told by the contract where it arose, the last of the call path; the arguments are those of the
call that the transaction made, the first.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xianglian.cli import output
from xianglian.cli.output import say
from xianglian.contract import abi
from xianglian.errors import HistoryPruned, NotFound
from xianglian.sdk.sources import source_files

if TYPE_CHECKING:
    from xianglian.sdk import Client


def explanation(client: Client, tx_hash: str) -> dict[str, Any]:
    """What happened, why, and where in the contract's source."""
    raw = client.transaction(tx_hash)
    receipt, call = raw["receipt"], raw["transaction"]
    document: dict[str, Any] = {
        "tx_hash": raw["tx_id"],
        "height": int(raw["height"]),
        "status": receipt["status"],
        "code": receipt.get("code") or "",
        "gas_used": int(receipt["gas_used"]),
        "sender": call["sender"],
        "contract": call["contract"],
        "method": call["method"],
        "path": [f"{step['contract']}.{step['method']}" for step in receipt.get("path") or []],
    }
    path = receipt.get("path") or [call]
    addresses = {step["contract"] for step in path}
    interfaces = {address: _interface(client, address, document["height"]) for address in addresses}
    document["named_path"] = [
        f"{known.name if (known := interfaces[step['contract']]) else step['contract']}.{step['method']}"
        for step in receipt.get("path") or []
    ]
    try:
        replayed = client.replay(tx_hash)
        document["replay"] = {
            "same_as_receipt": replayed["same_as_receipt"],
            "gas_used": int(replayed["gas_used"]),
        }
    except HistoryPruned as error:
        document["replay"] = {"pruned": error.reason}
    called, interface = interfaces[path[0]["contract"]], interfaces[path[-1]["contract"]]
    if called is not None:
        document["arguments"] = _arguments(called, call)
    if interface is not None:
        if document["code"]:
            detail = bytes.fromhex(receipt.get("detail") or "")
            document["reason"] = {
                language: interface.reason(document["code"], detail, language) for language in ("zh", "en")
            }
            document["facts"] = interface.decode_error(document["code"], detail)
        if line := int(receipt.get("line") or 0):
            file, number = interface.place(line)
            document["source"] = {"file": file, "line": number, "text": _source_line(interface, file, number)}
    return document


def worded_explanation(document: dict[str, Any]) -> str:
    """The same, for people."""
    call = f"{document['contract']}.{document['method']}"
    if not document["code"]:
        head = say(f"成功: {call}", f"success: {call}")
    else:
        reason = document.get("reason", {}).get(output.LANGUAGE, document["code"])
        head = say(f"失败: {call}", f"failed: {call}") + f"\n  {document['code']}: {reason}"
    lines = [head]
    if source := document.get("source"):
        lines.append(f"  {source['file']}:{source['line']}   {source['text'] or ''}".rstrip())
    if document["path"]:
        lines.append(say("  调用路径 ", "  call path ") + " → ".join(document["named_path"]))
    for name, value in (document.get("arguments") or {}).items():
        lines.append(f"    {name} = {value}")
    replay = document["replay"]
    same = replay.get("same_as_receipt")
    if same is None:
        lines.append(
            say("  当时的状态已清理, 未能重放", "  the state it met is no longer kept: not replayed")
        )
    else:
        lines.append(
            say(
                f"  已在当时状态上重放, 与回执{'一致' if same else '不一致!'}",
                f"  replayed: same as the receipt: {same}",
            )
        )
    lines.append(
        say(
            f"  高度 {document['height']}, 燃料 {document['gas_used']}",
            f"  height {document['height']}, gas {document['gas_used']}",
        )
    )
    return "\n".join(lines)


def _interface(client: Client, contract: str, height: int) -> abi.Interface | None:
    try:
        return abi.Interface.parse(client.interface_at(contract, height))
    except (NotFound, ValueError):
        return None


def _arguments(interface: abi.Interface, call: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return interface.decode_arguments(call["method"], bytes.fromhex(call["arguments"]))
    except (ValueError, KeyError):
        return None


def _source_line(interface: abi.Interface, file: str, line: int) -> str | None:
    """The line itself, where the source that compiles to this interface is at hand."""
    for path in [*source_files(), *Path.cwd().glob("**/contract.py")][:50]:
        lines = _lines_if_same(interface, path, file)
        if lines is not None and 0 < line <= len(lines):
            return lines[line - 1].strip()
    return None


def _lines_if_same(interface: abi.Interface, path: Path, file: str) -> list[str] | None:
    from xianglian.compiler import CompileError, SourceUnreadable, build

    try:
        if f"class {interface.name}" not in path.read_text():
            return None
        built = build(path)
    except (OSError, UnicodeDecodeError, CompileError, SourceUnreadable):
        return None
    if built.interface != interface.document:
        return None
    found = next((module.path for module in built.checked.modules if module.path.name == file), None)
    return found.read_text().splitlines() if found else None
