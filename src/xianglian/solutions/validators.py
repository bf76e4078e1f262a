"""The validators that forms, the API and the command line run before anything is sent; the contracts run
the same code.

A field of an interface description names its validator; `check(name, text)` gives the problem, if there is
one, with words for people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xianglian.contract.lib import identifiers as ids


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value."""

    code: str
    zh: str
    en: str


PROBLEMS: dict[int, Problem] = {
    ids.LENGTH: Problem("length", "长度不正确", "has the wrong length"),
    ids.CHARACTER: Problem("character", "含有不允许的字符", "has a character that is not allowed"),
    ids.CHECK: Problem("check-character", "校验码不正确", "has a wrong check character"),
    ids.DATE: Problem("date", "日期不存在", "has a date that does not exist"),
    ids.REGION: Problem("region", "行政区划不存在", "has a region that does not exist"),
    ids.REGISTRAR: Problem(
        "registrar", "登记管理部门或机构类别不正确", "has an unknown registering department or kind"
    ),
    ids.INNER_CODE: Problem(
        "organisation-code", "其中的组织机构代码校验不通过", "contains a wrong organisation code"
    ),
    ids.PREFIX: Problem("prefix", "前缀应为 1.2.156.3005.2.", "does not begin with 1.2.156.3005.2."),
    ids.VERSION: Problem("version", "版本号应为 001 至 999", "has a version outside 001 to 999"),
    ids.SHAPE: Problem("shape", "分段不正确", "is not divided into the right parts"),
    ids.PERSONAL: Problem(
        "personal-data",
        "含有公民身份号码, 不得公开上链",
        "contains a citizen number, which must not be public",
    ),
}
"""Problem number of the identifier library -> code and words."""


def _sm3(text: bytes) -> int:
    if len(text) != 64:
        return ids.LENGTH
    return ids.OK if ids.is_made_of(text, b"0123456789abcdef") else ids.CHARACTER


VALIDATORS: dict[str, Callable[[bytes], int]] = {
    "uscc": ids.uscc,
    "gb11714": ids.gb11714,
    "gb11643": ids.gb11643,
    "date": ids.date,
    "region": ids.region,
    "mod37_36": ids.mod37_36,
    "licence_id": ids.licence_id,
    "licence_type": ids.licence_type,
    "serial": ids.serial,
    "matter_code": ids.matter_code,
    "certificate_sn": ids.certificate_sn,
    "attribute_name": ids.attribute_name,
    "public_text": ids.text_without_person,
    "sm3": _sm3,
}
"""Name in an interface description -> validator."""

TITLES: dict[str, tuple[str, str]] = {
    "uscc": ("统一社会信用代码", "unified social credit code"),
    "gb11714": ("组织机构代码", "organisation code"),
    "gb11643": ("公民身份号码", "citizen number"),
    "date": ("日期", "date"),
    "region": ("行政区划代码", "region code"),
    "mod37_36": ("带校验码的标识", "identifier with a check character"),
    "licence_id": ("电子证照标识", "licence identifier"),
    "licence_type": ("证照类型代码", "licence type code"),
    "serial": ("流水号", "serial number"),
    "matter_code": ("事项编码", "matter code"),
    "certificate_sn": ("证书序列号", "certificate serial number"),
    "attribute_name": ("属性名", "attribute name"),
    "public_text": ("公开文字", "public text"),
    "sm3": ("SM3 摘要", "SM3 digest"),
}
"""Name -> what it is called, Chinese and English."""


def check(name: str, text: str) -> Problem | None:
    """The problem of a value, None if it is right. Raises `KeyError` for a validator that there is not."""
    number = VALIDATORS[name](text.encode())
    return None if number == ids.OK else PROBLEMS[number]


def explain_problem(number: int) -> Problem | None:
    """What the fact `problem` of the refusal `BadIdentifier` means."""
    return PROBLEMS.get(number)
