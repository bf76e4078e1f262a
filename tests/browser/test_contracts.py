"""Contracts and proposals as operators see them, on the real network: looked at, voted on, decided."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from xianglian import Client
from xianglian.cli.root import run
from xianglian.compiler import build
from xianglian.contract.solidity import read_artefact
from xianglian.deployment.layout import NetworkFolder
from xianglian.sdk.sources import points_folder

pytestmark = [pytest.mark.network, pytest.mark.browser, pytest.mark.timeout(300)]
T = TypeVar("T")
TOKEN = Path(__file__).parents[2] / "examples" / "solidity" / "Token.json"


def aside(work: Callable[[], T]) -> T:
    """In a thread of its own: the browser's driver keeps an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def proposed(folder: NetworkFolder, tmp_path: Path) -> tuple[int, int]:
    """Points, and two proposals about it by the second organisation: an upgrade, and to freeze it."""
    source = (points_folder() / "contract.py").read_text().replace("Transferred", "Moved")
    (tmp_path / "contract.py").write_text(source)
    first, second = build(points_folder()), build(tmp_path)
    with Client.connect(folder.path, "admin-org2") as client:
        client.deploy("points", first.wasm, first.interface_json)
        code = client.stage(second.wasm, second.interface_json)
        upgrade = {"kind": "upgrade", "name": "points", "version": 1, "code_hash": code, "migrated": []}
        one = client.propose(upgrade, title="say moved")
        client.vote(one, yes=True)
        return one, client.propose({"kind": "freeze", "name": "points", "version": 1})


def cast(folder: NetworkFolder, proposal: int, **ballots: bool) -> None:
    """Votes of organisations through the API."""
    for organisation, yes in ballots.items():
        with Client.connect(folder.path, f"admin-{organisation}") as client:
            client.vote(proposal, yes=yes)


def test_an_upgrade_is_looked_at_and_voted_in(visit: Any, folder: NetworkFolder, tmp_path: Path) -> None:
    operator = visit("zh")
    page = operator.page
    operator.sign_in("admin")
    operator.open("/console/proposals")
    page.wait_for_selector(".empty >> text=还没有提案")
    upgrade, freeze = aside(lambda: proposed(folder, tmp_path))
    aside(lambda: cast(folder, upgrade, org3=False))

    operator.open("/console/proposals")
    assert page.locator("tbody tr").count() == 2
    operator.shoot("proposals-zh")
    operator.open(f"/console/proposals/{upgrade}")
    assert page.locator(".ballot.yes").count() == page.locator(".ballot.no").count() == 1
    assert page.locator(".ballot.wait").count() == 2
    page.get_by_role("button", name="试运行升级").click()
    page.wait_for_selector(".note.ok >> text=可以升级到版本 2")
    assert operator.fits()
    operator.shoot("proposal-open-zh")

    page.locator("a.btn", has_text="去投票").click()
    page.wait_for_selector("text=投出后不能更改")
    page.wait_for_timeout(400)
    page.locator('[aria-label="一票"]').first.click()
    page.locator(".q-menu .q-item", has_text="同意").first.click()
    page.wait_for_timeout(400)
    page.get_by_role("button", name="下一步: 核对").click()
    page.wait_for_selector("text=请逐项核对")
    page.get_by_role("button", name="签名并提交").click()
    page.wait_for_selector(".note.ok >> text=已办理")
    operator.shoot("proposal-voted-zh")
    operator.open(f"/console/proposals/{upgrade}")
    assert page.locator(".ballot.yes").count() == 2
    assert page.locator("a.btn", has_text="去投票").count() == 0

    aside(lambda: cast(folder, upgrade, org4=True))
    operator.open(f"/console/proposals/{upgrade}")
    page.wait_for_selector(".pill.ok >> text=已通过并执行")
    operator.open("/console/contracts/points")
    page.wait_for_selector(f'a[href="/console/proposals/{upgrade}"]')
    page.wait_for_selector(".empty >> text=这份代码没有审计记录")
    operator.shoot("contract-upgraded-zh")

    # Made against version 1, which is no more: the chain's refusal is worded.
    aside(lambda: cast(folder, freeze, org2=True, org3=True))
    operator.open(f"/console/proposals/{freeze}/vote")
    page.wait_for_timeout(400)
    page.locator('[aria-label="一票"]').first.click()
    page.locator(".q-menu .q-item", has_text="同意").first.click()
    page.wait_for_timeout(400)
    page.get_by_role("button", name="下一步: 核对").click()
    page.get_by_role("button", name="签名并提交").click()
    page.wait_for_selector(".note.bad >> text=XL-PROPOSAL-STALE")
    operator.shoot("proposal-refused-zh")


def test_a_report_is_shown_if_it_is_the_one_recorded(
    visit: Any, folder: NetworkFolder, tmp_path: Path
) -> None:
    file, other = tmp_path / "report.json", tmp_path / "other.json"

    def audited() -> None:
        place = ["--network", str(folder.path)]
        assert run(["account", "add", "auditor", "--role", "auditor", *place]) == 0
        checked = ["contract", "check", str(points_folder()), "--record", "-o", str(file), *place]
        assert run(checked) == 0
        with Client.connect(folder.path, "admin-org2") as client:
            made = build(points_folder())
            client.deploy("audited", made.wasm, made.interface_json)

    aside(audited)
    other.write_bytes(file.read_bytes() + b" ")
    operator = visit("zh")
    operator.sign_in("admin")
    operator.open("/console/contracts/audited")
    assert operator.page.locator(".hd .pill.ok", has_text="通过").count() == 1
    operator.page.set_input_files("input[type=file]", other)
    operator.page.wait_for_selector(".note.bad >> text=这不是链上登记的报告")
    operator.page.set_input_files("input[type=file]", file)
    operator.page.wait_for_selector(".note.ok >> text=与链上登记的报告摘要相符")
    assert operator.fits()
    operator.shoot("contract-report-zh")


def test_others_look_in_english_and_on_a_phone(visit: Any, folder: NetworkFolder) -> None:
    def policy() -> int:
        with Client.connect(folder.path, "admin-org2") as client:
            rules = {**client.governance()["policy"], "audit_required": True}
            return client.propose({"kind": "policy", "policy": rules}, title="safety first")

    def solidity() -> int:
        with Client.connect(folder.path, "admin-org2") as client:
            code = client.stage_solidity(read_artefact(TOKEN), name_="Grain", symbol_="GRN", supply=1000)
            return client.propose({"kind": "deploy", "name": "grain", "code_hash": code})

    made, token = aside(policy), aside(solidity)
    for size, tag in (((1440, 900), "desk"), ((390, 844), "phone")):
        clerk = visit("en", size)
        clerk.sign_in("elicence-issuer-1")
        for name, path in (
            ("contracts", "/console/contracts"),
            ("proposals", "/console/proposals"),
            ("proposal", f"/console/proposals/{made}"),
            ("proposal-solidity", f"/console/proposals/{token}"),
        ):
            clerk.open(path)
            assert clerk.fits(), path
            assert clerk.page.locator("main .note.bad").count() == 0, path
            clerk.shoot(f"{tag}-en-clerk-{name}")
        # Who votes on a Solidity contract sees for whom it is made and with what.
        clerk.page.wait_for_selector("text=Staged by, who will own it")
        clerk.page.wait_for_selector("text=Constructor's arguments, ABI-encoded")
        clerk.page.wait_for_selector("text=Only an organisation's administrator votes")
        assert clerk.page.locator("a.btn", has_text="Vote").count() == 0
        clerk.open("/console/proposals/999")
        clerk.page.wait_for_selector("text=No such proposal")
