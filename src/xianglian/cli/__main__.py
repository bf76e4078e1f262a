"""`python -m xianglian.cli`."""

from xianglian.cli import main

main()
