"""What must be refused, each for its own reason: the negative set that all solutions share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xianglian.contract import abi
from xianglian.contract.lib import identifiers as ids
from xianglian.errors import Rejected
from xianglian.sdk import system
from xianglian.solutions.elicence.data import DAY_MS, TYPES, credit_code
from xianglian.solutions.elicence.drafts import licence_id
from xianglian.solutions.elicence.stage import Act, Outcome, admin_of
from xianglian.solutions.validators import PROBLEMS, check
from xianglian.types import now_ms

if TYPE_CHECKING:
    from xianglian.solutions.elicence.story import Issued, Tale

CITIZEN = "529999199003070015"
"""A synthetic citizen number, right in every digit; it must not be let onto the chain anywhere."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that must be refused with `code` (and this problem of an identifier, where it has one)."""

    name: str
    zh: str
    en: str
    act: Act
    code: str
    problem: int = ids.OK


Expiring = tuple["Issued", int, int]
"""(licence, authorisation, its end)."""


async def all_of_them(tale: Tale) -> Expiring:
    """Tries everything that must be refused, then replay, races, and rights that were taken away.

    Returns an authorisation that will have expired by the time `expired` is played.
    """
    tale.stage.say("refuse", "检验应当拒绝的情形", "trying what must be refused")
    expiring, one_use = await _consents(tale)
    cases = [*_identifiers(tale), *_rights(tale), *_contents(tale), *await _uses(tale, one_use)]
    outcomes = await tale.stage.play([case.act for case in cases])
    interface = await tale.stage.interface()
    for case, outcome in zip(cases, outcomes, strict=True):
        _count(tale, case, outcome, interface)
    _form_checks(tale)
    await _replay(tale)
    await _race_for_a_serial(tale)
    await _race_for_a_use(tale)
    await _withdrawn(tale)
    await _role_taken(tale)
    await _changed_signature(tale)
    return expiring


def _count(tale: Tale, case: Refusal, outcome: Outcome, interface: abi.Interface) -> None:
    ok, seen = outcome.code == case.code, outcome.code or "accepted"
    if ok and case.problem != ids.OK:
        problem = interface.decode_error(outcome.code, outcome.detail).get("problem")
        ok, seen = problem == case.problem, f"{seen} {problem}"
    tale.report.refused += ok
    tale.report.check(f"refused-{case.name}", f"拒绝: {case.zh}", f"refused: {case.en}", ok, seen)


