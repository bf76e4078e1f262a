import tomllib

from hypothesis import given
from hypothesis import strategies as st

from xianglian.keys import toml

scalars = st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans()
names = st.from_regex(r"[a-z][a-z_]{0,10}", fullmatch=True)
flat = st.dictionaries(names, scalars | st.lists(scalars, max_size=4).map(tuple), max_size=6)


@given(flat, st.lists(flat.filter(bool), min_size=1, max_size=3))
def test_what_is_written_is_what_is_read(values: dict[str, object], rows: list[dict[str, object]]) -> None:
    document = {**values, "rows_": rows}
    found = tomllib.loads(toml.dump(document, head="two\nlines"))  # type: ignore[arg-type]
    lists = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    rows_read = [{k: list(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in rows]
    assert found == {**lists, "rows_": rows_read}
