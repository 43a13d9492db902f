"""The copy that a mail program puts into Sent after it submitted a mail: recognised, so that the mail is there once.

A mail program that has submitted a mail over SMTP appends its own copy to Sent, under the Message-ID that it gave. By
then the mail stands in Sent as it was sent, under ours. An APPEND to Sent is that mail where its Message-ID is one of
the two, and the submission is at most an hour old and no APPEND was matched with it before. Content is not compared:
two mails that say the same are two mails, and a mail that was submitted twice takes two APPENDs, the older first. What
comes later or once more is a message like any other. A program that appends before it submits is not recognised.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, or_, select

from messaging.gateway.database import tables
from messaging.gateway.mailstore.folder import Folder
from messaging.gateway.mailstore.turn import Turn

FRESH_MS = 3_600_000
_KIND = "message-id"
_table = tables.submitted


_NOTE = insert(_table).prefix_with("OR REPLACE")


def note(turn: Turn, messages: Iterable[tuple[int, str, str]]) -> None:
    """These were submitted now: the message, our Message-ID, the mail program's."""
    turn.connection.execute(delete(_table).where(~_table.c.at.between(*_fresh(turn))))
    hashed = turn.seals.hashed_id
    turn.connection.execute(
        _NOTE,
        [
            {"message": message, "own": hashed(_KIND, own), "alias": hashed(_KIND, alias), "at": turn.now}
            for message, own, alias in messages
        ],
    )


def placed(turn: Turn, sent: Folder, message_id: str, flags: frozenset[str]) -> int | None:
    """The UID in Sent of the mail that an APPEND with this Message-ID is a copy of, with `flags` added; None where it
    is a message of its own."""
    sought = turn.seals.hashed_id(_KIND, message_id)
    if not sought:
        return None
    message = turn.connection.execute(
        select(_table.c.message)
        .where(or_(_table.c.own == sought, _table.c.alias == sought), _table.c.at.between(*_fresh(turn)))
        .order_by(_table.c.at, _table.c.message)
    ).scalar()
    if message is None:
        return None
    turn.connection.execute(delete(_table).where(_table.c.message == message))
    for mail in reversed(sent.mails):
        if mail.message == message:
            turn.flag(sent, mail, turn.index.spelling.spell(mail.flags | flags))
            return mail.uid
    return _placed_too(turn, sent, message, flags)


def _placed_too(turn: Turn, sent: Folder, message: int, flags: frozenset[str]) -> int | None:
    """In Sent as well, where its home is another folder; None where it was expunged."""
    table = tables.placements
    home = turn.connection.execute(select(table.c.size, table.c.internal).where(table.c.message == message)).first()
    return None if home is None else turn.place(sent, message, home.size, flags, home.internal)


def _fresh(turn: Turn) -> tuple[int, int]:
    """Also a little ahead: a clock that was set back makes nothing old."""
    return turn.now - FRESH_MS, turn.now + FRESH_MS
