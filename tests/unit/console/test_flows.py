"""Forms and flows of the staff pages, over the contract itself."""

from __future__ import annotations

from typing import Any

import pytest

from xianglian.solutions.elicence.data import Generator

ORGANISATION = Generator(77).uscc()


async def fill_in(user: Any, holder: str, number: str = ORGANISATION) -> None:
    values = {
        "serial": "209900001234", "holder_number": number, "number": "JY1529999000001",
        "seal_cert_sn": "0123ABCDEF",
        "attribute:name": "样例餐饮店", "attribute:uscc": ORGANISATION, "attribute:legal_person": "样例人员",
        "attribute:premises": "样例路 1 号", "attribute:business_form": "餐饮服务经营者",
        "attribute:items": "热食类食品制售", "attribute:inspector": "样例检查员",
    }  # fmt: skip
    for name, text in values.items():
        user.find(marker=name).clear().type(text)
    next(iter(user.find(marker="holder_kind").elements)).value = "ORGANISATION"
    next(iter(user.find(marker="holder").elements)).value = holder


def attach(user: Any, page: Any) -> None:
    """The file that a clerk chooses (the upload box itself is tried in a browser)."""
    page._file_arrived("licence.ofd", b"sample")


async def test_issue_is_checked_reviewed_signed_and_private_values_stay_off_the_chain(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xianglian.console.pages.elicence import issue

    opened: list[Any] = []
    draw = issue.Issuing.draw

    async def noted(self: Any) -> None:
        opened.append(self)
        await draw(self)

    monkeypatch.setattr(issue.Issuing, "draw", noted)
    user = desk.user
    session = await desk.sign_in("clerk")
    await user.open("/elicence/issue")
    user.find("next").click()
    await user.should_see("处需要改正")
    wrong = ORGANISATION[:-1] + ("0" if ORGANISATION[-1] != "0" else "1")
    await fill_in(user, desk.town.address("holder"), wrong)
    attach(user, opened[0])
    user.find("next").click()
    await user.should_see("校验码不正确")
    user.find("holder_number").clear().type(ORGANISATION)
    user.find("next").click()
    await user.should_see("请逐项核对")
    await user.should_not_see(ORGANISATION)
    assert desk.town.sent == [], "nothing is signed before the review is confirmed"
    user.find("sign").click()
    await user.should_see("已办理")
    ((method, arguments),) = desk.town.sent
    assert method == "issue"
    spoken = repr(arguments)
    for private in (ORGANISATION, "样例餐饮店", "样例路 1 号", "JY1529999000001"):
        assert private not in spoken
    ((name, content),) = session.made.values()
    assert name == "holder-209900001234.json"
    assert ORGANISATION in content.decode(), "the holder gets what the chain does not"


async def test_a_refusal_of_the_chain_is_worded(desk: Any) -> None:
    await desk.sign_in("holder")
    await desk.user.open("/contracts/elicence/appoint_auditor")
    desk.user.find("organisation").type("org1")
    desk.user.find("next").click()
    await desk.user.should_see("请逐项核对")
    desk.user.find("sign").click()
    await desk.user.should_see("NotCatalogueManager")
    await desk.user.should_see("目录管理")
    assert desk.town.sent == []


async def test_empty_states(desk: Any) -> None:
    await desk.sign_in("holder")
    for path, text in (
        ("/elicence/mine", "这个账户还没有证照"),
        ("/elicence/authorise", "没有证照"),
        ("/elicence/usage", "还没有人核验"),
        ("/blocks", "还没有区块"),
        ("/transactions", "没有交易"),
        ("/contracts", "还没有合约"),
    ):
        await desk.user.open(path)
        await desk.user.should_see(text)
    await desk.sign_in("verifier")
    await desk.user.open("/elicence/verify")
    await desk.user.should_see("还没有持证人授权给您")


async def test_english(desk: Any) -> None:
    await desk.sign_in("holder", "en")
    await desk.user.open("/elicence/mine")
    await desk.user.should_see("This account holds no licence yet")
    await desk.user.should_not_see("证照")


async def test_a_view_is_asked_and_answered(desk: Any) -> None:
    await desk.sign_in("keeper")
    await desk.user.open("/contracts/elicence/catalogue")
    desk.user.find("first").type("x")
    desk.user.find("ask").click()
    desk.user.find("first").clear().type("0")
    desk.user.find("ask").click()
    await desk.user.should_see("食品经营许可证")


async def test_an_ended_session_signs_nothing(desk: Any) -> None:
    session = await desk.sign_in("keeper")
    await desk.user.open("/contracts/elicence/appoint_auditor")
    desk.user.find("organisation").type("org2")
    desk.user.find("next").click()
    await desk.user.should_see("请逐项核对")
    await desk.sessions.close(session)
    desk.user.find("sign").click()
    await desk.user.should_see("登录已失效")
    assert desk.town.sent == []
