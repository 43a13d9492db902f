"""Where the quoted mail begins in a reply's text, in French and English, as Outlook, Apple Mail, Gmail, Thunderbird and
mutt write it (ML-5.6). Folds and never deletes: both halves together are the text, and where it is not sure, nothing is
folded: "De : 2 à 4 comprimés / Objet : douleur" is a prescription.

One pass over the lines. The library that does this (mail-parser-reply) takes quadratic time on blank lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_LINE = 1_000  # characters of a line that are looked at
_BLOCK = 8  # lines of a header block, blank ones left out

_QUOTED = re.compile(r"[ \t]{0,3}>")
_WROTE = re.compile(r"(?:\ba écrit|\bwrote|\bwrites)\s?:\s*$", re.IGNORECASE)
_OPENS = re.compile(r"\s*(?:Le|On|At)\s", re.IGNORECASE)
_CLOCK = re.compile(r"\b\d{1,2}\s?[:h]\s?\d{2}\b|\b(?:19|20)\d\d\b")
_RULE = re.compile(r"\s*_{10,}\s*$")
_ORIGINAL = re.compile(
    r"\s*-{2,}\s*(?:Message d['’]origine|Message initial|Original Message)\s*-{2,}\s*$", re.IGNORECASE
)
_HEADERS = (
    re.compile(r"\s*[*]?(?:De|From)\s?:[*]?\s*\S", re.IGNORECASE),
    re.compile(r"\s*[*]?(?:Envoyé|Date|Sent)(?:\sle)?\s?:[*]?.*\d", re.IGNORECASE),
    re.compile(r"\s*[*]?(?:Objet|Subject)\s?:", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True, repr=False)
class Folded:
    """`new + quoted` is the text, character for character; `quoted` may be empty."""

    new: str
    quoted: str


def fold(text: str) -> Folded:
    """What the author wrote now, and what is quoted below. Text that stands between or under quotes is an answer too:
    then nothing is folded, and neither is a text that would be all quotation."""
    lines = text.splitlines(keepends=True)
    looked_at = [line[:LONGEST_LINE].rstrip() for line in lines]
    at = _begins(looked_at)
    new = "".join(lines[:at])
    return Folded(new, "".join(lines[at:])) if new.strip() else Folded(text, "")


def _begins(lines: Sequence[str]) -> int:
    """The line with which the quotation begins; the number of lines where there is none."""
    tail = len(lines)  # from here on every line is quoted or blank
    while tail and (not lines[tail - 1] or _QUOTED.match(lines[tail - 1])):
        tail -= 1
    for at, line in enumerate(lines):
        if _ORIGINAL.match(line) or (_HEADERS[0].match(line) and _is_block(lines, at)):
            return at - 1 if at and _RULE.match(lines[at - 1]) else at
        if _WROTE.search(line):
            start = _attribution(lines, at)
            below = next((later for later in lines[at + 1 : at + 4] if later), "")
            if start is not None and (at + 1 >= tail if _QUOTED.match(below) else bool(below)):
                return start
    return len(lines)  # quotation marks alone are not enough: "> 2 g/l" is a result


def _attribution(lines: Sequence[str], at: int) -> int | None:
    """Where the sentence begins that ends with "a écrit :" on this line, at most three lines; None for one without a
    time, which a person may have written."""
    for start in range(at, max(at - 3, -1), -1):
        if _OPENS.match(lines[start]):
            return start if _CLOCK.search(" ".join(lines[start : at + 1])) else None
    return at if "@" in lines[at] and "<" in lines[at] else None


def _is_block(lines: Sequence[str], at: int) -> bool:
    """Whether a sender, a date and a subject follow one another, as Outlook puts them above what it quotes."""
    block = [line for line in lines[at : at + 2 * _BLOCK] if line][:_BLOCK]
    return all(any(header.match(line) for line in block) for header in _HEADERS)
