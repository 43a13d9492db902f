"""SMTP replies: which code (RFC 5321 section 4.2) and which enhanced code (RFC 3463) says what, in one line each.

What people read comes from the caller, in their language; only a client that said SMTPUTF8 may be told more than ASCII
(RFC 6531 section 3.7.4.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from directory.errors import Category, Refusal
from messaging.gateway.entry.wording import LONGEST, one_line

UNFORESEEN: Final = "451 4.3.0 Something went wrong here: try again"
_HAS_CODE: Final = re.compile(r"[245]\d\d[ -][245]\.\d{1,3}\.\d{1,3} ")
_USUAL: Final = {  # what the library says without an enhanced code
    "221": "2.0.0",
    "250": "2.0.0",
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "530": "5.7.0",
}
_NAMED: Final[Mapping[str, str]] = {
    "mail-from-other": "550 5.7.1",
    "mail-malformed": "554 5.6.0",
    "mail-loop": "554 5.4.6",
    "mail-too-large": "552 5.3.4",
    "mail-store-full": "452 4.3.1",
    "mail-recipients-too-many": "452 4.5.3",
    "profile-unwritable": "452 4.3.1",
    "recipient-closed": "550 5.2.1",
    "recipient-ambiguous": "553 5.1.4",
}
_CATEGORIES: Final[Mapping[Category, str]] = {
    Category.MALFORMED: "554 5.6.0",
    Category.AUTHENTICITY: "550 5.7.1",
    Category.CONTINUITY: "550 5.7.1",
    Category.RIGHTS: "550 5.7.1",
    Category.STALE: "451 4.3.0",
    Category.CONFLICT: "550 5.7.1",
    Category.UNKNOWN: "550 5.1.1",
    Category.LIMIT: "552 5.3.4",
    Category.UNSUPPORTED: "554 5.3.3",
    Category.USAGE: "451 4.3.5",
    Category.UNREACHABLE: "451 4.4.1",
    Category.INTERNAL: "451 4.3.0",
}


class Refused(Exception):
    """A command that is answered with `reply` and changes nothing. After a 421 the connection is closed."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


def code(refusal: Refusal) -> str:
    """Reply code and enhanced code. 5xx only where trying again cannot help."""
    if refusal.id in _NAMED:
        return _NAMED[refusal.id]
    if refusal.kind.temporary and refusal.category is not Category.UNREACHABLE:
        return "451 4.3.0"
    return _CATEGORIES[refusal.category]


def login_code(refusal: Refusal) -> str:
    """As `code`, of what RFC 4954 section 6 has for AUTH."""
    passes = refusal.kind.temporary or code(refusal).startswith("4")
    return "454 4.7.0" if passes else "535 5.7.8"


def finished(reply: str) -> str:
    """The same as one line, with an enhanced code where RFC 2034 section 4 wants one: not in a greeting, 334 or 354."""
    number = reply[:3]
    coded = reply if number not in _USUAL or _HAS_CODE.match(reply) else f"{number} {_USUAL[number]} {reply[4:]}"
    return coded if coded.isprintable() and len(coded) <= LONGEST else one_line(coded, utf8=True)
