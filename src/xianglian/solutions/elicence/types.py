"""Records, enums, events and refusals of electronic licences (GB/T 36901 to 36906)."""

# Validators are named by text inside annotations.
# ruff: noqa: F821, UP037
from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
    Hash,
    List,
    Public,
    Ref,
    Text,
    Time,
    event,
    record,
    u8,
    u16,
    u32,
    u64,
)

HISTORY_MAX = 64
"""Entries of a licence's history."""
HISTORY_RESERVE = 2
"""Of these, kept free for the last transition, so that a licence can always be ended."""
ATTRIBUTES_MAX = 16
"""Attributes of a licence type; also the leaves of the attribute tree."""
TREE_DEPTH = 4
"""2^4 leaves."""
PAGE = 16
"""Entries that one view returns."""
USES_MAX = 1000
"""Most uses that one authorisation may grant."""


class Status(Enum):
    """状态 / Status"""

    VALID = 0, "有效 / Valid"
    SUSPENDED = 1, "暂停 / Suspended"
    SUPERSEDED = 2, "已被新版本取代 / Superseded by a newer version"
    REVOKED = 3, "吊销 / Revoked"
    WITHDRAWN = 4, "撤销 / Withdrawn"
    CANCELLED = 5, "注销 / Cancelled"


class Operation(Enum):
    """业务类型 / Operation"""

    ISSUE = 0, "核发 / Issue"
    CHANGE = 1, "变更 / Change"
    RENEW = 2, "延续 / Renew"
    SUSPEND = 3, "暂停 / Suspend"
    RESUME = 4, "恢复 / Resume"
    REVOKE = 5, "吊销 / Revoke"
    WITHDRAW = 6, "撤销 / Withdraw"
    CANCEL = 7, "注销 / Cancel"
    SUPERSEDE = 8, "取代 / Supersede"


class Reason(Enum):
    """原因 / Reason"""

    APPLICATION = 0, "依申请 / On application"
    DATA_CHANGED = 1, "登载事项变化 / Entries changed"
    INVESTIGATION = 2, "涉嫌违法, 正在调查 / Under investigation"
    RECTIFIED = 3, "整改完成或调查结束 / Rectified, or the investigation ended"
    VIOLATION = 4, "违法行为情节严重 / Serious violation"
    OBTAINED_BY_DECEIT = 5, "以欺骗、贿赂等不正当手段取得 / Obtained by deceit or bribery"
    GRANTED_IN_ERROR = 6, "超越职权或违反法定程序核发 / Granted beyond powers or against procedure"
    HOLDER_REQUEST = 7, "持证人申请 / The holder asked for it"
    HOLDER_GONE = 8, "持证人死亡或终止 / The holder died or ceased to exist"
    NOT_RENEWED = 9, "有效期届满未延续 / Expired and not renewed"


class HolderKind(Enum):
    """持证主体类型 / Kind of holder"""

    PERSON = 0, "自然人 / Person"
    ORGANISATION = 1, "法人或其他组织 / Organisation"


@record
class Interval:
    """状态区间 / What the licence was from `since` on, until the next entry begins."""

    status: Status
    since: Time
    operation: Operation
    reason: Reason


@record
class Licence:
    """证照 / A licence: one version of it, with all that it ever was."""

    licence_id: Public[Text[96], "licence_id"]
    type_code: Public[Text[21], "licence_type"]
    issuer: Public[Text[18], "uscc"]
    status: Status
    operation: Operation
    reason: Reason
    holder: Address
    holder_kind: HolderKind
    holder_ref: Ref
    number_ref: Ref
    issued_on: Time
    valid_from: Time
    valid_to: Time | None
    version: u16
    previous_id: Public[Text[96]] | None
    next_id: Public[Text[96]] | None
    file_sm3: Hash
    seal_cert_sn: Public[Text[40], "certificate_sn"]
    attribute_root: Hash
    history: List[Interval, HISTORY_MAX]
    last_event: Hash


@record
class LicenceType:
    """证照类型 / A licence type of the catalogue."""

    code: Public[Text[21], "licence_type"]
    name: Public[Text[96]]
    attributes: List[Public[Text[32]], ATTRIBUTES_MAX]
    defined_at: Time
    retired: bool


