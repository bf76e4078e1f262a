"""`xl tx explain` of a failure that arose in a contract which another contract called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from xianglian.cli.explain import explanation, worded_explanation
from xianglian.compiler import build
from xianglian.contract.abi import Interface
from xianglian.contract.values import u128
from xianglian.errors import NotFound

if TYPE_CHECKING:
    from xianglian.sdk import Client

ROOT = Path(__file__).resolve().parents[3]
SHOP = '''"""A shop."""

from xianglian.contract import contract, entry, u128


@contract
class Shop:
    """商店 / Shop."""

    sold: u128

    @entry
    def buy(self, amount: u128) -> None:
        """购买 / Buy.

        amount: 数量 / Amount
        """
        self.sold += amount
'''


class Answers:
    """What a gateway answers about one transaction and two contracts."""

    def __init__(self, transaction: dict[str, Any], interfaces: dict[str, Interface]) -> None:
        self._transaction = transaction
        self._interfaces = interfaces

    def transaction(self, _: str) -> dict[str, Any]:
        return self._transaction

    def replay(self, _: str) -> dict[str, Any]:
        return {"same_as_receipt": True, "gas_used": self._transaction["receipt"]["gas_used"]}

    def interface_at(self, contract: str, height: int) -> bytes:
        assert height == int(self._transaction["height"])
        if contract not in self._interfaces:
            raise NotFound
        return json.dumps(self._interfaces[contract].document).encode()


def test_the_reason_is_the_innermost_contracts_and_the_arguments_are_the_outermosts(tmp_path: Path) -> None:
    source = tmp_path / "contract.py"
    source.write_text(SHOP, encoding="utf-8")
    shop = Interface(build(source).interface)
    points = Interface(build(ROOT / "examples/points/contract.py").interface)
    call = {"sender": "xl1a", "contract": "xlc1shop", "method": "buy"}
    transaction = {
        "tx_id": "00" * 32,
        "height": 7,
        "transaction": {**call, "arguments": shop.encode_arguments("buy", {"amount": u128(5)}).hex()},
        "receipt": {
            "status": "failed",
            "gas_used": 1234,
            "code": "InsufficientBalance",
            "line": 68,
            "detail": (3).to_bytes(16, "little").hex() + (5).to_bytes(16, "little").hex(),
            "path": [
                {"contract": "xlc1shop", "method": "buy"},
                {"contract": "xlc1strange", "method": "pass_on"},
                {"contract": "xlc1points", "method": "transfer"},
            ],
        },
    }
    answers = Answers(transaction, {"xlc1shop": shop, "xlc1points": points})
    told = explanation(cast("Client", answers), "00" * 32)
    assert told["arguments"] == {"amount": "5"}
    assert told["facts"] == {"held": "3", "wanted": "5"}
    assert told["path"] == ["xlc1shop.buy", "xlc1strange.pass_on", "xlc1points.transfer"]
    assert told["source"]["file"] == "contract.py"
    words = worded_explanation(told)
    assert "Shop.buy → xlc1strange.pass_on → Points.transfer" in words
    assert "amount = 5" in words
