import json
from pathlib import Path

import httpx
import pytest

from xianglian.errors import Damaged
from xianglian.gateway.access_log import AccessLog, verify_log
from xianglian.gateway.session import Session

from .conftest import StandInNode, signed_in

SESSION = Session(bytes(16), "xl1a", "org1", ("clerk",), "clerk", "审计", 0, 0)


async def test_a_read_is_logged_with_who_role_purpose_and_what(
    http: httpx.AsyncClient, node: StandInNode, tmp_path: Path
) -> None:
    headers = await signed_in(http, node)
    body = {"method": "balance", "arguments": "aabbcc"}
    await http.post("/v1/contracts/points/query", headers=headers, json=body)
    await http.get("/v1/blocks/99", headers=headers)
    (file,) = (tmp_path / "access-log").iterdir()
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(row["operation"], row["target"], row["status"]) for row in rows] == [
        ("POST", "points.balance", 200),
        ("GET", "/v1/blocks/99", 404),
    ]
    assert all(
        (row["account"], row["role"], row["purpose"]) == (node.account_id, "clerk", "testing") for row in rows
    )
    assert "aabbcc" not in file.read_text()
    assert headers["Authorization"].removeprefix("Bearer ") not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def _write(folder: Path, count: int) -> None:
    log = AccessLog(folder)
    for number in range(count):
        log.write(SESSION, "GET", f"/{number}", 200)


def test_the_chain_of_digests_goes_on_after_a_restart(tmp_path: Path) -> None:
    _write(tmp_path, 3)
    _write(tmp_path, 2)
    assert verify_log(tmp_path) == 5


@pytest.mark.parametrize("change", ["remove", "edit"])
def test_a_removed_or_changed_line_is_found(tmp_path: Path, change: str) -> None:
    _write(tmp_path, 4)
    (file,) = tmp_path.iterdir()
    lines = file.read_text().splitlines()
    lines[1:2] = [] if change == "remove" else [lines[1].replace("/1", "/x")]
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(Damaged, match=r":[23]"):
        verify_log(tmp_path)