@record
class Organisation:
    """机构 / An organisation of the chain and its unified social credit code."""

    uscc: Public[Text[18], "uscc"]
    name: Public[Text[96]]
    registered_at: Time


@record
class Consent:
    """用证授权 / What a holder lets a verifier see."""

    licence_id: Public[Text[96]]
    number: u32
    holder: Address
    verifier: Address
    purpose: Public[Text[31], "matter_code"]
    fields: List[Public[Text[32]], ATTRIBUTES_MAX]
    given_at: Time
    not_after: Time
    max_uses: u16
    used: u16
    withdrawn: bool


@record
class Offer:
    """获得的授权 / Where an authorisation given to a verifier stands."""

    licence_id: Public[Text[96]]
    number: u32


@record
class Disclosure:
    """披露项 / One attribute's salted leaf and the way from it to the attribute root."""

    index: u8
    leaf: Ref
    path: List[Hash, TREE_DEPTH]


@record
class Answer:
    """核验结果 / Whether a licence was valid at a time, and why not."""

    valid: bool
    status: Status | None
    expired: bool
    begun: bool
    asked_for: Time
    version: u16
    next_id: Public[Text[96]] | None


@record
class Usage:
    """用证记录 / One use of a licence."""

    licence_id: Public[Text[96]]
    number: u32
    consent: u32
    verifier: Address
    purpose: Public[Text[31]]
    used_at: Time
    asked_for: Time
    valid: bool
    status: Status | None
    fields: List[Public[Text[32]], ATTRIBUTES_MAX]
    file_checked: bool


@event
class OrganisationRegistered:
    """机构已登记 / Organisation registered."""

    organisation: Public[Text[32]]
    uscc: Public[Text[18]]
    actor: Address


@event
class AuditorAppointed:
    """审计机构已指定 / Auditing organisation appointed."""

    organisation: Public[Text[32]]
    actor: Address


@event
class TypeDefined:
    """证照类型已定义 / Licence type defined."""

    code: Public[Text[21]]
    name: Public[Text[96]]
    actor: Address


@event
class TypeRetired:
    """证照类型已停用 / Licence type retired."""

    code: Public[Text[21]]
    actor: Address


@event
class IssuerAuthorised:
    """签发机构已授权或取消 / Issuer authorised, or its authorisation ended."""

    code: Public[Text[21]]
    issuer: Public[Text[18]]
    authorised: bool
    actor: Address


@event
class LicenceChanged:
    """证照状态变更 / A licence changed. `event_hash` chains the events of a licence and its earlier versions."""

    licence_id: Public[Text[96]]
    operation: Operation
    reason: Reason
    status: Status
    previous_status: Status | None
    previous_id: Public[Text[96]] | None
    actor: Address
    role: Public[Text[32]]
    at: Time
    previous_event: Hash
    event_hash: Hash


@event
class ConsentGiven:
    """已授权用证 / Use of a licence authorised."""

    licence_id: Public[Text[96]]
    number: u32
    verifier: Address
    purpose: Public[Text[31]]
    not_after: Time
    max_uses: u16


@event
class ConsentWithdrawn:
    """授权已撤回 / Authorisation withdrawn."""

    licence_id: Public[Text[96]]
    number: u32


@event
class LicencePresented:
    """证照已核验 / A licence was presented."""

    licence_id: Public[Text[96]]
    consent: u32
    usage: u32
    verifier: Address
    asked_for: Time
    valid: bool
    status: Status | None


class NotCatalogueManager(ContractError):
    """只有目录管理机构的目录管理员可以办理 / Only a catalogue manager of the organisation that keeps the catalogue may do this."""


class NotIssuer(ContractError):
    """账户没有签发人角色 / The account does not have the role of an issuer."""


class NotVerifier(ContractError):
    """账户没有核验人角色 / The account does not have the role of a verifier."""


class NotHolder(ContractError):
    """只有持证人本人可以办理 / Only the holder of the licence may do this."""


class NotAllowedToRead(ContractError):
    """只有持证人或审计人员可以查看 / Only the holder or an auditor may read this."""


class HolderUnknown(ContractError):
    """持证人账户未登记或没有持证人角色 / The holder's account is not admitted, or not as a holder."""


