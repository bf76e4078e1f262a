"""Receivables with the money that pays them."""

from __future__ import annotations

from xianglian.contract import contract
from xianglian.contract.lib.receivable import Receivable


@contract
class SupplyFinance(Receivable):
    """供应链金融 / Receivables with the money that pays them."""
