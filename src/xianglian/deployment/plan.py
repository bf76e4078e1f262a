"""Who founds a network: organisations and their nodes, by number (`--orgs 4`) or from a file (`--plan FILE`).

A plan file is TOML:

    name = "pilot"
    [[organisations]]
    id = "hall"                    # a-z 0-9 and hyphens
    name = "政务服务局"
    nodes = ["application", "access"]
    [parameters]                   # chain parameters, optional
    heartbeat_ms = 300000
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xianglian.errors import InvalidConfiguration, Misused

KINDS = ("application", "access")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SAMPLE_NAMES = (
    "政务服务局",
    "市场监督管理局",
    "卫生健康局",
    "大数据局",
    "住房保障局",
    "交通运输局",
    "农业农村局",
)
ORGANISATIONS_MAX = 64


@dataclass(frozen=True, slots=True)
class Organisation:
    """A founder and the kinds of node that it runs."""

    id: str
    name: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What `network new` makes."""

    name: str
    organisations: tuple[Organisation, ...]
    parameters: dict[str, int]

    @classmethod
    def of_size(cls, organisations: int) -> Plan:
        """`organisations` with one validator each, the first with an access node too. Raises `Misused`."""
        if not 1 <= organisations <= ORGANISATIONS_MAX:
            reason = f"a network has 1 to {ORGANISATIONS_MAX} organisations, not {organisations}"
            raise Misused(reason, organisations=organisations)
        made = tuple(
            Organisation(
                id=f"org{number}",
                name=_SAMPLE_NAMES[number - 1] if number <= len(_SAMPLE_NAMES) else f"第{number}机构",
                nodes=KINDS if number == 1 else KINDS[:1],
            )
            for number in range(1, organisations + 1)
        )
        return cls("享链 Xianglian", made, {})

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Reads a plan file. Raises `InvalidConfiguration` saying what is wrong and where."""
        try:
            values: dict[str, Any] = tomllib.loads(path.read_text())
        except OSError as error:
            raise InvalidConfiguration(f"{path}: {error.strerror}", path=str(path)) from error
        except tomllib.TOMLDecodeError as error:
            raise InvalidConfiguration(f"{path}: {error}", path=str(path)) from error
        organisations = tuple(_organisation(path, row) for row in values.get("organisations", []))
        ids = [organisation.id for organisation in organisations]
        if not ids or len(set(ids)) != len(ids):
            raise InvalidConfiguration(f"{path}: organisations must be there, each once", path=str(path))
        if not any("application" in organisation.nodes for organisation in organisations):
            raise InvalidConfiguration(f"{path}: no node of kind application", path=str(path))
        parameters = {str(key): int(value) for key, value in values.get("parameters", {}).items()}
        return cls(str(values.get("name", path.stem)), organisations, parameters)


def _organisation(path: Path, row: dict[str, Any]) -> Organisation:
    identifier = str(row.get("id", ""))
    if not _NAME.fullmatch(identifier):
        raise InvalidConfiguration(
            f"{path}: organisation id {identifier!r}: a-z, 0-9, hyphens", path=str(path)
        )
    nodes = tuple(str(kind) for kind in row.get("nodes", ["application"]))
    if unknown := [kind for kind in nodes if kind not in KINDS]:
        reason = (
            f"{path}: organisation {identifier}: unknown node kind {unknown[0]!r}, know {', '.join(KINDS)}"
        )
        raise InvalidConfiguration(reason, path=str(path), organisation=identifier)
    return Organisation(identifier, str(row.get("name", identifier)), nodes)
