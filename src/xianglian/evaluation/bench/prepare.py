"""What a run needs on the chain: the Points contract, accounts of every organisation, and points for each of
them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from xianglian import _core
from xianglian.deployment.layout import NetworkFolder
from xianglian.errors import DamagedKeyStore, NotFound, Rejected
from xianglian.evaluation.bench.workload import Payer
from xianglian.keys import Key, KeyStore, find_passphrase
from xianglian.sdk import AsyncClient, system
from xianglian.sdk.sources import points_folder
from xianglian.types import Call

CONTRACT = "points"
FUNDS = 10**12
BATCH = 200


@dataclass(frozen=True, slots=True)
class Prepared:
    """The accounts, and the gas that one transfer really used."""

    payers: list[Payer]
    transfer_gas: int


async def prepare(network: NetworkFolder, accounts: int, say: Callable[[str], None]) -> Prepared:
    """Deploys, admits and funds what is not there yet."""
    organisations = sorted({node.org for node in network.nodes})
    payers = _payers(network, organisations, accounts)
    async with AsyncClient.connect(network.path, "admin", purpose="bench") as issuer:
        await _deploy(issuer, say)
        say(f"accounts: {accounts}")
        for number, organisation in enumerate(organisations):
            async with AsyncClient.connect(network.path, f"admin-{organisation}", purpose="bench") as admin:
                await _admit(admin, organisation, payers[number :: len(organisations)])
        say("funds")
        await _fund(issuer, payers)
        gas = await _transfer_gas(issuer, payers)
    return Prepared(payers, gas)


def _payers(network: NetworkFolder, organisations: list[str], count: int) -> list[Payer]:
    """Keys stay in the network's key store, so that the next run finds its accounts."""
    store = KeyStore.unlock(network.profiles, find_passphrase(network.path))
    payers = []
    for number in range(count):
        name = f"bench/{number:05}"
        try:
            key = store.get(name)
        except DamagedKeyStore:
            key = Key.generate()
            store.put(name, key)
        account = key.account(organisations[number % len(organisations)])
        payers.append(Payer(key, account, _core.address_to_bytes(account)))
    return payers


async def _deploy(client: AsyncClient, say: Callable[[str], None]) -> None:
    try:
        await client.contract(CONTRACT)
    except NotFound:
        from xianglian.compiler import build

        folder: Path = points_folder()
        say(f"deploying {CONTRACT}")
        built = build(folder)
        await client.deploy(CONTRACT, built.wasm, built.interface_json)


async def _admit(admin: AsyncClient, organisation: str, payers: list[Payer]) -> None:
    missing = []
    for payer in payers:
        try:
            await admin.account_record(payer.account)
        except NotFound:
            missing.append(payer)

    def admission(payer: Payer) -> Call:
        arguments = {"organisation": organisation, "key": payer.key.public_key, "roles": []}
        return Call(system.ACCOUNTS, "admit", arguments)

    await _all(admin, [admission(payer) for payer in missing])


async def _fund(issuer: AsyncClient, payers: list[Payer]) -> None:
    record = await issuer.contract(CONTRACT)
    if record["owner"] != issuer.account:
        raise Rejected(
            f"{CONTRACT} belongs to {record['owner']}: only its issuer can fund the accounts",
            contract=CONTRACT,
        )
    balances = await _gathered(payers, lambda payer: issuer.query(CONTRACT, "balance", owner=payer.account))
    poor = [payer for payer, balance in zip(payers, balances, strict=True) if int(balance) < FUNDS // 2]
    await _all(
        issuer, [Call(CONTRACT, "issue", {"target": payer.account, "amount": FUNDS}) for payer in poor]
    )


async def _transfer_gas(issuer: AsyncClient, payers: list[Payer]) -> int:
    """Gas of a transfer between strangers and of one to oneself: the larger counts."""
    used = []
    await issuer.call(CONTRACT, "issue", target=issuer.account, amount=10)
    for target in (payers[0].account, issuer.account):
        receipt = await issuer.call(CONTRACT, "transfer", target=target, amount=1)
        used.append(receipt.gas_used)
    return max(used)


async def _all(client: AsyncClient, calls: list[Call]) -> None:
    """Submits many calls and waits for each; raises the first refusal."""
    for at in range(0, len(calls), BATCH):
        signed = [await client.sign(call) for call in calls[at : at + BATCH]]
        for (tx_hash, _), (admitted, code) in zip(
            signed, await client.submit_many([data for _, data in signed]), strict=True
        ):
            if not admitted:
                raise Rejected(f"{tx_hash}: {code}", code=code, tx_id=tx_hash)
        for tx_hash, _ in signed:
            await client.wait(tx_hash)


async def _gathered(payers: list[Payer], ask: Callable[[Payer], Awaitable[int]]) -> list[int]:
    gate = asyncio.Semaphore(16)

    async def one(payer: Payer) -> int:
        async with gate:
            return await ask(payer)

    return list(await asyncio.gather(*(one(payer) for payer in payers)))
