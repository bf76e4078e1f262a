"""What a proof file proves, in plain words: the platform's verifier, then the solutions' words for the fact."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xianglian import verify
from xianglian.console.i18n import Catalogue, language, moment, number
from xianglian.errors import Rejected
from xianglian.solutions.elicence.attributes import Opening
from xianglian.solutions.elicence.data import ATTRIBUTE_LABELS
from xianglian.solutions.elicence.offline import ProvenLicence, proven_licence
from xianglian.solutions.explain import explain

PROOF_BYTES_MAX = 1024 * 1024
TEXT_MAX = 256 * 1024

W = Catalogue(
    "verdict",
    {
        "yes": ("证明成立", "The proof holds"),
        "no": ("证明不成立", "The proof does not hold"),
        "valid": ("有效", "Valid"),
        "invalid": ("无效", "Not valid"),
        "receipt": ("交易 {tx} 在高度 {height} ({time}) 已最终确认: {outcome}", "Transaction {tx} is final at height {height} ({time}): {outcome}"),
        "success": ("成功", "it succeeded"),
        "failed": ("失败, 代码 {code}", "it failed with code {code}"),
        "call": ("账户 {sender} 调用合约 {contract} 的 {method}", "Account {sender} called {method} of contract {contract}"),
        "state": ("截至高度 {height} ({time}), 该状态项的值如下所示", "At height {height} ({time}) the state entry has the value shown below"),
        "absence": ("截至高度 {height} ({time}), 链上没有这个状态项", "At height {height} ({time}) the chain has no such state entry"),
        "signed": ("{validators} 个验证节点中的 {signers} 个签名确认了该区块", "{signers} of {validators} validators signed the block"),
        "unanchored": ("未与可信的创世文件比对: 请自行核对链标识", "Not compared with a genesis you trust: compare the chain id yourself"),
        "validator-set": ("验证节点的身份由本节点的创世文件确认", "The validators are those of this node's genesis"),
        "checkpoint": ("与已知的区块一致", "It agrees with a block known from elsewhere"),
        "shown": ("{name}: {value}, 与链上的属性根相符", "{name}: {value}, agrees with the attribute root on the chain"),
        "not-shown": ("{name}: {value}, 与链上的属性根不符, 不可采信", "{name}: {value}, does NOT agree with the attribute root on the chain"),
        "no-licence": ("出示的属性不能核对: 证明文件不是证照状态", "The attributes shown cannot be checked: the proof is not of a licence"),
        "other-licence": ("出示的属性属于另一张证照", "The attributes shown belong to another licence"),
        "nothing": ("没有收到证明文件", "No proof file arrived"),
        "nothing.do": ("请选择由 `xl proof export` 或控制台导出的文件。", "Choose a file that `xl proof export` or the console gave."),
        "large": ("文件过大, 最多 1 MB", "The file is too large: 1 MB at most"),
        "text": ("粘贴的内容既不是证明, 也不是持证人出示的属性", "What was pasted is neither a proof nor attributes shown by a holder"),
        "chain": ("链标识", "Chain id"),
        "height": ("高度", "Height"),
        "block": ("区块", "Block"),
        "root": ("状态根", "State root"),
        "time": ("区块时间", "Block time"),
        "key": ("状态键", "State key"),
        "value": ("值", "Value"),
        "code": ("代码 {code}", "Code {code}"),
        "XL-PROOF-MALFORMED": ("不是证明文件, 或文件已损坏", "This is no proof file, or it is damaged"),
        "XL-PROOF-CHAIN": ("证明属于另一条链", "The proof is of another chain"),
        "XL-PROOF-FINALITY": ("没有证明区块已最终确认: 签名或区块头不符", "It does not show finality: a signature or a header is wrong"),
        "XL-PROOF-TRANSITION": ("验证节点的更替不符", "A change of validators is not the chain's"),
        "XL-PROOF-STATE": ("内容与区块的状态根不符", "The content does not fit the block's state root"),
        "XL-PROOF-INCLUSION": ("内容不在所称的区块中", "The content is not in the block that is claimed"),
        "XL-PROOF-TRANSACTION": ("交易的签名或格式无效", "The transaction is not valid"),
        "XL-PROOF-RECEIPT": ("回执属于另一笔交易", "The receipt belongs to another transaction"),
        "XL-PROOF-CHECKPOINT": ("与已知的区块不一致", "It disagrees with the known block"),
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """What a holder hands over: attributes of one licence with their proofs, and which authorisation to use."""

    licence_id: str
    consent: int | None
    openings: tuple[Opening, ...]

    def to_text(self) -> str:
        """For a QR code."""
        document = {
            "licence": self.licence_id,
            "consent": self.consent,
            "shown": [opening.to_json() for opening in self.openings],
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Shown:
        """The inverse of `to_text`. Raises `ValueError` for anything else."""
        match json.loads(text):
            case {"licence": str(licence), "consent": int() | None as consent, "shown": [*shown]}:
                return cls(licence, consent, tuple(Opening.from_json(each) for each in shown))
        raise ValueError("not what a holder shows")


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer for people. `good` is None where the proof holds and says that something is not valid."""

    good: bool | None
    title: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, Any], ...] = ()


