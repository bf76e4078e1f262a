import re

import httpx

from xianglian.gateway.app import Gateway


def test_every_operation_is_described_for_someone_who_knows_nothing(gateway: Gateway) -> None:
    names = []
    for path, methods in gateway.app.openapi()["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            names.append(operation["operationId"])
            assert re.fullmatch(r"[a-z][A-Za-z]*", operation["operationId"]), where
            assert operation["summary"], where
            assert operation["tags"], where
            if method == "post" and "refresh" not in path:
                assert operation["requestBody"]["content"], where
            for status, answer in operation["responses"].items():
                if status in ("204", "422"):
                    continue
                content = next(iter(answer["content"].values()))
                assert "example" in content or content["schema"].get("format") == "binary", (where, status)
    assert len(names) == len(set(names))


async def test_the_documentation_loads_nothing_from_anywhere(http: httpx.AsyncClient) -> None:
    page = (await http.get("/docs")).text
    assert "/v1/transactions/batch" in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
    assert "<script" not in page
    assert (await http.get("/openapi.json")).json()["openapi"].startswith("3.")
