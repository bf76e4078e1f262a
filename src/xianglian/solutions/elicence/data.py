"""Synthetic data: valid check digits everywhere, region 529999 which is assigned to nobody, so no real
person fits it.

The same seed gives the same data.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xianglian.contract.crypto import sm3_digest
from xianglian.contract.lib import identifiers as ids
from xianglian.solutions.elicence.attributes import AttributeTree
from xianglian.solutions.elicence.drafts import Draft, licence_id
from xianglian.solutions.elicence.refs import SALT_BYTES, Secret

REGION = "529999"
DAY_MS = 86_400_000
_ORGANISATION_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class TypeSample:
    """A licence type of the sample catalogue."""

    number: str
    """Three digits after the definer's code."""
    name: str
    attributes: tuple[str, ...]
    of_persons: bool
    years: int | None
    """Validity; None is for ever."""
    matter: str
    """Last digits of the code of a matter in which it is used."""

    def code(self, definer: str) -> str:
        """The 21 characters of the type code."""
        return definer + self.number


TYPES = (
    TypeSample(
        "001",
        "营业执照",
        ("name", "uscc", "kind", "legal_person", "capital_cents", "founded_on", "address", "scope"),
        of_persons=False,
        years=None,
        matter="0001",
    ),
    TypeSample(
        "002",
        "食品经营许可证",
        ("name", "uscc", "legal_person", "premises", "business_form", "items", "inspector"),
        of_persons=False,
        years=5,
        matter="0002",
    ),
    TypeSample(
        "003",
        "道路旅客运输驾驶员从业资格证",
        ("name", "citizen_number", "birth_date", "sex", "category", "first_obtained_on"),
        of_persons=True,
        years=6,
        matter="0003",
    ),
)
"""Types of the sample catalogue."""

ATTRIBUTE_LABELS: dict[str, tuple[str, str]] = {
    "name": ("名称 / 姓名", "Name"),
    "uscc": ("统一社会信用代码", "Unified social credit code"),
    "kind": ("类型", "Kind"),
    "legal_person": ("法定代表人", "Legal representative"),
    "capital_cents": ("注册资本 (分)", "Registered capital, cents"),
    "founded_on": ("成立日期", "Founded on"),
    "address": ("住所", "Address"),
    "scope": ("经营范围", "Business scope"),
    "premises": ("经营场所", "Premises"),
    "business_form": ("主体业态", "Form of business"),
    "items": ("经营项目", "Items"),
    "inspector": ("日常监督管理人员", "Inspector"),
    "citizen_number": ("公民身份号码", "Citizen number"),
    "birth_date": ("出生日期", "Date of birth"),
    "sex": ("性别", "Sex"),
    "category": ("从业资格类别", "Category"),
    "first_obtained_on": ("初次领证日期", "First obtained on"),
}
"""Attribute -> what people call it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One licence with all that stays off the chain."""

    kind: TypeSample
    serial: str
    holder: Secret
    """The holder's citizen number or credit code."""
    number: Secret
    """The licence number."""
    attributes: AttributeTree
    file: bytes
    """Stands for the OFD file."""
    seal_cert_sn: str

    @property
    def file_sm3(self) -> bytes:
        """SM3 of the file."""
        return sm3_digest(self.file)

    def draft(self, type_code: str, issuer: str, version: int = 1) -> Draft:
        """As a clerk of `issuer` fills it in."""
        return Draft(
            type_code,
            issuer,
            self.serial,
            self.kind.of_persons,
            self.holder,
            self.number,
            self.attributes,
            self.file,
            self.seal_cert_sn,
            version,
        )