class OrganisationUnknown(ContractError):
    """机构尚未登记统一社会信用代码 / The organisation has no registered unified social credit code."""


class OrganisationExists(ContractError):
    """机构或统一社会信用代码已登记 / The organisation or the code is registered already."""


class WrongOrganisation(ContractError):
    """标识中的签发机构不是账户所属机构 / The issuer in the identifier is not the account's organisation.

    held: 账户所属机构 / The account's organisation
    """

    held: Public[Text[18]]


class BadIdentifier(ContractError):
    """标识校验不通过 / The identifier is not valid.

    problem: 问题编号 / Number of the problem, as in the identifier library
    """

    problem: u8


class TypeUnknown(ContractError):
    """目录中没有该证照类型 / The catalogue does not have this licence type."""


class TypeExists(ContractError):
    """证照类型已存在 / The licence type exists already."""


class TypeInactive(ContractError):
    """证照类型已停用 / The licence type is retired."""


class IssuerNotAuthorised(ContractError):
    """该机构未获授权签发此类证照 / The organisation may not issue licences of this type."""

    type_code: Public[Text[21]]
    issuer: Public[Text[18]]


class BadAttributes(ContractError):
    """属性为空、重复或名称不合规 / Attributes are missing, repeated or badly named."""


class SerialTaken(ContractError):
    """该类型和机构下流水号已使用 / The serial number is used for this type and issuer already."""


class FirstVersionWanted(ContractError):
    """新证照版本必须为 001 / A new licence has version 001."""


class NotNextVersion(ContractError):
    """新标识的类型、机构、流水号须相同, 版本须加一 / The new identifier must have the same type, issuer and serial, and the next version."""

    version: u16


class LicenceUnknown(ContractError):
    """证照不存在 / There is no such licence."""


class IllegalTransition(ContractError):
    """当前状态不允许该操作 / The status does not allow this operation."""

    status: Status
    operation: Operation


class ReasonDoesNotFit(ContractError):
    """原因与操作不符 / The reason does not fit the operation."""

    operation: Operation
    given: Reason


class Expired(ContractError):
    """证照已过有效期 / The licence has expired."""

    valid_to: Time


class BadValidity(ContractError):
    """有效期不正确: 止期须晚于起期和当前时间 / The validity is wrong: its end lies after its beginning and after now."""


class NotLonger(ContractError):
    """延续后的止期须晚于原止期 / Renewal must end later than before."""


class FutureTime(ContractError):
    """时间晚于当前区块时间 / The time lies in the future."""

    now: Time


class BadDigest(ContractError):
    """文件或属性摘要为空 / The digest of the file or of the attributes is empty."""


class HistoryFull(ContractError):
    """状态变更次数已达上限 / The licence has changed as often as it may."""


class PersonalData(ContractError):
    """公开内容含公民身份号码 / Text that anyone may read contains a citizen number."""


class BadConsent(ContractError):
    """授权内容不正确: 次数 1 至 1000, 期限须晚于当前时间, 至少一个属性 / The authorisation is wrong: 1 to 1000 uses, an end after now, at least one field."""


class FieldUnknown(ContractError):
    """该类型证照没有此属性 / Licences of this type do not have this attribute."""


class ConsentUnknown(ContractError):
    """授权不存在 / There is no such authorisation."""


class ConsentOfAnother(ContractError):
    """授权不是给该核验账户的 / The authorisation is for another verifier."""


class ConsentExpired(ContractError):
    """授权已过期 / The authorisation has expired."""

    not_after: Time
    now: u64


class ConsentEnded(ContractError):
    """授权已被持证人撤回 / The holder has withdrawn the authorisation."""


class UsesExhausted(ContractError):
    """授权次数已用完 / The authorisation has no uses left."""

    max_uses: u16


class FieldNotAuthorised(ContractError):
    """披露的属性不在授权范围内 / A disclosed field is not in the authorisation."""

    index: u8


class DisclosureWrong(ContractError):
    """披露项不属于该证照的属性根 / A disclosed field does not belong to the licence's attribute root."""

    index: u8


class FileDiffers(ContractError):
    """出示的文件与签发时的摘要不符 / The file shown is not the one that was issued."""
