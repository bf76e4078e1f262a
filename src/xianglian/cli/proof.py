"""`xl proof export` and `xl verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from xianglian.cli.common import ADMIN, As, Network, client_of, folder_of, group, single
from xianglian.cli.output import say, show
from xianglian.errors import Misused

proof = group()
verify = single()
Output = Annotated[Path, typer.Option("-o", "--output", help="写入文件 / file to write")]


@proof.callback()
def proofs() -> None:
    """证明文件 / Proof files: one file that shows a fact to someone who trusts no server."""


@proof.command()
def export(
    output: Output,
    tx: Annotated[
        str | None, typer.Option(help="交易哈希: 证明其回执 / of this transaction's receipt")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="状态键 (hex): 证明其值或不存在 / of this full state key")
    ] = None,
    contract: Annotated[
        str | None, typer.Option(help="合约, 与 --field 同用 / contract, with --field")
    ] = None,
    field: Annotated[str | None, typer.Option(help="状态字段 / state field of the contract")] = None,
    key: Annotated[str | None, typer.Option(help="表中的键 / entry of a map field")] = None,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """导出证明 / Export a proof: of a receipt (--tx), or of state (--state, or --contract --field)."""
    chosen = [tx is not None, state is not None, contract is not None]
    if sum(chosen) != 1 or (contract is not None) != (field is not None):
        raise Misused("say one of --tx HASH, --state HEX, --contract NAME --field FIELD [--key KEY]")
    with client_of(network, profile, purpose="xl proof export") as client:
        if tx is not None:
            data = client.proof(tx)
        else:
            raw = (
                bytes.fromhex(state)
                if state is not None
                else _state_key(client, contract or "", field or "", key)
            )
            data = client.proof(key=raw)
    output.write_bytes(data)
    show(
        {"file": str(output), "bytes": len(data)},
        say(
            f"已写入 {output} ({len(data)} 字节); 验证: xl verify {output}",
            f"{output}: {len(data)} bytes; xl verify {output}",
        ),
    )


@verify.command()
def verify_file(
    file: Annotated[Path, typer.Argument(help="证明文件 / proof file")],
    genesis: Annotated[Path | None, typer.Option(help="可信的创世文件 / genesis that you trust")] = None,
    checkpoint: Annotated[
        str | None, typer.Option(help="高度:块哈希 / HEIGHT:HASH known from elsewhere")
    ] = None,
    network: Network = None,
) -> None:
    """离线验证证明文件 / Verify a proof file with no network; says in plain words what is proven."""
    from xianglian.sdk.verification import verify as check

    trusted = _trusted_genesis(genesis, network)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Misused(f"{file}: {error.strerror}", path=str(file)) from error
    result = check(data, genesis=trusted, checkpoint=_checkpoint(checkpoint))
    show(result, _plain_words(result))


def _trusted_genesis(given: Path | None, network: Path | None) -> bytes | None:
    path = given or folder_of(network) / "genesis.xlg"
    if given is None and not path.exists():
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misused(f"{path}: {error.strerror}", path=str(path)) from error


def _checkpoint(text: str | None) -> tuple[int, bytes] | None:
    if text is None:
        return None
    height, _, digest = text.partition(":")
    try:
        return int(height), bytes.fromhex(digest)
    except ValueError as error:
        raise Misused(f"{text!r} is not HEIGHT:HASH", checkpoint=text) from error


def _state_key(client: Any, contract: str, field: str, key: str | None) -> bytes:
    from xianglian.sdk.statekeys import state_key

    return state_key(client.interface(contract), contract, field, key)


def _plain_words(result: dict[str, Any]) -> str:
    from xianglian.cli import output
    from xianglian.solutions.explain import explain

    fact = result["fact"]
    what = {
        "receipt": say("一笔交易的最终回执", "the final receipt of a transaction"),
        "state": say("一项链上状态的值", "the value of a state entry"),
        "absence": say("某状态键没有值", "that a state key has no value"),
    }.get(str(fact.get("kind")), str(fact.get("kind")))
    count = result["signers"]
    strength = {
        "unanchored": say("在文件自带的创世之下", "under the genesis in the file"),
        "validator-set": say(
            "在可信创世所导出的验证者集合之下", "under the validator set that your genesis leads to"
        ),
        "checkpoint": say("并与给定检查点一致 (更强)", "and it agrees with your checkpoint (stronger)"),
    }[result["strength"]]
    lines = [
        say(f"成立: 证明了{what}", f"VALID: proves {what}"),
        say(
            f"链 {result['chain_id']}, 高度 {result['height']}, {count} 个验证者签名确认, {strength}",
            f"chain {result['chain_id']}, height {result['height']}, final by {count} validators, {strength}",
        ),
    ]
    explained = explain(result)
    if explained is not None:
        lines += explained.zh if output.LANGUAGE == "zh" else explained.en
    else:
        lines.append(output.facts(fact, 1))
    if result["strength"] == "unanchored":
        lines.append(
            say(
                "注意: 请自行核对链标识, 或用 --genesis 指定可信的创世文件",
                "note: compare the chain id yourself, or give a genesis that you trust: --genesis",
            )
        )
    return "\n".join(lines)
