import pytest

from xianglian import _core
from xianglian.errors import InvalidAddress, Misused
from xianglian.keys import Key
from xianglian.sdk import system

KEY = Key.generate()
ACCOUNT = KEY.account("org1")


def test_an_admission_is_borsh_of_organisation_key_and_roles() -> None:
    arguments = {"organisation": "org1", "key": KEY.public_key, "roles": ["clerk", "issuer"]}
    encoded = system.encode(system.ACCOUNTS, "admit", arguments)
    text = bytes([4, 0, 0, 0]) + b"org1"
    roles = bytes([2, 0, 0, 0, 5, 0, 0, 0]) + b"clerk" + bytes([6, 0, 0, 0]) + b"issuer"
    assert encoded == text + KEY.public_key + roles


def test_hex_and_commas_of_a_command_line_mean_the_same() -> None:
    typed = {"organisation": "org1", "key": KEY.public_key.hex(), "roles": "a,b"}
    exact = {"organisation": "org1", "key": KEY.public_key, "roles": ["a", "b"]}
    assert system.encode(system.ACCOUNTS, "admit", typed) == system.encode(system.ACCOUNTS, "admit", exact)


def test_an_event_reads_back() -> None:
    arguments = {"organisation": "org1", "key": KEY.public_key, "roles": ["clerk"]}
    data = _core.address_to_bytes(ACCOUNT) + system.encode(system.ACCOUNTS, "admit", arguments)
    assert system.decode_event("AccountAdmitted", data) == {"account": ACCOUNT, **arguments}
    assert system.decode_event("OfALaterVersion", data) is None


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("admit", {"organisation": "org1"}, Misused),
        ("destroy", {}, Misused),
        ("suspend", {"account": "xl1nonsense"}, InvalidAddress),
        ("add_key", {"account": ACCOUNT, "key": "02ab"}, Misused),
        ("add_key", {"account": ACCOUNT, "key": "not hex"}, Misused),
    ],
)
def test_wrong_arguments_are_named(method: str, arguments: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        system.encode(system.ACCOUNTS, method, arguments)
