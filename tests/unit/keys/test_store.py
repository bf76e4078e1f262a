import stat
from pathlib import Path

import pytest

from xianglian.errors import DamagedKeyStore, FolderExists, WrongPassphrase
from xianglian.keys import Key, KeyStore


def test_a_sealed_key_comes_back(tmp_path: Path) -> None:
    key = Key.generate()
    KeyStore.create(tmp_path, b"open sesame", fast=True).put("alice/key", key)
    found = KeyStore.unlock(tmp_path, b"open sesame").get("alice/key")
    assert (found.public_key, found.secret) == (key.public_key, key.secret)


def test_the_secret_is_on_disk_nowhere_and_nobody_else_reads_the_files(tmp_path: Path) -> None:
    key = Key.generate()
    KeyStore.create(tmp_path, b"pass", fast=True).put("identity", key)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert key.secret not in path.read_bytes()
            assert key.secret.hex().encode() not in path.read_bytes()
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    KeyStore.create(tmp_path, b"right", fast=True)
    with pytest.raises(WrongPassphrase):
        KeyStore.unlock(tmp_path, b"wrong")


def test_an_entry_cannot_stand_under_another_name(tmp_path: Path) -> None:
    store = KeyStore.create(tmp_path, b"pass", fast=True)
    store.put("alice/key", Key.generate())
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "key.sealed").write_bytes((tmp_path / "alice" / "key.sealed").read_bytes())
    with pytest.raises(DamagedKeyStore):
        store.get("bob/key")


@pytest.mark.parametrize("position", [0, 20, -1])
def test_a_changed_entry_is_refused(tmp_path: Path, position: int) -> None:
    store = KeyStore.create(tmp_path, b"pass", fast=True)
    store.put("k", Key.generate())
    path = tmp_path / "k.sealed"
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedKeyStore):
        store.get("k")


def test_a_store_is_never_made_over_another(tmp_path: Path) -> None:
    KeyStore.create(tmp_path, b"pass", fast=True)
    with pytest.raises(FolderExists):
        KeyStore.create(tmp_path, b"pass", fast=True)


def test_a_key_does_not_show_its_secret() -> None:
    key = Key.generate()
    assert key.secret.hex() not in repr(key) + str(key)
