"""What people do, from end to end on the real network: issue, authorise, show by QR, verify, prove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xianglian.deployment import operations
from xianglian.deployment.layout import NetworkFolder
from xianglian.solutions.elicence.data import Generator

pytestmark = [pytest.mark.network, pytest.mark.browser, pytest.mark.timeout(300)]


def fill(page: Any, label: str, text: str) -> None:
    page.locator(f'input[aria-label="{label}"]').fill(text)


def review(page: Any, then: str) -> None:
    """Goes on as a person does: not in the instant of the last keystroke, whose value is still on its way and
    may draw the button anew, and once more if nothing came of it.
    """
    for turn in range(40):
        if turn % 20 == 0:
            page.wait_for_timeout(400)
            page.get_by_role("button", name="下一步: 核对").click()
        page.wait_for_timeout(400)
        if page.locator(then).first.is_visible():
            return
    page.wait_for_selector(then)


def choose(page: Any, label: str, option: str) -> None:
    page.locator(f'[aria-label="{label}"]').first.click()
    page.locator(".q-menu .q-item", has_text=option).first.click()
    page.keyboard.press("Escape")


def test_a_licence_from_issue_to_verified_use(visit: Any, folder: NetworkFolder, tmp_path: Path) -> None:
    code, link, number = issue(visit("zh"), folder, tmp_path)
    shown = authorise_and_show(visit("zh", (390, 844)), tmp_path, link)
    use(visit("zh", (390, 844)), shown)
    assert code
    assert number


def issue(visitor: Any, folder: NetworkFolder, tmp_path: Path) -> tuple[str, str, str]:
    page = visitor.page
    visitor.sign_in("elicence-issuer-1")
    wallet = json.loads((folder.path / "elicence" / "elicence-holder-1.json").read_text())
    code = next(iter(wallet)).split(".")[5]
    visitor.open(f"/console/elicence/issue?type={code}")
    organisation = Generator(77).uscc()
    review(page, ".note.bad >> text=处需要改正")
    visitor.shoot("flow-1-problems")
    fill(page, "流水号", "209900001234")
    choose(page, "持证主体类型", "法人或其他组织")
    fill(page, "持证人证件号码", organisation[:-1] + ("0" if organisation[-1] != "0" else "1"))
    fill(page, "证照号码", organisation)
    holder = (folder.path / "profiles" / "elicence-holder-1" / "profile.toml").read_text().split('"')[1]
    choose(page, "持证人账户", holder[:12])
    fill(page, "签章证书序列号", "0123456789ABCDEF")
    for label in page.locator(".f .lb span:first-child").all_inner_texts()[8:]:
        fill(page, label, organisation if "信用代码" in label else f"样例{label[:4]}")
    page.set_input_files(
        "input[type=file]",
        files=[{"name": "licence.ofd", "mimeType": "application/ofd", "buffer": b"sample licence file"}],
    )
    page.wait_for_selector("text=licence.ofd")
    review(page, ".note.bad >> text=校验码不正确")
    fill(page, "持证人证件号码", organisation)
    review(page, "text=请逐项核对")
    assert organisation not in page.inner_text("main"), "private values are masked in the review"
    visitor.shoot("flow-2-review")
    page.get_by_role("button", name="签名并提交").click()
    page.wait_for_selector(".note.ok >> text=已办理")
    visitor.shoot("flow-3-issued")
    with page.expect_download() as download:
        page.locator("a[download]", has_text="下载持证人文件").click()
    download.value.save_as(tmp_path / "holder.json")
    licence = next(iter(json.loads((tmp_path / "holder.json").read_text())))
    return code, licence, organisation


def authorise_and_show(visitor: Any, tmp_path: Path, licence: str) -> Path:
    page = visitor.page
    visitor.sign_in("elicence-holder-1")
    visitor.open("/console/elicence/mine")
    page.set_input_files("input[type=file]", tmp_path / "holder.json")
    page.wait_for_selector(".note.ok >> text=已收下")
    visitor.open(f"/console/elicence/authorise?licence={licence}")
    verifier = (
        (visitor.folder.path / "profiles" / "elicence-verifier-1" / "profile.toml").read_text().split('"')[1]
    )
    choose(page, "核验账户", verifier[:12])
    fill(page, "用途: 事项编码", licence.split(".")[5][:18] + "0001")
    choose(page, "可披露的属性", "名称")
    fill(page, "授权截止", "2099-12-31 18:00")
    fill(page, "最多次数", "3")
    review(page, "text=请逐项核对")
    page.get_by_role("button", name="签名并提交").click()
    page.wait_for_selector(".note.ok >> text=已办理")
    page.locator("a.btn", has_text="出示").click()
    page.wait_for_selector(".qr svg")
    visitor.shoot("flow-4-show")
    picture = tmp_path / "qr.png"
    page.set_viewport_size({"width": 800, "height": 1000})
    page.locator(".qr").screenshot(path=picture)
    return picture


def use(visitor: Any, picture: Path) -> None:
    page = visitor.page
    visitor.sign_in("elicence-verifier-1")
    visitor.open("/console/elicence/verify")
    page.locator("label.drop input[type=file]").set_input_files(picture)
    page.wait_for_selector("text=与链上的属性根相符")
    review(page, "text=请逐项核对")
    page.get_by_role("button", name="签名并提交").click()
    page.wait_for_selector(".note.ok >> text=有效")
    visitor.shoot("flow-5-used")


def test_a_proof_is_downloaded_and_verified_by_a_stranger(
    visit: Any, folder: NetworkFolder, tmp_path: Path
) -> None:
    holder = visit("zh")
    holder.sign_in("elicence-holder-1")
    wallet = json.loads((folder.path / "elicence" / "elicence-holder-1.json").read_text())
    holder.open(f"/console/elicence/licence/{list(wallet)[1]}")
    with holder.page.expect_download() as download:
        holder.page.locator("a[download]", has_text="下载证明").click()
    proof = tmp_path / "licence.xlp"
    download.value.save_as(proof)
    for language, holds, refused in (
        ("zh", "证明成立", "证明不成立"),
        ("en", "The proof holds", "does not hold"),
    ):
        stranger = visit(language, (390, 844))
        stranger.open("/verify")
        stranger.page.set_input_files("#proof", proof)
        stranger.page.click("button[type=submit]")
        stranger.page.wait_for_selector(f"#verdict >> text={holds}")
        stranger.shoot(f"flow-6-proof-{language}")
        assert stranger.fits()
        raw = bytearray(proof.read_bytes())
        raw[len(raw) // 2] ^= 1
        changed = tmp_path / "changed.xlp"
        changed.write_bytes(bytes(raw))
        stranger.page.set_input_files("#proof", changed)
        stranger.page.click("button[type=submit]")
        stranger.page.wait_for_selector(f"#verdict >> text={refused}")
        stranger.shoot(f"flow-7-refused-{language}")


def test_a_refusal_tells_the_reason(visit: Any) -> None:
    visitor = visit("zh")
    visitor.sign_in("elicence-holder-1")
    visitor.open("/console/contracts/elicence/appoint_auditor")
    fill(visitor.page, "机构标识", "org1")
    review(visitor.page, "text=请逐项核对")
    visitor.page.get_by_role("button", name="签名并提交").click()
    visitor.page.wait_for_selector(".note.bad >> text=NotCatalogueManager")
    visitor.shoot("flow-8-refused-act")
    visitor.page.locator("a.btn", has_text="为什么").click()
    visitor.page.wait_for_selector("text=失败原因")


def test_an_open_tab_finds_the_way_back_after_the_node_started_anew(
    visit: Any, folder: NetworkFolder
) -> None:
    visitor = visit("zh")
    visitor.sign_in("admin")
    visitor.open("/console/")
    operations.stop_node(folder, "access-1")
    operations.start_node(folder, "access-1")
    visitor.page.wait_for_url("**/login?next=*", timeout=40_000)
    visitor.complaints = [each for each in visitor.complaints if "ERR_CONNECTION" not in each]
    visitor.complaints = [
        each for each in visitor.complaints if "401" not in each and "WebSocket" not in each
    ]


def test_signing_out_ends_it(visit: Any) -> None:
    visitor = visit("zh")
    visitor.sign_in("admin")
    visitor.page.locator("form[action='/logout'] button").click()
    visitor.page.wait_for_url("**/login")
    visitor.page.goto(f"{visitor.base}/console/blocks")
    assert "/login?next=" in visitor.page.url
