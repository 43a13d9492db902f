"""A session from greeting to BYE (RFC 3501 section 3): reads commands, gives each to its verb, answers. One odd
command, or one odd message, is answered and no more; what went wrong inside is logged by its kind alone, for texts may
be a patient's.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from messaging.errors import MessagingError
from messaging.gateway.imap import folders, listing, logging_in, messages, reading, waiting
from messaging.gateway.imap.grammar import Malformed, Scanner
from messaging.gateway.imap.refusals import answer
from messaging.gateway.imap.session import Call, No, Session
from messaging.gateway.imap.wire import Command, Farewell, Unreadable

_log = logging.getLogger("confrere.gateway.imap")
_UID = re.compile(rb"([A-Za-z]{1,32}) ")


class State(Enum):
    """Where a verb may be used."""

    ANY = auto()
    STRANGER = auto()
    INSIDE = auto()
    SELECTED = auto()


@dataclass(frozen=True, slots=True)
class Verb:
    """`uid` is whether there is a UID form of it; `numbers` whether message numbers must stay as they are until it is
    answered (RFC 3501 section 7.4.1)."""

    act: Callable[[Call], Awaitable[bytes]]
    state: State
    uid: bool = False
    numbers: bool = False


VERBS: Mapping[str, Verb] = {
    "CAPABILITY": Verb(logging_in.capability, State.ANY),
    "NOOP": Verb(logging_in.noop, State.ANY),
    "LOGOUT": Verb(logging_in.logout, State.ANY),
    "ID": Verb(logging_in.identity, State.ANY),
    "STARTTLS": Verb(logging_in.start_tls, State.STRANGER),
    "LOGIN": Verb(logging_in.log_in, State.STRANGER),
    "AUTHENTICATE": Verb(logging_in.authenticate, State.STRANGER),
    "ENABLE": Verb(logging_in.enable, State.INSIDE),
    "NAMESPACE": Verb(listing.namespace, State.INSIDE),
    "LIST": Verb(listing.list_folders, State.INSIDE),
    "LSUB": Verb(listing.list_subscribed, State.INSIDE),
    "STATUS": Verb(listing.status, State.INSIDE),
    "SELECT": Verb(folders.select, State.INSIDE),
    "EXAMINE": Verb(folders.examine, State.INSIDE),
    "CREATE": Verb(folders.create, State.INSIDE),
    "DELETE": Verb(folders.delete, State.INSIDE),
    "RENAME": Verb(folders.rename, State.INSIDE),
    "SUBSCRIBE": Verb(folders.subscribe, State.INSIDE),
    "UNSUBSCRIBE": Verb(folders.unsubscribe, State.INSIDE),
    "APPEND": Verb(messages.append, State.INSIDE),
    "IDLE": Verb(waiting.idle, State.INSIDE),
    "CHECK": Verb(messages.check, State.SELECTED),
    "CLOSE": Verb(folders.close, State.SELECTED),
    "UNSELECT": Verb(folders.unselect, State.SELECTED),
    "EXPUNGE": Verb(messages.expunge, State.SELECTED, uid=True),
    "SEARCH": Verb(reading.search_messages, State.SELECTED, uid=True, numbers=True),
    "FETCH": Verb(reading.fetch_messages, State.SELECTED, uid=True, numbers=True),
    "STORE": Verb(messages.store, State.SELECTED, uid=True, numbers=True),
    "COPY": Verb(messages.copy, State.SELECTED, uid=True),
    "MOVE": Verb(messages.move, State.SELECTED, uid=True),
}


async def converse(session: Session) -> None:
    """Until the client leaves or has to."""
    wire = session.wire
    faults = 0
    try:
        await wire.say(b"* OK [CAPABILITY %b] at your service\r\n" % logging_in.capabilities(session))
        while not session.ended:
            try:
                command = await wire.command()
                said = await _do(session, command)
            except Unreadable as unreadable:
                command, said = Command(unreadable.tag, "", ()), unreadable.answer
            faults = faults + 1 if said.startswith(b"BAD") else 0
            if faults > session.limits.faults:
                raise Farewell("this is not IMAP")
            if said:
                wire.add(b"%b %b\r\n" % (command.tag, said))
            await wire.flush()
    except Farewell as farewell:
        await wire.say(f"* BYE {farewell}\r\n".encode())


async def _do(session: Session, command: Command) -> bytes:
    """What stands behind the tag of the answer."""
    try:
        verb, call = _verb(session, command)
        said = await verb.act(call)
        session.tell(expunge=call.uid or not verb.numbers)
    except Malformed as malformed:
        return f"BAD {malformed}".encode("ascii", "replace")
    except No as no:
        return f"NO {no}".encode()
    except MessagingError as refused:
        return answer(refused)
    except (Farewell, ConnectionError, Unreadable):
        raise
    except Exception as fault:  # one odd message must not cost the connection
        _log.error("%s failed: %s", command.name, type(fault).__name__)
        if session.wire.within_line:  # what comes next would be read as a part of it
            raise Farewell("this did not work") from None
        return b"NO [SERVERBUG] this did not work"
    return said


def _verb(session: Session, command: Command) -> tuple[Verb, Call]:
    name, pieces, uid = command.name, command.pieces, False
    if name == "UID" and (match := _UID.match(pieces[0])):
        name, uid = match[1].decode("ascii").upper(), True
        pieces = (pieces[0][match.end() :], *pieces[1:])
    verb = VERBS.get(name)
    if verb is None or (uid and not verb.uid):
        raise Malformed("there is no such command")
    inside = session.client is not None
    if verb.state is State.STRANGER and inside:
        raise Malformed("you are logged in already")
    if verb.state in (State.INSIDE, State.SELECTED) and not inside:
        raise Malformed("log in first")
    if verb.state is State.SELECTED and session.selected is None:
        raise Malformed("open a folder first")
    return verb, Call(session, command.tag, Scanner(pieces), uid)
