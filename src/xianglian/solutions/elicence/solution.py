"""The declaration of electronic licences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xianglian.solutions.declaration import Alarm, Role, Solution, Step, Words
from xianglian.solutions.elicence.contract import ELicence
from xianglian.solutions.elicence.drafts import ATTRIBUTE_VALIDATORS

MANAGER = Role(
    "catalogue-manager",
    Words("目录管理员", "Catalogue manager"),
    Words(
        "登记机构, 定义证照类型, 授权签发机构", "Registers organisations, defines types, authorises issuers"
    ),
)
ISSUER = Role(
    "issuer",
    Words("签发人", "Issuer"),
    Words("核发证照并管理其状态", "Issues licences and answers for their status"),
)
HOLDER = Role(
    "holder",
    Words("持证人", "Holder"),
    Words("授权他人核验自己的证照, 查看用证记录", "Authorises uses of own licences and sees each use"),
)
VERIFIER = Role(
    "verifier",
    Words("核验人", "Verifier"),
    Words("依授权核验证照", "Checks licences under an authorisation"),
)
AUDITOR = Role(
    "auditor",
    Words("审计员", "Auditor"),
    Words("查看授权和用证记录", "Reads authorisations and uses"),
)


def obtained_by_deceit(event: Mapping[str, Any]) -> bool:
    """Withdrawn for deceit: every earlier use of the licence should be looked at again."""
    return bool(event["reason"] == "OBTAINED_BY_DECEIT")


def shown_invalid(event: Mapping[str, Any]) -> bool:
    """Someone presented a licence that was not valid."""
    return not event["valid"]


def allows_many_uses(event: Mapping[str, Any]) -> bool:
    """A holder allowed very many uses at once."""
    return int(event["max_uses"]) > 100


_STATUS = ("licence_id", "reason")

SOLUTION = Solution(
    name="elicence",
    title=Words("电子证照", "Electronic licences"),
    about=Words(
        "证照的核发、变更、授权使用与核验; 个人信息不上链, 任何人可离线验证证照在某时是否有效",
        "Licences issued, changed, shown with the holder's consent and verified; nothing personal on the "
        "chain, and anyone verifies offline whether a licence was valid at a time",
    ),
    sources=(
        "GB/T 36901-2018",
        "GB/T 36902-2018",
        "GB/T 36903-2018",
        "GB/T 36904-2018",
        "GB/T 36905-2018",
        "GB/T 36906-2018",
        "GB 32100-2015",
        "GB 11643-1999",
        "行政许可法 49, 50, 69, 70, 78-81",
    ),
    folder=Path(__file__).parent,
    contract=ELicence,
    roles=(MANAGER, ISSUER, HOLDER, VERIFIER, AUDITOR),
    steps=(
        Step(
            "register_organisation",
            MANAGER,
            Words("登记机构", "Register an organisation"),
            ("organisation", "uscc", "name"),
        ),
        Step("appoint_auditor", MANAGER, Words("指定审计机构", "Appoint an auditor"), ("organisation",)),
        Step(
            "define_type",
            MANAGER,
            Words("定义证照类型", "Define a licence type"),
            ("code", "name", "attributes"),
        ),
        Step(
            "authorise_issuer",
            MANAGER,
            Words("授权签发机构", "Authorise an issuer"),
            ("code", "issuer", "authorised"),
        ),
        Step("retire_type", MANAGER, Words("停用证照类型", "Retire a licence type"), ("code",)),
        Step(
            "issue",
            ISSUER,
            Words("核发", "Issue"),
            ("type_code", "holder", "holder_kind", "valid_from", "valid_to", "seal_cert_sn"),
        ),
        Step("change", ISSUER, Words("变更", "Change"), ("licence_id", "reason", "seal_cert_sn")),
        Step("renew", ISSUER, Words("延续", "Renew"), ("licence_id", "valid_to", "seal_cert_sn")),
        Step("suspend", ISSUER, Words("暂停", "Suspend"), _STATUS),
        Step("resume", ISSUER, Words("恢复", "Resume"), _STATUS),
        Step("revoke", ISSUER, Words("吊销", "Revoke"), _STATUS),
        Step("withdraw", ISSUER, Words("撤销", "Withdraw"), _STATUS),
        Step("cancel", ISSUER, Words("注销", "Cancel"), _STATUS),
        Step(
            "authorise",
            HOLDER,
            Words("授权用证", "Authorise a use"),
            ("licence_id", "verifier", "purpose", "fields", "not_after", "max_uses"),
        ),
        Step(
            "withdraw_consent",
            HOLDER,
            Words("撤回授权", "Withdraw an authorisation"),
            ("licence_id", "number"),
        ),
        Step("present", VERIFIER, Words("核验", "Verify"), ("licence_id", "consent", "asked_for")),
    ),
    alarms=(
        Alarm(
            "obtained-by-deceit",
            Words(
                "证照因欺骗取得被撤销, 请复查此前的使用",
                "Withdrawn for deceit: look at its earlier uses again",
            ),
            "LicenceChanged",
            obtained_by_deceit,
        ),
        Alarm(
            "shown-while-invalid",
            Words("出示了无效的证照", "A licence was shown that is not valid"),
            "LicencePresented",
            shown_invalid,
        ),
        Alarm(
            "many-uses",
            Words("单次授权的使用次数很多", "One authorisation allows very many uses"),
            "ConsentGiven",
            allows_many_uses,
        ),
    ),
    sample=Path(__file__).with_name("sample.json"),
    validators=ATTRIBUTE_VALIDATORS,
)
"""What the console, the docs and `xl solution` read."""
