import httpx
import pytest

from xianglian import errors
from xianglian.gateway.answers import error_body, status_of
from xianglian.sdk.transport import error_of


def _everything() -> list[type[errors.XianglianError]]:
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.XianglianError)
    ]


def test_codes_are_unique_and_every_class_explains_itself() -> None:
    kinds = _everything()
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.__doc__ and str(kind()) for kind in kinds)


@pytest.mark.parametrize("kind", _everything(), ids=lambda kind: kind.__name__)
def test_an_error_crosses_http_as_itself(kind: type[errors.XianglianError]) -> None:
    sent = kind("because", answer=42)
    got = error_of(httpx.Response(status_of(sent), content=error_body(sent)))
    assert type(got) is kind
    assert got.to_json() == sent.to_json()


@pytest.mark.parametrize(
    ("sent", "family"),
    [
        (errors.TransactionRefused(code="XL-TX-EXPIRED"), errors.Rejected),
        (errors.Misused(code="XL-OF-LATER"), errors.Misused),
        (errors.Unreachable(code="XL-OF-LATER"), errors.Unreachable),
    ],
)
def test_a_code_without_a_class_keeps_its_family(
    sent: errors.XianglianError, family: type[errors.XianglianError]
) -> None:
    got = error_of(httpx.Response(status_of(sent), content=error_body(sent)))
    assert (type(got), got.code) == (family, sent.code)


def test_an_answer_that_is_none_is_told_as_such() -> None:
    assert isinstance(
        error_of(httpx.Response(502, content=b"<html>", request=httpx.Request("GET", "http://x"))),
        errors.Unreachable,
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Rejected(), 1),
        (errors.TransactionFailed(tx_id="ab"), 1),
        (errors.Misused(), 2),
        (errors.WaitedTooLong(tx_id="ab"), 3),
        (errors.NetworkDown(tx_id="ab"), 3),
        (errors.NetworkDown(), 1),
    ],
)
def test_exit_codes(error: errors.XianglianError, code: int) -> None:
    assert error.exit_code == code
