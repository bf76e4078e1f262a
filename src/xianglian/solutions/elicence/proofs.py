"""The story without the platform: proofs verified offline, compared with what the platform says, and searched
for secrets.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from xianglian._core import address_to_bytes, contract_address
from xianglian.errors import ProofRefused
from xianglian.sdk.verification import verify
from xianglian.solutions.elicence.attributes import Opening
from xianglian.solutions.elicence.offline import ProvenLicence, differences, proven_licence, state_key_of
from xianglian.solutions.elicence.stage import ADMIN, CONTRACT

if TYPE_CHECKING:
    from xianglian.solutions.elicence.story import Tale

FLIPS = 24
"""Places of a proof file at which one bit is flipped."""
PAGE = 100


async def compare(tale: Tale) -> None:
    """An offline verifier and the platform say the same of licences in every status, now and as of earlier
    times.
    """
    stage, report = tale.stage, tale.report
    stage.say(
        "verify", "离线验证证照, 与平台答复比较", "verifying licences offline, comparing with the platform"
    )
    genesis = (stage.network / "genesis.xlg").read_bytes()
    total = len(tale.issued)
    step = max(1, total // 20)
    chosen = [*tale.issued[:: step * 2], *tale.issued[total // 10 : total // 10 + 2 * (total // 20)]]
    departed: list[str] = []
    for each in chosen:
        data = await stage.client(ADMIN).proof(key=full_key(each.licence_id))
        proven = proven_licence(verify(data, genesis=genesis))
        if proven is None:
            departed.append(f"{each.licence_id}: no licence in its proof")
            continue
        for at in _times(proven):
            told = await stage.ask(ADMIN, "status_at", licence_id=each.licence_id, asked_for=at)
            departed += [f"{each.licence_id} at {at}: {name}" for name in differences(proven, told)]
        report.verified_offline += 1
    report.check(
        "offline",
        f"{report.verified_offline} 张证照离线验证, 与平台一致",
        f"{report.verified_offline} licences verified offline, as the platform says",
        not departed,
        "; ".join(departed[:3]),
    )
    await _lies(tale, genesis)
    await _openings(tale, genesis)


async def _lies(tale: Tale, genesis: bytes) -> None:
    """A platform that says otherwise is noticed, and so is a proof with any bit flipped."""
    stage, report = tale.stage, tale.report
    total = len(tale.issued)
    revoked = tale.issued[total // 10 + total // 20]
    data = await stage.client(ADMIN).proof(key=full_key(revoked.licence_id))
    proven = proven_licence(verify(data, genesis=genesis))
    assert proven is not None
    told = await stage.ask(ADMIN, "status_at", licence_id=revoked.licence_id, asked_for=proven.time_ms)
    noticed = differences(proven, {**told, "valid": True, "status": "VALID"}) == ["valid", "status"]
    report.refused += noticed
    report.check(
        "lying-platform",
        "平台谎称已吊销证照有效, 离线验证者发现",
        "a platform that calls a revoked licence valid is caught by its proof",
        noticed,
    )
    refused = sum(
        _is_refused(_flipped(data, number * len(data) // FLIPS), genesis) for number in range(FLIPS)
    )
    report.refused += refused == FLIPS
    report.check(
        "flipped-proof",
        f"证明文件任一位被改即拒绝 ({refused}/{FLIPS})",
        f"a proof with a flipped bit is refused ({refused}/{FLIPS})",
        refused == FLIPS,
    )


async def _openings(tale: Tale, genesis: bytes) -> None:
    """The verifier's half of selective disclosure: name, value and salt against the proven attribute root."""
    each = tale.issued[-1]
    data = await tale.stage.client(ADMIN).proof(key=full_key(each.licence_id))
    proven = proven_licence(verify(data, genesis=genesis))
    assert proven is not None
    root = bytes(proven.licence.attribute_root)
    opening = each.sample.attributes.open(each.sample.kind.attributes[0])
    handed = Opening.from_json(opening.to_json())
    changed = Opening(opening.index, opening.name, opening.value + "x", opening.salt, opening.path)
    ok = handed.proves(root) and not changed.proves(root)
    tale.report.refused += ok
    tale.report.check(
        "disclosure",
        "选择性披露: 属性与属性根相符, 改动的值被发现",
        "selective disclosure: a value fits the attribute root, a changed one does not",
        ok,
    )


async def nothing_personal(tale: Tale) -> None:
    """11: no event and no stored licence of the story holds a number, a name, an attribute or a salt."""
    stage = tale.stage
    stage.say("privacy", "检查链上没有个人信息", "looking for personal data on the chain")
    desk, blobs, cursor = stage.client(ADMIN), [], 0
    while True:
        page, after = await desk.events_page(contract=CONTRACT, cursor=cursor, limit=PAGE)
        blobs += [event.data for event in page]
        if after == cursor or not page:
            break
        cursor = after
    keys = [full_key(each.licence_id) for each in tale.issued[:10]]
    proofs = await asyncio.gather(*(desk.proof(key=key) for key in keys))
    blobs += [bytes.fromhex(verify(data)["fact"]["value"]) for data in proofs]
    seen = b"\n".join(blobs)
    found = [secret for secret in _secrets(tale) if secret in seen]
    tale.report.check(
        "privacy",
        f"{len(blobs)} 条链上数据中没有个人信息",
        f"no personal data in {len(blobs)} pieces of chain data",
        not found and len(blobs) > len(tale.issued),
        f"{len(found)} found",
    )


def full_key(identifier: str) -> bytes:
    """The full state key of a licence."""
    return address_to_bytes(contract_address(CONTRACT)) + state_key_of(identifier)


def _secrets(tale: Tale) -> set[bytes]:
    found: set[bytes] = set()
    for each in tale.issued:
        sample = each.sample
        found |= {
            sample.holder.value.encode(),
            sample.number.value.encode(),
            sample.holder.salt,
            sample.number.salt,
        }
        for name, value, salt in sample.attributes.items:
            found.add(salt)
            if name in ("name", "citizen_number", "uscc", "birth_date", "address", "premises"):
                found.add(value.encode())
    return found


def _times(proven: ProvenLicence) -> list[int]:
    times = {proven.time_ms}
    for interval in proven.licence.history:
        times |= {int(interval.since) - 1, int(interval.since)}
    return sorted(at for at in times if at <= proven.time_ms)


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1 << (at % 8)
    return bytes(changed)


def _is_refused(data: bytes, genesis: bytes) -> bool:
    try:
        result: dict[str, Any] = verify(data, genesis=genesis)
    except ProofRefused:
        return True
    return proven_licence(result) is None
