"""The routes that need no token: enrolment, log-in, and the search of the public directory."""

from __future__ import annotations

import asyncio

from aiohttp import web

from directory.accounts.change import MAX_SUBMISSION
from directory.errors import DirectoryError
from directory.http import messages
from directory.http.service import DirectoryService
from directory.identity import rpps as rpps_room
from directory.ports import JSON, OCTETS, Route, Session
from directory.primitives.signature import KEY_SIZE
from directory.use_cases import enrol, look_up, search


class OpenRoutes:
    def __init__(self, service: DirectoryService) -> None:
        self._service = service

    def table(self) -> tuple[Route, ...]:
        return (
            Route(
                "POST",
                "/api/invitations/look-up",
                "The certificate of a live invitation",
                self.look_up_invitation,
                auth=False,
                request=JSON,
            ),
            Route(
                "POST",
                "/api/enrolments",
                "Enrol with an invitation",
                self.enrol,
                auth=False,
                request=OCTETS,
                responses={200: OCTETS},
            ),
            Route(
                "POST",
                "/api/login/challenge",
                "Octets for a device to sign",
                self.challenge,
                auth=False,
                request=JSON,
            ),
            Route("POST", "/api/login", "A token for a signed challenge", self.log_in, auth=False, request=JSON),
            Route(
                "GET",
                "/api/directory/search",
                "Find a professional",
                self.search,
                auth=False,
                query=("text", "specialty", "place", "limit"),
            ),
            Route(
                "GET",
                "/api/directory/practitioners/{rpps}",
                "One professional",
                self.practitioner,
                auth=False,
            ),
        )

    async def look_up_invitation(self, request: web.Request) -> web.Response:
        service = self._service
        service.searches.take(request.remote, service.clock())
        found = await messages.document(request, ["code_pk"])
        code_pk = messages.unb64(found["code_pk"], "code_pk")
        if len(code_pk) != KEY_SIZE:
            raise messages.malformed("code_pk")
        certificate = await enrol.look_up_invitation(code_pk, service.clock(), service.reader, service.registry)
        return messages.answer({"certificate": messages.b64(certificate)})

    async def enrol(self, request: web.Request) -> web.Response:
        service = self._service
        service.enrolments.take(request.remote, service.clock())
        raw = await messages.body(request, KEY_SIZE + MAX_SUBMISSION)
        proofs = await enrol.enrol(
            raw,
            service.registrar_pk,
            service.writer,
            service.reader,
            service.ledger,
            service.registry,
            service.receipts,
        )
        return messages.octet_list(proofs)

    async def challenge(self, request: web.Request) -> web.Response:
        found = await messages.document(request, ["device"], ["account"])
        named = messages.identifier(found["account"], "account") if "account" in found else None
        logins = self._service.logins
        device = messages.identifier(found["device"], "device")
        made, account = await logins.challenge(device, named, request.remote or "")
        seconds = logins.durations.challenge // 1000
        return messages.answer({"challenge": messages.b64(made), "account": account.hex(), "expires_in": seconds})

    async def log_in(self, request: web.Request) -> web.Response:
        found = await messages.document(request, ["account", "device", "challenge", "signature"])
        who = Session(
            messages.identifier(found["account"], "account"), messages.identifier(found["device"], "device")
        )
        logins = self._service.logins
        token = await logins.log_in(
            who, messages.unb64(found["challenge"], "challenge"), messages.unb64(found["signature"], "signature")
        )
        return messages.answer({"token": token, "expires_in": logins.durations.token // 1000})

    async def search(self, request: web.Request) -> web.Response:
        service = self._service
        service.searches.take(request.remote, service.clock())
        query = request.query
        limit = messages.whole_number(query.get("limit", str(search.DEFAULT_LIMIT)), "limit", search.LIMIT)
        hits = await asyncio.to_thread(
            search.search,
            service.annuaire,
            query.get("text", ""),
            specialty=query.get("specialty"),
            place=query.get("place"),
            limit=limit,
        )
        addresses = await self._addresses([hit.rpps for hit in hits if hit.rpps])
        return messages.answer([look_up.hit_document(hit, addresses.get(hit.rpps or "", "")) for hit in hits])

    async def practitioner(self, request: web.Request) -> web.Response:
        service = self._service
        service.searches.take(request.remote, service.clock())
        number = rpps_room.parse(request.match_info["rpps"])
        found = await asyncio.to_thread(service.annuaire.by_rpps, number)
        if found is None:
            raise DirectoryError("rpps-unknown", rpps=number)
        addresses = await self._addresses([number])
        return messages.answer(look_up.practitioner_document(found, addresses.get(number, "")))

    async def _addresses(self, numbers: list[str]) -> dict[str, str]:
        service = self._service
        return await service.reader.read(lambda connection: service.registry.addresses_of_rpps(numbers, connection))
