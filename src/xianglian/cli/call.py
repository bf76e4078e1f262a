"""`xl call` and `xl query`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xianglian.cli.common import ADMIN, Arguments, As, Network, client_of, parsed, single
from xianglian.cli.output import show
from xianglian.types import Receipt, plain

call = single()
query = single()
Contract = Annotated[str, typer.Argument(help="合约名 / contract")]
Method = Annotated[str, typer.Argument(help="方法 / method")]


@call.command()
def call_contract(
    contract: Contract,
    method: Method,
    arg: Arguments = None,
    gas: Annotated[int | None, typer.Option(help="燃料上限 / gas limit")] = None,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """调用合约并等待最终确认 / Call a contract and wait for finality. Exit 1 refused or failed, 3 outcome
    unknown.
    """
    with client_of(network, profile, purpose="xl call") as client:
        receipt = client.call(contract, method, gas_limit=gas, **parsed(arg, network))
    show(receipt_document(receipt))


@query.command()
def query_contract(
    contract: Contract, method: Method, arg: Arguments = None, network: Network = None, profile: As = ADMIN
) -> None:
    """查询合约视图 / Ask a view of a contract."""
    with client_of(network, profile, purpose="xl query") as client:
        result = plain(client.query(contract, method, **parsed(arg, network)))
    show({"contract": contract, "method": method, "result": result})


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """A receipt as commands show it."""
    return {
        "tx_hash": receipt.tx_hash,
        "height": receipt.height,
        "status": receipt.status,
        "code": receipt.code,
        "gas_used": receipt.gas_used,
        "result": plain(receipt.result),
        "events": [
            {"contract": event.contract, "name": event.name, "fields": plain(event.fields)}
            for event in receipt.events
        ],
    }
