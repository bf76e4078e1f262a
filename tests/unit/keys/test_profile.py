from pathlib import Path

import pytest

from xianglian.errors import Misused, UnknownProfile
from xianglian.keys import Key, Profile, Profiles


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    made = Profiles(tmp_path, lambda: b"pass")
    made.create_store(fast=True)
    return made


def _profile(name: str, key: Key) -> Profile:
    return Profile(name, key.account("org1"), "org1", key.public_key, bytes(32))


def test_a_profile_comes_back_from_another_process(profiles: Profiles, tmp_path: Path) -> None:
    key = Key.generate()
    profiles.add(_profile("alice", key), key)
    again = Profiles(tmp_path, lambda: b"pass")
    assert again.names() == ["alice"]
    assert again.profile("alice") == _profile("alice", key)
    assert again.key("alice").public_key == key.public_key


def test_an_unknown_profile_names_those_there_are(profiles: Profiles) -> None:
    key = Key.generate()
    profiles.add(_profile("alice", key), key)
    with pytest.raises(UnknownProfile, match="alice"):
        profiles.profile("bob")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 65])
def test_a_name_that_would_leave_the_folder_is_refused(profiles: Profiles, name: str) -> None:
    key = Key.generate()
    with pytest.raises(Misused):
        profiles.add(_profile(name, key), key)


def test_a_profile_is_not_overwritten(profiles: Profiles) -> None:
    key = Key.generate()
    profiles.add(_profile("alice", key), key)
    with pytest.raises(Misused, match="exists"):
        profiles.add(_profile("alice", key), key)
    assert profiles.key("alice").public_key == key.public_key


def test_the_passphrase_is_asked_for_only_when_a_key_is_needed(profiles: Profiles, tmp_path: Path) -> None:
    key = Key.generate()
    profiles.add(_profile("alice", key), key)

    def never() -> bytes:
        raise AssertionError("asked")

    assert Profiles(tmp_path, never).profile("alice").organisation == "org1"
