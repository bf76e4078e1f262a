"""`xl account add|show|list|suspend|resume|grant|revoke`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xianglian.cli.common import ADMIN, As, Network, account_of, client_of, group, network_of, profiles_of
from xianglian.cli.output import say, show, table

account = group()
Who = Annotated[str, typer.Argument(help="账户或身份 / account or profile")]
RoleName = Annotated[str, typer.Argument(help="角色 / role")]


@account.command()
def add(
    name: Annotated[str, typer.Argument(help="身份名 / profile to make or admit")],
    org: Annotated[str | None, typer.Option(help="机构 / organisation (default: the first)")] = None,
    role: Annotated[list[str] | None, typer.Option(help="角色, 可多次 / role, repeatable")] = None,
    network: Network = None,
) -> None:
    """登记账户: 生成密钥 (或用 `xl key new` 所生成的), 由机构管理员登记 / Make a key and have it admitted."""
    from xianglian.keys import Key
    from xianglian.keys import Profile as ProfileRecord
    from xianglian.sdk.system import ACCOUNTS

    found = network_of(network)
    profiles = profiles_of(found)
    if name in profiles.names():
        record, made = profiles.profile(name), None
    else:
        made = Key.generate()
        organisation = org or found.nodes[0].org
        chain_id = bytes.fromhex(found.chain_id)
        record = ProfileRecord(name, made.account(organisation), organisation, made.public_key, chain_id)
    roles = role or []
    with client_of(network, f"admin-{record.organisation}", purpose="xl account add") as client:
        receipt = client.call(
            ACCOUNTS, "admit", organisation=record.organisation, key=record.public_key, roles=roles
        )
    if made is not None:
        profiles.add(record, made)
    document = {
        "account": record.account,
        "profile": name,
        "organisation": record.organisation,
        "roles": roles,
        "height": receipt.height,
        "tx_hash": receipt.tx_hash,
    }
    show(document)


@account.command("show")
def show_account(who: Who, network: Network = None, profile: As = ADMIN) -> None:
    """链上账户 / An account as the chain has it."""
    with client_of(network, profile, purpose="xl account show") as client:
        show(client.account_record(account_of(network, who)))


@account.command("list")
def list_accounts(
    offset: Annotated[int, typer.Option(min=0)] = 0,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 100,
    network: Network = None,
    profile: As = ADMIN,
) -> None:
    """链上账户列表 / Accounts in the order of admission."""
    with client_of(network, profile, purpose="xl account list") as client:
        page = client.accounts(offset=offset, limit=limit)
    head = say("账户 机构 角色 停用", "account org roles suspended").split()
    rows = [
        (a["account"], a["organisation"], ", ".join(a["roles"]), a["suspended"]) for a in page["accounts"]
    ]
    show(page, table(head, rows))


@account.command()
def suspend(who: Who, network: Network = None, profile: As = ADMIN) -> None:
    """停用账户 / Suspend an account."""
    _change("suspend", who, network, profile)


@account.command()
def resume(who: Who, network: Network = None, profile: As = ADMIN) -> None:
    """恢复账户 / Resume an account."""
    _change("resume", who, network, profile)


@account.command()
def grant(who: Who, role: RoleName, network: Network = None, profile: As = ADMIN) -> None:
    """授予角色 / Grant a role."""
    _change("grant", who, network, profile, role=role)


@account.command()
def revoke(who: Who, role: RoleName, network: Network = None, profile: As = ADMIN) -> None:
    """收回角色 / Take a role away."""
    _change("revoke", who, network, profile, role=role)


def _change(method: str, who: str, network: Any, profile: str, **more: Any) -> None:
    from xianglian.sdk.system import ACCOUNTS

    address = account_of(network, who)
    with client_of(network, profile, purpose=f"xl account {method}") as client:
        receipt = client.call(ACCOUNTS, method, account=address, **more)
    show({"account": address, "done": method, **more, "height": receipt.height, "tx_hash": receipt.tx_hash})
