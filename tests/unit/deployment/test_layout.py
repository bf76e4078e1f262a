from dataclasses import fields
from pathlib import Path

import pytest

from xianglian.deployment.layout import NODE_FILE, NodeConfiguration
from xianglian.errors import InvalidConfiguration

CONFIGURATION = NodeConfiguration(
    name="validator-1",
    genesis="../../genesis.xlg",
    listen="127.0.0.1:1",
    operator="127.0.0.1:2",
    peers=(("02aa", "127.0.0.1:3"), ("02bb", "127.0.0.1:4")),
)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    CONFIGURATION.write(tmp_path)
    assert NodeConfiguration.read(tmp_path) == CONFIGURATION


def test_a_node_has_at_most_thirty_keys() -> None:
    assert len(fields(NodeConfiguration)) <= 30


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("colour = 1", "colour"),
        ('api_threads = "many"', "api_threads"),
        ("name = true", "name"),
        ("= 3", "node.toml"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, line: str, named: str) -> None:
    CONFIGURATION.write(tmp_path)
    path = tmp_path / NODE_FILE
    key = line.partition(" =")[0]
    kept = [old for old in path.read_text().splitlines() if not key or not old.startswith(key)]
    path.write_text("\n".join([line, *kept]))
    with pytest.raises(InvalidConfiguration, match=named):
        NodeConfiguration.read(tmp_path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    (tmp_path / NODE_FILE).write_text('name = "x"\n')
    with pytest.raises(InvalidConfiguration, match="genesis"):
        NodeConfiguration.read(tmp_path)


def test_every_key_is_in_the_reference() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "node_configuration.md").read_text()
    for field in fields(NodeConfiguration):
        assert f"`{field.name}`" in page or f"`[[{field.name}]]`" in page, field.name
