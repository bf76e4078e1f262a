"""One background process per network: starts its nodes as processes, and starts again what dies.

`python -m xianglian.deployment.supervisor D`. Nodes outlive a killed supervisor; the next one adopts them by
their locks. A node that halted for good (exit 70) stays down until somebody starts it by name.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from xianglian.deployment.control import SUPERVISOR_LOCK, socket_path
from xianglian.deployment.layout import NetworkFolder
from xianglian.deployment.lock import FolderLock, holder
from xianglian.deployment.run_node import HALTED, LOCK_FILE
from xianglian.errors import FolderInUse, Misused, XianglianError

RESTART_S = 0.2
"""Pause before a dead node is started again."""
QUICK_S = 5.0
"""A node that lived less died quickly."""
QUICK_DEATHS = 5
"""So many quick deaths in a row, and the pause doubles from one second to `BACKOFF_S_MAX`."""
BACKOFF_S_MAX = 60.0
STOP_S = 15.0
"""A node that has not stopped by then is killed."""
LOG_BYTES_MAX = 16 * 1024 * 1024
LOGS_KEPT = 2


def node_command(folder: Path) -> list[str]:
    """What runs the node of `folder`."""
    return [sys.executable, "-m", "xianglian.deployment.run_node", str(folder)]


class Charge:
    """One node in the supervisor's care."""

    def __init__(self, name: str, folder: Path, passphrase: bytes | None) -> None:
        self.name = name
        self.folder = folder
        self.state = "stopped"
        """stopped, running, restarting, backoff or halted."""
        self.pid: int | None = None
        self.restarts = 0
        self.exit_code: int | None = None
        self._passphrase = passphrase
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False
        self._quick_deaths = 0
        self._started = 0.0
        self._gone = asyncio.Event()
        self._gone.set()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Starts the node, or adopts the process that runs it. No effect while it runs or restarts."""
        self._wanted = True
        if self.state in ("running", "restarting"):
            return
        if self.state == "halted":
            self._quick_deaths = 0
        self._launch()

    async def stop(self) -> None:
        """Asks the process to stop, kills it after `STOP_S`; returns when it is gone."""
        self._wanted = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.pid is None:
            self.state = "stopped"
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), STOP_S)
                break
        self.state = "stopped"

    def report(self) -> dict[str, Any]:
        """What `status` tells of it."""
        return {"state": self.state, "pid": self.pid, "restarts": self.restarts, "exit_code": self.exit_code}

    def _launch(self) -> None:
        self._timer = None
        self._started = time.monotonic()
        running = holder(self.folder / LOCK_FILE)
        if running is not None:
            self._watch(running, None)
            return
        with self._open_log() as log:
            process = subprocess.Popen(
                node_command(self.folder) + ["--passphrase-stdin"] * (self._passphrase is not None),
                stdin=subprocess.DEVNULL if self._passphrase is None else subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if self._passphrase is not None and process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(self._passphrase)
                process.stdin.close()
        self._watch(process.pid, process)

    def _watch(self, pid: int, process: subprocess.Popen[bytes] | None) -> None:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self._died(None)
            return
        self.pid, self._process, self.state = pid, process, "running"
        self._gone.clear()
        loop = asyncio.get_running_loop()

        def ended() -> None:
            loop.remove_reader(handle)
            os.close(handle)
            self._died(None if process is None else process.wait())

        loop.add_reader(handle, ended)

    def _died(self, exit_code: int | None) -> None:
        self.pid, self._process, self.exit_code = None, None, exit_code
        lived_s = time.monotonic() - self._started
        self._gone.set()
        if not self._wanted:
            self.state = "stopped"
            return
        if exit_code == HALTED:
            self.state = "halted"
            _log("node.halted", node=self.name, exit_code=exit_code)
            return
        self._quick_deaths = self._quick_deaths + 1 if lived_s < QUICK_S else 0
        excess = self._quick_deaths - QUICK_DEATHS
        pause_s = RESTART_S if excess < 0 else min(BACKOFF_S_MAX, 2.0**excess)
        self.state = "restarting" if excess < 0 else "backoff"
        self.restarts += 1
        _log("node.restart", node=self.name, exit_code=exit_code, lived_s=round(lived_s, 1), pause_s=pause_s)
        self._timer = asyncio.get_running_loop().call_later(pause_s, self._launch)

    def _open_log(self) -> IO[bytes]:
        path = self.folder / "node.log"
        if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
            for number in range(LOGS_KEPT, 0, -1):
                older = path.with_suffix(f".log.{number - 1}") if number > 1 else path
                if older.exists():
                    older.replace(path.with_suffix(f".log.{number}"))
        return path.open("ab")


class Supervisor:
    """The charges of one network and the control socket over them."""

    def __init__(self, network: NetworkFolder, passphrase: bytes | None) -> None:
        self._network = network
        self._charges = {
            node.name: Charge(node.name, network.node_folder(node.name), passphrase) for node in network.nodes
        }
        self._down = asyncio.Event()

    async def run(self) -> None:
        """Until `down` or SIGTERM; then every node is stopped."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._down.set)
        for charge in self._charges.values():
            charge.start()
        os.umask(0o077)
        with socket_path(self._network.path) as path:
            _forget(path)
            server = await asyncio.start_unix_server(self._serve, path)
            try:
                await self._down.wait()
                await asyncio.gather(*(charge.stop() for charge in self._charges.values()))
            finally:
                server.close()
                _forget(path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await asyncio.wait_for(reader.readline(), 5))
            answer = await self._answer(request)
        except XianglianError as error:
            answer = {"error": error.to_json()}
        except (ValueError, TimeoutError):
            answer = {"error": Misused("not a request").to_json()}
        writer.write(json.dumps(answer).encode() + b"\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request:
            case {"operation": "status"}:
                return {"pid": os.getpid(), "nodes": {name: c.report() for name, c in self._charges.items()}}
            case {"operation": "start", "name": str(name)} if name in self._charges:
                self._charges[name].start()
                return self._charges[name].report()
            case {"operation": "stop", "name": str(name)} if name in self._charges:
                await self._charges[name].stop()
                return self._charges[name].report()
            case {"operation": "down"}:
                self._down.set()
                return {"pid": os.getpid()}
        raise Misused(f"the supervisor cannot do {request!r}")


def _forget(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        Path(path).unlink()


def _log(event: str, **facts: Any) -> None:
    sys.stderr.write(json.dumps({"time_ms": time.time_ns() // 1_000_000, "event": event, **facts}) + "\n")
    sys.stderr.flush()


def main() -> int:
    """Supervises the network of a folder until told to stop."""
    parser = argparse.ArgumentParser(prog="supervisor")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passphrase-stdin", action="store_true")
    options = parser.parse_args()
    try:
        network = NetworkFolder.read(options.folder)
        lock = FolderLock(network.path / SUPERVISOR_LOCK)
    except FolderInUse:
        return 0  # another one does the work
    passphrase = sys.stdin.buffer.read().strip() if options.passphrase_stdin else None

    async def supervise() -> None:
        await Supervisor(network, passphrase).run()

    asyncio.run(supervise())
    lock.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
