"""Every identifier validator of the library, callable."""

from __future__ import annotations

from xianglian.contract import Bytes, Public, contract, i64, u8, view
from xianglian.contract.lib.identifiers import (
    attribute_name,
    certificate_sn,
    gb11643,
    gb11714,
    licence_id,
    licence_issuer_of,
    licence_kind_of,
    licence_serial_of,
    licence_type,
    licence_version_of,
    matter_code,
    mod37_36,
    serial,
    text_without_person,
    uscc,
)


@contract
class Identifiers:
    """标识校验 / Identifier checks."""

    @view
    def check(self, which: u8, code: Public[Bytes[100]]) -> i64:
        """校验 / Check."""
        if which == 0:
            return uscc(code)
        if which == 1:
            return gb11643(code)
        if which == 2:
            return gb11714(code)
        if which == 3:
            return licence_id(code)
        if which == 4:
            return mod37_36(code)
        if which == 5:
            return licence_type(code)
        if which == 6:
            return matter_code(code)
        if which == 7:
            return certificate_sn(code)
        if which == 8:
            return attribute_name(code)
        if which == 9:
            return serial(code)
        return text_without_person(code)

    @view
    def parts(self, code: Public[Bytes[100]]) -> Public[Bytes[100]]:
        """拆分 / Parts."""
        if licence_version_of(code) > 500:
            return b"late"
        return licence_kind_of(code) + licence_issuer_of(code) + licence_serial_of(code)
