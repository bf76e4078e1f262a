"""Proposals: what organisations decide on, how they voted, and a vote for one's own."""

from __future__ import annotations

from typing import Any

from xianglian.console import kit
from xianglian.console.acts import Act
from xianglian.console.audits import audit_card
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, moment, number
from xianglian.console.kit.form import Field, Form
from xianglian.console.look import votes
from xianglian.console.sessions import StaffSession
from xianglian.console.values import W as VALUES
from xianglian.console.wording import code_words
from xianglian.console.words import FIELDS
from xianglian.errors import NotFound
from xianglian.sdk import system
from xianglian.types import Receipt

W = Catalogue(
    "proposals",
    {
        "title": ("提案", "Proposals"),
        "sub": ("机构投票决定合约的生命周期与规则, 一家机构一票", "Organisations decide on contracts and their rules, one vote each"),
        "none": ("还没有提案。用 xl gov propose 提出第一个", "No proposal yet. Make the first with xl gov propose"),
        "needed": ("{all} 家机构中须 {needed} 家同意", "{needed} of {all} organisations must agree"),
        "one": ("提案 {id}", "Proposal {id}"),
        "number": ("编号", "Number"),
        "what": ("要做什么", "What it would do"),
        "by": ("提出机构", "Proposed by"),
        "votes": ("投票", "Votes"),
        "deadline": ("截止", "Deadline"),
        "status": ("状态", "Status"),
        "status.open": ("表决中", "Open"),
        "status.enacted": ("已通过并执行", "Accepted and carried out"),
        "status.rejected": ("已否决", "Rejected"),
        "status.expired": ("已过期", "Expired"),
        "older": ("更早的提案", "Older proposals"),
        "newest": ("最新", "Newest"),
        "unknown": ("没有这个提案", "No such proposal"),
        "policy": ("修改关于合约的规则", "Change the rules for contracts"),
        "deploy": ("部署新合约 {name}, 使用暂存的代码", "Deploy the new contract {name} from staged code"),
        "upgrade": ("把合约 {name} 从版本 {version} 升级到暂存的代码", "Upgrade contract {name} from version {version} to staged code"),
        "freeze": ("冻结合约 {name}: 只能查询, 不再办理", "Freeze contract {name}: it answers queries and refuses transactions"),
        "unfreeze": ("解冻合约 {name}: 恢复办理", "Thaw contract {name}: it takes transactions again"),
        "destroy": ("永久销毁合约 {name}: 不能恢复, 名称不再可用", "Destroy contract {name} for good: it cannot be restored, nor its name used again"),
        "facts": ("提案", "Proposal"),
        "reason": ("理由", "Reason"),
        "no.reason": ("未填写", "None given"),
        "proposer": ("提出账户", "Proposer"),
        "made": ("提出时间", "Made"),
        "decided": ("决定高度", "Decided at"),
        "contract": ("合约", "Contract"),
        "version": ("针对的版本", "Made against version"),
        "code": ("代码摘要", "Code hash"),
        "staged.by": ("代码暂存者, 即所有者", "Staged by, who will own it"),
        "arguments": ("构造参数 (ABI 编码)", "Constructor's arguments, ABI-encoded"),
        "migrated": ("由 migrate 改写的字段", "Fields that migrate answers for"),
        "rule": ("规则", "Rule"),
        "now": ("现在", "Now"),
        "then": ("提案", "Proposed"),
        "no.votes": ("还没有机构投票", "No organisation has voted yet"),
        "ballots": ("已投的票", "Ballots"),
        "organisation": ("机构", "Organisation"),
        "ballot": ("一票", "Vote"),
        "account": ("账户", "Account"),
        "height": ("高度", "Height"),
        "dry": ("试运行", "Dry run"),
        "dry.hint": ("在当前状态的副本上升级一遍, 链上没有任何改动", "Upgrades a copy of the state as it is now; nothing happens on the chain"),
        "dry.do": ("试运行升级", "Try the upgrade"),
        "dry.ok": ("可以升级到版本 {version}: 改写 {writes} 项状态, 燃料 {gas}", "It would become version {version}: {writes} keys change, gas {gas}"),
        "dry.bad": ("升级会被拒绝", "The upgrade would be refused"),
        "dry.audit": ("还缺审计: {code}", "The rule on audits is not met: {code}"),
        "dry.at": ("依据高度 {height} 的状态", "On the state at height {height}"),
        "act": ("为本机构投票", "Vote for your organisation"),
        "act.hint": ("{organisation} 的一票, 投出后不能更改", "The one vote of {organisation}; it cannot be changed"),
        "act.do": ("去投票", "Vote"),
        "act.voted": ("{organisation} 已经投票", "{organisation} has voted"),
        "act.closed": ("表决已经结束", "Voting has ended"),
        "act.admin": ("只有机构的管理账户可以投票", "Only an organisation's administrator votes"),
        "command": ("同样的投票, 用命令行", "The same vote on the command line"),
        "field.yes": ("同意", "In favour"),
        "field.no": ("反对", "Against"),
        "back": ("回到提案", "Back to the proposal"),
    },
)  # fmt: skip
PAGE = 20
COLOURS = {"open": "info", "enacted": "ok", "rejected": "bad", "expired": "idle"}


