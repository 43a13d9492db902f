"""Really sealed events for the load, and a reader that opens what was pushed: protocol, receipts and all."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from benchmarks.world import START, Conversation, Person
from directory.accounts import fold
from directory.accounts.state import NOW, AccountState
from directory.errors import DirectoryError
from directory.transparency import receipt
from messaging.protocol import event as events
from messaging.protocol.acks import AckBody, AckKind
from messaging.protocol.body import Body, EventType
from messaging.protocol.event import Meta
from messaging.wire import frames, header
from messaging.wire.frames import Item


class Pen:
    """Seals one person's events in one thread, counting as a device does."""

    def __init__(self, author: Person, exchange: Conversation) -> None:
        self._author, self._exchange = author, exchange
        self._ctr, self._prev = 0, bytes(32)

    def event(self, size: int) -> bytes:
        """A message with a body of `size` octets."""
        return self._seal(EventType.MESSAGE, Body("text/plain", secrets.token_bytes(size)).encode())

    def ack(self, seq: int) -> bytes:
        return self._seal(EventType.ACK, AckBody(AckKind.DELIVERED, seq).body().encode())

    def _seal(self, type_: EventType, body: bytes) -> bytes:
        author, exchange = self._author, self._exchange
        self._ctr += 1
        meta = Meta(
            type=type_,
            acting_for=author.mailbox,
            signer=author.signer,
            acting_head=author.mailbox_log[-1].hash,
            authority=(),
            ctr=self._ctr,
            prev_own=self._prev,
            seen_seq=1,
            seen_chain=bytes(32),
            time=START,
        )
        raw = events.seal(
            thread=exchange.thread,
            epoch_id=exchange.commit.id,
            tes=exchange.tes,
            salt=secrets.token_bytes(32),
            intent=secrets.token_bytes(16),
            meta=meta,
            body=body,
            key=author.key,
        )
        self._prev = header.parse(raw).id
        return raw


class Opener:
    """Opens pushed items: receipt under the service's key, AEAD, seal, author."""

    def __init__(self, people: Sequence[Person], service_pk: bytes) -> None:
        self._service_pk = service_pk
        self._states: dict[bytes, AccountState] = {}
        for person in people:
            for log in (person.log, person.mailbox_log):
                for tick, made in enumerate(log, start=1 if log is person.log else 1 + len(person.log)):
                    self._states[made.account] = fold.append(
                        self._states.get(made.account), made, tick, self._lookup
                    )

    def _lookup(self, account: bytes) -> AccountState:
        try:
            return self._states[account]
        except KeyError:
            raise DirectoryError("account-unknown") from None

    def open(self, frame: bytes, exchange: Conversation) -> int:
        """The type of the event in an ITEM frame, verified; an epoch's item counts as 0."""
        item = frames.parse(frame)
        if not isinstance(item, Item) or item.kind is not frames.ItemKind.EVENT:
            return 0
        proof = receipt.parse_proof(item.proof)
        placed = receipt.verify_proof(proof, self._service_pk)
        sealed = header.parse(item.raw)
        if placed.id != sealed.id:
            raise DirectoryError("receipt-tick-wrong")
        decrypted = events.decrypt(sealed, exchange.tes)
        verified = events.verify_author(decrypted, exchange.commit, self._lookup, NOW, proof.group.time)
        return verified.meta.type
