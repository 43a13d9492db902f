"""The page on which a practice finds what its mail programs ask for: three steps, servers and user names to copy.

It shows no password and has no script. In the reader's language, with the other one a link away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from messaging.rendering.pages import Language, Say, page

_SIGNS = re.compile("« | [»:;?!]")
# In the order of how often they are met.
_PROGRAMS = ("thunderbird", "outlook", "apple", "phone", "other")


@dataclass(frozen=True, slots=True)
class SetupPage:
    """What the page says. `own_authority` is whether programs must first be told to trust this gateway; `elsewhere`
    whether other machines can reach it."""

    host: str
    smtp: int
    imap: int
    pop3: int
    addresses: Sequence[str]
    own_authority: bool
    elsewhere: bool


def setup_page(shown: SetupPage, say: Say, language: Language) -> str:
    """The page as one HTML document."""
    other: Language = "en" if language == "fr" else "fr"

    def typeset(message_id: str, **facts: str | int | float) -> str:
        """No line begins or ends with a lone sign of French punctuation."""
        return _SIGNS.sub(lambda sign: sign[0].replace(" ", "\N{NO-BREAK SPACE}"), say(message_id, **facts))

    return page("setup.html.j2", typeset, language, shown=shown, other=other, programs=_PROGRAMS)
