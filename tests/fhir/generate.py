"""Write every FHIR resource of generated exchanges into a directory (DOC-4.2): `generate.py DIR [EXCHANGES]`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.fhir.exchanges import Maker


def main(directory: Path, exchanges: int = 100) -> None:
    for seed in range(exchanges):
        for name, data in Maker(seed).exchange():
            (directory / f"{name}-{seed:04}.json").write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
