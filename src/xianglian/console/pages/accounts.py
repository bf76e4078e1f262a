"""Accounts and keys: members, accounts, one account with its keys; what its organisation's administrator may do."""

from __future__ import annotations

from typing import Any

from xianglian.console import kit
from xianglian.console.acts import Act
from xianglian.console.calls import W as CALLS
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, number
from xianglian.console.kit.form import Field, Form
from xianglian.console.sessions import StaffSession
from xianglian.errors import NotFound
from xianglian.sdk import system

W = Catalogue(
    "accounts",
    {
        "title": ("账户与密钥", "Accounts and keys"),
        "sub": ("链上认公钥: 账户、机构、角色和密钥都是链上的状态", "The chain knows public keys: accounts, members, roles and keys are its state"),
        "members": ("成员机构", "Members"),
        "organisation": ("机构", "Organisation"),
        "name": ("名称", "Name"),
        "admins": ("管理账户", "Administrators"),
        "accounts": ("账户", "Accounts"),
        "total": ("共 {total}", "{total} in all"),
        "account": ("账户", "Account"),
        "roles": ("角色", "Roles"),
        "keys": ("密钥", "Keys"),
        "status": ("状态", "Status"),
        "active": ("正常", "Active"),
        "suspended": ("已停用", "Suspended"),
        "admitted": ("登记高度", "Admitted at"),
        "next": ("后面的账户", "More accounts"),
        "first": ("从头", "From the first"),
        "me": ("本人", "You"),
        "key": ("公钥", "Public key"),
        "added": ("加入高度", "Added at"),
        "revoked": ("吊销高度", "Revoked at"),
        "valid": ("有效", "Valid"),
        "gone": ("已吊销", "Revoked"),
        "facts": ("账户", "Account"),
        "acts": ("办理", "Acts"),
        "acts.hint": ("链上只允许所属机构的管理账户", "The chain lets only its organisation's administrator"),
        "acts.none": ("只有所属机构的管理账户可以办理", "Only an administrator of its organisation may act"),
        "unknown": ("没有这个账户", "No such account"),
        "genesis": ("创世", "genesis"),
        "field.role": ("角色", "Role"),
        "field.key": ("公钥, 66 位十六进制", "Public key, 66 hexadecimal digits"),
        "field.account": ("账户", "Account"),
        "none": ("没有账户", "No accounts"),
    },
)  # fmt: skip
PAGE = 50
ACTS = ("grant", "revoke", "suspend", "resume", "add_key", "revoke_key")


@kit.page("/accounts", room="account", words=W)
async def accounts(offset: int = 0) -> None:
    session = visitor()
    members = await session.client.organisations()
    found = await session.client.accounts(offset=max(0, offset), limit=PAGE)
    with kit.card(W("members")):
        kit.table(
            [W("organisation"), W("name"), W("admins")],
            [
                [kit.name(each["id"]), each["name"], kit.join(map(_account_link, each["admins"]), " ")]
                for each in members
            ],
        )
    with kit.card(W("accounts"), W("total", total=number(found["total"]))):
        kit.table(
            [W("account"), W("organisation"), W("roles"), W("keys"), W("admitted"), W("status")],
            [_row(session, each) for each in found["accounts"]],
            empty=W("none"),
        )
        with kit.actions():
            if offset:
                kit.anchor(W("first"), "/console/accounts")
            if offset + PAGE < int(found["total"]):
                kit.anchor(W("next"), f"/console/accounts?offset={offset + PAGE}", icon="next")


@kit.page("/accounts/{account}", room="account", words=W)
async def account(account: str) -> None:
    session = visitor()
    kit.retitle(W("account"), account)
    try:
        record = await session.client.account_record(account)
    except NotFound:
        kit.note("warn", account, title=W("unknown"))
        return
    with kit.columns():
        with kit.column(8), kit.card(W("keys")):
            kit.table(
                [W("key"), W("added"), W("revoked"), W("status")], [_key(each) for each in record["keys"]]
            )
        with kit.column(4):
            with kit.card(W("facts"), right=_status(record)):
                kit.facts(
                    [
                        (W("account"), kit.mono(record["account"])),
                        (W("organisation"), record["organisation"]),
                        (W("roles"), _roles(record)),
                        (W("admitted"), _height(record["admitted_height"])),
                    ]
                )
            with kit.card(W("acts"), W("acts.hint")):
                if session.organisation == record["organisation"] and "admin" in session.roles:
                    with kit.actions():
                        for name in ACTS:
                            kit.anchor(CALLS(name), f"/console/accounts/{account}/{name}")
                else:
                    kit.note("info", W("acts.none"))


@kit.page("/accounts/{account}/{method}", room="account", words=W)
async def act(account: str, method: str) -> None:
    if method not in ACTS:
        kit.note("warn", method, title=W("unknown"))
        return
    kit.retitle(CALLS(method), account)
    form = Form(
        [_field(name) for name in system.METHODS[system.ACCOUNTS, method]], start={"account": account}
    )
    Act(system.ACCOUNTS, method, form, title=CALLS(method)).draw()


def _field(name: str) -> Field:
    kind: Any = {"account": "address", "key": {"bytes": 33}}.get(name, {"text": 32})
    return Field(name, W(f"field.{name}"), kind)


def _row(session: StaffSession, record: dict[str, Any]) -> list[Any]:
    live = sum(1 for key in record["keys"] if key["revoked_height"] is None)
    me = kit.pill("info", W("me")) if record["account"] == session.account else ""
    return [
        kit.join([_account_link(record["account"]), me], " "),
        record["organisation"],
        _roles(record),
        f"{live} / {len(record['keys'])}",
        _height(record["admitted_height"]),
        _status(record),
    ]


def _key(each: dict[str, Any]) -> list[Any]:
    revoked = each["revoked_height"]
    return [
        kit.mono(each["key"]),
        _height(each["added_height"]),
        "—" if revoked is None else _height(revoked),
        kit.pill("ok", W("valid")) if revoked is None else kit.pill("idle", W("gone")),
    ]


def _account_link(account: str) -> Any:
    return kit.digest(account, href=f"/console/accounts/{account}")


def _height(height: int | str) -> Any:
    if not int(height):
        return W("genesis")
    return kit.link(f"/console/blocks/{height}", number(height))


def _roles(record: dict[str, Any]) -> Any:
    return kit.join((kit.pill("info", role) for role in record["roles"]), " ") if record["roles"] else "—"


def _status(record: dict[str, Any]) -> Any:
    return kit.pill("bad", W("suspended")) if record["suspended"] else kit.pill("ok", W("active"))
