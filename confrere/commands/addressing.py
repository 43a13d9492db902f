"""Whom a verb is for: what was typed, resolved before anything is written, so that a wrong recipient is refused at
once. Without the service nobody can be resolved, and what was typed is resolved when the message leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from directory.identity.address import parse_address
from messaging.client.addresses import Recipient
from messaging.client.endpoint import Endpoint
from messaging.client.keyring import Held
from messaging.errors import MessagingError


@dataclass(frozen=True, slots=True)
class Addressed:
    """`to` and `waiting_for` as the outbox keeps them; `colleagues` is empty when the service was away."""

    to: tuple[str, ...]
    waiting_for: str
    colleagues: tuple[Recipient, ...]

    @property
    def names(self) -> str:
        return ", ".join(colleague.name for colleague in self.colleagues) or ", ".join(self.to)

    @property
    def phone(self) -> str:
        """The practice's telephone of the first who has not enrolled, else of the first who has one."""
        listed = sorted(self.colleagues, key=lambda colleague: colleague.enrolled)
        return next((colleague.phone for colleague in listed if colleague.phone), "")


async def address(endpoint: Endpoint, typed: Sequence[str], *, online: bool) -> Addressed:
    """Raises MessagingError recipient-*, DirectoryError address-invalid, ServiceRefusal."""
    if not online:
        return Addressed(tuple(_as_typed(one) for one in typed), "", ())
    found: dict[bytes | str, Recipient] = {}
    for one in typed:
        colleague = await endpoint.addresses.resolve(one)
        found.setdefault(colleague.mailbox or colleague.rpps, colleague)
    absent = [colleague.rpps for colleague in found.values() if not colleague.enrolled]
    present = [colleague.address for colleague in found.values() if colleague.enrolled]
    return Addressed((*present, *absent[1:]), absent[0] if absent else "", tuple(found.values()))


async def enrolled(endpoint: Endpoint, typed: str) -> Recipient:
    """One colleague who can be reached now. Raises MessagingError("recipient-not-enrolled") besides."""
    colleague = await endpoint.addresses.resolve(typed)
    if not colleague.enrolled:
        raise MessagingError("recipient-not-enrolled")
    return colleague


def held_mailbox(endpoint: Endpoint, typed: str) -> Held:
    """The mailbox that is meant: one's own when nothing was typed. Raises MessagingError("mailbox-not-held")."""
    wanted = typed.strip().lower() or endpoint.identity.address
    for mailbox in endpoint.keyring.ordinary():  # a record is named in its own way
        held = endpoint.keyring.held[mailbox]
        if held.address == wanted or (not typed and held.mailbox == endpoint.identity.mailbox):
            return held
    raise MessagingError("mailbox-not-held")


def _as_typed(typed: str) -> str:
    text = typed.strip()
    return str(parse_address(text.lower())) if "@" in text else text
