"""The one door through which a stranger's XML enters (CDA-1.1 to CDA-1.4): bounded, without DTD, entity or network.

UTF-8 only, as the CI-SIS asks. What is too much is refused before the parser builds a tree of it. The door knows
no element: what the document says is for its readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from directory.errors import Refusal

MAX_DOCUMENT = 16 * 1024 * 1024  # bytes
MAX_MARKUP = 200_000  # opening brackets: two to an element that has content
MAX_ATTRIBUTES = 300_000  # equal signs
MAX_DEPTH = 64  # elements below one another; a laboratory report takes about twenty
MAX_TEXT = 2 * 1024 * 1024  # characters in all, embedded files (representation B64) not counted
MAX_TEXT_NODE = 10_000_000  # characters of an embedded file in base64: the parser holds this one itself

Refuse = Callable[[str], Refusal]  # given a clause: size, encoding, dtd, markup, depth or text

_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']*)")
_UTF8 = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})


def parse(data: bytes, refuse: Refuse) -> etree._Element | None:
    """The root element, comments and processing instructions taken out, or None where this is not well-formed XML.

    Raises what `refuse` makes of the clause that is broken.
    """
    _bound_octets(data, refuse)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        clause = _parsers_bound(error)
        if clause:
            raise refuse(clause) from None  # the parser's message quotes the document
        return None
    _bound_tree(root, refuse)
    return root


def _bound_octets(data: bytes, refuse: Refuse) -> None:
    if len(data) > MAX_DOCUMENT:
        raise refuse("size")
    # Once the octets are UTF-8 a search in them misses nothing: no other encoding can hide a DTD.
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise refuse("encoding") from None
    declared = _DECLARED.match(data)
    if b"\0" in data or (declared and declared[1].lower() not in _UTF8):
        raise refuse("encoding")
    # A declaration in a comment or a CDATA section is refused too: no clinical document needs one.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise refuse("dtd")
    if data.count(b"<") > MAX_MARKUP or data.count(b"=") > MAX_ATTRIBUTES:
        raise refuse("markup")


def _parsers_bound(error: Exception) -> str:
    message = str(error).lower()
    if "depth" in message:
        return "depth"
    return "text" if "huge" in message or "too long" in message or "limit" in message else ""


def _bound_tree(root: etree._Element, refuse: Refuse) -> None:
    """Depth and text, one level of the tree after the other."""
    level, depth, text = [root], 0, 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise refuse("depth")
        for node in level:
            if node.get("representation") != "B64":
                text += len(node.text or "")
            text += len(node.tail or "")
        if text > MAX_TEXT:
            raise refuse("text")
        level = [child for node in level for child in node]
