"""The routes of whoever logged in: account logs and what verifies them, addresses, changes.

A paper device reads what recovery needs, and changes its own log alone (`use_cases.append_entries`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from directory.accounts.change import MAX_SUBMISSION
from directory.http import messages
from directory.http.service import DirectoryService
from directory.ports import JSON, OCTETS, Route
from directory.use_cases import append_entries, look_up, request_invitation

_MAX_SEQ = 2**53


class AccountRoutes:
    def __init__(self, service: DirectoryService) -> None:
        self._service = service

    def table(self) -> tuple[Route, ...]:
        octets = {200: OCTETS}
        return (
            Route("DELETE", "/api/login", "Log out", self.log_out, responses={204: ""}, recovery=True),
            Route("GET", "/api/holdings", "The mailboxes the caller may act for", self.holdings, recovery=True),
            Route(
                "GET",
                "/api/accounts/{account}/log",
                "Entries with their receipts",
                self.log,
                responses=octets,
                query=("from",),
                recovery=True,
            ),
            Route(
                "GET",
                "/api/accounts/{account}/binds",
                "Evidence of who an account is",
                self.binds,
                responses=octets,
                recovery=True,
            ),
            Route(
                "GET",
                "/api/accounts/{account}/wraps",
                "Keys sealed to the caller",
                self.wraps,
                responses=octets,
                recovery=True,
            ),
            Route(
                "GET",
                "/api/accounts/{account}/openings",
                "The live grants of a mailbox, for holders of class 0",
                self.openings,
                responses=octets,
                recovery=True,
            ),
            Route(
                "GET",
                "/api/accounts/{account}/consents",
                "The consents of a record, for holders of class 0",
                self.consents,
                responses=octets,
            ),
            Route(
                "POST",
                "/api/accounts/changes",
                "Append to account logs",
                self.change,
                request=OCTETS,
                responses=octets,
                recovery=True,
            ),
            Route("GET", "/api/addresses/{address}", "Who has an address", self.address),
            Route(
                "POST",
                "/api/invitations/requests",
                "Ask that a colleague be invited",
                self.request_invitation,
                request=JSON,
                responses={202: ""},
            ),
        )

    async def log_out(self, request: web.Request) -> web.Response:
        self._service.logins.log_out(messages.bearer(request))
        return web.Response(status=204)

    async def holdings(self, request: web.Request) -> web.Response:
        service, who = self._service, messages.caller(request)
        now = service.clock()
        found = await service.reader.read(
            lambda connection: look_up.holdings(who.account, service.ledger, service.registry, connection, now)
        )
        return messages.answer(
            [
                {
                    "mailbox": held.mailbox.hex(),
                    "address": address or None,
                    "classes": list(held.classes),
                    "rights": int(held.rights),
                    "grant_entry": held.grant_entry.hex(),
                    "blind": messages.b64(held.blind),
                    "payload": messages.b64(held.payload),
                }
                for held, address in found
            ]
        )

    async def log(self, request: web.Request) -> web.Response:
        service, account = self._service, messages.account_of(request)
        first = messages.whole_number(request.query.get("from", "0"), "from", _MAX_SEQ)
        return await self._octets(
            lambda connection: look_up.log(account, first, service.library, service.receipts, connection)
        )

    async def binds(self, request: web.Request) -> web.Response:
        service, account = self._service, messages.account_of(request)
        return await self._octets(
            lambda connection: look_up.binds(account, service.library, service.ledger, connection)
        )

    async def wraps(self, request: web.Request) -> web.Response:
        service, account, who = self._service, messages.account_of(request), messages.caller(request)
        now = service.clock()
        return await self._octets(
            lambda connection: look_up.wraps_for(
                who.account, account, service.library, service.ledger, connection, now
            )
        )

    async def openings(self, request: web.Request) -> web.Response:
        service, account, who = self._service, messages.account_of(request), messages.caller(request)
        now = service.clock()
        return await self._octets(
            lambda connection: look_up.openings(
                who.account, account, service.library, service.ledger, connection, now
            )
        )

    async def consents(self, request: web.Request) -> web.Response:
        service, account, who = self._service, messages.account_of(request), messages.caller(request)
        now = service.clock()
        return await self._octets(
            lambda connection: look_up.consents(
                who.account, account, service.library, service.ledger, connection, now
            )
        )

    async def change(self, request: web.Request) -> web.Response:
        service, who = self._service, messages.caller(request)
        service.changes.take(who.account, service.clock())
        raw = await messages.body(request, MAX_SUBMISSION)
        proofs = await append_entries.append_entries(
            raw, who, service.writer, service.reader, service.ledger, service.receipts
        )
        return messages.octet_list(proofs)

    async def address(self, request: web.Request) -> web.Response:
        service, text = self._service, request.match_info["address"]
        found = await service.reader.read(
            lambda connection: look_up.address(text, service.registry, service.ledger, connection)
        )
        return messages.answer(
            {
                "address": found.address,
                "account": found.mailbox.hex(),
                "manager": found.person.hex(),
                "name": found.name,
                "profession": found.profession,
                "identifier": found.identifier,
                "kind": found.kind.name.lower(),
            }
        )

    async def request_invitation(self, request: web.Request) -> web.Response:
        service, who = self._service, messages.caller(request)
        service.searches.take(who.account, service.clock())
        service.invitation_requests.take(who.account, service.clock())
        found = await messages.document(request, ["rpps"])
        await request_invitation.request_invitation(
            found["rpps"], who, service.writer, service.registry, service.annuaire, service.wake_announcements
        )
        return web.Response(status=202)

    async def _octets(self, query: Callable[[Any], tuple[bytes, ...]]) -> web.Response:
        return messages.octet_list(await self._service.reader.read(query))
