"""What a verified proof file says, in plain words."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xianglian.contract import abi
from xianglian.contract.lib import identifiers as ids
from xianglian.solutions.elicence.offline import CONTRACT_BYTES, PREFIX, ProvenLicence, proven_licence
from xianglian.solutions.elicence.types import Status

CHINA = datetime.timezone(datetime.timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Sentences for people; the first is the answer."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


def explain(result: Mapping[str, Any], interface: bytes | None = None) -> Explanation | None:
    """Words for what `xianglian.verify` returned; None for a fact that no solution knows.

    Args:
        result: the document of `verify`: the fact, its height and its time.
        interface: description of the contract that the fact belongs to, if at hand; one of another contract
            is
            believed over the shape of the key.
    """
    if interface is not None and abi.Interface.parse(interface).name != "ELicence":
        return None
    proven = proven_licence(result)
    if proven is not None:
        return _licence(proven)
    fact = result["fact"]
    if fact["kind"] == "absence" and bytes.fromhex(fact["key"])[CONTRACT_BYTES:].startswith(PREFIX):
        return _no_licence(result, fact["key"][2 * (CONTRACT_BYTES + len(PREFIX)) :])
    return None


def moment(time_ms: int) -> str:
    """A time as people read it: China Standard Time, with its offset."""
    return datetime.datetime.fromtimestamp(time_ms // 1000, CHINA).isoformat(sep=" ")


def _licence(proven: ProvenLicence) -> Explanation:
    licence, at = proven.licence, moment(proven.time_ms)
    answer = proven.answer(proven.time_ms)
    zh, en = _why(proven)
    version = int(licence.version)
    serial = ids.licence_serial_of(licence.licence_id.encode()).decode()
    until_zh = "长期" if licence.valid_to is None else f"{moment(licence.valid_to)} 止"
    until_en = "without end" if licence.valid_to is None else f"to {moment(licence.valid_to)}"
    history_zh = "; ".join(
        f"{moment(i.since)} 起{_zh(i.status)} ({_zh(i.operation)}: {_zh(i.reason)})" for i in licence.history
    )
    history_en = "; ".join(
        f"from {moment(i.since)} {_en(i.status)} ({_en(i.operation)}: {_en(i.reason)})"
        for i in licence.history
    )
    verdict_zh, verdict_en = ("有效", "valid") if answer.valid else ("无效", "NOT valid")
    return Explanation(
        zh=(
            f"证照 {licence.licence_id} 在 {at} (高度 {proven.height}) {verdict_zh}: {zh}",
            f"类型 {licence.type_code}, 签发机构 {licence.issuer}, 流水号 {serial}, 第 {version} 版",
            f"有效期 {moment(licence.valid_from)} 起, {until_zh}; 状态历史: {history_zh}",
            f"签发文件的 SM3 为 {licence.file_sm3.hex()}: 手中的文件摘要与之相同, 才是所签发的文件",
            "持证人和证照号码只以加盐摘要存在; 照面属性须由持证人出示, 并与属性根核对",
        ),
        en=(
            f"Licence {licence.licence_id} was {verdict_en} at {at} (height {proven.height}): {en}",
            f"Type {licence.type_code}, issuer {licence.issuer}, serial {serial}, version {version}",
            f"Validity from {moment(licence.valid_from)} {until_en}; history: {history_en}",
            f"SM3 of the issued file is {licence.file_sm3.hex()}: only such a file is the one issued",
            "Holder and number are salted digests; attributes are shown by the holder, checked by the root",
        ),
    )


def _why(proven: ProvenLicence) -> tuple[str, str]:
    answer = proven.answer(proven.time_ms)
    next_id = proven.licence.next_id
    if answer.status is not None and answer.status != Status.VALID:
        zh, en = f"状态为{_zh(answer.status)}", f"its status is {_en(answer.status)}"
        return (f"{zh}, 新版本为 {next_id}", f"{en}; the new version is {next_id}") if next_id else (zh, en)
    if not answer.begun:
        return "有效期尚未开始", "its validity has not begun"
    if answer.expired:
        return "已过有效期", "it has expired"
    return "状态为有效, 且在有效期内", "its status is valid and it is within its validity"


def _no_licence(result: Mapping[str, Any], digest: str) -> Explanation:
    at, height = moment(int(result["time_ms"])), result["height"]
    return Explanation(
        zh=(f"截至 {at} (高度 {height}), 没有标识的 SM3 为 {digest} 的证照",),
        en=(f"At {at} (height {height}) there is no licence whose identifier has the SM3 {digest}",),
    )


def _zh(member: Any) -> str:
    return str(member.label).partition(" / ")[0]


def _en(member: Any) -> str:
    return str(member.label).partition(" / ")[2]