def examine(proof: bytes, genesis: bytes, shown: Shown | None = None) -> Verdict:
    """Verifies and words. Never raises for a bad proof: that is an answer too."""
    if not proof:
        return Verdict(False, W("nothing"), (W("nothing.do"),))
    if len(proof) > PROOF_BYTES_MAX:
        return Verdict(False, W("large"), ())
    try:
        result = verify(proof, genesis=genesis)
    except Rejected as error:
        if error.code in W:
            return Verdict(False, W("no"), (W(error.code), W("code", code=error.code)))
        return Verdict(False, W("no"), (error.reason, W("code", code=error.code)))
    licence = proven_licence(result)
    sentences = (*_sentences(result), _signed(result), W(result["strength"]), *_shown(licence, shown))
    good: bool | None = True
    if licence is not None and not licence.answer(licence.time_ms).valid:
        good = None
    return Verdict(good, W("yes"), tuple(sentences), _facts(result))


def read_text(text: str) -> tuple[bytes, Shown | None]:
    """A pasted or scanned text: a proof in base64 or hex, or what a holder shows. Raises `ValueError`."""
    text = text.strip()
    if len(text) > TEXT_MAX:
        raise ValueError("too long")
    if text.startswith("{"):
        return b"", Shown.from_text(text)
    packed = "".join(text.split())
    try:
        return bytes.fromhex(packed), None
    except ValueError:
        try:
            return base64.b64decode(packed, validate=True), None
        except binascii.Error as error:
            raise ValueError("neither hex nor base64") from error


def attribute_label(name: str) -> str:
    """What people call an attribute."""
    zh, en = ATTRIBUTE_LABELS.get(name, (name, name))
    return zh if language() == "zh" else en


def _sentences(result: dict[str, Any]) -> Sequence[str]:
    told = explain(result)
    if told is not None:
        return told.zh if language() == "zh" else told.en
    fact, height, time = result["fact"], number(result["height"]), moment(result["time_ms"])
    if fact["kind"] != "receipt":
        return (W(fact["kind"], height=height, time=time),)
    receipt, call = fact["receipt"], fact["transaction"]
    outcome = W("success") if receipt["status"] == "success" else W("failed", code=receipt["code"])
    head = W("receipt", tx=receipt["tx_id"], height=height, time=time, outcome=outcome)
    if not call:
        return (head,)
    return (head, W("call", sender=call["sender"], contract=call["contract"], method=call["method"]))


def _signed(result: dict[str, Any]) -> str:
    signers = result["signers"]
    return W(
        "signed",
        validators=result["validators"],
        signers=len(signers) if isinstance(signers, list) else signers,
    )


def _shown(licence: ProvenLicence | None, shown: Shown | None) -> Sequence[str]:
    if shown is None or not shown.openings:
        return ()
    if licence is None:
        return (W("no-licence"),)
    if licence.licence.licence_id != shown.licence_id:
        return (W("other-licence"),)
    root = bytes(licence.licence.attribute_root)
    return [
        W("shown" if each.proves(root) else "not-shown", name=attribute_label(each.name), value=each.value)
        for each in shown.openings
    ]


def _facts(result: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    rows = [
        (W("chain"), result["chain_id"]),
        (W("height"), number(result["height"])),
        (W("block"), result["block_hash"]),
        (W("root"), result["state_root"]),
        (W("time"), moment(result["time_ms"])),
    ]
    fact = result["fact"]
    if fact["kind"] in ("state", "absence"):
        rows.append((W("key"), fact["key"]))
        if fact.get("value"):
            rows.append((W("value"), fact["value"]))
    return tuple(rows)