def _valid(tale: Tale) -> list[Issued]:
    """Licences of the first two types that nothing has happened to."""
    total = len(tale.issued)
    quiet = tale.issued[total // 10 + 2 * (total // 20) + 6 :]
    return [each for each in quiet if each.sample.kind is not TYPES[2]]


def _fresh(tale: Tale) -> tuple[str, dict[str, Any]]:
    """(issuer, arguments) of a licence not yet issued."""
    sample = tale.data.sample(TYPES[0])
    return tale.cast.issuer_of(TYPES[0])[0], tale.arguments(sample, tale.cast.holders[0])


def _identifiers(tale: Tale) -> list[Refusal]:
    """1 wrong check digit, 2 nonexistent region, 11 personal data in plain text."""
    issuer, good = _fresh(tale)
    identifier, parts = str(good["licence_id"]), str(good["licence_id"]).split(".")
    forged = identifier[:-1] + ("A" if identifier[-1] != "A" else "B")
    nowhere = credit_code("11", "MB0XLX01", region="009999")
    company = credit_code("91", "MA0XLX01")
    wrong = company[:-1] + ("0" if company[-1] != "0" else "1")
    manager = tale.cast.manager

    def registering(uscc: str, name: str) -> Act:
        return Act(manager, "register_organisation", {"organisation": "nobody", "uscc": uscc, "name": name})

    plain = licence_id(parts[-5], parts[-4], CITIZEN)
    return [
        Refusal(
            "check-character",
            "证照标识校验码错误",
            "licence identifier with a forged check character",
            Act(issuer, "issue", {**good, "licence_id": forged}),
            "BadIdentifier",
            ids.CHECK,
        ),
        Refusal(
            "credit-code",
            "统一社会信用代码校验码错误",
            "credit code with a wrong check character",
            registering(wrong, "样例机构"),
            "BadIdentifier",
            ids.CHECK,
        ),
        Refusal(
            "region",
            "行政区划不存在",
            "credit code of a region that does not exist",
            registering(nowhere, "样例机构"),
            "BadIdentifier",
            ids.REGION,
        ),
        Refusal(
            "personal-serial",
            "流水号是公民身份号码",
            "a citizen number as serial number",
            Act(issuer, "issue", {**good, "licence_id": plain}),
            "BadIdentifier",
            ids.PERSONAL,
        ),
        Refusal(
            "personal-name",
            "机构名称含公民身份号码",
            "a citizen number inside a name",
            registering(company, f"样例{CITIZEN}"),
            "PersonalData",
        ),
        Refusal(
            "personal-purpose",
            "事项编码是公民身份号码",
            "a citizen number as purpose",
            _consent_with(tale, purpose=CITIZEN),
            "BadIdentifier",
            ids.PERSONAL,
        ),
    ]


def _rights(tale: Tale) -> list[Refusal]:
    """3 actor without role, 4 role of another organisation, 5 illegal transition."""
    cast, each = tale.cast, _valid(tale)[0]
    total = len(tale.issued)
    revoked = tale.issued[total // 10 + total // 20]
    issuer, good = _fresh(tale)
    suspending = {"licence_id": each.licence_id, "reason": "INVESTIGATION"}
    other = {**good, "licence_id": _of_organisation(tale, str(good["licence_id"]), cast.organisations[2])}
    another_holder = next(who for who in cast.holders if who != each.holder)
    return [
        Refusal(
            "no-role",
            "无签发人角色的账户核发",
            "issue without the role",
            Act(each.holder, "issue", good),
            "NotIssuer",
        ),
        Refusal(
            "no-manager",
            "非目录管理员定义类型",
            "defining a type without the role",
            Act(
                issuer,
                "define_type",
                {"code": cast.type_code(TYPES[0]), "name": "样例", "attributes": ["name"]},
            ),
            "NotCatalogueManager",
        ),
        Refusal(
            "other-organisation",
            "其他机构的签发人暂停本机构证照",
            "suspension by an issuer of another organisation",
            Act(cast.other_clerk, "suspend", suspending),
            "WrongOrganisation",
        ),
        Refusal(
            "not-authorised",
            "未获授权的机构签发此类证照",
            "issue by an organisation that was not authorised",
            Act(cast.other_clerk, "issue", other),
            "IssuerNotAuthorised",
        ),
        Refusal(
            "transition",
            "恢复已吊销的证照",
            "resuming a revoked licence",
            Act(revoked.issuer, "resume", {"licence_id": revoked.licence_id, "reason": "RECTIFIED"}),
            "IllegalTransition",
        ),
        Refusal(
            "reason",
            "以不符的原因吊销",
            "revocation for a reason that does not fit",
            Act(each.issuer, "revoke", {"licence_id": each.licence_id, "reason": "HOLDER_REQUEST"}),
            "ReasonDoesNotFit",
        ),
        Refusal(
            "not-holder",
            "非持证人授权用证",
            "authorisation by someone else than the holder",
            Act(another_holder, "authorise", tale.consent(each, 1).arguments),
            "NotHolder",
        ),
        Refusal(
            "ended",
            "对已吊销证照授权用证",
            "authorising a revoked licence",
            tale.consent(revoked, 1),
            "LicenceEnded",
        ),
    ]


def _contents(tale: Tale) -> list[Refusal]:
    """6 the same serial again, 8 over-quantity, 9 future and past times."""
    issuer, good = _fresh(tale)
    far = now_ms() + 10 * DAY_MS
    again = {**good, "licence_id": _valid(tale)[0].licence_id, "type_code": _type_of(_valid(tale)[0])}
    return [
        Refusal(
            "serial", "重复的流水号", "a serial number again", Act(issuer, "issue", again), "SerialTaken"
        ),
        Refusal(
            "over-quantity",
            "授权次数超过上限",
            "more uses than may be granted",
            _consent_with(tale, max_uses=1001),
            "BadConsent",
        ),
        Refusal(
            "future-issue",
            "签发日期在未来",
            "issued in the future",
            Act(issuer, "issue", {**good, "issued_on": far}),
            "FutureTime",
        ),
        Refusal(
            "past-validity",
            "有效期已过",
            "a validity that is over",
            Act(issuer, "issue", {**good, "valid_from": 1, "valid_to": 2}),
            "BadValidity",
        ),
    ]


async def _consents(tale: Tale) -> tuple[Expiring, tuple[Issued, int]]:
    """(licence, consent, its end) that will have expired, and (licence, consent) with a single use."""
    first, second = _valid(tale)[1:3]
    end = now_ms() + 3_000
    outcomes = await tale.stage.must([tale.consent(first, 9, not_after=end), tale.consent(second, 1)])
    numbers = [each.told("ConsentGiven")["number"] for each in outcomes]
    return (first, numbers[0], end), (second, numbers[1])


async def _uses(tale: Tale, one_use: tuple[Issued, int]) -> list[Refusal]:
    """7 double use of a right, 9 future time, 10 a file that is not its digest, fields beyond the consent."""
    each, number = one_use
    await tale.stage.must([tale.showing(each, consent=number)])
    tale.report.presented += 1
    tale.report.answers_right += 1
    hidden = each.sample.attributes.open(each.sample.kind.attributes[-1])
    shown = each.sample.attributes.open(each.sample.kind.attributes[0]).disclosure()
    stranger = next(who for who in tale.cast.verifiers if who != each.verifier)
    swapped = _valid(tale)[3].sample.file_sm3
    return [
        Refusal(
            "over-use",
            "授权次数用完后再次核验",
            "a second use of a single-use authorisation",
            tale.showing(each, consent=number),
            "UsesExhausted",
        ),
        Refusal(
            "future-question",
            "询问未来的时间",
            "asked about the future",
            tale.showing(each, asked_for=now_ms() + DAY_MS),
            "FutureTime",
        ),
        Refusal(
            "swapped-file",
            "出示的文件被调换",
            "a swapped file",
            tale.showing(each, file_sm3=swapped),
            "FileDiffers",
        ),
        Refusal(
            "hidden-field",
            "披露未获授权的属性",
            "a field that the holder did not authorise",
            tale.showing(each, disclosed=[hidden.disclosure()]),
            "FieldNotAuthorised",
        ),
        Refusal(
            "forged-field",
            "披露项与属性根不符",
            "a disclosed field that does not belong to the root",
            tale.showing(each, disclosed=[{**shown, "leaf": bytes(32)}]),
            "DisclosureWrong",
        ),
        Refusal(
            "other-verifier",
            "使用给他人的授权",
            "an authorisation given to someone else",
            Act(stranger, "present", tale.showing(each).arguments),
            "ConsentOfAnother",
        ),
    ]


def _form_checks(tale: Tale) -> None:
    """What forms refuse before anything is sent: values that never reach the chain."""
    cases = (
        ("gb11643", "529999190002290015", ids.DATE, "不存在的出生日期", "a birth date that does not exist"),
        (
            "gb11643",
            "529999199003070016",
            ids.CHECK,
            "公民身份号码校验码错误",
            "a citizen number with a wrong check digit",
        ),
        ("date", "20260230", ids.DATE, "不存在的日期", "a date that does not exist"),
    )
    for name, value, problem, zh, en in cases:
        ok = check(name, value) == PROBLEMS[problem]
        tale.report.refused += ok
        tale.report.check(f"form-{name}-{problem}", f"表单拒绝: {zh}", f"refused by the form: {en}", ok)


async def _replay(tale: Tale) -> None:
    """6: the same signed bytes again are the same transaction; the use counts once."""
    each = _valid(tale)[4]
    before = await _used(tale, each)
    act = tale.showing(each)
    signed = await tale.stage.sign(act)
    first = (await tale.stage.send([act], [signed]))[0]
    again = (await tale.stage.send([act], [signed]))[0]
    used = await _used(tale, each) - before
    tale.report.presented += 1
    tale.report.answers_right += 1
    ok = first.ok and used == 1 and (not again.ok or again.place == first.place)
    tale.report.refused += ok
    tale.report.check(
        "replay", "重放的请求只执行一次", "a replayed request is executed once", ok, f"{used} uses"
    )


async def _used(tale: Tale, each: Issued) -> int:
    found = await tale.stage.ask(each.holder, "consents_of", licence_id=each.licence_id, first=0)
    return int(next(consent["used"] for consent in found if consent["number"] == each.consent))


async def _race_for_a_serial(tale: Tale) -> None:
    """13: two clerks issue the same serial number at once, with different contents."""
    cast = tale.cast
    _, good = _fresh(tale)
    other = {**good, "holder": tale.stage.account(cast.holders[1]), "file_sm3": bytes([7]) * 32}
    acts = [Act(who, "issue", arguments) for who, arguments in zip(cast.clerks, (good, other), strict=True)]
    _race(
        tale,
        "serial",
        await tale.stage.play(acts),
        "SerialTaken",
        "两人同时使用同一流水号",
        "two clerks, one serial number",
    )
    tale.report.issued += 1


async def _race_for_a_use(tale: Tale) -> None:
    """13: the last use of an authorisation is taken twice at once."""
    each = _valid(tale)[5]
    outcome = (await tale.stage.must([tale.consent(each, 1)]))[0]
    number = outcome.told("ConsentGiven")["number"]
    outcomes = await tale.stage.play([tale.showing(each, consent=number) for _ in range(2)])
    _race(tale, "use", outcomes, "UsesExhausted", "同时争用最后一次授权", "two presentations, one use left")
    tale.report.presented += 1
    tale.report.answers_right += 1


def _race(tale: Tale, name: str, outcomes: Sequence[Outcome], code: str, zh: str, en: str) -> None:
    codes = sorted(outcome.code for outcome in outcomes)
    ok = codes == ["", code]
    tale.report.refused += ok
    tale.report.check(f"race-{name}", f"{zh}: 恰有一个成功", f"{en}: exactly one wins", ok, codes)


async def expired(tale: Tale, expiring: Expiring) -> None:
    """9: an authorisation after its end."""
    each, number, end = expiring
    await tale.stage.settle_until(end + 300)
    await _must_be_refused(
        tale,
        "expired-consent",
        "授权已过期",
        "an expired authorisation",
        tale.showing(each, consent=number),
        "ConsentExpired",
    )


async def _withdrawn(tale: Tale) -> None:
    """14: an authorisation that its holder has withdrawn."""
    each = _valid(tale)[6]
    named = {"licence_id": each.licence_id, "number": each.consent}
    await tale.stage.must([Act(each.holder, "withdraw_consent", named)])
    await _must_be_refused(
        tale,
        "withdrawn-consent",
        "授权已被撤回",
        "a withdrawn authorisation",
        tale.showing(each),
        "ConsentEnded",
    )


async def _role_taken(tale: Tale) -> None:
    """14: a verifier whose role was taken away; it is given back afterwards."""
    each = _valid(tale)[7]
    organisation = tale.stage.profiles.profile(each.verifier).organisation
    named = {"account": tale.stage.account(each.verifier), "role": "verifier"}
    admin = admin_of(organisation)
    await tale.stage.must([Act(admin, "revoke", named, system.ACCOUNTS)])
    await _must_be_refused(
        tale,
        "role-taken",
        "核验人角色已被收回",
        "a verifier whose role was taken away",
        tale.showing(each),
        "NotVerifier",
    )
    await tale.stage.must([Act(admin, "grant", named, system.ACCOUNTS)])


async def _changed_signature(tale: Tale) -> None:
    """A transaction whose signature was changed never enters a block."""
    each = _valid(tale)[8]
    desk = tale.stage.client(each.verifier)
    act = tale.showing(each)
    tx_hash, signed = await tale.stage.sign(act)
    flipped = signed[:-1] + bytes([signed[-1] ^ 1])
    try:
        await desk.submit_signed(tx_hash, flipped)
        code = ""
    except Rejected as error:
        code = error.code
    tale.report.refused += bool(code)
    tale.report.check(
        "bad-signature", "拒绝: 签名被改动", "refused: a changed signature", bool(code), code or "accepted"
    )


async def _must_be_refused(tale: Tale, name: str, zh: str, en: str, act: Act, code: str) -> None:
    outcome = (await tale.stage.play([act]))[0]
    ok = outcome.code == code
    tale.report.refused += ok
    tale.report.check(f"refused-{name}", f"拒绝: {zh}", f"refused: {en}", ok, outcome.code or "accepted")


def _consent_with(tale: Tale, **changes: Any) -> Act:
    act = tale.consent(_valid(tale)[0], 1)
    return Act(act.who, act.method, {**act.arguments, **changes})


def _of_organisation(tale: Tale, identifier: str, organisation: str) -> str:
    """The same identifier as that organisation would write it."""
    parts = identifier.split(".")
    return licence_id(parts[-5], tale.cast.uscc(organisation), parts[-3])


def _type_of(each: Issued) -> str:
    return each.licence_id.split(".")[-5]
