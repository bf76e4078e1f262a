"""Smaller parts: escaping, where a search leads, holders' files, the words of errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xianglian.console.elicence import Wallet
from xianglian.console.files import place_of
from xianglian.console.look import markup
from xianglian.console.wording import worded
from xianglian.errors import InvalidRequest, NotFound, Rejected, WrongPassphrase
from xianglian.solutions.elicence.data import Generator

HOSTILE = "<img src=x onerror=alert(1)>\"'&"


@pytest.mark.parametrize(
    "drawn",
    [
        markup.pill("ok", HOSTILE),
        markup.pill(HOSTILE, "x"),
        markup.link(HOSTILE, HOSTILE),
        markup.digest(HOSTILE * 3, href=HOSTILE),
        markup.note("bad", HOSTILE, title=HOSTILE),
        markup.table([HOSTILE], [[HOSTILE]]),
        markup.facts([(HOSTILE, HOSTILE)]),
        markup.kpi(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        markup.code(HOSTILE),
        markup.stations({"submit": HOSTILE}),
        markup.bars([(HOSTILE, 3)], unit=HOSTILE),
        markup.join([HOSTILE, HOSTILE]),
    ],
)
def test_values_are_escaped(drawn: str) -> None:
    assert "<img" not in drawn
    assert "\"'&" not in drawn.replace("&#34;&#39;&amp;", "")


def test_nine_stations_in_the_order_of_the_path() -> None:
    drawn = markup.stations({}, failed="receipt")
    assert drawn.count('<li class="st') == 9
    assert drawn.count('<li class="st bad"') == 1
    order = [drawn.index(f"<b>{markup.W(name)}</b>") for name in markup.STATIONS]
    assert order == sorted(order)


class Someone:
    """Knows one transaction."""

    class client:  # noqa: N801
        """Answers."""

        @staticmethod
        async def transaction(tx_hash: str) -> dict[str, Any]:
            if tx_hash != "ab" * 32:
                raise NotFound
            return {}


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("12", "/console/blocks/12"),
        ("AB" * 32, f"/console/transactions/{'ab' * 32}"),
        ("0x" + "ab" * 32, f"/console/transactions/{'ab' * 32}"),
        ("cd" * 32, f"/console/blocks/{'cd' * 32}"),
        ("xl1abc", "/console/accounts/xl1abc"),
        ("1.2.156.3005.2.A.B.C.001.X", "/console/elicence/licence/1.2.156.3005.2.A.B.C.001.X"),
        ("elicence", "/console/contracts/elicence"),
        ("//evil.example", "/console/transactions"),
        ("", "/console/transactions"),
    ],
)
async def test_where_a_search_leads(asked: str, place: str) -> None:
    assert await place_of(Someone(), asked) == place  # type: ignore[arg-type]


def holder_file() -> dict[str, Any]:
    tree = next(iter(Generator(4).samples(1))).attributes
    rows = [{"name": name, "value": value, "salt": salt.hex()} for name, value, salt in tree.items]
    return {"1.2.156.3005.2.A.B.C.001.X": {"attributes": rows}}


def test_a_wallet_takes_in_holders_files_privately(tmp_path: Path) -> None:
    wallet = Wallet(tmp_path, "holder")
    assert wallet.licences() == {}
    assert wallet.take(json.dumps(holder_file())) == list(holder_file())
    (tree,) = wallet.licences().values()
    assert tree == next(iter(Generator(4).samples(1))).attributes
    (file,) = tmp_path.rglob("holder.json")
    assert file.stat().st_mode & 0o077 == 0
    assert Wallet(tmp_path, "other").licences() == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a": 1}', '{"a": {"attributes": [{"name": "x"}]}}', '{"a": {}}']
)
def test_other_files_leave_a_wallet_as_it_was(tmp_path: Path, text: str) -> None:
    wallet = Wallet(tmp_path, "holder")
    wallet.take(json.dumps(holder_file()))
    with pytest.raises(InvalidRequest):
        wallet.take(text)
    assert list(wallet.licences()) == list(holder_file())


async def test_errors_are_worded_with_their_code() -> None:
    assert await worded(WrongPassphrase()) == "口令不正确 [XL-KEYS-PASSPHRASE]"
    assert await worded(Rejected("reason", code="XL-NEW")) == "未完成: reason [XL-NEW]"
