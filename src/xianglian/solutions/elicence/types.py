"""Records, enums, events and refusals of electronic licences (GB/T 36901 to 36906)."""

# Validators are named by text inside annotations.
# ruff: noqa: F821, UP037
from __future__ import annotations

from xianglian.contract import (
    Address,
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
    """状态区间 / What the licence was from `since` on, until the next entry begins.

    status: 状态 / Status
    since: 自 / Since
    operation: 业务类型 / Operation
    reason: 原因 / Reason
    """

    status: Status
    since: Time
    operation: Operation
    reason: Reason


@record
class Licence:
    """证照 / A licence: one version of it, with all that it ever was.

    licence_id: 电子证照标识 / Licence identifier
    type_code: 类型代码 / Type code
    issuer: 签发机构 / Issuer
    status: 状态 / Status
    operation: 业务类型 / Operation
    reason: 原因 / Reason
    holder: 持证人账户 / Holder's account
    holder_kind: 持证主体类型 / Kind of holder
    holder_ref: 持证人标识的加盐摘要 / Salted digest of the holder's identifier
    number_ref: 证照号码的加盐摘要 / Salted digest of the licence number
    issued_on: 签发日期 / Issued on
    valid_from: 有效期起 / Valid from
    valid_to: 有效期止 / End of validity
    version: 版本 / Version
    previous_id: 前一版本 / Previous version
    next_id: 后一版本 / Next version
    file_sm3: 文件 SM3 / SM3 of the file
    seal_cert_sn: 签章证书序列号 / Seal certificate
    attribute_root: 属性根 / Attribute root
    history: 状态历史 / History
    last_event: 最近事件摘要 / Digest of the last event
    """

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
    """证照类型 / A licence type of the catalogue.

    code: 代码 / Code
    name: 名称 / Name
    attributes: 属性 / Attributes
    defined_at: 定义时间 / Defined at
    retired: 已停用 / Retired
    """

    code: Public[Text[21], "licence_type"]
    name: Public[Text[96]]
    attributes: List[Public[Text[32]], ATTRIBUTES_MAX]
    defined_at: Time
    retired: bool


@record
class Organisation:
    """机构 / An organisation of the chain and its unified social credit code.

    uscc: 统一社会信用代码 / Unified social credit code
    name: 名称 / Name
    registered_at: 登记时间 / Registered at
    """

    uscc: Public[Text[18], "uscc"]
    name: Public[Text[96]]
    registered_at: Time


@record
class Consent:
    """用证授权 / What a holder lets a verifier see.

    licence_id: 电子证照标识 / Licence identifier
    number: 编号 / Number
    holder: 持证人账户 / Holder's account
    verifier: 核验账户 / Verifier's account
    purpose: 用途事项编码 / Purpose, code of the matter
    fields: 属性 / Fields
    given_at: 授权时间 / Given at
    not_after: 授权截止 / Until
    max_uses: 最多次数 / Most uses
    used: 已用次数 / Uses so far
    withdrawn: 已撤回 / Withdrawn
    """

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
    """获得的授权 / Where an authorisation given to a verifier stands.

    licence_id: 电子证照标识 / Licence identifier
    number: 编号 / Number
    """

    licence_id: Public[Text[96]]
    number: u32


@record
class Disclosure:
    """披露项 / One attribute's salted leaf and the way from it to the attribute root.

    index: 序号 / Place
    leaf: 加盐叶 / Salted leaf
    path: 路径 / Path
    """

    index: u8
    leaf: Ref
    path: List[Hash, TREE_DEPTH]


@record
class Answer:
    """核验结果 / Whether a licence was valid at a time, and why not.

    valid: 有效 / Valid
    status: 状态 / Status
    expired: 已过有效期 / Expired
    begun: 已到起期 / Begun
    asked_for: 询问的时间 / Time asked for
    version: 版本 / Version
    next_id: 后一版本 / Next version
    """

    valid: bool
    status: Status | None
    expired: bool
    begun: bool
    asked_for: Time
    version: u16
    next_id: Public[Text[96]] | None


@record
class Usage:
    """用证记录 / One use of a licence.

    licence_id: 电子证照标识 / Licence identifier
    number: 编号 / Number
    consent: 授权编号 / Authorisation
    verifier: 核验账户 / Verifier's account
    purpose: 用途事项编码 / Purpose, code of the matter
    used_at: 使用时间 / Used at
    asked_for: 询问的时间 / Time asked for
    valid: 有效 / Valid
    status: 状态 / Status
    fields: 属性 / Fields
    file_checked: 已核对文件 / File compared
    """

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
    """机构已登记 / Organisation registered.

    organisation: 机构标识 / Organisation
    uscc: 统一社会信用代码 / Unified social credit code
    actor: 经办账户 / Actor
    """

    organisation: Public[Text[32]]
    uscc: Public[Text[18]]
    actor: Address


@event
class AuditorAppointed:
    """审计机构已指定 / Auditing organisation appointed.

    organisation: 机构标识 / Organisation
    actor: 经办账户 / Actor
    """

    organisation: Public[Text[32]]
    actor: Address


@event
class TypeDefined:
    """证照类型已定义 / Licence type defined.

    code: 代码 / Code
    name: 名称 / Name
    actor: 经办账户 / Actor
    """

    code: Public[Text[21]]
    name: Public[Text[96]]
    actor: Address


@event
class TypeRetired:
    """证照类型已停用 / Licence type retired.

    code: 代码 / Code
    actor: 经办账户 / Actor
    """

    code: Public[Text[21]]
    actor: Address


@event
class IssuerAuthorised:
    """签发机构已授权或取消 / Issuer authorised, or its authorisation ended.

    code: 代码 / Code
    issuer: 签发机构 / Issuer
    authorised: 已授权 / Authorised
    actor: 经办账户 / Actor
    """

    code: Public[Text[21]]
    issuer: Public[Text[18]]
    authorised: bool
    actor: Address


@event
class LicenceChanged:
    """证照状态变更 / A licence changed; `event_hash` chains its events, earlier versions included.

    licence_id: 电子证照标识 / Licence identifier
    operation: 业务类型 / Operation
    reason: 原因 / Reason
    status: 状态 / Status
    previous_status: 原状态 / Status before
    previous_id: 前一版本 / Previous version
    actor: 经办账户 / Actor
    role: 角色 / Role
    at: 时间 / Time
    previous_event: 上一事件摘要 / Digest of the event before
    event_hash: 事件摘要 / Digest of this event
    """

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
    """已授权用证 / Use of a licence authorised.

    licence_id: 电子证照标识 / Licence identifier
    number: 编号 / Number
    verifier: 核验账户 / Verifier's account
    purpose: 用途事项编码 / Purpose, code of the matter
    not_after: 授权截止 / Until
    max_uses: 最多次数 / Most uses
    """

    licence_id: Public[Text[96]]
    number: u32
    verifier: Address
    purpose: Public[Text[31]]
    not_after: Time
    max_uses: u16


@event
class ConsentWithdrawn:
    """授权已撤回 / Authorisation withdrawn.

    licence_id: 电子证照标识 / Licence identifier
    number: 编号 / Number
    """

    licence_id: Public[Text[96]]
    number: u32


@event
class LicencePresented:
    """证照已核验 / A licence was presented.

    licence_id: 电子证照标识 / Licence identifier
    consent: 授权编号 / Authorisation
    usage: 用证编号 / Use
    verifier: 核验账户 / Verifier's account
    asked_for: 询问的时间 / Time asked for
    valid: 有效 / Valid
    status: 状态 / Status
    """

    licence_id: Public[Text[96]]
    consent: u32
    usage: u32
    verifier: Address
    asked_for: Time
    valid: bool
    status: Status | None
