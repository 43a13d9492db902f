"""The sheet of a custodial record, for the patient's hand: large print, plain words, and the code as a square.

In French first, because whoever helps may read nothing else, then in the language that was asked for. The code is
given to it, shown, and kept nowhere; the page calls nothing from elsewhere.
"""

from __future__ import annotations

import datetime
import textwrap
from dataclasses import dataclass, field
from typing import Protocol

import segno

from messaging.rendering.pages import Language, day
from record_bridge.rendering.pages import page

_ROW = 4  # groups

PARAGRAPHS = (
    "claim-sheet-what",
    "claim-sheet-keep",
    "claim-sheet-use",
    "claim-sheet-alone",
    "claim-sheet-consent",
    "claim-sheet-lost",
)


class Speaker(Protocol):
    """Words in one language."""

    @property
    def language(self) -> Language: ...

    def say(self, message_id: str, **facts: str | int | float) -> str: ...


@dataclass(frozen=True, slots=True)
class ClaimSheet:
    """What the sheet says. `code` is grouped with hyphens, as it is typed and scanned."""

    patient: str
    birth_date: datetime.date
    opener: str
    date: datetime.date
    code: str = field(repr=False)


def claim_page(sheet: ClaimSheet, speakers: tuple[Speaker, ...]) -> str:
    """The sheet as one HTML page, a part for each language, the first one whole."""
    groups = sheet.code.split("-")
    first = speakers[0]
    return page(
        "claim.html.j2",
        first.say,
        first.language,
        title=first.say("claim-sheet-title"),
        sheet=sheet,
        parts=[_part(sheet, speaker) for speaker in speakers],
        rows=[groups[at : at + _ROW] for at in range(0, len(groups), _ROW)],
        qr=_qr(sheet).svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None),
    )


def claim_text(sheet: ClaimSheet, speaker: Speaker) -> str:
    """The same for a terminal, without the square."""
    say = speaker.say
    return "\n".join(
        [
            say("claim-sheet-title"),
            "",
            f"{sheet.patient} · {day(sheet.birth_date, speaker.language)}",
            _opened(sheet, speaker),
            "",
            "    " + sheet.code,
            "",
            *(line for words in PARAGRAPHS for line in textwrap.wrap(say(words), 78)),
        ]
    )


def _part(sheet: ClaimSheet, speaker: Speaker) -> dict[str, object]:
    return {
        "language": speaker.language,
        "title": speaker.say("claim-sheet-title"),
        "for_words": speaker.say("claim-sheet-for"),
        "born": speaker.say("claim-sheet-born", date=day(sheet.birth_date, speaker.language)),
        "opened": _opened(sheet, speaker),
        "code": speaker.say("claim-sheet-code"),
        "paragraphs": [speaker.say(words) for words in PARAGRAPHS],
    }


def _opened(sheet: ClaimSheet, speaker: Speaker) -> str:
    return speaker.say("claim-sheet-opened", person=sheet.opener, date=day(sheet.date, speaker.language))


def _qr(sheet: ClaimSheet) -> segno.QRCode:
    return segno.make(sheet.code, error="q", micro=False, boost_error=False)