@kit.page("/proposals", room="proposal", words=W)
async def proposals(before: int = 0) -> None:
    client = visitor().client
    rules, members = await client.governance(), await client.organisations()
    found = (await client.proposals(before=before or None, limit=PAGE))["proposals"]
    with kit.card(W("title"), W("needed", all=rules["organisations"], needed=rules["needed"])):
        kit.table(
            [W("number"), W("what"), W("by"), W("votes"), W("deadline"), W("status")],
            [_row(each, members, rules) for each in found],
            empty=W("none"),
        )
        with kit.actions():
            if before:
                kit.anchor(W("newest"), "/console/proposals")
            if found and found[-1]["id"] > 1:
                kit.anchor(W("older"), f"/console/proposals?before={found[-1]['id']}", icon="next")


@kit.page("/proposals/{which}", room="proposal", words=W)
async def proposal(which: int) -> None:
    session = visitor()
    found = await _found(session, which)
    if found is None:
        return
    client, action = session.client, found["action"]
    rules, members = await client.governance(), await client.organisations()
    kit.retitle(W("one", id=which), _words(action))
    code_hash = action.get("code_hash")
    known = {} if code_hash is None else await client.code(code_hash)
    with kit.columns():
        with kit.column(8):
            with kit.card(W("what"), right=_status(found)):
                kit.note("info", found["title"] or W("no.reason"), title=_words(action))
                if action["kind"] == "policy":
                    kit.table([W("rule"), W("now"), W("then")], _changes(rules["policy"], action["policy"]))
            with kit.card(W("votes"), W("needed", all=rules["organisations"], needed=rules["needed"])):
                kit.put(votes.chips(members, found["votes"]))
                kit.put(votes.tally(found["votes"], rules["needed"], len(members)))
            with kit.card(W("ballots"), number(len(found["votes"]))):
                kit.table(
                    [W("organisation"), W("ballot"), W("account"), W("height")],
                    [_ballot(each) for each in found["votes"]],
                    empty=W("no.votes"),
                )
            if code_hash is not None:
                audit_card(code_hash, known["audits"])
        with kit.column(4):
            _vote_card(session, found)
            with kit.card(W("facts")):
                kit.facts([*_record(found), *_staged(known.get("staged"))])
            if action["kind"] == "upgrade" and found["status"] == "open":
                _dry_run(action)


@kit.page("/proposals/{which}/vote", room="proposal", words=W)
async def vote(which: int) -> None:
    session = visitor()
    found = await _found(session, which)
    if found is None:
        return
    kit.retitle(W("act"), W("one", id=which))
    choice = Field("ballot", W("ballot"), {"text": 3}, options={"yes": W("field.yes"), "no": W("field.no")})
    form = Form([choice])

    async def arguments() -> dict[str, Any]:
        return {"id": which, "yes": form.values()["ballot"] == "yes"}

    def told(receipt: Receipt) -> None:
        kit.note("info", W(f"status.{receipt.result}"), title=W("one", id=which))
        with kit.actions():
            kit.anchor(W("back"), f"/console/proposals/{which}", icon="back")

    Act(
        system.GOVERNANCE, "vote", form, title=W("act"), prepare=arguments, done=told,
        more=lambda: _subject(session, found),
    ).draw()  # fmt: skip


async def _found(session: StaffSession, which: int) -> dict[str, Any] | None:
    try:
        return await session.client.proposal(which)
    except NotFound:
        kit.note("warn", W("one", id=which), title=W("unknown"))
        return None


def _subject(session: StaffSession, found: dict[str, Any]) -> None:
    kit.note("info", _words(found["action"]), title=W("one", id=found["id"]))
    kit.note("warn", W("act.hint", organisation=session.organisation))


