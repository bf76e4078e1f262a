"""Where the contracts that travel with the platform have their source."""

from __future__ import annotations

from pathlib import Path

import xianglian

_HOME = Path(xianglian.__file__).parent


def points_folder() -> Path:
    """`examples/points`, in the checkout or in the installed package."""
    return (_HOME / "_examples" / "points").resolve()


def source_files() -> list[Path]:
    """Every contract file that travels with the platform."""
    return [
        *sorted((_HOME / "_examples").resolve().glob("*/contract.py")),
        *sorted((_HOME / "solutions").glob("*/contract.py")),
    ]
