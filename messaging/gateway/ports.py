"""What the rooms of the gateway ask of one another: the local mail store, who logs in, and where a mail goes.

The protocol rooms (`imap`, `pop3`, `smtp`) know these and nothing of profiles, keys or the service; `mailstore`,
`access` and `serving` give them. All messages are frozen octets: an RFC 5322 message is built once, sealed on disk, and
never rendered again (mail programs cache by UID, and signatures cover octets).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from messaging.gateway.mail.described import Trait


class SpecialUse(StrEnum):
    """RFC 6154 attributes, as written on the wire."""

    DRAFTS = "\\Drafts"
    SENT = "\\Sent"
    TRASH = "\\Trash"
    ARCHIVE = "\\Archive"
    JUNK = "\\Junk"


@dataclass(frozen=True, slots=True)
class Mail:
    """A message in a folder. `flags` hold system flags (`\\Seen`) and keywords as first written; compare them without
    case. `internal` is INTERNALDATE in ms UTC; `message` names the frozen octets, also in other folders."""

    uid: int
    modseq: int
    flags: frozenset[str]
    size: int
    internal: int
    message: int


class Folder(Protocol):
    """A folder as it is in memory now. `name` uses `/` between levels and is Unicode; INBOX is in upper case.

    `mails` is ascending by UID and is replaced, never altered in place, so that a session may keep the one it has
    told its client of. UIDs and UIDVALIDITY never change."""

    name: str
    special_use: SpecialUse | None
    subscribed: bool
    uid_validity: int
    uid_next: int
    highest_modseq: int
    mails: Sequence[Mail]

    def find(self, uid: int) -> Mail | None: ...


class FlagChange(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Stored:
    """What STORE did: UIDs whose flags it set, and those it left because they changed after UNCHANGEDSINCE (RFC 7162
    section 3.1.3)."""

    changed: tuple[int, ...]
    modified: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where copies went, for APPENDUID and COPYUID (RFC 4315): UIDs of the source and of the target, side by side."""

    uid_validity: int
    sources: tuple[int, ...]
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """What SEARCH looks for in headers: `words`, case-folded, in the value of a field of that name (in lower case) as
    people read it, or anywhere in the header where `field` is empty."""

    field: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """The UIDs that have what is sought. `gone` have been removed meanwhile: of them nothing is known."""

    found: Mapping[Sought, frozenset[int]]
    gone: frozenset[int] = frozenset()


class MailStore(Protocol):
    """The mail of one mailbox, sealed on disk. What returns is durable. One process writes.

    Raises MessagingError: mail-folder-unknown, mail-folder-exists, mail-folder-fixed (INBOX and the service's own
    folders are neither renamed nor deleted), mail-folder-name, mail-too-large, mail-store-full, mail-store-damaged.
    """

    def folders(self) -> Mapping[str, Folder]:
        """By name, INBOX first."""
        ...

    def folder(self, name: str) -> Folder: ...

    async def append(self, folder: str, octets: bytes, flags: Collection[str], internal: int) -> Placed:
        """What a client puts there; `sources` is empty. A message with the Message-ID of what was submitted from here a
        moment ago, put into Sent, is that message: its UID is given and nothing is stored twice."""
        ...

    async def copy(self, folder: str, uids: Sequence[int], target: str) -> Placed: ...

    async def move(self, folder: str, uids: Sequence[int], target: str) -> Placed: ...

    async def store(
        self,
        folder: str,
        uids: Sequence[int],
        change: FlagChange,
        flags: Collection[str],
        unchanged_since: int | None = None,
    ) -> Stored: ...

    async def expunge(self, folder: str, uids: Sequence[int]) -> tuple[int, ...]:
        """Remove these where they have `\\Deleted`; gives the UIDs that went."""
        ...

    async def octets(self, folder: str, uid: int) -> bytes | None:
        """None where it has gone meanwhile."""
        ...

    def described(
        self, folder: str, uids: Sequence[int], traits: Sequence[Trait]
    ) -> AsyncIterator[tuple[int, Sequence[bytes]]]:
        """These traits of each in the order asked, in batches from disk; those that have gone are left out."""
        ...

    async def sift(self, folder: str, uids: Sequence[int], sought: Collection[Sought]) -> Sifted:
        """Look through the headers of these at once; nothing of them is kept."""
        ...

    def texts(self, folder: str, uids: Sequence[int]) -> AsyncIterator[tuple[int, str]]:
        """What SEARCH BODY looks through: every text part, decoded and case-folded. As `described`."""
        ...

    def vanished(self, folder: str, since: int) -> tuple[int, ...]:
        """UIDs that left after a MODSEQ (RFC 7162 section 3.2.6)."""
        ...

    async def create(self, name: str) -> None: ...

    async def rename(self, name: str, new: str) -> None: ...

    async def delete(self, name: str) -> None: ...

    async def subscribe(self, name: str, subscribed: bool) -> None: ...

    def listen(self, changed: Callable[[str], None]) -> Callable[[], None]:
        """Call `changed` with a folder's name after each change; gives what ends it."""
        ...


@dataclass(frozen=True, slots=True)
class Client:
    """A mail program that logged in: which mailbox, with whose device and which app password, and what it may use.
    `addresses` are what it may write as, the first is its own."""

    address: str
    password_name: str
    addresses: tuple[str, ...]
    store: MailStore = field(repr=False)


class Door(StrEnum):
    SMTP = "smtp"
    IMAP = "imap"
    POP3 = "pop3"


class Porter(Protocol):
    """Who may come in."""

    async def log_in(self, user: str, password: str, door: Door, peer: str) -> Client:
        """`password` is an app password, or a bearer token where `bearer` took it.

        Raises MessagingError: mail-login-wrong (also for a user that is not known: the same time, the same words),
        mail-login-throttled (with `seconds`), mail-login-revoked."""
        ...

    async def bearer(self, user: str, token: str, door: Door, peer: str) -> Client:
        """XOAUTH2. Raises as `log_in`."""
        ...


@dataclass(frozen=True, slots=True)
class DsnWanted:
    """RFC 3461: what a client asked to be told of one recipient. `notify` holds NEVER, SUCCESS, FAILURE, DELAY; empty
    is the default of section 4.1."""

    notify: frozenset[str] = frozenset()
    original: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Submission:
    """One mail as SMTP took it: the octets after DATA without dot-stuffing, CRLF everywhere; recipients as resolved
    by `Submitter.recipient`, with what is wanted of each. `ret` is FULL, HDRS or empty, `envid` RFC 3461's."""

    client: Client
    octets: bytes
    recipients: tuple[tuple[str, DsnWanted], ...]
    ret: str = ""
    envid: str = ""


class Submitter(Protocol):
    """Where a submitted mail goes."""

    async def recipient(self, client: Client, address: str) -> str:
        """The address as it will be used, once the colleague is known with current keys.

        Raises Refusal: recipient-unknown, recipient-closed, recipient-unproven (5.1.1, 5.7.x), service-unreachable and
        what is temporary (4.x.x). Never plaintext, never a part of the recipients in silence."""
        ...

    async def submit(self, submission: Submission) -> str:
        """Durable when it returns, under one intent however often the same mail is sent: gives its Message-ID.

        Raises Refusal: mail-from-other (550 5.7.1), mail-malformed (554 5.6.0), mail-loop (554 5.4.6), mail-too-large
        (552 5.3.4), profile-unwritable (452 4.3.1), ..."""
        ...
