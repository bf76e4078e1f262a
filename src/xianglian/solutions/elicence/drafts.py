"""A licence as a clerk fills it in: checked as the chain does, then split into what goes to the chain and
what the holder keeps.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xianglian.contract.crypto import sm3_digest
from xianglian.contract.lib import identifiers as ids
from xianglian.solutions.elicence.attributes import AttributeTree
from xianglian.solutions.elicence.refs import Secret, conceal
from xianglian.solutions.validators import PROBLEMS, Problem, check

ATTRIBUTE_VALIDATORS = {"citizen_number": "gb11643", "uscc": "uscc"}
"""Attribute -> validator: values that never reach the chain are checked by the form alone."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a licence before it is issued. Numbers, values and salts stay off the chain."""

    type_code: str
    issuer: str
    serial: str
    of_person: bool
    holder: Secret
    """The holder's citizen number or credit code."""
    number: Secret
    """The licence number."""
    attributes: AttributeTree
    file: bytes
    """The OFD file as it will be handed over."""
    seal_cert_sn: str
    version: int = 1

    @classmethod
    def fill(
        cls,
        *,
        type_code: str,
        issuer: str,
        serial: str,
        of_person: bool,
        holder: str,
        number: str,
        order: Sequence[str],
        values: Mapping[str, str],
        file: bytes,
        seal_cert_sn: str,
        version: int = 1,
    ) -> Draft:
        """A draft under fresh salts. Raises `ValueError` for other attributes than the type's (`order`)."""
        tree = AttributeTree.of(order, values)
        return cls(
            type_code,
            issuer,
            serial,
            of_person,
            conceal(holder),
            conceal(number),
            tree,
            file,
            seal_cert_sn,
            version,
        )

    @property
    def licence_id(self) -> str:
        """Its identifier (GB/T 36904)."""
        return licence_id(self.type_code, self.issuer, self.serial, self.version)

    @property
    def file_sm3(self) -> bytes:
        """SM3 of the file."""
        return sm3_digest(self.file)

    def problems(self) -> list[tuple[str, Problem]]:
        """(field, problem) of everything that the chain would refuse or that should not be issued."""
        validators = [
            ("type_code", "licence_type", self.type_code),
            ("issuer", "uscc", self.issuer),
            ("serial", "serial", self.serial),
            ("seal_cert_sn", "certificate_sn", self.seal_cert_sn),
            ("holder", "gb11643" if self.of_person else "uscc", self.holder.value),
            *(
                (name, ATTRIBUTE_VALIDATORS[name], value)
                for name, value, _ in self.attributes.items
                if name in ATTRIBUTE_VALIDATORS
            ),
        ]
        found = [(field, problem) for field, name, value in validators if (problem := check(name, value))]
        if not 1 <= self.version <= 999:
            found.append(("version", PROBLEMS[ids.VERSION]))
        return found

    def issue_arguments(
        self, *, holder: str, issued_on: int, valid_from: int, valid_to: int | None
    ) -> dict[str, Any]:
        """Arguments of `issue`; times in UTC milliseconds, `valid_to` None for ever."""
        return {
            "licence_id": self.licence_id,
            "type_code": self.type_code,
            "holder": holder,
            "holder_kind": "PERSON" if self.of_person else "ORGANISATION",
            "holder_ref": self.holder.ref,
            "number_ref": self.number.ref,
            "issued_on": issued_on,
            "valid_from": valid_from,
            "valid_to": valid_to,
            **self._content(),
        }

    def change_arguments(self, old_id: str, reason: str) -> dict[str, Any]:
        """Arguments of `change` of the version before."""
        named = {"licence_id": old_id, "new_id": self.licence_id, "reason": reason}
        return {**named, "number_ref": self.number.ref, **self._content()}

    def renew_arguments(self, old_id: str, valid_to: int | None) -> dict[str, Any]:
        """Arguments of `renew` of the version before."""
        return {"licence_id": old_id, "new_id": self.licence_id, "valid_to": valid_to, **self._content()}

    def _content(self) -> dict[str, Any]:
        return {
            "file_sm3": self.file_sm3,
            "seal_cert_sn": self.seal_cert_sn,
            "attribute_root": self.attributes.root,
        }

    def for_wallet(self) -> dict[str, Any]:
        """What the holder keeps: enough to open any attribute later. JSON; the file in Base64."""
        return {
            "holder": self.holder.to_json(),
            "number": self.number.to_json(),
            "attributes": [
                {"name": name, "value": value, "salt": salt.hex()}
                for name, value, salt in self.attributes.items
            ],
            "file": base64.b64encode(self.file).decode(),
        }


def licence_id(type_code: str, issuer: str, serial: str, version: int = 1) -> str:
    """A licence identifier (GB/T 36904) with its check character. Raises `ValueError`."""
    check_character = ids.mod37_36_character(f"{type_code}{issuer}{serial}{version:03d}".encode())
    if check_character < 0:
        raise ValueError("a licence identifier has letters A to Z and digits only")
    return f"{ids.LICENCE_PREFIX.decode()}{type_code}.{issuer}.{serial}.{version:03d}.{chr(check_character)}"