def _vote_card(session: StaffSession, found: dict[str, Any]) -> None:
    """What stands in the way is told here for the eye; the chain decides it."""
    own = session.organisation
    with kit.card(W("act"), W("act.hint", organisation=own)):
        if found["status"] != "open":
            kit.note("info", W("act.closed"))
        elif any(each["organisation"] == own for each in found["votes"]):
            kit.note("ok", W("act.voted", organisation=own))
        elif "admin" not in session.roles:
            kit.note("info", W("act.admin"))
        else:
            with kit.actions():
                kit.anchor(W("act.do"), f"/console/proposals/{found['id']}/vote", icon="authorise", kind="")
            kit.note("info", W("command"))
            kit.code(f"xl gov vote {found['id']} yes --as {session.profile}")


def _dry_run(action: dict[str, Any]) -> None:
    async def run() -> None:
        told = await visitor().client.dry_run_upgrade(
            action["name"], action["code_hash"], migrated=action["migrated"]
        )
        at = W("dry.at", height=number(told["height"]))
        with answer.anew():
            if told["status"] == "success":
                text = W(
                    "dry.ok", version=told["version"], writes=number(told["writes"]), gas=number(told["gas_used"])
                )  # fmt: skip
                kit.note("ok", at, title=text)
            else:
                kit.note("bad", f"{code_words(told['code'])} [{told['reason']}]", title=W("dry.bad"))
            if told["audit"]:
                kit.note("warn", code_words(told["audit"]), title=W("dry.audit", code=told["audit"]))

    with kit.card(W("dry")):
        kit.note("info", W("dry.hint"))
        answer = kit.area()
        with kit.actions():
            kit.button(W("dry.do"), run, kind="sec", icon="history", name="dry-run")


def _words(action: dict[str, Any]) -> str:
    return W(action["kind"], name=action.get("name", ""), version=action.get("version", ""))


def _status(found: dict[str, Any]) -> Any:
    return kit.pill(COLOURS[found["status"]], W(f"status.{found['status']}"))


def _row(each: dict[str, Any], members: list[dict[str, Any]], rules: dict[str, Any]) -> list[Any]:
    what = kit.link(f"/console/proposals/{each['id']}", _words(each["action"]))
    return [
        kit.link(f"/console/proposals/{each['id']}", each["id"]),
        kit.join([what, each["title"]], "<br>") if each["title"] else what,
        each["organisation"],
        votes.tally(each["votes"], rules["needed"], len(members)),
        moment(each["valid_until_ms"]),
        _status(each),
    ]


def _ballot(each: dict[str, Any]) -> list[Any]:
    word = kit.pill("ok", W("field.yes")) if each["yes"] else kit.pill("bad", W("field.no"))
    return [
        each["organisation"],
        word,
        kit.digest(each["by"], href=f"/console/accounts/{each['by']}"),
        kit.link(f"/console/blocks/{each['height']}", number(each["height"])),
    ]


def _changes(now: dict[str, Any], then: dict[str, Any]) -> list[list[Any]]:
    return [
        [
            FIELDS(rule),
            _rule(now[rule]),
            _rule(value) if now[rule] == value else kit.pill("warn", _rule(value)),
        ]
        for rule, value in then.items()
    ]


def _rule(value: Any) -> str:
    return VALUES("yes" if value else "no") if isinstance(value, bool) else str(value)


def _record(found: dict[str, Any]) -> list[tuple[str, Any]]:
    action = found["action"]
    rows = [
        (W("by"), found["organisation"]),
        (W("proposer"), kit.digest(found["proposer"], href=f"/console/accounts/{found['proposer']}")),
        (W("made"), moment(found["time_ms"])),
        (W("deadline"), moment(found["valid_until_ms"])),
    ]
    if found["decided_height"] is not None:
        decided = found["decided_height"]
        rows.append((W("decided"), kit.link(f"/console/blocks/{decided}", number(decided))))
    if "name" in action:
        name = action["name"]
        known = action["kind"] != "deploy" or found["status"] == "enacted"
        rows.append((W("contract"), kit.link(f"/console/contracts/{name}", name) if known else name))
    if "version" in action:
        rows.append((W("version"), number(action["version"])))
    if "code_hash" in action:
        rows.append((W("code"), kit.digest(action["code_hash"])))
    if action.get("migrated"):
        rows.append((W("migrated"), kit.join((kit.name(each) for each in action["migrated"]), ", ")))
    return rows


def _staged(staged: dict[str, Any] | None) -> list[tuple[str, Any]]:
    """What is decided on besides the code of a Solidity contract, while it is staged."""
    if staged is None or staged["machine"] != "evm":
        return []
    owner = kit.digest(staged["owner"], href=f"/console/accounts/{staged['owner']}")
    rows: list[tuple[str, Any]] = [(W("staged.by"), owner)]
    if staged["arguments"]:
        rows.append((W("arguments"), kit.digest(staged["arguments"])))
    return rows
