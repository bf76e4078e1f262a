"""What no file may contain: a machine's paths, a registry's host, unfinished parts; and no giant files.

It reads what git tracks (or, outside a repository, every file but what is built).
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = {".rs", ".py", ".pyi", ".toml", ".md", ".sh", ".json", ".html", ".css", ".js", ".txt", ".lock", ""}
SKIPPED = {"target", ".venv", ".git", "dist", "__pycache__", "node_modules"}
LINES_MAX = 900
"""A source file that a person can still hold in the head; tests and tables may be longer."""

FORBIDDEN = {
    "a machine's path": re.compile(r"(?<![\w.$}])/(?:home|root|work|Users|opt|mnt)/[\w.-]+"),
    "a registry's host": re.compile(
        r"https?://(?:[\w-]+\.)*"
        r"(?:pypi\.org|pythonhosted\.org|crates\.io|aliyun\.com|tuna\.\w+\.edu\.cn|ustc\.edu\.cn)"
    ),
    "an unfinished part": re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|\b(?:todo|unimplemented)!\("),
}
EXCEPTIONS = {
    "tools/tidy.py": set(FORBIDDEN),
    "tests/unit/tools/test_tools.py": set(FORBIDDEN),
    "uv.lock": {"a registry's host"},
}
"""uv writes where it found a package; installation goes by hash from wherever pip is told to look."""

LOCK_HOSTS = {"pypi.org", "files.pythonhosted.org"}


def files() -> Iterator[Path]:
    """Tracked text files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if not SKIPPED & set(path.parts)]
    yield from (name for name in names if name.suffix in TEXT and (ROOT / name).is_file())


def problems() -> Iterator[str]:
    """One line for each finding: file, line, what."""
    for name in files():
        try:
            lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        source = name.suffix in {".rs", ".py"} and "tests" not in name.parts and "tests" not in name.stem
        if source and len(lines) > LINES_MAX:
            yield f"{name}: {len(lines)} lines; look for the second responsibility"
        for number, line in enumerate(lines, 1):
            for what, pattern in FORBIDDEN.items():
                if what not in EXCEPTIONS.get(str(name), set()) and (found := pattern.search(line)):
                    yield f"{name}:{number}: {what}: {found[0]}"
    hosts = set(re.findall(r"https?://([^/\"]+)/", (ROOT / "uv.lock").read_text()))
    for host in sorted(hosts - LOCK_HOSTS):
        yield f"uv.lock: made with the index of one machine: {host}"


if __name__ == "__main__":
    found = list(problems())
    print("\n".join(found) or "tidy: no machine paths, registry hosts, unfinished parts or giant files")
    sys.exit(bool(found))
