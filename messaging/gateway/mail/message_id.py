"""Message-IDs (RFC 5322 section 3.6.4) that every member's gateway makes alike, and that nobody makes for another.

A mail submitted here needs its id before its event has one: it is made of the account and the intent, and bound to the
sender's address, so that a recipient takes it over only from whom it was made for. All others come from the event's or
the thread's own id. No id that a stranger chose reaches a mail program.
"""

from __future__ import annotations

import re

from directory.primitives.codec import var
from directory.primitives.digest import labelled
from directory.primitives.labels import Label

DOMAIN = "confrere.invalid"  # RFC 2606: nobody can own it, and it is the same at every member's
_SHOWN = 16  # octets of a digest that an id shows,
# and of the two in the id of a submitted mail: some programs break a field whose id is longer than a line.
_NONCE, _TAG = 10, 8
_BOUND = re.compile(r"<([0-9a-f]{20})\.([0-9a-f]{16})@[A-Za-z0-9.-]{1,253}>", re.ASCII)
_ID = re.compile(rb"<[!-;=?-~]{1,250}>")
MOST = 100  # ids of one field that are read, the last ones


def of_event(event: bytes) -> str:
    """The id of the mail that an event is shown as."""
    return f"<event.{_digest(b'event', event)}@{DOMAIN}>"


def of_thread(thread: bytes) -> str:
    """The id that all mails of a thread begin their References with. No mail has it."""
    return f"<thread.{_digest(b'thread', thread)}@{DOMAIN}>"


def submitted(address: str, account: bytes, intent: bytes) -> str:
    """The id of a mail that this address submits under an intent; the same however often it is sent."""
    nonce = _digest(b"intent", account, intent, size=_NONCE)
    domain = re.sub(r"[^a-z0-9.-]", "", address.lower().rpartition("@")[2])[:253] or DOMAIN
    return f"<{nonce}.{_tag(address, nonce)}@{domain}>"


def bound(message_id: str, address: str) -> bool:
    """Whether this id was made for that (verified) address, by `submitted`. Whoever has the address could have made it:
    it says whose the id is, not that it is used once."""
    match = _BOUND.fullmatch(message_id)
    return bool(match and address and match[2] == _tag(address, match[1]))


def read(value: bytes) -> tuple[str, ...]:
    """The ids of an unfolded In-Reply-To, References or Message-ID value, in their order, the last hundred."""
    return tuple(match.decode("ascii") for match in _ID.findall(value)[-MOST:])


def _tag(address: str, nonce: str) -> str:
    return _digest(b"bound", address.lower().encode("utf-8", "replace"), nonce.encode(), size=_TAG)


def _digest(purpose: bytes, *parts: bytes, size: int = _SHOWN) -> str:
    return labelled(Label.MAIL, var(purpose), *(var(part) for part in parts))[:size].hex()
