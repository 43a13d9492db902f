"""The text of an HTML part, line by line, for readers that show no HTML. Runs no script, fetches nothing, keeps no
link: whoever wants to see it as it was looks at the part itself.
"""

from __future__ import annotations

import re

from lxml import etree, html

LONGEST = 2 * 1024 * 1024  # characters that are looked at
_LINES = frozenset(
    {
        *("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"),
    }
)
_PARAGRAPHS = frozenset(("p", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"))
_UNSEEN = frozenset(("head", "script", "style", "template", "title"))
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def text_of(markup: str) -> str:
    """Its words, with a line break where a block begins or ends. "" where nothing can be read."""
    try:
        # As octets in a known encoding: a declaration inside the markup could name another one.
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        root = html.document_fromstring(markup[:LONGEST].encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    said: list[str] = []
    unseen = 0
    for happened, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        starts = happened == "start"
        if tag in _UNSEEN:
            unseen += 1 if starts else -1
        elif tag in _LINES and not unseen and (starts or tag != "br"):
            said.append("\n\n" if tag in _PARAGRAPHS else "\n")
        elif tag in ("td", "th") and not starts:
            said.append(" ")
        words = element.text if starts else element.tail
        if words and not unseen:
            said.append(_SPACES.sub(" ", words))
    lines = "\n".join(line.strip() for line in "".join(said).split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip()
