from pathlib import Path

import pytest

from xianglian.errors import NoPassphrase
from xianglian.keys.passphrase import (
    CREDENTIAL,
    DEVELOPMENT_FILE,
    VARIABLE,
    development_passphrase,
    find_passphrase,
)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_the_order_is_variable_credential_development_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / DEVELOPMENT_FILE).write_bytes(b"third\n")
    assert find_passphrase(tmp_path, ask=False) == b"third"
    (tmp_path / CREDENTIAL).write_bytes(b"second")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert find_passphrase(tmp_path, ask=False) == b"second"
    named = tmp_path / "file"
    named.write_bytes(b"first\n")
    monkeypatch.setenv(VARIABLE, str(named))
    assert find_passphrase(tmp_path, ask=False) == b"first"


def test_a_named_file_that_is_not_there_is_an_error_not_a_fall_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / DEVELOPMENT_FILE).write_bytes(b"other")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "missing"))
    with pytest.raises(NoPassphrase, match="missing"):
        find_passphrase(tmp_path, ask=False)


def test_without_any_source_it_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(NoPassphrase, match=VARIABLE):
        find_passphrase(tmp_path, ask=False)


def test_the_development_passphrase_is_random_and_private(tmp_path: Path) -> None:
    first = development_passphrase(tmp_path)
    assert (tmp_path / DEVELOPMENT_FILE).stat().st_mode & 0o777 == 0o600
    assert first != development_passphrase(tmp_path)
    assert len(first) == 64
