"""Errors in words: the platform's codes here, a contract's refusals from its own interface description."""

from __future__ import annotations

from xianglian import catalogue
from xianglian.console.i18n import Catalogue, label, pick
from xianglian.console.sessions import StaffSession
from xianglian.console.values import field_label, plain
from xianglian.contract import abi
from xianglian.errors import TransactionFailed, XianglianError

W = Catalogue(
    "errors",
    {
        "XL-KEYS-PASSPHRASE": ("口令不正确", "The passphrase is wrong"),
        "XL-KEYS-DAMAGED": ("密钥库已损坏或不完整", "The key store is damaged or incomplete"),
        "XL-SESSION-LOGIN": ("登录被拒绝: 账户、密钥或角色不符", "The sign-in was refused: account, key or role do not fit"),
        "XL-SESSION": ("登录已失效, 请重新登录", "The session has ended: sign in again"),
        "XL-BUSY": ("节点正忙, 请稍后再试; 没有任何改动", "The node is busy: try again shortly; nothing was done"),
        "XL-NETWORK-DOWN": ("连接不上节点: 网络是否已启动?", "The node does not answer: is the network up?"),
        "XL-TX-TIMEOUT": ("还没有等到最终确认。交易可能仍会入块, 请按交易号查询", "Not final yet. The transaction may still be included: ask for it by its hash"),
        "XL-NOT-FOUND": ("链上没有这一项, 或还没有", "There is no such thing on this chain, or not yet"),
        "XL-READ-REFUSED": ("没有读取权限", "This read is not allowed"),
        "XL-HISTORY-PRUNED": ("那时的状态已清理", "The state at that height is no longer kept"),
        "XL-ADDRESS": ("不是有效的账户或合约地址", "Not a valid account or contract address"),
        "XL-MISUSED": ("填写的内容不符合接口", "What was filled in does not fit the interface"),
        "XL-TOO-LARGE": ("内容过大", "It is too large"),
        "XL-PROFILE": ("没有这个身份", "There is no such identity"),
        "XL-ANSWER-SIGNATURE": ("应答没有节点的有效签名", "The answer does not carry the node's signature"),
        "XL-ACCOUNT-SUSPENDED": ("账户已停用", "The account is suspended"),
        "other": ("未完成: {reason}", "Not done: {reason}"),
    },
)  # fmt: skip


async def worded(error: XianglianError, session: StaffSession | None = None) -> str:
    """What went wrong, in the visitor's language, with the code at the end."""
    if isinstance(error, TransactionFailed) and session is not None:
        return f"{await _refusal(error, session)} [{error.code}]"
    known = W(error.code) if error.code in W else W("other", reason=error.reason)
    return f"{known} [{error.code}]"


async def _refusal(error: TransactionFailed, session: StaffSession) -> str:
    path = error.facts.get("path") or []
    contract = path[-1].partition(".")[0] if path else error.facts.get("contract")
    if contract is None:
        return error.reason
    return await reason_of(session, contract, error.code, bytes.fromhex(error.facts.get("detail") or ""))


async def reason_of(
    session: StaffSession, contract: str, code: str, detail: bytes, *, height: int | None = None
) -> str:
    """A contract's refusal, at a height or now, in its own words; the code itself where there are none."""
    client = session.client
    try:
        raw = await (client.interface(contract) if height is None else client.interface_at(contract, height))
        interface = abi.Interface.parse(raw)
        known = next((each for each in interface.document["errors"] if each["code"] == code), None)
        if known is None:
            return code_words(code)
        facts = interface.decode_error(code, detail)
        told = [
            f"{field_label(each)} {plain(interface, each, facts[each['name']])}" for each in known["fields"]
        ]
        return label(known["label"]) + (f" ({', '.join(told)})" if told else "")
    except (XianglianError, ValueError, KeyError):
        return code_words(code)


def code_words(code: str) -> str:
    """What a code of the platform means; the code itself where nobody described it."""
    if code in W:
        return W(code)
    entry = catalogue.entry(code)
    return pick(entry) if entry is not None else code
