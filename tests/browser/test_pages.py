"""Every page in both languages, on a desk and on a phone: no errors, no sideways scrolling, no other host."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from xianglian import Client
from xianglian.deployment.layout import NetworkFolder

pytestmark = [pytest.mark.network, pytest.mark.browser, pytest.mark.timeout(300)]
DESK, PHONE = (1440, 900), (390, 844)
CJK = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def places(folder: NetworkFolder) -> dict[str, str]:
    """Name -> path of pages about something that the story made."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(find_places, folder).result()


def find_places(folder: NetworkFolder) -> dict[str, str]:
    with Client.connect(folder.path) as client:
        failed = worked = ""
        for block in client.blocks(limit=100):
            for tx in block["transactions"]:
                if tx["method"] == "present" and tx["status"] == "success":
                    worked = worked or tx["tx_id"]
                if tx["status"] != "success" and not tx["code"].startswith("XL-"):
                    failed = failed or tx["tx_id"]
        height = client.blocks(limit=1)[0]["height"]
        account = client.account
    wallet = json.loads((folder.path / "elicence" / "elicence-holder-1.json").read_text())
    licence = next(iter(wallet))
    return {
        "network": "/console/",
        "blocks": "/console/blocks",
        "block": f"/console/blocks/{height}",
        "transactions": "/console/transactions",
        "transactions-failed": "/console/transactions?failed=1",
        "transaction": f"/console/transactions/{worked}",
        "transaction-failed": f"/console/transactions/{failed}",
        "transaction-unknown": f"/console/transactions/{'ab' * 32}",
        "contracts": "/console/contracts",
        "contract": "/console/contracts/elicence",
        "contract-view": "/console/contracts/elicence/catalogue",
        "contract-entry": "/console/contracts/elicence/define_type",
        "proposals": "/console/proposals",
        "accounts": "/console/accounts",
        "account": f"/console/accounts/{account}",
        "account-act": f"/console/accounts/{account}/grant",
        "catalogue": "/console/elicence",
        "issue": f"/console/elicence/issue?type={licence.split('.')[5]}",
        "mine": "/console/elicence/mine",
        "licence": f"/console/elicence/licence/{licence}",
        "authorise": "/console/elicence/authorise",
        "authorise-form": f"/console/elicence/authorise?licence={licence}",
        "show": f"/console/elicence/show/{licence}/0",
        "verify": "/console/elicence/verify",
        "usage": "/console/elicence/usage",
    }


STAFF = {
    "admin": (
        "network", "blocks", "block", "transactions", "transactions-failed", "transaction",
        "transaction-failed", "transaction-unknown",
        "contracts", "contract", "contract-view", "contract-entry",
        "proposals", "accounts", "account", "account-act", "catalogue", "mine", "authorise", "verify",
        "usage",
    ),
    "elicence-issuer-1": ("issue", "licence"),
    "elicence-holder-1": ("mine", "licence", "authorise", "authorise-form", "show", "usage"),
    "elicence-verifier-1": ("verify",),
}  # fmt: skip
CITIZEN = {
    "elicence-holder-1": ("mine", "licence", "authorise", "authorise-form", "show", "usage"),
    "elicence-verifier-1": ("verify",),
    "admin": ("network", "transaction-failed"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("profile", STAFF)
def test_staff_pages_on_a_desk(visit: Any, places: dict[str, str], language: str, profile: str) -> None:
    walk(visit(language, DESK), places, profile, STAFF[profile], f"desk-{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("profile", CITIZEN)
def test_citizens_pages_on_a_phone(visit: Any, places: dict[str, str], language: str, profile: str) -> None:
    walk(visit(language, PHONE), places, profile, CITIZEN[profile], f"phone-{language}")


def test_dark(visit: Any, places: dict[str, str]) -> None:
    walk(
        visit("zh", DESK, dark=True),
        places,
        "admin",
        ("network", "transaction-failed", "contract-entry"),
        "dark",
    )


def walk(visitor: Any, known: dict[str, str], profile: str, names: tuple[str, ...], tag: str) -> None:
    visitor.sign_in(profile)
    for name in names:
        visitor.open(known[name])
        visitor.shoot(f"{tag}-{profile}-{name}")
        assert visitor.fits(), f"{name} sticks out at the side"
        assert visitor.page.locator("main .note.bad", has_text="XL-").count() == 0, name
        if tag.endswith("-en"):
            frame = visitor.page.locator(".side, .top, .tabbar, .hd, .lb, th, .btn, dt, .navh")
            chinese = [text for text in frame.all_inner_texts() if CJK.search(text.replace("中文", ""))]
            assert [text for text in chinese if not is_data(text)] == [], name


def is_data(text: str) -> bool:
    """Names that stand on the chain are in the language of those who put them there."""
    return any(name in text for name in ("营业执照", "食品经营许可证", "道路旅客运输驾驶员从业资格证"))


@pytest.mark.parametrize("size", [DESK, PHONE])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_public_pages(visit: Any, language: str, size: tuple[int, int]) -> None:
    visitor = visit(language, size)
    for path in ("/verify", "/login", "/help"):
        visitor.open(path)
        visitor.shoot(f"{'desk' if size == DESK else 'phone'}-{language}-public-{path[1:]}")
        assert visitor.fits(), path
        if language == "en":
            body = visitor.page.inner_text("body").replace("中文", "")
            assert not CJK.search(body), path
    visitor.page.goto(f"{visitor.base}/nowhere")
    visitor.shoot(f"{'desk' if size == DESK else 'phone'}-{language}-public-missing")
    assert visitor.fits()
    assert visitor.page.locator(".problem").count() == 1
    visitor.complaints = [each for each in visitor.complaints if "404" not in each]
