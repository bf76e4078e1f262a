"""`xl`: one file per command group; heavy things load when a command needs them, so that `xl` answers at
once.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Entry of the `xl` script."""
    from xianglian.cli.root import run

    sys.exit(run(sys.argv[1:]))


__all__ = ["main"]
