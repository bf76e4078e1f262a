"""Electronic licences 电子证照: catalogue, life of a licence, holders' authorisations, uses.

Nothing personal is on the chain: numbers and holders are salted digests, attributes the leaves of a salted
tree, the file its SM3. Expiry is no transition: it follows from the end of validity and the time that is
asked about. A licence carries the whole history of its status, so one proof from a current root answers for
any time.

An answer as of a time is what the register said then: a withdrawal (撤销), which the law applies from the
beginning, does not rewrite what a verifier could know before it. The alarm `obtained-by-deceit` asks for a
second look at earlier uses.
"""

# Validators are named by text inside annotations.
# ruff: noqa: F821, UP037
# mypy: disable-error-code="name-defined"
from __future__ import annotations

from xianglian.contract import (
    Address,
    Bytes,
    Hash,
    List,
    Map,
    Public,
    Ref,
    Text,
    Time,
    contract,
    ctx,
    emit,
    entry,
    init,
    replace,
    require,
    u16,
    u32,
    view,
)
from xianglian.contract.lib.identifiers import (
    OK,
    attribute_name,
    certificate_sn,
    licence_kind_of,
    licence_serial_of,
    licence_type,
    licence_version_of,
    matter_code,
    text_without_person,
)
from xianglian.contract.lib.identifiers import (
    licence_id as licence_id_problem,
)
from xianglian.contract.lib.identifiers import (
    uscc as uscc_problem,
)

from .errors import (
    BadConsent,
    BadDigest,
    ConsentEnded,
    ConsentExpired,
    ConsentOfAnother,
    ConsentUnknown,
    DisclosureWrong,
    Expired,
    FieldNotAuthorised,
    FileDiffers,
    FirstVersionWanted,
    FutureTime,
    HolderUnknown,
    IssuerNotAuthorised,
    LicenceEnded,
    LicenceUnknown,
    NotAllowedToRead,
    NotCatalogueManager,
    NotHolder,
    NotIssuer,
    NotLonger,
    NotNextVersion,
    NotVerifier,
    OrganisationExists,
    OrganisationUnknown,
    PersonalData,
    SerialTaken,
    TypeExists,
    TypeInactive,
    TypeUnknown,
    UsesExhausted,
)
from .rules import (
    answer_at,
    event_hash,
    is_empty,
    is_final,
    must_be_attributes,
    must_be_content,
    must_be_fields,
    must_be_own,
    must_be_valid,
    must_fit,
    must_have_room,
    root_of,
    status_after,
)
from .types import (
    ATTRIBUTES_MAX,
    HISTORY_MAX,
    PAGE,
    USES_MAX,
    Answer,
    AuditorAppointed,
    Consent,
    ConsentGiven,
    ConsentWithdrawn,
    Disclosure,
    HolderKind,
    Interval,
    IssuerAuthorised,
    Licence,
    LicenceChanged,
    LicencePresented,
    LicenceType,
    Offer,
    Operation,
    Organisation,
    OrganisationRegistered,
    Reason,
    Status,
    TypeDefined,
    TypeRetired,
    Usage,
)


