"""What a build yields: the same bytes every time, the pinned form of Points, limits, the places of lines."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xianglian import contract
from xianglian.compiler import CompileError, LimitExceeded, SourceUnreadable, build
from xianglian.contract.abi import Interface
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.layout import layout_changes
from xianglian.errors import Misused

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
POINTS = ROOT / "examples" / "points"


def test_two_processes_build_the_same_bytes() -> None:
    """Code hashes must not hang on the order of Python's sets."""
    program = (
        "import sys; from xianglian.compiler import build; made = build(sys.argv[1]);"
        "print(made.code_hash, made.interface_json.hex())"
    )
    found = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}
        run = [sys.executable, "-c", program, str(HERE / "contracts" / "everything.py")]
        found.add(subprocess.run(run, capture_output=True, text=True, check=True, env=environment).stdout)
    assert len(found) == 1


def test_the_typed_form_of_points_is_as_approved() -> None:
    """A change of this text changes what the compiler does: read it, then approve it with XL_APPROVE=1."""
    golden = HERE / "golden" / "points.ir.txt"
    found = build(POINTS)
    text = f"{found.ir_text}module {len(found.wasm)} bytes, SM3 {found.code_hash}\n"
    if os.environ.get("XL_APPROVE"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_each_stage_prints_itself() -> None:
    found = build(POINTS)
    assert '(func $call transfer (export "transfer")' in found.wat_text
    assert json.loads(found.interface_json) == found.interface
    assert found.source_map["functions"]["Points.transfer"] == found.interface["methods"][1]["line"]


def test_lines_of_imported_files_name_their_file() -> None:
    found = build(HERE / "contracts" / "everything.py")
    interface = Interface.parse(found.interface_json)
    line = found.source_map["functions"]["shared.check_character#1"]
    assert interface.place(line)[0] == "shared.py"


def test_a_function_too_large_for_a_node_is_refused(tmp_path: Path) -> None:
    lines = "".join(
        f"        x{n} = a + {n}\n        if x{n} > 5:\n            a = x{n}\n" for n in range(300)
    )
    text = (
        "from xianglian.contract import contract, u64, view\n\n@contract\nclass Big:\n    @view\n"
        f"    def big(self, n: u64) -> u64:\n        a = n\n{lines}        return a\n"
    )
    (tmp_path / "contract.py").write_text(text)
    with pytest.raises(LimitExceeded, match="Big:big"):
        build(tmp_path)


REFERENCE = ROOT / "docs" / "reference" / "contract_language.md"


def test_the_contract_of_the_reference_builds(tmp_path: Path) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    code = next(part for part in text.split("```python\n")[1:] if "@contract" in part).split("```")[0]
    (tmp_path / "contract.py").write_text(code, encoding="utf-8")
    assert build(tmp_path).interface["methods"][0]["label"]["zh"] == "转让积分"


@pytest.mark.parametrize("name", contract.__all__)
def test_each_name_is_in_the_reference(name: str) -> None:
    assert re.search(rf"\b{name}\b", REFERENCE.read_text(encoding="utf-8"))


STORED = '''
from xianglian.contract import Address, Map, contract, entry, record, u32, u64


@record
class {name}:
    """a / a"""

    at: u64
    by: Address


@contract
class Kept:
    """a / a"""

    last: {name}
    all: Map[tuple[Address, u32], {name}]
    count: {number}

    @entry
    def go(self) -> None:
        """a / a"""
        self.count += 1
'''


def layouts(folder: Path, **words: str) -> dict[str, str]:
    """Field -> digest of a contract of `STORED`."""
    folder.mkdir()
    (folder / "contract.py").write_text(STORED.format(**words))
    return {each["field"]: each["digest"] for each in build(folder).interface["layout"]}


def test_a_fields_digest_follows_how_it_is_kept_and_not_what_it_is_called(tmp_path: Path) -> None:
    first = layouts(tmp_path / "a", name="Place", number="u64")
    assert layouts(tmp_path / "b", name="Spot", number="u64") == first
    other = layouts(tmp_path / "c", name="Place", number="u32")
    assert {field for field in first if first[field] != other[field]} == {"count"}
    assert len(set(first.values())) == 3


def test_what_an_upgrade_does_to_the_state_is_said_in_words(tmp_path: Path) -> None:
    made = []
    for name, text in {
        "old": STORED.format(name="Place", number="u64"),
        "new": STORED.format(name="Place", number="u32").replace("last: Place", "first: Address"),
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "contract.py").write_text(text)
        made.append(Interface(build(tmp_path / name).interface))
    changes = layout_changes(*made)
    assert [(each.field, each.is_safe) for each in changes] == [
        ("last", False),
        ("count", False),
        ("first", True),
    ]
    assert [each.words()[1] for each in changes] == [
        "last is removed (it was record{at:u64,by:address})",
        "count was u64, becomes u32",
        "first is added: address",
    ]
    assert all(each.words()[0] != each.words()[1] for each in changes)
    assert layout_changes(made[0], made[0]) == []


def test_the_interface_id_is_of_names_types_and_kinds() -> None:
    found = build(POINTS)
    interface = Interface(found.interface)
    lines = ["entry issue(address,u128)->none", "entry transfer(address,u128)->none"]
    text = "".join(f"{line}\n" for line in lines).encode()
    assert interface.id_of(["transfer", "issue"]) == sm3_digest(text).hex()
    assert interface.id_of() == found.interface["interface_id"] != interface.id_of(["transfer"])


@pytest.mark.parametrize(
    ("content", "error"),
    [(None, SourceUnreadable), (b"\xff\xfe", SourceUnreadable), (b"x = 1\0", CompileError)],
)
def test_a_source_that_is_no_text_is_told(
    content: bytes | None, error: type[Misused], tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "contract.py").write_bytes(content)
    with pytest.raises(error) as told:
        build(tmp_path)
    assert "contract.py" in str(told.value)
