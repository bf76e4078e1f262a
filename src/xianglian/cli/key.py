"""`xl key new|list|show|rotate|revoke`: the keys of profiles, and what the chain says of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xianglian.cli.common import ADMIN, As, Network, client_of, group, network_of, profiles_of
from xianglian.cli.output import say, short, show, table

key = group()
Profile = Annotated[str, typer.Argument(help="身份名 / profile")]


@key.command()
def new(
    name: Profile,
    org: Annotated[str | None, typer.Option(help="机构 / organisation (default: the first)")] = None,
    network: Network = None,
) -> None:
    """生成密钥与身份, 尚未登记 / Make a key and profile; an administrator then admits it with `xl account add
    --key`.
    """
    from xianglian.keys import Key
    from xianglian.keys import Profile as ProfileRecord

    found = network_of(network)
    organisation = org or found.nodes[0].org
    made = Key.generate()
    record = ProfileRecord(
        name, made.account(organisation), organisation, made.public_key, bytes.fromhex(found.chain_id)
    )
    profiles_of(found).add(record, made)
    show(
        {
            "profile": name,
            "account": record.account,
            "organisation": organisation,
            "public_key": made.public_key,
        }
    )


@key.command("list")
def list_profiles(network: Network = None) -> None:
    """本网络目录中的身份 / The profiles of this network folder."""
    profiles = profiles_of(network_of(network))
    rows = [profiles.profile(name) for name in profiles.names()]
    document = [
        {"profile": p.name, "account": p.account, "organisation": p.organisation, "public_key": p.public_key}
        for p in rows
    ]
    head = say("身份 机构 账户 公钥", "profile org account key").split()
    show(
        document, table(head, [(p.name, p.organisation, p.account, short(p.public_key.hex())) for p in rows])
    )


@key.command("show")
def show_profile(name: Profile, network: Network = None, profile: As = ADMIN) -> None:
    """身份及其链上密钥 / A profile, and the keys of its account on the chain."""
    found = profiles_of(network_of(network)).profile(name)
    with client_of(network, profile, purpose="xl key show") as client:
        record = client.account_record(found.account)
    show({"profile": name, "public_key": found.public_key, **record})


@key.command()
def rotate(name: Profile, network: Network = None) -> None:
    """更换密钥: 登记新密钥, 启用, 吊销旧密钥 / New key in, old key revoked; safe to repeat if interrupted."""
    from dataclasses import replace

    from xianglian.errors import DamagedKeyStore
    from xianglian.keys import Key, KeyStore, find_passphrase
    from xianglian.sdk.system import ACCOUNTS

    found = network_of(network)
    profiles = profiles_of(found)
    record = profiles.profile(name)
    store = KeyStore.unlock(found.profiles, find_passphrase(found.path))
    pending = f"{name}/next"
    try:
        fresh = store.get(pending)
    except DamagedKeyStore:
        fresh = Key.generate()
        store.put(pending, fresh)
    old = record.public_key
    with client_of(network, name, purpose="xl key rotate") as client:
        if fresh.public_key.hex() not in _active(client.account_record()):
            client.call(ACCOUNTS, "add_key", account=record.account, key=fresh.public_key)
    profiles.replace_key(replace(record, public_key=fresh.public_key), fresh)
    with client_of(network, name, purpose="xl key rotate") as client:
        if old != fresh.public_key and old.hex() in _active(client.account_record()):
            client.call(ACCOUNTS, "revoke_key", account=record.account, key=old)
    (found.profiles / f"{pending}.sealed").unlink(missing_ok=True)
    show({"profile": name, "account": record.account, "public_key": fresh.public_key, "revoked": old})


@key.command()
def revoke(
    account: Annotated[str, typer.Argument(help="账户或身份 / account or profile")],
    public_key: Annotated[str, typer.Argument(help="要吊销的公钥 / public key, hex")],
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """吊销密钥 / Revoke a key of an account."""
    from xianglian.cli.common import account_of
    from xianglian.sdk.system import ACCOUNTS

    address = account_of(network, account)
    with client_of(network, profile, purpose="xl key revoke") as client:
        receipt = client.call(ACCOUNTS, "revoke_key", account=address, key=public_key)
    show({"account": address, "revoked": public_key, "height": receipt.height, "tx_hash": receipt.tx_hash})


def _active(record: dict[str, Any]) -> set[str]:
    return {row["key"] for row in record["keys"] if row["revoked_height"] is None}
