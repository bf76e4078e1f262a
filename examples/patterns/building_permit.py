"""An approval flow whose applicants are organisations of the chain."""

from __future__ import annotations

from xianglian.contract import Public, Text, contract, view
from xianglian.contract.lib.approval import ApprovalFlow


@contract
class BuildingPermit(ApprovalFlow):
    """建设许可 / An approval flow whose applicants are organisations of the chain."""

    @view
    def title(self) -> Public[Text[40]]:
        """名称 / Title."""
        return "建设工程规划许可"
