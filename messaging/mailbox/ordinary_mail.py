"""What counts as an ordinary e-mail address here: printable ASCII that can break neither a header nor an SMTP command
(RFC 5321 4.1.2, without quoted strings; 4.5.3.1 for the lengths). It does not say whether anybody reads it."""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9_+-](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9_+-])?@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?",
    re.ASCII,
)


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None