@contract
class ELicence:
    """电子证照 / Electronic licences.

    catalogue_organisation: 目录管理机构 / Organisation that keeps the catalogue
    organisations: 已登记机构 / Registered organisations
    organisation_of_uscc: 统一社会信用代码对应的机构 / Organisation by its code
    auditors: 审计机构 / Auditing organisations
    type_count: 证照类型数 / Number of licence types
    type_codes: 证照类型编号 / Licence types by number
    types: 证照类型 / Licence types
    issuers: 签发授权 / Who may issue what
    serials: 流水号的现行证照 / Current licence of a serial number
    licences: 证照 / Licences
    held_count: 持证数 / Number of licences of a holder
    held: 持有的证照 / Licences of a holder by number
    consent_count: 授权数 / Number of authorisations of a licence
    consents: 授权 / Authorisations
    offered_count: 获得的授权数 / Number of authorisations given to a verifier
    offered: 获得的授权 / Authorisations given to a verifier
    usage_count: 用证次数 / Number of uses of a licence
    usages: 用证记录 / Uses of a licence
    """

    catalogue_organisation: Public[Text[32]]
    organisations: Map[Public[Text[32]], Organisation]
    organisation_of_uscc: Map[Public[Text[18]], Public[Text[32]]]
    auditors: Map[Public[Text[32]], bool]
    type_count: u32
    type_codes: Map[u32, Public[Text[21]]]
    types: Map[Public[Text[21]], LicenceType]
    issuers: Map[tuple[Public[Text[21]], Public[Text[18]]], bool]
    serials: Map[tuple[Public[Text[21]], Public[Text[18]], Public[Bytes[20]]], Public[Text[96]]]
    licences: Map[Public[Text[96]], Licence]
    held_count: Map[Address, u32]
    held: Map[tuple[Address, u32], Public[Text[96]]]
    consent_count: Map[Public[Text[96]], u32]
    consents: Map[tuple[Public[Text[96]], u32], Consent]
    offered_count: Map[Address, u32]
    offered: Map[tuple[Address, u32], Offer]
    usage_count: Map[Public[Text[96]], u32]
    usages: Map[tuple[Public[Text[96]], u32], Usage]

    @init
    def deploy(self) -> None:
        """部署: 部署者所属机构管理目录 / Deploy: the deployer's organisation keeps the catalogue."""
        organisation = ctx.organisation_of(ctx.caller)
        if organisation is None:
            raise NotCatalogueManager
        self.catalogue_organisation = organisation

    # catalogue

    @entry
    def register_organisation(
        self,
        organisation: Public[Text[32]],
        uscc: Public[Text[18], "uscc"],
        name: Public[Text[96], "public_text"],
    ) -> None:
        """登记机构 / Register an organisation with its unified social credit code.

        organisation: 机构标识 / Organisation on the chain
        uscc: 统一社会信用代码 / Unified social credit code
        name: 机构名称 / Name
        """
        self._must_manage_catalogue()
        must_be_valid(uscc_problem(uscc.encode()))
        require(text_without_person(name.encode()) == OK, PersonalData)
        taken = organisation in self.organisations or uscc in self.organisation_of_uscc
        require(not taken, OrganisationExists)
        self.organisations[organisation] = Organisation(uscc=uscc, name=name, registered_at=ctx.time_ms)
        self.organisation_of_uscc[uscc] = organisation
        emit(OrganisationRegistered(organisation=organisation, uscc=uscc, actor=ctx.caller))

    @entry
    def appoint_auditor(self, organisation: Public[Text[32]]) -> None:
        """指定审计机构 / Appoint an auditing organisation.

        organisation: 机构标识 / Organisation on the chain
        """
        self._must_manage_catalogue()
        require(organisation in self.organisations, OrganisationUnknown)
        self.auditors[organisation] = True
        emit(AuditorAppointed(organisation=organisation, actor=ctx.caller))

    @entry
    def define_type(
        self,
        code: Public[Text[21], "licence_type"],
        name: Public[Text[96], "public_text"],
        attributes: List[Public[Text[32], "attribute_name"], ATTRIBUTES_MAX],
    ) -> None:
        """定义证照类型 / Define a licence type; its definer may issue it.

        code: 类型代码 / Type code
        name: 类型名称 / Name
        attributes: 照面属性, 按顺序 / Attributes in their order
        """
        self._must_manage_catalogue()
        raw = code.encode()
        must_be_valid(licence_type(raw))
        require(text_without_person(name.encode()) == OK, PersonalData)
        require(code not in self.types, TypeExists)
        must_be_attributes(attributes)
        self.types[code] = LicenceType(
            code=code, name=name, attributes=attributes, defined_at=ctx.time_ms, retired=False
        )
        self.type_codes[self.type_count] = code
        self.type_count += 1
        emit(TypeDefined(code=code, name=name, actor=ctx.caller))

    @entry
    def retire_type(self, code: Public[Text[21], "licence_type"]) -> None:
        """停用证照类型, 已发证照不受影响 / Retire a licence type; licences issued stay as they are.

        code: 类型代码 / Type code
        """
        self._must_manage_catalogue()
        self.types[code] = replace(self._active_type(code), retired=True)
        emit(TypeRetired(code=code, actor=ctx.caller))

    @entry
    def authorise_issuer(
        self, code: Public[Text[21], "licence_type"], issuer: Public[Text[18], "uscc"], authorised: bool
    ) -> None:
        """授权或取消签发机构 / Authorise an issuer of a licence type, or end it.

        code: 类型代码 / Type code
        issuer: 签发机构统一社会信用代码 / The issuer's unified social credit code
        authorised: 授权 / Authorised
        """
        self._must_manage_catalogue()
        require(code in self.types, TypeUnknown)
        require(issuer in self.organisation_of_uscc, OrganisationUnknown)
        self.issuers[code, issuer] = authorised
        emit(IssuerAuthorised(code=code, issuer=issuer, authorised=authorised, actor=ctx.caller))

    # life of a licence

    @entry
    def issue(
        self,
        licence_id: Public[Text[96], "licence_id"],
        type_code: Public[Text[21], "licence_type"],
        holder: Address,
        holder_kind: HolderKind,
        holder_ref: Ref,
        number_ref: Ref,
        issued_on: Time,
        valid_from: Time,
        valid_to: Time | None,
        file_sm3: Hash,
        seal_cert_sn: Public[Text[40], "certificate_sn"],
        attribute_root: Hash,
    ) -> None:
        """核发 / Issue a licence.

        licence_id: 电子证照标识 / Licence identifier, version 001
        type_code: 类型代码 / Type code
        holder: 持证人账户 / The holder's account
        holder_kind: 持证主体类型 / Kind of holder
        holder_ref: 持证人标识的加盐摘要 / Salted digest of the holder's identifier
        number_ref: 证照号码的加盐摘要 / Salted digest of the licence number
        issued_on: 签发日期 / Issued on
        valid_from: 有效期起 / Valid from
        valid_to: 有效期止, 空为长期 / End of validity, empty for ever
        file_sm3: OFD 文件的 SM3 / SM3 of the OFD file
        seal_cert_sn: 签章证书序列号 / Serial number of the seal certificate
        attribute_root: 属性根 / Attribute root
        """
        raw = licence_id.encode()
        must_be_valid(licence_id_problem(raw))
        issuer = self._issuer_of(type_code, raw)
        require(licence_version_of(raw) == 1, FirstVersionWanted)
        serial = licence_serial_of(raw)
        require((type_code, issuer, serial) not in self.serials, SerialTaken)
        require(ctx.organisation_of(holder) is not None and ctx.has_role(holder, "holder"), HolderUnknown)
        must_be_content(issued_on, valid_from, valid_to, file_sm3, seal_cert_sn, attribute_root)
        require(not is_empty(holder_ref) and not is_empty(number_ref), BadDigest)
        licence = Licence(
            licence_id=licence_id,
            type_code=type_code,
            issuer=issuer,
            status=Status.VALID,
            operation=Operation.ISSUE,
            reason=Reason.APPLICATION,
            holder=holder,
            holder_kind=holder_kind,
            holder_ref=holder_ref,
            number_ref=number_ref,
            issued_on=issued_on,
            valid_from=valid_from,
            valid_to=valid_to,
            version=1,
            previous_id=None,
            next_id=None,
            file_sm3=file_sm3,
            seal_cert_sn=seal_cert_sn,
            attribute_root=attribute_root,
            history=List[Interval, HISTORY_MAX](),
            last_event=Hash(bytes(32)),
        )
        self.serials[type_code, issuer, serial] = licence_id
        self._record(licence, Operation.ISSUE, Reason.APPLICATION, Status.VALID, None)
        self._add_held(holder, licence_id)

    @entry
    def change(
        self,
        licence_id: Public[Text[96], "licence_id"],
        new_id: Public[Text[96], "licence_id"],
        reason: Reason,
        number_ref: Ref,
        file_sm3: Hash,
        seal_cert_sn: Public[Text[40], "certificate_sn"],
        attribute_root: Hash,
    ) -> None:
        """变更: 新版本取代旧版本, 有效期不变 / Change: a new version, with the same validity.

        licence_id: 现行电子证照标识 / Licence identifier
        new_id: 新标识, 版本加一 / New identifier, the next version
        reason: 原因 / Reason
        number_ref: 证照号码的加盐摘要 / Salted digest of the licence number
        file_sm3: OFD 文件的 SM3 / SM3 of the OFD file
        seal_cert_sn: 签章证书序列号 / Serial number of the seal certificate
        attribute_root: 属性根 / Attribute root
        """
        old = self._licence(licence_id)
        must_fit(Operation.CHANGE, reason)
        require(not is_empty(number_ref), BadDigest)
        new = replace(
            old,
            number_ref=number_ref,
            file_sm3=file_sm3,
            seal_cert_sn=seal_cert_sn,
            attribute_root=attribute_root,
        )
        self._replace(old, new, new_id, Operation.CHANGE, reason)

    @entry
    def renew(
        self,
        licence_id: Public[Text[96], "licence_id"],
        new_id: Public[Text[96], "licence_id"],
        valid_to: Time | None,
        file_sm3: Hash,
        seal_cert_sn: Public[Text[40], "certificate_sn"],
        attribute_root: Hash,
    ) -> None:
        """延续: 到期前以更长有效期的新版本取代 / Renew before expiry: a new version that ends later.

        licence_id: 现行电子证照标识 / Licence identifier
        new_id: 新标识, 版本加一 / New identifier, the next version
        valid_to: 新的有效期止, 空为长期 / New end of validity, empty for ever
        file_sm3: OFD 文件的 SM3 / SM3 of the OFD file
        seal_cert_sn: 签章证书序列号 / Serial number of the seal certificate
        attribute_root: 属性根 / Attribute root
        """
        old = self._licence(licence_id)
        before = old.valid_to
        if before is None or (valid_to is not None and valid_to <= before):
            raise NotLonger
        new = replace(
            old,
            valid_to=valid_to,
            file_sm3=file_sm3,
            seal_cert_sn=seal_cert_sn,
            attribute_root=attribute_root,
        )
        self._replace(old, new, new_id, Operation.RENEW, Reason.APPLICATION)

    @entry
    def suspend(self, licence_id: Public[Text[96], "licence_id"], reason: Reason) -> None:
        """暂停 / Suspend.

        licence_id: 电子证照标识 / Licence identifier
        reason: 原因 / Reason
        """
        self._transition(licence_id, Operation.SUSPEND, reason)

    @entry
    def resume(self, licence_id: Public[Text[96], "licence_id"], reason: Reason) -> None:
        """恢复 / Resume.

        licence_id: 电子证照标识 / Licence identifier
        reason: 原因 / Reason
        """
        self._transition(licence_id, Operation.RESUME, reason)

    @entry
    def revoke(self, licence_id: Public[Text[96], "licence_id"], reason: Reason) -> None:
        """吊销 (行政处罚) / Revoke, as a penalty.

        licence_id: 电子证照标识 / Licence identifier
        reason: 原因 / Reason
        """
        self._transition(licence_id, Operation.REVOKE, reason)

    @entry
    def withdraw(self, licence_id: Public[Text[96], "licence_id"], reason: Reason) -> None:
        """撤销 (核发有误或不正当取得) / Withdraw what should not have been granted.

        licence_id: 电子证照标识 / Licence identifier
        reason: 原因 / Reason
        """
        self._transition(licence_id, Operation.WITHDRAW, reason)

    @entry
    def cancel(self, licence_id: Public[Text[96], "licence_id"], reason: Reason) -> None:
        """注销 / Cancel.

        licence_id: 电子证照标识 / Licence identifier
        reason: 原因 / Reason
        """
        self._transition(licence_id, Operation.CANCEL, reason)

    # use

    @entry
    def authorise(
        self,
        licence_id: Public[Text[96], "licence_id"],
        verifier: Address,
        purpose: Public[Text[31], "matter_code"],
        fields: List[Public[Text[32], "attribute_name"], ATTRIBUTES_MAX],
        not_after: Time,
        max_uses: u16,
    ) -> u32:
        """授权用证 / Authorise a verifier to use a licence; the number of the authorisation.

        licence_id: 电子证照标识 / Licence identifier
        verifier: 核验账户 / The verifier's account
        purpose: 用途: 事项编码 / Purpose: code of the matter
        fields: 可披露的属性 / Attributes that may be disclosed
        not_after: 授权截止 / Until
        max_uses: 最多次数 / Most uses
        """
        licence = self._licence(licence_id)
        require(ctx.caller == licence.holder, NotHolder)
        if is_final(licence.status):
            raise LicenceEnded(status=licence.status)
        must_be_valid(matter_code(purpose.encode()))
        require(ctx.has_role(verifier, "verifier"), NotVerifier)
        require(0 < max_uses <= USES_MAX and not_after > ctx.time_ms and len(fields) > 0, BadConsent)
        must_be_fields(fields, self.types[licence.type_code].attributes)
        number = self.consent_count[licence_id]
        self.consent_count[licence_id] = number + 1
        self.consents[licence_id, number] = Consent(
            licence_id=licence_id,
            number=number,
            holder=ctx.caller,
            verifier=verifier,
            purpose=purpose,
            fields=fields,
            given_at=ctx.time_ms,
            not_after=not_after,
            max_uses=max_uses,
            used=0,
            withdrawn=False,
        )
        self._add_offer(verifier, licence_id, number)
        emit(
            ConsentGiven(
                licence_id=licence_id,
                number=number,
                verifier=verifier,
                purpose=purpose,
                not_after=not_after,
                max_uses=max_uses,
            )
        )
        return number

    @entry
    def withdraw_consent(self, licence_id: Public[Text[96], "licence_id"], number: u32) -> None:
        """撤回授权 / Withdraw an authorisation.

        licence_id: 电子证照标识 / Licence identifier
        number: 授权编号 / Number of the authorisation
        """
        consent = self._consent(licence_id, number)
        require(ctx.caller == consent.holder, NotHolder)
        require(not consent.withdrawn, ConsentEnded)
        self.consents[licence_id, number] = replace(consent, withdrawn=True)
        emit(ConsentWithdrawn(licence_id=licence_id, number=number))

    @entry
    def present(
        self,
        licence_id: Public[Text[96], "licence_id"],
        consent: u32,
        asked_for: Time | None,
        file_sm3: Hash | None,
        disclosed: List[Disclosure, ATTRIBUTES_MAX],
    ) -> Answer:
        """核验: 以授权使用证照并留痕 / Present: use a licence under an authorisation; the use is recorded.

        licence_id: 电子证照标识 / Licence identifier
        consent: 授权编号 / Number of the authorisation
        asked_for: 询问的时间, 空为现在 / Time asked for, empty for now
        file_sm3: 出示文件的 SM3, 空为未出示 / SM3 of the file shown, empty for none
        disclosed: 披露的属性 / Disclosed attributes
        """
        require(ctx.has_role(ctx.caller, "verifier"), NotVerifier)
        licence = self._licence(licence_id)
        given = self._usable_consent(licence_id, consent)
        at = ctx.time_ms
        if asked_for is not None:
            at = asked_for
        if at > ctx.time_ms:
            raise FutureTime(now=ctx.time_ms)
        require(file_sm3 is None or file_sm3 == licence.file_sm3, FileDiffers)
        shown = self._proven_fields(licence, given, disclosed)
        answer = answer_at(licence, at)
        self.consents[licence_id, consent] = replace(given, used=given.used + 1)
        self._record_use(given, answer, shown, file_sm3 is not None)
        return answer

    # views

    @view
    def status_at(self, licence_id: Public[Text[96], "licence_id"], asked_for: Time | None) -> Answer:
        """某时是否有效 / Whether a licence was valid at a time.

        licence_id: 电子证照标识 / Licence identifier
        asked_for: 询问的时间, 空为现在 / Time asked for, empty for now
        """
        at = ctx.time_ms
        if asked_for is not None:
            at = asked_for
        return answer_at(self._licence(licence_id), at)

    @view
    def licence(self, licence_id: Public[Text[96], "licence_id"]) -> Licence:
        """查看证照 / A licence.

        licence_id: 电子证照标识 / Licence identifier
        """
        return self._licence(licence_id)

    @view
    def current(
        self,
        type_code: Public[Text[21], "licence_type"],
        issuer: Public[Text[18], "uscc"],
        serial: Public[Text[20], "serial"],
    ) -> Public[Text[96]] | None:
        """现行版本的标识 / Identifier of the newest version of a serial number.

        type_code: 类型代码 / Type code
        issuer: 签发机构统一社会信用代码 / The issuer's unified social credit code
        serial: 流水号 / Serial number
        """
        return self.serials.get((type_code, issuer, serial.encode()))

    @view
    def organisation(self, organisation: Public[Text[32]]) -> Organisation | None:
        """查看机构 / A registered organisation.

        organisation: 机构标识 / Organisation on the chain
        """
        return self.organisations.get(organisation)

    @view
    def catalogue(self, first: u32) -> List[LicenceType, PAGE]:
        """证照目录 / Licence types of the catalogue.

        first: 从第几项 / From which one on
        """
        found = List[LicenceType, PAGE]()
        for i in range(first, min(self.type_count, first + PAGE)):
            found = found + [self.types[self.type_codes[i]]]
        return found

    @view
    def may_issue(self, code: Public[Text[21], "licence_type"], issuer: Public[Text[18], "uscc"]) -> bool:
        """机构是否可签发该类证照 / Whether an organisation may issue licences of a type.

        code: 类型代码 / Type code
        issuer: 签发机构统一社会信用代码 / The issuer's unified social credit code
        """
        return self._may_issue(code, issuer)

    @view
    def licences_of(self, holder: Address, first: u32) -> List[Public[Text[96]], PAGE]:
        """持证人的证照标识 / Identifiers of a holder's licences, for the holder or an auditor.

        holder: 持证人账户 / The holder's account
        first: 从第几项 / From which one on
        """
        self._must_be_reader(holder)
        found = List[Public[Text[96]], PAGE]()
        for i in range(first, min(self.held_count[holder], first + PAGE)):
            found = found + [self.held[holder, i]]
        return found

    @view
    def consents_of(self, licence_id: Public[Text[96], "licence_id"], first: u32) -> List[Consent, PAGE]:
        """证照的授权 / Authorisations of a licence, for the holder or an auditor.

        licence_id: 电子证照标识 / Licence identifier
        first: 从第几项 / From which one on
        """
        self._must_be_reader(self._licence(licence_id).holder)
        found = List[Consent, PAGE]()
        for i in range(first, min(self.consent_count[licence_id], first + PAGE)):
            found = found + [self.consents[licence_id, i]]
        return found

    @view
    def offers(self, verifier: Address, first: u32) -> List[Consent, PAGE]:
        """获得的授权 / Authorisations that a verifier was given, for the verifier or an auditor.

        verifier: 核验账户 / The verifier's account
        first: 从第几项 / From which one on
        """
        self._must_be_reader(verifier)
        found = List[Consent, PAGE]()
        for i in range(first, min(self.offered_count[verifier], first + PAGE)):
            offer = self.offered[verifier, i]
            found = found + [self.consents[offer.licence_id, offer.number]]
        return found

    @view
    def usages_of(self, licence_id: Public[Text[96], "licence_id"], first: u32) -> List[Usage, PAGE]:
        """用证记录 / Uses of a licence, for the holder or an auditor.

        licence_id: 电子证照标识 / Licence identifier
        first: 从第几项 / From which one on
        """
        self._must_be_reader(self._licence(licence_id).holder)
        found = List[Usage, PAGE]()
        for i in range(first, min(self.usage_count[licence_id], first + PAGE)):
            found = found + [self.usages[licence_id, i]]
        return found

    # who may

    def _must_manage_catalogue(self) -> None:
        mine = ctx.organisation_of(ctx.caller)
        require(mine is not None and mine == self.catalogue_organisation, NotCatalogueManager)
        require(ctx.has_role(ctx.caller, "catalogue-manager"), NotCatalogueManager)

    def _uscc_of_caller(self) -> str:
        """The code of the caller's organisation; the caller must be an issuer."""
        require(ctx.has_role(ctx.caller, "issuer"), NotIssuer)
        mine = ctx.organisation_of(ctx.caller)
        if mine is None:
            raise NotIssuer
        organisation = self.organisations.get(mine)
        if organisation is None:
            raise OrganisationUnknown
        return organisation.uscc

    def _issuer_of(self, type_code: Public[Text[21]], raw: bytes) -> str:
        """The caller's code, where it may issue the type and both stand in the identifier."""
        issuer = self._uscc_of_caller()
        self._active_type(type_code)
        must_be_own(issuer, raw)
        require(licence_kind_of(raw) == type_code.encode(), TypeUnknown)
        if not self._may_issue(type_code, issuer):
            raise IssuerNotAuthorised(type_code=type_code, issuer=issuer)
        return issuer

    def _may_issue(self, code: Public[Text[21]], issuer: Public[Text[18]]) -> bool:
        """The definer may, unless its authorisation was ended; others once authorised."""
        listed = self.issuers.get((code, issuer))
        if listed is None:
            return code.encode()[0:18] == issuer.encode()
        return listed

    def _must_be_reader(self, owner: Address) -> None:
        if ctx.caller != owner:
            mine = ctx.organisation_of(ctx.caller)
            if mine is None or not ctx.has_role(ctx.caller, "auditor") or not self.auditors[mine]:
                raise NotAllowedToRead

    # what is there

    def _active_type(self, code: Public[Text[21]]) -> LicenceType:
        kind = self.types.get(code)
        if kind is None:
            raise TypeUnknown
        require(not kind.retired, TypeInactive)
        return kind

    def _licence(self, licence_id: Public[Text[96]]) -> Licence:
        must_be_valid(licence_id_problem(licence_id.encode()))
        licence = self.licences.get(licence_id)
        if licence is None:
            raise LicenceUnknown
        return licence

    def _consent(self, licence_id: Public[Text[96]], number: u32) -> Consent:
        consent = self.consents.get((licence_id, number))
        if consent is None:
            raise ConsentUnknown
        return consent

    def _usable_consent(self, licence_id: Public[Text[96]], number: u32) -> Consent:
        consent = self._consent(licence_id, number)
        require(ctx.caller == consent.verifier, ConsentOfAnother)
        require(not consent.withdrawn, ConsentEnded)
        if ctx.time_ms > consent.not_after:
            raise ConsentExpired(not_after=consent.not_after, now=ctx.time_ms)
        if consent.used >= consent.max_uses:
            raise UsesExhausted(max_uses=consent.max_uses)
        return consent

    # what must hold

    def _proven_fields(
        self, licence: Licence, consent: Consent, disclosed: List[Disclosure, ATTRIBUTES_MAX]
    ) -> List[Public[Text[32]], ATTRIBUTES_MAX]:
        """Names of the disclosed attributes, once each leads to the root and is authorised."""
        known = self.types[licence.type_code].attributes
        shown = List[Public[Text[32]], ATTRIBUTES_MAX]()
        for each in disclosed:
            if root_of(each) != licence.attribute_root or each.index >= len(known):
                raise DisclosureWrong(index=each.index)
            name = known[each.index]
            if name not in consent.fields:
                raise FieldNotAuthorised(index=each.index)
            if name not in shown:
                shown = shown + [name]
        return shown

    # what is written

    def _transition(self, licence_id: Public[Text[96]], operation: Operation, reason: Reason) -> None:
        """A change of status by the issuer of the licence."""
        licence = self._licence(licence_id)
        must_be_own(self._uscc_of_caller(), licence_id.encode())
        must_fit(operation, reason)
        after = status_after(licence.status, operation)
        self._record(licence, operation, reason, after, licence.status)

    def _replace(
        self, old: Licence, new: Licence, new_id: Public[Text[96]], operation: Operation, reason: Reason
    ) -> None:
        """Stores the next version and marks the old one as superseded; both at this block's time."""
        raw = new_id.encode()
        must_be_valid(licence_id_problem(raw))
        issuer = self._issuer_of(old.type_code, raw)
        must_be_own(issuer, old.licence_id.encode())
        superseded = status_after(old.status, Operation.SUPERSEDE)
        end = old.valid_to
        if end is not None and end <= ctx.time_ms:
            raise Expired(valid_to=end)
        serial = licence_serial_of(raw)
        same = serial == licence_serial_of(old.licence_id.encode())
        if not same or licence_version_of(raw) != old.version + 1:
            raise NotNextVersion(version=old.version)
        must_be_content(
            ctx.time_ms, new.valid_from, new.valid_to, new.file_sm3, new.seal_cert_sn, new.attribute_root
        )
        linked = replace(old, next_id=new_id)
        last = self._record(linked, Operation.SUPERSEDE, reason, superseded, old.status)
        self.serials[old.type_code, issuer, serial] = new_id
        fresh = replace(
            new,
            licence_id=new_id,
            issued_on=ctx.time_ms,
            version=old.version + 1,
            previous_id=old.licence_id,
            history=List[Interval, HISTORY_MAX](),
            last_event=last,
        )
        self._record(fresh, operation, reason, Status.VALID, old.status)
        self._add_held(old.holder, new_id)

    def _record(
        self, licence: Licence, operation: Operation, reason: Reason, status: Status, before: Status | None
    ) -> Hash:
        """Appends to the history, chains and emits the event, stores; the event's digest."""
        must_have_room(licence.history, status)
        now = ctx.time_ms
        digest = event_hash(
            licence.last_event, licence.licence_id, operation, reason, status, ctx.caller, now
        )
        emit(
            LicenceChanged(
                licence_id=licence.licence_id,
                operation=operation,
                reason=reason,
                status=status,
                previous_status=before,
                previous_id=licence.previous_id,
                actor=ctx.caller,
                role="issuer",
                at=now,
                previous_event=licence.last_event,
                event_hash=digest,
            )
        )
        interval = Interval(status=status, since=now, operation=operation, reason=reason)
        self.licences[licence.licence_id] = replace(
            licence,
            status=status,
            operation=operation,
            reason=reason,
            history=licence.history + [interval],
            last_event=digest,
        )
        return digest

    def _add_held(self, holder: Address, licence_id: Public[Text[96]]) -> None:
        number = self.held_count[holder]
        self.held_count[holder] = number + 1
        self.held[holder, number] = licence_id

    def _add_offer(self, verifier: Address, licence_id: Public[Text[96]], number: u32) -> None:
        count = self.offered_count[verifier]
        self.offered_count[verifier] = count + 1
        self.offered[verifier, count] = Offer(licence_id=licence_id, number=number)

    def _record_use(
        self,
        consent: Consent,
        answer: Answer,
        shown: List[Public[Text[32]], ATTRIBUTES_MAX],
        file_checked: bool,
    ) -> None:
        number = self.usage_count[consent.licence_id]
        self.usage_count[consent.licence_id] = number + 1
        self.usages[consent.licence_id, number] = Usage(
            licence_id=consent.licence_id,
            number=number,
            consent=consent.number,
            verifier=ctx.caller,
            purpose=consent.purpose,
            used_at=ctx.time_ms,
            asked_for=answer.asked_for,
            valid=answer.valid,
            status=answer.status,
            fields=shown,
            file_checked=file_checked,
        )
        emit(
            LicencePresented(
                licence_id=consent.licence_id,
                consent=consent.number,
                usage=number,
                verifier=ctx.caller,
                asked_for=answer.asked_for,
                valid=answer.valid,
                status=answer.status,
            )
        )
