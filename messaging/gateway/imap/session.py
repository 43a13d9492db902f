"""What a session is while it lasts, and what every verb of it may say (RFC 3501 sections 3 and 7). Reads no command."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass

from messaging.errors import MessagingError
from messaging.gateway.imap import flags, sequence
from messaging.gateway.imap.grammar import Scanner
from messaging.gateway.imap.limits import Limits
from messaging.gateway.imap.selected import Selected
from messaging.gateway.imap.wire import Farewell, Wire
from messaging.gateway.ports import Client, MailStore, Porter


class No(Exception):
    """Refused here, not by the store: `NO` with these words. `[CODE]` may stand before them."""


@dataclass(slots=True)
class Session:
    """One mail program's connection."""

    wire: Wire
    porter: Porter
    limits: Limits
    tls: Callable[[], ssl.SSLContext]
    peer: str
    let_in: Callable[[], None]  # it counts among the strangers no more
    client: Client | None = None
    selected: Selected | None = None
    condstore: bool = False  # RFC 7162: mod-sequences are told
    qresync: bool = False
    failed_logins: int = 0
    ended: bool = False

    @property
    def store(self) -> MailStore:
        if self.client is None:
            raise No("log in first")
        return self.client.store

    @property
    def folder(self) -> Selected:
        """The folder that is open."""
        if self.selected is None:
            raise No("open a folder first")
        return self.selected

    @property
    def writable(self) -> Selected:
        if self.folder.read_only:
            raise No("[READ-ONLY] this folder was opened to be read only")
        return self.folder

    def tell(self, expunge: bool, but: Collection[int] = ()) -> None:
        """Say what changed in the open folder since the client heard of it; of the UIDs `but` no flags. Message numbers
        change only with `expunge`. Raises Farewell where the folder is no more."""
        selected = self.selected
        if selected is None:
            return
        try:
            now = self.store.folder(selected.name)
        except MessagingError:
            raise Farewell("this folder was deleted") from None
        if now.uid_validity != selected.uid_validity:
            raise Farewell("this folder was replaced")
        changes = selected.catch_up(now, expunge)
        add = self.wire.add
        if changes.gone and self.qresync:
            add(b"* VANISHED %b\r\n" % sequence.written(uid for _, uid in changes.gone))
        elif changes.gone:
            for place, _ in reversed(changes.gone):
                add(b"* %d EXPUNGE\r\n" % (place + 1))
        if changes.arrived:
            add(b"* %d EXISTS\r\n" % len(selected.mails))
        if changes.keywords:
            add(b"* FLAGS %b\r\n" % flags.written(selected.flags))
        for place in changes.changed:
            if selected.mails[place].uid not in but:
                self.tell_flags(place)

    def tell_flags(self, place: int, with_flags: bool = True) -> None:
        """`* 1 FETCH (UID 7 FLAGS (...) MODSEQ (...))`."""
        mail = self.folder.mails[place]
        said = b" FLAGS " + flags.written(mail.flags) if with_flags else b""
        if self.condstore:
            said += b" MODSEQ (%d)" % mail.modseq
        self.wire.add(b"* %d FETCH (UID %d%b)\r\n" % (place + 1, mail.uid, said))


@dataclass(frozen=True, slots=True)
class Call:
    """One command of a session. `uid` is whether it came with UID before it."""

    session: Session
    tag: bytes
    scanner: Scanner
    uid: bool = False

    def places(self, numbers: sequence.SequenceSet) -> list[int]:
        """The places in the open folder that a set names. Raises Malformed."""
        mails = self.session.folder.mails
        return numbers.of_uids(mails) if self.uid else numbers.of_numbers(mails)
