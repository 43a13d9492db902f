"""Text whose lines were broken to fit a screen, made paragraphs again (RFC 3676 section 4): what Thunderbird and Apple
Mail send as `format=flowed`. Reads only; nothing is sent flowed.
"""

from __future__ import annotations

_SIGNATURE = "-- "


def unflowed(text: str, *, delete_space: bool) -> str:
    """The text with its soft line breaks taken out, quotation marks kept; `delete_space` is the DelSp parameter. Lines
    end in LF, before and after."""
    said: list[str] = []
    paragraph: list[str] = []
    depth = 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        deep = len(line) - len(bare)
        bare = bare.removeprefix(" ")  # RFC 3676 section 4.4: space-stuffing
        fixed = bare == _SIGNATURE or not bare.endswith(" ")
        if paragraph and (deep != depth or bare == _SIGNATURE):  # section 4.5: a paragraph has one depth
            said.append(_quoted(depth, paragraph))
            paragraph = []
        depth = deep
        paragraph.append(bare[:-1] if delete_space and not fixed else bare)
        if fixed:
            said.append(_quoted(depth, paragraph))
            paragraph = []
    if paragraph:
        said.append(_quoted(depth, paragraph))
    return "\n".join(said)


def _quoted(depth: int, paragraph: list[str]) -> str:
    return ">" * depth + (" " if depth else "") + "".join(paragraph)
