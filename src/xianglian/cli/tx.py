"""`xl tx show|explain`, `xl block show`, `xl event follow`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xianglian.cli import output
from xianglian.cli.call import receipt_document
from xianglian.cli.common import ADMIN, As, Network, client_of, group
from xianglian.cli.output import say, show
from xianglian.errors import Misused
from xianglian.types import Event, plain

tx = group()
block = group()
event = group()
Hash = Annotated[str, typer.Argument(help="交易哈希 / transaction hash")]


@block.callback()
def blocks() -> None:
    """区块 / Blocks."""


@event.callback()
def events() -> None:
    """事件 / What contracts report."""


@tx.command("show")
def show_tx(tx_hash: Hash, network: Network = None, profile: As = ADMIN) -> None:
    """交易与回执 / A transaction and its receipt."""
    with client_of(network, profile, purpose="xl tx show") as client:
        raw, receipt = client.transaction(tx_hash), client.receipt(tx_hash)
    show({**receipt_document(receipt), "block_hash": receipt.block_hash, "transaction": raw["transaction"]})


@tx.command()
def explain(tx_hash: Hash, network: Network = None, profile: As = ADMIN) -> None:
    """重放交易, 说明为何成功或失败, 指出合约源代码行 / Run it again; say why, and where in the contract's
    source.
    """
    from xianglian.cli.explain import explanation, worded_explanation

    with client_of(network, profile, purpose="xl tx explain") as client:
        document = explanation(client, tx_hash)
    show(document, worded_explanation(document))


@block.command("show")
def show_block(
    which: Annotated[str, typer.Argument(help="高度或哈希 / height or hash")],
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """区块 / A block."""
    with client_of(network, profile, purpose="xl block show") as client:
        show(client.block(which))


@event.command()
def follow(
    contract: Annotated[str | None, typer.Option(help="只看此合约 / of this contract only")] = None,
    name: Annotated[str | None, typer.Option(help="只看此事件 / of this name only")] = None,
    cursor: Annotated[int, typer.Option("--from", help="起始游标 / cursor to start after")] = 0,
    count: Annotated[int | None, typer.Option(min=1, help="收到多少条后结束 / end after so many")] = None,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """跟踪合约事件 / Follow what contracts report; `--from` the last cursor resumes without loss."""
    if output.AS_JSON and count is None:
        raise Misused("--json prints one document: say --count N", option="--count")
    seen: list[dict[str, Any]] = []
    with client_of(network, profile, purpose="xl event follow") as client:
        for row in client.events(contract=contract, name=name, cursor=cursor):
            if output.AS_JSON:
                seen.append(_document(row))
            else:
                show(None, _line(row))
            if count is not None and (count := count - 1) == 0:
                break
    if output.AS_JSON:
        show(seen)


def _document(row: Event) -> dict[str, Any]:
    fields = plain(row.fields) if row.fields is not None else row.data.hex()
    return {
        "cursor": row.cursor,
        "height": row.height,
        "tx_hash": row.tx_hash,
        "contract": row.contract,
        "name": row.name,
        "fields": fields,
        "time_ms": row.time_ms,
    }


def _line(row: Event) -> str:
    fields = " ".join(f"{key}={plain(value)}" for key, value in (row.fields or {"data": row.data}).items())
    return f"{row.cursor}  {say('高度', 'height')} {row.height}  {row.name}  {fields}"
