"""Errors as a person reads them."""

from __future__ import annotations

from xianglian.cli.messages import worded
from xianglian.errors import Rejected


def test_a_receipt_that_has_only_a_code_is_told_by_the_catalogue() -> None:
    error = Rejected("XL-CONTRACT-FROZEN", code="XL-CONTRACT-FROZEN")
    assert worded(error, "en").splitlines()[0].startswith("error XL-CONTRACT-FROZEN: The contract is frozen")
    assert worded(error, "zh").count("XL-CONTRACT-FROZEN") == 1


def test_a_reason_of_its_own_is_kept() -> None:
    error = Rejected("not before noon", code="XL-CONTRACT-FROZEN")
    assert "not before noon" in worded(error, "en")
    assert "not before noon" in worded(error, "zh")
    assert worded(Rejected("Poor", code="Poor"), "en") == "error Poor: Poor"
