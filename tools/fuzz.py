"""Builds the libFuzzer targets of `fuzz/` and runs each for a while on one core: `make fuzz FUZZ_SECONDS=60`.

Targets start from the golden vectors; what they find new stays in `fuzz/corpus`, what breaks them in
`fuzz/artifacts`, and `tools/fuzz.py TARGET FILE` runs one such file again. Exit 1 when a target broke.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FUZZ = ROOT / "fuzz"
VECTORS = ROOT / "spec" / "vectors"
TARGETS = {
    "module_bytes": 8_192,
    "module_drawn": 2_048,
    "module_smith": 4_096,
    "codec": 4_096,
    "proof_file": 16_384,
}
"""Name of each target, and the most bytes of an input."""
KINDS = {"transaction": 0, "block": 1, "receipt": 2, "genesis": 3, "body": 4}
"""First byte of the codec's inputs."""


def load(name: str) -> Any:
    """A file of golden vectors."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def strings(value: Any) -> Iterator[bytes]:
    """Every hex string of some length in a document."""
    if isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str) and len(value) > 80 and re.fullmatch(r"(?:[0-9a-f]{2})+", value):
        yield bytes.fromhex(value)


def seeds(target: str) -> Iterator[bytes]:
    """What a target starts from."""
    if target == "module_bytes":
        for module in load("hostile.json")["modules"]:
            yield b"".join(bytes.fromhex(part) * times for part, times in module["code"])
        for module in load("vm.json")["accepted"] + load("metering.json")["modules"]:
            yield bytes.fromhex(module["code"])
    elif target == "codec":
        for name, kind in KINDS.items():
            source = "transaction" if name == "body" else name
            for found in strings(load(f"{source}.json")):
                yield bytes([kind]) + found
    elif target == "proof_file":
        yield from strings(load("proof_file.json"))
    else:
        # Enough bytes to draw from: the generator makes something small of no bytes at all.
        state = 1
        for length in (64, 256, 1024, 2048):
            drawn = bytearray()
            for _ in range(length):
                state = (state * 1_664_525 + 1_013_904_223) % 2**32
                drawn.append(state >> 24)
            yield bytes(drawn)


def build() -> Path:
    """The folder of the built targets: one of its own, for cargo does not see what the wrapper changes."""
    target = FUZZ / "target" / "covered"
    environment = {**os.environ, "RUSTC_WRAPPER": str(FUZZ / "coverage.sh")}
    command = ["cargo", "build", "--locked", "--bins", "--target-dir", str(target)]
    subprocess.run(command, cwd=FUZZ, env=environment, check=True)
    return target / "debug"


def run(binaries: Path, target: str, seconds: int) -> bool:
    """Runs a target and prints one line. False when it broke."""
    corpus, artifacts = FUZZ / "corpus" / target, FUZZ / "artifacts" / target
    for folder in (corpus, artifacts):
        folder.mkdir(parents=True, exist_ok=True)
    longest = TARGETS[target]
    for number, seed in enumerate(seeds(target)):
        if len(seed) <= longest:
            (corpus / f"seed-{number}").write_bytes(seed)
    command = [
        str(binaries / target),
        f"-max_total_time={seconds}",
        f"-max_len={longest}",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        f"-artifact_prefix={artifacts}/",
        str(corpus),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    text = finished.stderr

    def last(pattern: str) -> str:
        found = re.findall(pattern, text)
        return found[-1] if found else "?"

    seed, executions = last(r"Seed: (\d+)"), last(r"number_of_executed_units: (\d+)")
    edges = last(r"cov: (\d+)")
    print(f"{target}: {executions} executions in {seconds} s, {edges} edges reached, seed {seed}", flush=True)
    if finished.returncode == 0:
        return True
    print("\n".join(text.splitlines()[-40:]), file=sys.stderr)
    print(f"{target}: broke; the input is in {artifacts.relative_to(ROOT)}", file=sys.stderr)
    return False


def main() -> int:
    """Runs all targets, or one file on one target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("target", nargs="?", choices=TARGETS, help="only this one")
    parser.add_argument("file", nargs="?", type=Path, help="run this input once")
    arguments = parser.parse_args()
    binaries = build()
    if arguments.file:
        return subprocess.run([binaries / arguments.target, arguments.file], check=False).returncode
    chosen = [arguments.target] if arguments.target else list(TARGETS)
    held = [run(binaries, target, arguments.seconds) for target in chosen]
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
