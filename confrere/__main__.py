"""The door: `confrere VERB ...` or `python -m confrere VERB ...`. Everything is in `commands/frame.py`."""

from __future__ import annotations

import os
import sys

from confrere.commands.frame import play


def main() -> int:
    return play(sys.argv[1:], os.environ)


if __name__ == "__main__":
    sys.exit(main())
