"""What `xl contract new` writes: a small contract with its tests, ready to build."""

from __future__ import annotations

import re
from pathlib import Path

_FOLDER = Path(__file__).parent
KINDS = tuple(sorted(each.name for each in _FOLDER.iterdir() if (each / "contract.py.txt").exists()))
"""The templates there are, by name; each is a folder beside this file."""


def write_template(path: str | Path, name: str, kind: str = "counter") -> list[Path]:
    """Writes the files of a new contract into the folder `path`, made if absent; the written files.

    `name` becomes the class, such as `Notes`. Raises `ValueError` for a name that is no class name or an
    unknown `kind`, `FileExistsError` if a file of the template is already there.
    """
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]{0,59}", name):
        raise ValueError(f"{name!r} is no class name: use letters and digits, a capital first")
    if kind not in KINDS:
        raise ValueError(f"no template {kind!r}; there are {', '.join(KINDS)}")
    folder = Path(path)
    targets = {
        source: folder / source.name.removesuffix(".txt") for source in sorted((_FOLDER / kind).glob("*.txt"))
    }
    for target in targets.values():
        if target.exists():
            raise FileExistsError(f"{target} already exists")
    folder.mkdir(parents=True, exist_ok=True)
    for source, target in targets.items():
        text = source.read_text(encoding="utf-8")
        target.write_text(text.replace("__NAME__", name), encoding="utf-8")
    return list(targets.values())
