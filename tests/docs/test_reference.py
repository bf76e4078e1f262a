"""Generated pages are current, every code is described, and the specification's clauses hold together."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from xianglian.checker.lints import LINTS

ROOT = Path(__file__).resolve().parents[2]
CLAUSE = re.compile(r"XL-[A-Z]+(?:-GAS)?-\d+\b")


def tool(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["errors.md", "commands.md", "checks.md", "http.md"])
def test_generated_pages_are_current(page: str) -> None:
    made = tool("reference").PAGES[page]()
    assert (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8") == made, "run: make docs"


def test_every_code_is_described_and_no_entry_is_left_over() -> None:
    assert tool("reference").undescribed() == []


def test_words_of_the_catalogue_are_in_their_language() -> None:
    from xianglian.catalogue import entries

    for code, words in entries().items():
        assert re.search(r"[\u4e00-\u9fff]", words.zh), code
        assert re.search(r"[\u4e00-\u9fff]", words.do_zh), code
        assert not re.search(r"[\u4e00-\u9fff]", words.en + words.do_en), code


def clauses() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for page in sorted((ROOT / "spec").glob("*.md")):
        for clause in re.findall(
            rf"^\*\*({CLAUSE.pattern})\.\*\*", page.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert clause not in found, f"{clause} stands twice"
            found[clause] = page
    return found


def test_clauses_are_numbered_without_gaps() -> None:
    families: dict[str, list[int]] = {}
    for clause in clauses():
        family, number = clause.rsplit("-", 1)
        families.setdefault(family, []).append(int(number))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in families.values()), families


def test_whoever_cites_a_clause_cites_one_that_exists() -> None:
    known = set(clauses())
    promised = {f"XL-PROMISE-{number}" for number in range(1, 11)} | set(LINTS)
    cited: dict[str, str] = {}
    for folder, pattern in (
        ("crates", "**/*.rs"),
        ("src", "**/*.py"),
        ("tests", "**/*.py"),
        ("spec", "*.md"),
    ):
        for path in (ROOT / folder).glob(pattern):
            if path.name != Path(__file__).name and "target" not in path.parts:
                cited |= dict.fromkeys(CLAUSE.findall(path.read_text(encoding="utf-8")), str(path))
    assert {clause: where for clause, where in cited.items() if clause not in known | promised} == {}


def test_pages_of_the_specification_that_sources_name_exist() -> None:
    for path in (ROOT / "crates").rglob("*.rs"):
        for name in re.findall(r"spec `(\d\d-[a-z-]+)`", path.read_text(encoding="utf-8")):
            assert (ROOT / "spec" / f"{name}.md").exists(), f"{path} names {name}"


def test_vectors_named_by_the_specification_exist() -> None:
    named = re.findall(r"`(\w+)`", " ".join(re.findall(r"\|[^|]*\| *$", overview_table(), re.MULTILINE)))
    assert named
    for name in named:
        assert (ROOT / "spec" / "vectors" / f"{name}.json").exists(), name


def overview_table() -> str:
    body = (ROOT / "spec" / "00-overview.md").read_text(encoding="utf-8")
    return body.split("Words.")[0]


def test_decisions_are_numbered_and_cited_ones_exist() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    sources = [ROOT / "Cargo.toml", *(ROOT / "crates").rglob("*.rs"), *(ROOT / "src").rglob("*.py")]
    for path in sources:
        for number in re.findall(r"\bdecision (\d{4})\b", path.read_text(encoding="utf-8")):
            assert int(number) in numbers, f"{path} cites decision {number}"


def test_every_decision_has_its_four_parts() -> None:
    for path in sorted((ROOT / "decisions").glob("*.md")):
        parts = re.findall(r"^## (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert parts == ["Context", "Options", "Choice", "Price"], path.name


def test_cryptography_of_the_lock_is_listed() -> None:
    listed = set(re.findall(r"`([\w-]+)`", (ROOT / "docs" / "cbom.md").read_text(encoding="utf-8")))
    locked = set(re.findall(r'^name = "([\w-]+)"', (ROOT / "Cargo.lock").read_text(), re.MULTILINE))
    cryptographic = re.compile(
        r"aes-gcm|argon2|ark-ff|aws-lc-(rs|sys)|blake[23]|blst|chacha20|(curve|x|ed)25519(-dalek)?|ecdsa|elliptic-curve"
        r"|ghash|hkdf|hmac|k256|openssl(-sys)?|p(256|384)|polyval|rfc6979|rustls(-webpki)?|sha[123]|sm[234]|x509-cert|zstd-sys"
    )
    assert {name for name in locked if cryptographic.fullmatch(name)} - listed == set()
