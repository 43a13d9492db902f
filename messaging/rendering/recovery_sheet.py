"""The recovery sheet: the code that opens a mailbox again when every device is lost, for paper (CP1 section
8).

As a printable page with a QR, and as plain text for a terminal. The code is given to it, shown, and kept
nowhere; the page calls nothing from elsewhere, so a browser prints it without a network.
"""

from __future__ import annotations

import datetime
import io
import textwrap
from dataclasses import dataclass, field

import segno

from messaging.rendering.pages import Language, Say, day, page

_GROUP = 4  # characters: what a person copies without losing the place
_ROW = 4  # groups


@dataclass(frozen=True, slots=True)
class RecoverySheet:
    """What the sheet says. `code` is the recovery code, with or without separators; case does not matter."""

    person: str
    mailbox: str
    service: str
    date: datetime.date
    code: str = field(repr=False)


def code_groups(code: str) -> tuple[str, ...]:
    """The code in capitals, in groups of four."""
    plain = "".join(code.replace("-", " ").split()).upper()
    return tuple(plain[at : at + _GROUP] for at in range(0, len(plain), _GROUP))


def recovery_page(sheet: RecoverySheet, say: Say, language: Language) -> str:
    """The sheet as one HTML page."""
    drawing = _qr(sheet).svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
    groups = code_groups(sheet.code)
    return page(
        "recovery.html.j2",
        say,
        language,
        sheet=sheet,
        date=day(sheet.date, language),
        rows=[groups[at : at + _ROW] for at in range(0, len(groups), _ROW)],
        qr=drawing,
    )


def recovery_text(sheet: RecoverySheet, say: Say, language: Language) -> str:
    """The same for a terminal of 80 columns, with the QR in half blocks and without escape sequences."""
    groups = code_groups(sheet.code)
    rows = ["    " + "  ".join(groups[at : at + _ROW]) for at in range(0, len(groups), _ROW)]
    return "\n".join(
        [
            say("recovery-title"),
            "",
            " · ".join(filter(None, (sheet.person, sheet.mailbox))),
            f"{sheet.service} · {day(sheet.date, language)}",
            "",
            *_wrapped(say("recovery-what")),
            "",
            *rows,
            "",
            _half_blocks(_qr(sheet)),
            *_wrapped(say("recovery-keep")),
            *_wrapped(say("recovery-use")),
            "",
        ]
    )


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, 78)


def _qr(sheet: RecoverySheet) -> segno.QRCode:
    return segno.make("-".join(code_groups(sheet.code)), error="q", micro=False, boost_error=False)


def _half_blocks(code: segno.QRCode) -> str:
    """Two rows of modules a line, dark as blank: right on a dark terminal, and readers accept the inverse."""
    rows = [list(row) for row in code.matrix_iter(scale=1, border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    out = io.StringIO()
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        out.write("    ")
        for top, bottom in zip(upper, lower, strict=True):
            out.write({(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}[bool(top), bool(bottom)])
        out.write("\n")
    return out.getvalue()
