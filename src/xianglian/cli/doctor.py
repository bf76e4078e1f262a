"""`xl doctor`: what this machine has and lacks, each with the command that mends it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from xianglian.cli.common import Network, folder_of, single
from xianglian.cli.output import say, show

doctor = single()
DISK_MIN_GB = 2
MEMORY_MIN_GB = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `level` is ok, warning (works without) or error."""

    check: str
    level: str
    detail: str
    fix: str = ""


@doctor.command()
def examine(network: Network = None) -> None:
    """检查本机与网络目录 / Check this machine and the network folder. Exit 1 where something needed is
    missing.
    """
    findings = [check() for check in CHECKS]
    folder = folder_of(network)
    if folder.exists():
        findings += _network(folder)
    marks = {"ok": "✓", "warning": "!", "error": "✗"}
    lines = [
        f"{marks[f.level]} {f.check}: {f.detail}" + (f"\n    → {f.fix}" if f.fix else "") for f in findings
    ]
    good = all(finding.level != "error" for finding in findings)
    lines.append(
        say("一切就绪" if good else "有必需项缺失", "ready" if good else "something needed is missing")
    )
    show({"ok": good, "checks": [asdict(finding) for finding in findings]}, "\n".join(lines))
    if not good:
        raise typer.Exit(1)


def _python() -> Finding:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    return Finding(
        "python", "ok" if good else "error", version, "" if good else "install Python 3.11 or newer"
    )


def _core() -> Finding:
    try:
        from xianglian import _core
    except ImportError as error:
        return Finding("core", "error", str(error), "make, or .venv/bin/maturin develop")
    return Finding("core", "ok", f"{_core.__version__}, protocol {_core.PROTOCOL_VERSION}")


def _cryptography() -> Finding:
    """The standards' own examples: GB/T 32905 A.1, GB/T 32907 A.1, and a signature there and back."""
    try:
        from xianglian import crypto
    except ImportError as error:
        return Finding("cryptography", "error", str(error))
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    secret = crypto.sm2_generate()
    signature = crypto.sm2_sign(secret, b"doctor")
    crypto.sm2_verify(crypto.sm2_public_key(secret), b"doctor", signature)
    good = (
        crypto.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        and crypto.sm4_ecb(key, key).hex() == "681edf34d206965e86b3e94f536e4246"
    )
    return Finding("cryptography", "ok" if good else "error", "SM2 SM3 SM4" if good else "self-test failed")


def _disk() -> Finding:
    free_gb = shutil.disk_usage(Path.cwd()).free / 1e9
    level = "ok" if free_gb >= DISK_MIN_GB else "error"
    return Finding(
        "disk", level, f"{free_gb:.1f} GB free here", "" if level == "ok" else f"free {DISK_MIN_GB} GB"
    )


def _memory() -> Finding:
    total_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    level = "ok" if total_gb >= MEMORY_MIN_GB else "warning"
    return Finding("memory", level, f"{total_gb:.1f} GB, {os.cpu_count()} cores")


def _files() -> Finding:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    level = "ok" if soft >= 1024 else "warning"
    return Finding("open files", level, f"limit {soft}", "" if level == "ok" else "ulimit -n 4096")


def _loopback() -> Finding:
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
    except OSError as error:
        return Finding("loopback", "error", str(error))
    return Finding("loopback", "ok", "127.0.0.1 can be listened on")


def _console() -> Finding:
    found = importlib.util.find_spec("nicegui") is not None
    return Finding(
        "console", "ok" if found else "warning", "NiceGUI" if found else "not installed: no console"
    )


def _browser() -> Finding:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found:
        return Finding("browser tests", "ok", found)
    return Finding("browser tests", "warning", "no Chromium: they are skipped", "apt-get install chromium")


def _builders() -> Finding:
    missing = [name for name in ("rustc", "cargo", "cc") if shutil.which(name) is None]
    if not missing:
        return Finding("building from source", "ok", "rustc, cargo, cc")
    return Finding(
        "building from source", "warning", f"without {', '.join(missing)}; a wheel needs none of them"
    )


CHECKS: tuple[Callable[[], Finding], ...] = (
    _python,
    _core,
    _cryptography,
    _disk,
    _memory,
    _files,
    _loopback,
    _console,
    _browser,
    _builders,
)


def _network(folder: Path) -> list[Finding]:
    from xianglian.deployment.layout import NetworkFolder, NodeConfiguration
    from xianglian.errors import XianglianError

    try:
        network = NetworkFolder.read(folder)
        for node in network.nodes:
            NodeConfiguration.read(network.node_folder(node.name))
    except XianglianError as error:
        return [Finding("network folder", "error", error.reason)]
    secret = network.path / "passphrase"
    found = [Finding("network folder", "ok", f"{network.path}: {len(network.nodes)} nodes")]
    if secret.exists() and secret.stat().st_mode & 0o077:
        found.append(Finding("passphrase", "error", "others may read it", f"chmod 600 {secret}"))
    return found
