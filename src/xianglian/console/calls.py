"""Calls, receipts and values in words: what a transaction said and what became of it, by the contracts' interfaces."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xianglian.console.i18n import Catalogue, label
from xianglian.console.sessions import StaffSession
from xianglian.console.wording import reason_of
from xianglian.contract import abi
from xianglian.errors import HistoryPruned, NotFound, XianglianError
from xianglian.sdk import system
from xianglian.sdk.sources import source_files

W = Catalogue(
    "calls",
    {
        "admit": ("登记账户", "Admit an account"),
        "add_key": ("增加密钥", "Add a key"),
        "revoke_key": ("吊销密钥", "Revoke a key"),
        "suspend": ("停用账户", "Suspend an account"),
        "resume": ("恢复账户", "Resume an account"),
        "grant": ("授予角色", "Grant a role"),
        "revoke": ("收回角色", "Take a role back"),
        "deploy": ("部署合约", "Deploy a contract"),
        "deploy_evm": ("部署 Solidity 合约", "Deploy a Solidity contract"),
        "stage": ("暂存代码", "Stage code"),
        "stage_evm": ("暂存 Solidity 代码", "Stage Solidity code"),
        "unstage": ("移除暂存代码", "Remove staged code"),
        "upgrade": ("升级合约", "Upgrade a contract"),
        "freeze": ("冻结合约", "Freeze a contract"),
        "audit": ("登记审计结论", "Record an audit"),
        "propose": ("提出提案", "Propose"),
        "vote": ("投票", "Vote"),
    },
)  # fmt: skip


@dataclass(slots=True)
class Directory:
    """Interfaces and names of the contracts of a chain, asked for once a page."""

    session: StaffSession
    height: int | None = None
    """The block that the page is about, whose receipts are read by the versions that ran then."""
    _interfaces: dict[str, abi.Interface | None] = field(default_factory=dict)
    _names: dict[str, str] | None = None

    async def interface(self, contract: str) -> abi.Interface | None:
        """Of a contract by address or name; None for system contracts."""
        if contract not in self._interfaces:
            client = self.session.client
            try:
                raw = (
                    await client.interface(contract)
                    if self.height is None
                    else await client.interface_at(contract, self.height)
                )
                found: abi.Interface | None = abi.Interface.parse(raw)
            except (XianglianError, ValueError):
                found = None
            self._interfaces[contract] = found
        return self._interfaces[contract]

    async def name(self, contract: str) -> str:
        """The registered name of an address; system contracts by theirs, else the address."""
        if self._names is None:
            rows = await self.session.client.contracts()
            self._names = {row["address"]: row["name"] for row in rows}
        found = self._names.get(contract)
        return found if found is not None else system.name_of(contract) or contract

    async def title(self, contract: str, method: str) -> str:
        """What a method is called by people."""
        interface = await self.interface(contract)
        if interface is not None and method in interface.methods:
            return label(interface.methods[method].description["label"])
        return W(method) if method in W else method


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a contract's source; `text` where the source that compiles to the interface is at hand."""

    file: str
    line: int
    text: str | None
    around: str = ""


async def source_place(interface: abi.Interface, line: int) -> Place | None:
    """Where a receipt's line lies."""
    if not line:
        return None
    file, row = interface.place(line)
    lines = await asyncio.to_thread(_source_lines, interface, file)
    if lines is None or not 0 < row <= len(lines):
        return Place(file, row, None)
    around = "\n".join(
        f"{'>' if at == row else ' '} {at:4d}  {lines[at - 1]}"
        for at in range(max(1, row - 3), min(len(lines), row + 3) + 1)
    )
    return Place(file, row, lines[row - 1].strip(), around)


_sources: dict[int, dict[str, list[str]]] = {}


def _source_lines(interface: abi.Interface, file: str) -> list[str] | None:
    """The lines of `file`, from the source that compiles to exactly this interface."""
    key = hash(repr(interface.document))
    if key not in _sources:
        _sources[key] = _compiled_sources(interface)
    return _sources[key].get(file)


def _compiled_sources(interface: abi.Interface) -> dict[str, list[str]]:
    from xianglian.compiler import CompileError, SourceUnreadable, build

    for path in source_files():
        try:
            if f"class {interface.name}" not in path.read_text():
                continue
            built = build(path)
        except (OSError, UnicodeDecodeError, CompileError, SourceUnreadable):
            continue
        if built.interface == interface.document:
            modules: list[Path] = [module.path for module in built.checked.modules]
            return {path.name: path.read_text().splitlines() for path in modules}
    return {}


async def replayed(session: StaffSession, tx_hash: str) -> bool | None:
    """Whether running it again gives the same receipt; None where the state it met is gone."""
    try:
        return bool((await session.client.replay(tx_hash))["same_as_receipt"])
    except (HistoryPruned, NotFound):
        return None


async def failure_words(session: StaffSession, raw: dict[str, Any]) -> str:
    """Why a transaction failed, in the contract's words."""
    receipt = raw["receipt"]
    path = receipt.get("path") or [raw["transaction"]]
    return await reason_of(
        session,
        path[-1]["contract"],
        receipt["code"],
        bytes.fromhex(receipt.get("detail") or ""),
        height=int(raw["height"]),
    )
