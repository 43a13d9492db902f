"""From what a person types to a mailbox whose owner is proven: an address, an RPPS, or part of a name.

The service's word for an address is not taken: the manager of the mailbox must have a bind under the registrar's key
whose certificate names that very address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.accounts.bind import Invitation
from directory.accounts.state import NEVER
from directory.identity import rpps as rpps_room
from directory.identity.address import parse_address
from directory.identity.folding import name_parts, query_parts
from directory.identity.rpps import is_rpps
from messaging.client.accounts import AccountCache
from messaging.client.service import Service, field, octets_field
from messaging.errors import MessagingError


@dataclass(frozen=True, slots=True)
class Recipient:
    """A colleague found. `mailbox` is empty and `rpps` set for one who has not enrolled yet."""

    address: str
    mailbox: bytes
    name: str
    rpps: str
    phone: str = ""
    professional: Invitation | None = None

    @property
    def enrolled(self) -> bool:
        return bool(self.mailbox)


class AddressBook:
    def __init__(self, service: Service, accounts: AccountCache) -> None:
        self._service = service
        self._accounts = accounts

    async def resolve(self, typed: str) -> Recipient:
        """Raises MessagingError: recipient-unknown, recipient-ambiguous, recipient-closed, recipient-unproven."""
        text = typed.strip()
        if "@" in text:
            return await self._by_address(str(parse_address(text.lower())))
        if is_rpps(text):
            return await self.by_rpps(text)
        found = await self._service.json("GET", "/api/directory/search", query={"text": text, "limit": "6"})
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise MessagingError("service-answer-wrong")
        if not found:
            raise MessagingError("recipient-unknown")
        if len(found) > 1:
            raise MessagingError("recipient-ambiguous", matches=len(found), candidates=_listed(found))
        if not found[0].get("rpps"):
            raise MessagingError("recipient-unknown")
        colleague = await self.by_rpps(rpps_room.parse(field(found[0], "rpps", str)))
        # The one hit is the service's word, and a message that waited here leaves without anybody looking again.
        if not _answers(text, colleague.name):
            raise MessagingError("recipient-unproven")
        return colleague

    async def by_rpps(self, rpps: str) -> Recipient:
        """A colleague by RPPS, enrolled or not."""
        found = await self._service.json("GET", f"/api/directory/practitioners/{rpps}")
        name, phone = field(found, "name", str), str(found.get("phone") or "")
        if found.get("address"):
            return await self._by_address(str(parse_address(field(found, "address", str))), rpps, phone)
        return Recipient("", b"", name, rpps, phone)

    async def _by_address(self, address: str, rpps: str = "", phone: str = "") -> Recipient:
        try:
            answer = await self._service.json("GET", f"/api/addresses/{address}")
        except MessagingError as refused:
            if refused.id == "address-closed":
                raise MessagingError("recipient-closed") from None
            if refused.id == "address-unknown":
                raise MessagingError("recipient-unknown") from None
            raise
        mailbox = octets_field(answer, "account", hexadecimal=True)
        professional = await self._accounts.professional(mailbox)
        if professional.address != address or (rpps and professional.identifier != rpps):
            raise MessagingError("recipient-unproven")
        if not self._accounts.lookup(mailbox).kind.is_mailbox:
            raise MessagingError("recipient-unproven")
        if self._accounts.lookup(mailbox).closed != NEVER:
            raise MessagingError("recipient-closed")
        known = professional.identifier if is_rpps(professional.identifier) else ""
        return Recipient(address, mailbox, professional.name, known, phone, professional)


def _answers(typed: str, name: str) -> bool:
    """Whether every word that was typed begins a word of the name."""
    words = name_parts(name)
    whole = ["".join(words[at:]) for at in range(len(words))]  # legall for Le Gall
    return all(any(rest.startswith(part) for rest in whole) for part in query_parts(typed))


def _listed(found: Sequence[Mapping[str, object]]) -> str:
    """Professionals of the directory, so that a person can choose one."""
    return "; ".join(
        ", ".join(str(one[part]) for part in ("name", "specialty", "place", "rpps") if one.get(part)) for one in found
    )