class Generator:
    """Makes samples from a seed."""

    def __init__(self, seed: int, *, serial: int = 0) -> None:
        """`serial`: the number before the first one used; it must differ where licences are issued again."""
        self._random = random.Random(seed)  # noqa: S311 - sample data must repeat
        self._serial = serial

    def uscc(self, registrar: str = "91") -> str:
        """A unified social credit code: 11 government, 53 foundation, 91 company, 92 individual trader."""
        body = "M" + "".join(self._random.choice(_ORGANISATION_CODE) for _ in range(7))
        return credit_code(registrar, body)

    def citizen_number(self) -> str:
        """A citizen number of region 529999."""
        born = datetime.date(1950, 1, 1) + datetime.timedelta(days=self._random.randrange(20_000))
        return citizen_number(born, self._random.randrange(1, 1000))

    def salt(self) -> bytes:
        """A salt that repeats with the seed; real owners take random ones."""
        return self._random.randbytes(SALT_BYTES)

    def samples(self, count: int) -> Iterator[Sample]:
        """`count` licences, the types in turn."""
        for index in range(count):
            yield self.sample(TYPES[index % len(TYPES)])

    def sample(self, kind: TypeSample) -> Sample:
        """One licence of a type."""
        self._serial += 1
        holder = self.citizen_number() if kind.of_persons else self.uscc()
        number = holder if kind.number != "002" else f"JY1{REGION}{self._serial:012d}"
        return self._filled(kind, f"2026{self._serial:012d}", holder, number)

    def next_version(self, sample: Sample) -> Sample:
        """The same licence after a change of what it says: another address, item or category."""
        values = {name: value for name, value, _ in sample.attributes.items}
        last = list(values)[-1]
        values[last] += "(变更)"
        return self._assembled(sample.kind, sample.serial, sample.holder.value, sample.number.value, values)

    def _filled(self, kind: TypeSample, serial: str, holder: str, number: str) -> Sample:
        values = {name: self._value(name, holder) for name in kind.attributes}
        return self._assembled(kind, serial, holder, number, values)

    def _assembled(
        self, kind: TypeSample, serial: str, holder: str, number: str, values: dict[str, str]
    ) -> Sample:
        salts = [self.salt() for _ in kind.attributes]
        tree = AttributeTree.of(kind.attributes, values, salts)
        text = "\n".join([kind.name, serial, *values.values(), self._random.randbytes(8).hex()])
        return Sample(
            kind=kind,
            serial=serial,
            holder=Secret(holder, self.salt()),
            number=Secret(number, self.salt()),
            attributes=tree,
            file=text.encode(),
            seal_cert_sn=self._random.randbytes(8).hex().upper(),
        )

    def _value(self, name: str, holder: str) -> str:
        pick, number = self._random.choice, self._random.randrange(1, 1000)
        match name:
            case "uscc" | "citizen_number":
                return holder
            case "name":
                return f"样例持证主体{self._serial:012d}"
            case "legal_person" | "inspector":
                return f"样例人员{number:03d}"
            case "kind":
                return pick(("有限责任公司", "股份有限公司", "个人独资企业"))
            case "capital_cents":
                return str(number * 1_000_000)
            case "founded_on" | "first_obtained_on":
                return f"20{number % 20 + 5:02d}-0{number % 9 + 1}-15"
            case "birth_date":
                return f"{holder[6:10]}-{holder[10:12]}-{holder[12:14]}"
            case "sex":
                return "男" if int(holder[16]) % 2 else "女"
            case "address" | "premises":
                return f"样例市样例区{pick('甲乙丙丁')}路{number}号"
            case "scope" | "items":
                return pick(("软件开发", "预包装食品销售", "热食类食品制售", "日用百货零售"))
            case "business_form":
                return pick(("食品销售经营者", "餐饮服务经营者", "单位食堂"))
            case "category":
                return pick(("班车客运驾驶员", "旅游客运驾驶员"))
        raise AssertionError(name)


def credit_code(registrar: str, body: str, region: str = REGION) -> str:
    """A unified social credit code from its first two characters and 8 of the organisation code."""
    total = sum(
        ids.ALPHANUMERIC.index(c) * w for c, w in zip(body.encode(), ids.ORGANISATION_WEIGHTS, strict=True)
    )
    check = 11 - total % 11
    inner = body + ("X" if check == 10 else "0" if check == 11 else str(check))
    head = (registrar + region + inner).encode()
    value = sum(ids.USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(head))
    return head.decode() + chr(ids.USCC_ALPHABET[-value % 31])


def citizen_number(born: datetime.date, sequence: int, region: str = REGION) -> str:
    """A citizen number (GB 11643) with its check character; an odd sequence is male."""
    head = f"{region}{born:%Y%m%d}{sequence:03d}"
    total = sum(int(c) * w for c, w in zip(head, ids.CITIZEN_WEIGHTS, strict=True))
    return head + chr(ids.CITIZEN_CHECKS[total % 11])


def matter_code(authority: str, kind: TypeSample) -> str:
    """The code of a matter: the authority's credit code and digits of its own."""
    return f"{authority}{kind.matter}"


def sample_document(seed: int = 1, count: int = 6) -> dict[str, Any]:
    """What `sample.json` holds: a small catalogue and licences with everything that stays off the chain."""
    generator = Generator(seed)
    keeper = credit_code("11", "MB0XL002")
    return {
        "about": f"Synthetic data, region {REGION}, seed {seed}. Made by xianglian.solutions.elicence.data.",
        "authority": keeper,
        "types": [
            {
                "code": kind.code(keeper),
                "name": kind.name,
                "attributes": [
                    {"name": name, "zh": ATTRIBUTE_LABELS[name][0], "en": ATTRIBUTE_LABELS[name][1]}
                    for name in kind.attributes
                ],
                "matter": matter_code(keeper, kind),
                "years": kind.years,
            }
            for kind in TYPES
        ],
        "licences": [
            {
                "licence_id": licence_id(sample.kind.code(keeper), keeper, sample.serial),
                "type_code": sample.kind.code(keeper),
                "holder_kind": "PERSON" if sample.kind.of_persons else "ORGANISATION",
                "holder": sample.holder.to_json(),
                "number": sample.number.to_json(),
                "attributes": [
                    {"name": name, "value": value, "salt": salt.hex()}
                    for name, value, salt in sample.attributes.items
                ],
                "attribute_root": sample.attributes.root.hex(),
                "file": sample.file.decode(),
                "file_sm3": sample.file_sm3.hex(),
                "seal_cert_sn": sample.seal_cert_sn,
            }
            for sample in generator.samples(count)
        ],
    }
