"""Where the contracts that travel with the platform have their source.

In a checkout the files below `_examples` are links to `examples/`; a wheel holds the files themselves.
"""

from __future__ import annotations

from pathlib import Path

import xianglian

_HOME = Path(xianglian.__file__).parent


def points_folder() -> Path:
    """The folder with the source of Points."""
    return _HOME / "_examples" / "points"


def source_files() -> list[Path]:
    """Every contract file that travels with the platform."""
    return [
        *sorted((_HOME / "_examples").glob("*/contract.py")),
        *sorted((_HOME / "solutions").glob("*/contract.py")),
    ]
