"""ENVELOPE of a header section, as it goes on the wire (RFC 3501 section 7.4.2). Raw octets throughout: encoded words
and 8-bit text are handed on as they came."""

from __future__ import annotations

from messaging.gateway.mail import addresses, fields
from messaging.gateway.mail.nstring import nstring

LONGEST_TEXT = 16 * 1024  # octets of a subject, date or id
LONGEST_LIST = 256 * 1024  # octets of an address field

_TEXTS = (b"date", b"subject", b"in-reply-to", b"message-id")
_LISTS = (b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc")


def envelope(section: bytes) -> bytes:
    """The parenthesised list. Of repeated texts the first counts; repeated address fields are one list, so that what is
    checked and what is shown cannot be two different fields."""
    texts: dict[bytes, bytes] = {}
    lists: dict[bytes, list[bytes]] = {}
    for name, value in fields.fields(section):
        if name in _TEXTS:
            texts.setdefault(name, fields.unfolded(value)[:LONGEST_TEXT])
        elif name in _LISTS:
            lists.setdefault(name, []).append(fields.unfolded(value[:LONGEST_LIST]))
    written = {name: _addresses(b",".join(lists.get(name, ()))) for name in _LISTS}
    for name in (b"sender", b"reply-to"):
        if written[name] == b"NIL":
            written[name] = written[b"from"]
    date, subject, in_reply_to, message_id = (nstring(texts.get(name)) for name in _TEXTS)
    return b"(%b)" % b" ".join([date, subject, *(written[name] for name in _LISTS), in_reply_to, message_id])


def _addresses(value: bytes) -> bytes:
    found = addresses.read(value[:LONGEST_LIST])
    if not found:
        return b"NIL"
    return b"(%b)" % b"".join(
        b"(%b %b %b %b)" % (nstring(one.name), nstring(one.route), nstring(one.mailbox), nstring(one.host))
        for one in found
    )
