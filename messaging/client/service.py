"""The service over HTTP (docs/spec/service.md): one request each, problems as errors, unreachable said as such.

Knows routes and octets, no keys but the login's. A request is repeated on a broken connection until the time is up:
every route that changes something is idempotent.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from directory.errors import Category, Kind, Refusal
from directory.primitives.codec import Reader
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from messaging.client.environment import Environment
from messaging.errors import MessagingError
from messaging.wire import frames, limits
from messaging.wire.frames import Item

_CATEGORIES = {
    400: Category.MALFORMED,
    401: Category.RIGHTS,
    403: Category.RIGHTS,
    404: Category.UNKNOWN,
    409: Category.CONFLICT,
    410: Category.CONFLICT,
    413: Category.LIMIT,
    422: Category.AUTHENTICITY,
    429: Category.LIMIT,
}


class ServiceRefusal(MessagingError):
    """A problem that the service answered with: its id and its facts, under whatever id the service uses."""

    def __init__(self, error_id: str, status: int, facts: Mapping[str, Any]) -> None:
        Exception.__init__(self, error_id)
        self.id = error_id
        # A fault of the service's own is no judgement on what was sent, and a clock will be set right: it waits, and is
        # not taken back.
        passes = status == 429 or status >= 500 or error_id in _PASSING
        self.kind = Kind(_CATEGORIES.get(status, Category.INTERNAL), temporary=passes)
        self.facts = {k: v for k, v in facts.items() if isinstance(v, str | int) and k not in _PROBLEM_FIELDS}


def passes(refused: Refusal) -> bool:
    """Whether it lies in the service's state and not in what was asked: away, overloaded, failing. What is verified
    with its answers is neither right nor wrong by this, and is looked at again."""
    return refused.category is Category.UNREACHABLE or (isinstance(refused, ServiceRefusal) and refused.kind.temporary)


_PROBLEM_FIELDS = {"type", "id", "title", "status", "detail", "instance", "category"}
_PASSING = {"time-ahead"}
_LIST_LIMIT = 65_535
_LARGEST_ANSWER = 64 * 1024 * 1024
_LOG_PAGE = 8192  # entries at once (docs/spec/service.md)
_ID = re.compile(r"[a-z0-9-]{1,64}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")
Wanted = TypeVar("Wanted")


def field(answer: object, name: str, kind: type[Wanted]) -> Wanted:
    """A member of a JSON object, of exactly this type. Raises MessagingError("service-answer-wrong")."""
    found = answer.get(name) if isinstance(answer, dict) else None
    if type(found) is not kind:
        raise MessagingError("service-answer-wrong")
    return found


def octets_field(answer: object, name: str, *, hexadecimal: bool = False) -> bytes:
    """The same for octets in base64url or hexadecimal."""
    text = field(answer, name, str)
    try:
        return bytes.fromhex(text) if hexadecimal else unb64(text)
    except ValueError:
        raise MessagingError("service-answer-wrong") from None


MAX_CURSOR = 2**63 - 1  # what a profile can keep


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def octet_list(raw: bytes) -> list[bytes]:
    reader = Reader(raw, "list")
    found = [reader.var("item", limits.MAX_FRAME) for _ in range(reader.count("n", _LIST_LIMIT))]
    reader.end()
    return found


class Service:
    """A connection to one service. Use as an async context manager."""

    def __init__(self, url: str, environment: Environment) -> None:
        self.url = url.rstrip("/")
        self._environment = environment
        self._session: aiohttp.ClientSession | None = None
        self._token = ""
        self._again: Callable[[], Awaitable[object]] | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=self._environment.connect_seconds, sock_read=self._environment.total_seconds
        )
        self._session = aiohttp.ClientSession(timeout=timeout, auto_decompress=False, trust_env=False)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise MessagingError("service-unreachable")
        return self._session

    @property
    def token(self) -> str:
        return self._token

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        octets: bytes | None = None,
        document: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """The answer's octets. Raises ServiceRefusal, or MessagingError("service-unreachable") when time is up."""
        sent = dict(headers or {})
        body = octets
        if document is not None:
            body = json.dumps(document).encode()
            sent["Content-Type"] = "application/json"
        elif octets is not None:
            sent["Content-Type"] = "application/octet-stream"
        pause, again = 0.1, self._again
        try:
            async with asyncio.timeout(self._environment.total_seconds):
                while True:
                    try:
                        bearer = {"Authorization": f"Bearer {self._token}"} if self._token else {}
                        return await self._once(method, path, query, body, sent | bearer)
                    except ServiceRefusal as refused:
                        if refused.id != "token-expired" or again is None:
                            raise
                        # A service that was started again knows no session: log in once more, and go on.
                        renew, again, self._again = again, None, None
                        await renew()
                    except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as broken:
                        if isinstance(broken, aiohttp.ClientConnectorError) and pause > 1.0:
                            raise TimeoutError from None
                        await asyncio.sleep(pause)
                        pause *= 2
        except TimeoutError:
            raise MessagingError("service-unreachable") from None

    async def _once(
        self, method: str, path: str, query: Mapping[str, str] | None, body: bytes | None, headers: dict[str, str]
    ) -> bytes:
        async with self.session.request(
            method, self.url + path, params=query, data=body, headers=headers, allow_redirects=False
        ) as answer:
            octets = await _bounded(answer)
            if answer.status < 300:
                return octets
            raise _refusal(answer.status, octets)

    async def json(self, method: str, path: str, **sent: Any) -> Any:
        raw = await self.request(method, path, **sent)
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise MessagingError("service-answer-wrong") from None

    async def log_in(
        self, account: bytes | None, device: bytes, key: SigningKey, service_pk: bytes
    ) -> bytes:
        """A token for this device; gives the account (which a paper device may not know). It is renewed by itself."""
        self._token, self._again = "", None
        try:
            owner = await self._log_in(account, device, key, service_pk)
        except ServiceRefusal as refused:
            if refused.id != "login-expired":
                raise
            owner = await self._log_in(account, device, key, service_pk)  # it was started again in between
        self._again = partial(self.log_in, owner, device, key, service_pk)
        return owner

    async def _log_in(self, account: bytes | None, device: bytes, key: SigningKey, service_pk: bytes) -> bytes:
        asked = {"device": device.hex()} | ({"account": account.hex()} if account else {})
        answer = await self.json("POST", "/api/login/challenge", document=asked)
        challenge = octets_field(answer, "challenge")
        owner = account or octets_field(answer, "account", hexadecimal=True)
        signed = key.sign(Label.LOGIN, service_pk, owner, device, challenge)
        granted = await self.json(
            "POST",
            "/api/login",
            document={
                "account": owner.hex(),
                "device": device.hex(),
                "challenge": b64(challenge),
                "signature": b64(signed),
            },
        )
        self._token = field(granted, "token", str)
        if not _TOKEN.fullmatch(self._token):
            self._token = ""
            raise MessagingError("service-answer-wrong")
        return owner

    # Messaging

    async def submit(self, submission: bytes) -> list[bytes]:
        """Receipt proofs, once durable."""
        return octet_list(await self.request("POST", "/api/submissions", octets=submission))

    async def pages(
        self, ask: Callable[[int], Awaitable[tuple[Item, ...]]], after: int
    ) -> AsyncIterator[tuple[Item, ...]]:
        """Page after page until an empty one. Each goes further than the last, or the service could keep us for ever.

        Raises MessagingError("service-answer-wrong").
        """
        while page := await ask(after):
            reached = page[-1].cursor
            if reached <= after or any(item.cursor > MAX_CURSOR for item in page):
                raise MessagingError("service-answer-wrong")
            yield page
            after = reached

    async def items(self, mailbox: bytes, after: int, classes: Iterable[int] | None = None) -> tuple[Item, ...]:
        """What follows a cursor. Of a record, name the classes: else one that was not stated is left out silently."""
        query = {"after": str(after)}
        if classes is not None:
            query["classes"] = str(sum(1 << class_ for class_ in classes))
        return frames.parse_page(await self.request("GET", f"/api/mailboxes/{mailbox.hex()}/items", query=query))

    async def thread_items(self, thread: bytes, mailbox: bytes, after: int) -> tuple[Item, ...]:
        query = {"mailbox": mailbox.hex(), "after": str(after)}
        return frames.parse_page(await self.request("GET", f"/api/threads/{thread.hex()}/items", query=query))

    async def thread_epochs(self, thread: bytes, mailbox: bytes, after: int) -> tuple[Item, ...]:
        query = {"mailbox": mailbox.hex(), "after": str(after)}
        return frames.parse_page(await self.request("GET", f"/api/threads/{thread.hex()}/epochs", query=query))

    async def recent(self, mailbox: bytes, before: int, classes: Iterable[int]) -> tuple[Item, ...]:
        """The newest items before a tick, oldest first."""
        mask = sum(1 << class_ for class_ in classes)
        query = {"before": str(before), "classes": str(mask)}
        return frames.parse_page(await self.request("GET", f"/api/mailboxes/{mailbox.hex()}/recent", query=query))

    async def state_access(self, statement: bytes) -> bytes:
        (proof,) = octet_list(await self.request("POST", "/api/accesses", octets=statement))
        return proof

    async def accesses(self, record: bytes, after: int) -> list[tuple[bytes, bytes]]:
        """(statement, proof) after a tick."""
        path = f"/api/records/{record.hex()}/accesses"
        return _pairs(octet_list(await self.request("GET", path, query={"after": str(after)})))

    # Directory

    async def log(self, account: bytes, start: int) -> list[tuple[bytes, bytes]]:
        """(entry, proof) from `start` on, all of them."""
        found: list[tuple[bytes, bytes]] = []
        path, page = f"/api/accounts/{account.hex()}/log", _LOG_PAGE
        while page >= _LOG_PAGE:
            raw = await self.request("GET", path, query={"from": str(start + len(found))})
            more = _pairs(octet_list(raw))
            found += more
            page = len(more)
        return found

    async def binds(self, account: bytes) -> list[bytes]:
        return octet_list(await self.request("GET", f"/api/accounts/{account.hex()}/binds"))

    async def wraps(self, account: bytes) -> list[bytes]:
        return octet_list(await self.request("GET", f"/api/accounts/{account.hex()}/wraps"))

    async def openings(self, account: bytes) -> list[tuple[bytes, bytes]]:
        """(entry hash, sealed opening) of every live grant."""
        return _pairs(octet_list(await self.request("GET", f"/api/accounts/{account.hex()}/openings")))

    async def consents(self, record: bytes) -> list[tuple[bytes, bytes]]:
        """(entry hash, sealed opening) of a record's consents, in log order."""
        return _pairs(octet_list(await self.request("GET", f"/api/accounts/{record.hex()}/consents")))

    async def holdings(self) -> list[dict[str, Any]]:
        found = await self.json("GET", "/api/holdings")
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise MessagingError("service-answer-wrong")
        return found

    async def change_accounts(self, submission: bytes) -> list[bytes]:
        return octet_list(await self.request("POST", "/api/accounts/changes", octets=submission))


def _pairs(flat: list[bytes]) -> list[tuple[bytes, bytes]]:
    if len(flat) % 2:
        raise MessagingError("service-answer-wrong")
    return list(zip(flat[::2], flat[1::2], strict=True))


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > _LARGEST_ANSWER:
            raise MessagingError("service-answer-wrong")
        parts.append(part)
    return b"".join(parts)


def _refusal(status: int, octets: bytes) -> Refusal:
    try:
        problem = json.loads(octets)
        if not _ID.fullmatch(problem["id"]):
            raise ValueError
        return ServiceRefusal(problem["id"], status, problem)
    except (ValueError, KeyError, TypeError, RecursionError):
        if status in (502, 503, 504):
            return MessagingError("service-unreachable")
        return MessagingError("service-answer-wrong", status=status)
