"""Names of folders (RFC 3501 section 5.1): Unicode, `/` between levels, INBOX in any case. No wire encoding."""

from __future__ import annotations

import unicodedata

from messaging.errors import MessagingError

SEPARATOR = "/"
INBOX = "INBOX"
LONGEST = 200
DEEPEST = 10
_WILDCARDS = frozenset("*%")  # RFC 3501 section 5.1: a client could not name such a folder in LIST
# Control, surrogate, unassigned, line and paragraph separators. Format characters stay, for names in every script ...
_REFUSED = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
# ... but those that turn what is read around (Unicode TR 36 section 2.10).
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def canonical(name: str) -> str:
    """As it is kept: INBOX in upper case, also above others. Any name may be asked for."""
    first, slash, rest = name.partition(SEPARATOR)
    return f"{INBOX}{slash}{rest}" if first.upper() == INBOX else name


def checked(name: str) -> str:
    """The canonical form of a name that a new folder may have. Raises MessagingError("mail-folder-name")."""
    name = canonical(name.removesuffix(SEPARATOR))
    levels = name.split(SEPARATOR)
    if (
        len(name) > LONGEST
        or len(levels) > DEEPEST
        or any(not level or level != level.strip() for level in levels)
        or any(c in _WILDCARDS or c in _TURNING or unicodedata.category(c) in _REFUSED for c in name)
    ):
        raise MessagingError("mail-folder-name")
    return name


def within(name: str, above: str) -> bool:
    return name.startswith(above + SEPARATOR)


def superiors(name: str) -> list[str]:
    """`a/b/c` gives `a` and `a/b`."""
    levels = name.split(SEPARATOR)
    return [SEPARATOR.join(levels[:depth]) for depth in range(1, len(levels))]
