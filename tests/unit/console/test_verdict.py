"""What strangers are told about what they bring."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian.console.look.markup import qr
from xianglian.console.public import verdict
from xianglian.console.public.routes import _read_qr
from xianglian.solutions.elicence.attributes import AttributeTree

TREE = AttributeTree.of(("name", "uscc"), {"name": "样例", "uscc": "91529999M4JURQ283G"})
SHOWN = verdict.Shown("1.2.156.3005.2.A.B.C.001.X", 3, (TREE.open("name"), TREE.open("uscc")))


def test_what_a_holder_shows_comes_back_whole() -> None:
    again = verdict.Shown.from_text(SHOWN.to_text())
    assert again == SHOWN
    assert all(each.proves(TREE.root) for each in again.openings)


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"licence": 1, "consent": 0, "shown": []}', "x", '{"licence": "a"}']
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        verdict.Shown.from_text(text)


def test_texts_are_proofs_or_what_a_holder_shows() -> None:
    assert verdict.read_text("00ff 01") == (b"\x00\xff\x01", None)
    assert verdict.read_text(base64.b64encode(b"proof!").decode()) == (b"proof!", None)
    assert verdict.read_text(SHOWN.to_text()) == (b"", SHOWN)


@given(st.binary(max_size=300))
def test_rubbish_is_no_proof_and_no_error(data: bytes) -> None:
    answer = verdict.examine(data, b"")
    assert answer.good is False
    assert answer.title


def test_too_large_is_said() -> None:
    assert verdict.examine(bytes(verdict.PROOF_BYTES_MAX + 1), b"").title == verdict.W("large")


def test_two_attributes_fit_a_qr_code() -> None:
    assert "<svg" in qr(SHOWN.to_text())
    with pytest.raises(ValueError, match="too much"):
        qr("x" * 3000)


def test_grey_pixels_without_a_code_give_nothing() -> None:
    assert _read_qr(bytes([255]) * 64 * 64, 64) is None


def test_a_code_is_read_out_of_grey_pixels() -> None:
    import segno

    rows = [
        [0 if dark else 255 for dark in row]
        for row in segno.make_qr("xianglian").matrix_iter(scale=6, border=4)
    ]
    grey = bytes(value for row in rows for value in row)
    assert _read_qr(grey, len(rows[0])) == "xianglian"
