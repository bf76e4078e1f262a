"""Every third-party part has a licence to distribute it under: permissive ones, and MPL-2.0 by name.

Python packages from the environment's metadata, crates from cargo's; `cargo deny check` besides, where it is
installed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "PSF-2.0",
    "Python-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}
WORDS = {
    "apache": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "isc": "ISC",
    "mit": "MIT",
    "mozilla public license 2.0": "MPL-2.0",
    "mpl": "MPL-2.0",
    "python software foundation": "PSF-2.0",
    "psf": "PSF-2.0",
    "the unlicense": "Unlicense",
}
"""Older metadata says licences in words."""
OWN = "xianglian"


def permitted(expression: str) -> bool:
    """True when an SPDX expression can be satisfied with allowed licences: any of OR, all of AND."""
    tokens = re.findall(r"\(|\)|[^()\s]+(?: WITH [^()\s]+)?", expression.replace("/", " OR "))

    def any_of() -> bool:
        result = all_of()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            result = all_of() or result
        return result

    def all_of() -> bool:
        result = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            result = one() and result
        return result

    def one() -> bool:
        found = tokens.pop(0) if tokens else ""
        if found == "(":
            result = any_of()
            if tokens:
                tokens.pop(0)
            return result
        return found in ALLOWED

    return any_of() and not tokens


def of_distribution(package: Distribution) -> str:
    """A Python package's licence as an SPDX expression, as far as its metadata tell."""
    metadata = package.metadata
    if metadata.get("License-Expression"):
        return str(metadata["License-Expression"])
    said = [each for each in metadata.get_all("Classifier") or [] if each.startswith("License ::")]
    said += [(metadata.get("License") or "").strip().splitlines()[0]] if metadata.get("License") else []
    for text in said:
        if permitted(text):
            return text
        for word, licence in WORDS.items():
            if re.search(rf"\b{word}\b", text.lower()):
                return licence
    return "; ".join(said) or "unknown"


def refused() -> Iterator[str]:
    """One line for each part whose licence is not allowed."""
    names = set()
    for package in distributions():
        name = package.metadata["Name"].lower()
        if name in names or name == OWN:
            continue
        names.add(name)
        licence = of_distribution(package)
        if not permitted(licence):
            yield f"Python {name} {package.version}: {licence}"
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    crates = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    for crate in crates["packages"]:
        licence = crate["license"] or f"unknown ({crate['license_file']})"
        if crate["source"] is not None and not permitted(licence):
            yield f"crate {crate['name']} {crate['version']}: {licence}"


def main() -> int:
    """Exit 1 where a licence is not allowed or cargo deny finds something."""
    found = list(refused())
    print("\n".join(found) or "licences: all permitted")
    deny = 0
    if shutil.which("cargo-deny"):
        command = ["cargo", "deny", "--offline", "check", "licenses", "bans", "sources"]
        deny = subprocess.run(command, cwd=ROOT, check=False).returncode
    return int(bool(found) or deny != 0)


if __name__ == "__main__":
    sys.exit(main())
