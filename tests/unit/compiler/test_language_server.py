"""An editor's view: a real server process, spoken to over its pipes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xianglian.contract.template import write_template


class Editor:
    """The smallest client of the protocol."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def sends(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def hears(self, wanted: str) -> dict[str, Any]:
        """The next message that has `wanted` as its method or is an answer (`id`)."""
        assert self.process.stdout
        while True:
            length = 0
            while line := self.process.stdout.readline().strip():
                name, _, value = line.partition(b": ")
                if name == b"Content-Length":
                    length = int(value)
            assert length, "the server went away"
            message: dict[str, Any] = json.loads(self.process.stdout.read(length))
            if message.get("method") == wanted or wanted in message:
                return message

    def marks(self, how: str, file: Path) -> dict[str, list[dict[str, Any]]]:
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": file.read_text()}
        self.sends({"method": f"textDocument/{how}", "params": {"textDocument": document}})
        told = self.hears("textDocument/publishDiagnostics")["params"]
        return {Path(told["uri"]).name: told["diagnostics"]}


@pytest.fixture
def editor() -> Iterator[Editor]:
    command = [sys.executable, "-m", "xianglian.cli", "contract", "language-server"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    made = Editor(process)
    made.sends(
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}
    )
    assert made.hears("result")["result"]["serverInfo"]["name"] == "xianglian-contract"
    made.sends({"method": "initialized", "params": {}})
    yield made
    process.kill()
    process.wait()


def test_refusals_appear_where_they_are_and_go_when_mended(editor: Editor, tmp_path: Path) -> None:
    write_template(tmp_path, "Tally")
    file = tmp_path / "contract.py"
    good = file.read_text()
    assert editor.marks("didOpen", file) == {"contract.py": []}

    file.write_text(good.replace("        emit(", "        wrong = 1.5\n        emit(", 1))
    line = next(n for n, text in enumerate(file.read_text().splitlines()) if "1.5" in text)
    (mark,) = editor.marks("didSave", file)["contract.py"]
    assert mark["range"]["start"]["line"] == line
    assert "fix: " in mark["message"]

    file.write_text(good)
    assert editor.marks("didSave", file) == {"contract.py": []}


def test_other_python_files_are_left_alone(editor: Editor, tmp_path: Path) -> None:
    file = tmp_path / "test_contract.py"
    file.write_text("import os\n")
    assert editor.marks("didOpen", file) == {"test_contract.py": []}
