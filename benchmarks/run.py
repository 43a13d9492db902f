"""Every benchmark, one after the other: `make bench`, or `python benchmarks/run.py --quick`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = (
    "benchmarks.service",
    "benchmarks.sealing",
    "benchmarks.deposits",
    "benchmarks.filings",
    "benchmarks.mail",
)
TAKES_QUICK = ("benchmarks.service", "benchmarks.deposits", "benchmarks.filings", "benchmarks.mail")


def main(arguments: list[str]) -> int:
    failed = 0
    for name in BENCHMARKS:
        print(f"\n== {name}", flush=True)
        given = arguments if name in TAKES_QUICK else []
        failed |= subprocess.run([sys.executable, "-m", name, *given], cwd=ROOT, check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
