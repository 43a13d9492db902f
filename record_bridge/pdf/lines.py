"""Where the lines of a text end. Takes a text and the widths of its characters, gives lines; it draws nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def wrapped(text: str, widths: Mapping[int, float], limit: float) -> Iterator[str]:
    """The lines of `text`, none wider than `limit` (both in the unit of `widths`), broken at spaces.

    A line end of the text stays one, and so do the spaces that begin a line; a no-break space never breaks, and a word
    wider than a line is cut.
    """
    for written in text.split("\n"):
        yield from _one(written.rstrip(" "), widths, limit)


def _one(written: str, widths: Mapping[int, float], limit: float) -> Iterator[str]:
    line, used, space = "", 0.0, widths[0x20]
    for position, word in enumerate(written.split(" ")):
        needed = sum(widths[ord(character)] for character in word)
        if position and used + space + needed <= limit:
            line, used = f"{line} {word}", used + space + needed
            continue
        if position and line.strip(" "):  # the indentation of a word that fits nowhere is not a line
            yield line
        line, used = word, needed
        while used > limit:
            fitting = _fitting(line, widths, limit)
            yield line[:fitting]
            used -= sum(widths[ord(character)] for character in line[:fitting])
            line = line[fitting:]
    yield line


def _fitting(word: str, widths: Mapping[int, float], limit: float) -> int:
    """How many of its characters fit on a line; at least one, so that every text ends."""
    used = 0.0
    for count, character in enumerate(word):
        used += widths[ord(character)]
        if used > limit:
            return max(count, 1)
    return len(word)
