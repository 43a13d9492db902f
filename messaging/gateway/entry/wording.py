"""A sentence for people as a line of a mail protocol: one line, short, and in ASCII where the protocol has no more."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 400  # octets; RFC 5321 section 4.5.3.1.5 gives a reply line 512, RFC 1939 section 3 as many
_GUILLEMETS: Final = re.compile("« ?| ?»")
_TYPOGRAPHY: Final = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "œ": "oe", "Œ": "OE", "æ": "ae"}
)


def one_line(sentence: str, *, utf8: bool) -> str:
    """Without line ends or other controls, no longer than a reply may be; in ASCII unless `utf8`."""
    text = " ".join("".join(c if c.isprintable() else " " for c in sentence).split())
    if not utf8:
        decomposed = unicodedata.normalize("NFKD", _GUILLEMETS.sub('"', text).translate(_TYPOGRAPHY))
        text = "".join(c for c in decomposed if not unicodedata.combining(c)).encode("ascii", "replace").decode("ascii")
    return text.encode("utf-8")[:LONGEST].decode("utf-8", "ignore")
