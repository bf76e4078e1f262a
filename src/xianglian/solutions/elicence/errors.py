"""Refusals of electronic licences: each with its reason in Chinese and English and its facts."""

from __future__ import annotations

from xianglian.contract import ContractError, Public, Text, Time, u8, u16, u64

from .types import Operation, Reason, Status


class NotCatalogueManager(ContractError):
    """只有目录管理机构的目录管理员可以办理 / Only catalogue managers of the keeper may do this."""


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
    """新标识的类型、机构、流水号须相同, 版本须加一 / Not the next version of this licence."""

    version: u16


class LicenceUnknown(ContractError):
    """证照不存在 / There is no such licence."""


class LicenceEnded(ContractError):
    """证照已终止, 不能再授权使用 / The licence has ended: no use of it can be authorised."""

    status: Status


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
    """有效期不正确: 止期须晚于起期和当前时间 / Validity must end after its beginning and after now."""


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
    """授权须 1 至 1000 次, 期限晚于现在, 至少一个属性 / Wrong uses, end or fields."""


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
