"""Make a record card and read one (docs/spec/record.md RD-6): how a depositor learns which account is whose record.

Made by the device of who manages the record; read by anybody who was handed it, against the logs of both accounts. A
colleague's mandate is sealed from strangers, so a card signed under one proves nothing to them: only the manager signs.
"""

from __future__ import annotations

from directory.accounts.entry import AccountKind
from directory.accounts.state import NOW
from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from record_bridge.client.holding import patient_of
from record_bridge.errors import RecordError
from record_bridge.record import card as cards
from record_bridge.record.card import RecordCard

DAYS = 365
_DAY_MS = 86_400_000


async def make(endpoint: Endpoint, record: bytes, days: int = DAYS) -> str:
    """The card's line of text, signed by this device.

    Raises RecordError: record-unknown where nothing says whose record it is, record-card-not-yours.
    """
    me, now = endpoint.identity, endpoint.environment.now()
    patient = await patient_of(endpoint, record)
    await endpoint.accounts.ensure([me.account, record])
    if patient is None:
        raise RecordError("record-unknown")
    if endpoint.accounts.lookup(record).manager != me.account:
        raise RecordError("record-card-not-yours")
    head = endpoint.accounts.lookup(me.account).head
    made = RecordCard(record, now, now + days * _DAY_MS, patient, me.account, me.device, head)
    return cards.to_text(cards.build(made, me.signing))


async def read(endpoint: Endpoint, text: str) -> RecordCard:
    """Raises RecordError: record-card-malformed, record-card-forged, record-card-early, record-card-expired; and
    what an unreachable service does."""
    unverified = cards.from_text(text)
    claimed = unverified.claimed
    try:
        await endpoint.accounts.ensure([claimed.account, claimed.record])
    except Refusal as refused:
        if refused.kind.temporary or refused.category is Category.UNREACHABLE:
            raise
        raise RecordError("record-card-forged", reason=refused.id) from None

    def key_of(account: bytes, device: bytes, head: bytes) -> bytes:
        keeper, record = endpoint.accounts.lookup(account), endpoint.accounts.lookup(claimed.record)
        if record.kind is not AccountKind.RECORD or account not in {one for _, one in record.managers}:
            raise RecordError("record-card-not-yours")
        keeper.place_of(head)
        return keeper.device_at(device, NOW).sign_pk

    card = unverified.verify(key_of, endpoint.environment.now())
    if endpoint.accounts.lookup(card.record).manager != card.account:
        raise RecordError("record-card-expired")  # sound, and of who kept the record before the patient took it over
    return card
