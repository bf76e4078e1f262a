"""Compiled modules for deployment: the description beside them, and what is refused."""

import json
import shutil
from pathlib import Path

import pytest

from xianglian.cli.modules import NoInterface, deployable, read_module
from xianglian.crypto import sm3
from xianglian.errors import ContractRefused, Misused

POINTS = Path(__file__).parents[3] / "examples" / "languages" / "c" / "points.wasm"


def test_the_description_beside_the_module_or_the_one_that_is_named(tmp_path: Path) -> None:
    beside = read_module(POINTS)
    assert beside.code_hash == sm3(POINTS.read_bytes()).hex()
    alone = tmp_path / "alone.wasm"
    shutil.copy(POINTS, alone)
    assert deployable(alone, POINTS.with_suffix(".interface.json")) == beside
    with pytest.raises(NoInterface, match=r"alone\.interface\.json"):
        read_module(alone)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1}'])
def test_a_file_that_is_no_description(tmp_path: Path, text: str) -> None:
    described = tmp_path / "points.json"
    described.write_text(text)
    with pytest.raises(NoInterface) as refused:
        read_module(POINTS, described)
    assert refused.value.code == "XL-INTERFACE"
    assert refused.value.facts["interface"] == str(described)


def test_a_description_of_what_the_module_does_not_export(tmp_path: Path) -> None:
    document = json.loads(POINTS.with_suffix(".interface.json").read_text(encoding="utf-8"))
    document["methods"].append({**document["methods"][0], "name": "burn"})
    document["migrate"] = True
    described = tmp_path / "points.json"
    described.write_text(json.dumps(document))
    with pytest.raises(NoInterface) as refused:
        read_module(POINTS, described)
    assert refused.value.facts["missing"] == ["burn", "migrate"]


def test_what_is_no_module(tmp_path: Path) -> None:
    bad = tmp_path / "bad.wasm"
    bad.write_bytes(b"\0asm")
    with pytest.raises(ContractRefused):
        read_module(bad)
    with pytest.raises(Misused, match="cannot be read"):
        read_module(tmp_path / "none.wasm")
    with pytest.raises(Misused, match="compiled module"):
        deployable(tmp_path, bad)
