"""Messaging's routes (docs/spec/service.md, "Messaging routes"): read the request, ask the rights, call the verb."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from directory.ports import JSON, OCTETS, Holding, Route, Session
from directory.primitives.codec import u16, var
from messaging.errors import MessagingError
from messaging.http.parameters import caller, document, number, octets, octets_id, path_id
from messaging.http.websocket import Line, serve_socket
from messaging.mailbox.membership import demand_manage, readable_classes
from messaging.mailbox.quiet import Times
from messaging.ports import BlobShape, Page
from messaging.use_cases.accesses import Accesses
from messaging.use_cases.blobs import Blobs
from messaging.use_cases.notices import Notices
from messaging.wire import access, frames, limits

if TYPE_CHECKING:
    from collections.abc import Callable

FETCH_TOKEN = "Confrere-Fetch-Token"
MOST_BLOB = 2**50
MOST_TICK = 2**53


@dataclass(frozen=True, slots=True)
class MessagingRoutes:
    """The route table over the verbs of `line`, blobs and notices."""

    line: Line
    blobs: Blobs
    notices: Notices
    accesses: Accesses
    sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def table(self) -> tuple[Route, ...]:
        octets_answer = {200: OCTETS}
        return (
            Route("GET", "/api/ws", "Send, receive and resume: frames.", self.socket, auth=False, responses={101: ""}),
            Route(
                "POST",
                "/api/submissions",
                "An epoch commit, events, or both: all of it or nothing.",
                self.submit,
                request=OCTETS,
                responses=octets_answer,
            ),
            Route(
                "GET",
                "/api/mailboxes/{mailbox}/items",
                "What follows a cursor in a mailbox's feed.",
                self.mailbox_items,
                responses=octets_answer,
                query=("after", "classes"),
            ),
            Route(
                "GET",
                "/api/mailboxes/{mailbox}/recent",
                "The newest of a mailbox's feed, a page at a time.",
                self.recent_items,
                responses=octets_answer,
                query=("before", "classes"),
            ),
            Route(
                "POST",
                "/api/accesses",
                "State an access to a record.",
                self.state_access,
                request=OCTETS,
                responses=octets_answer,
            ),
            Route(
                "GET",
                "/api/records/{record}/accesses",
                "Every access that was stated, for holders of the record's notices.",
                self.record_accesses,
                responses=octets_answer,
                query=("after",),
            ),
            Route(
                "GET",
                "/api/threads/{thread}/items",
                "A thread as a member may read it.",
                self.thread_items,
                responses=octets_answer,
                query=("mailbox", "after"),
            ),
            Route(
                "GET",
                "/api/threads/{thread}/epochs",
                "Every epoch commit of a thread.",
                self.thread_epochs,
                responses=octets_answer,
                query=("mailbox", "after"),
            ),
            Route(
                "PUT",
                "/api/mailboxes/{mailbox}/notices",
                "Where, how often and when a mailbox's notices go.",
                self.prefer,
                request=JSON,
                responses={204: ""},
            ),
            Route(
                "GET",
                "/api/mailboxes/{mailbox}/notices",
                "What stands of that, and whether the last ones arrived.",
                self.preferred,
            ),
            Route(
                "POST",
                "/api/blobs",
                "Declare a blob, or resume it.",
                self.declare,
                request=JSON,
                responses={201: JSON},
            ),
            Route(
                "PUT",
                "/api/blobs/{blob}",
                "A blob of one sealed chunk: declared, durable and complete when answered.",
                self.put_blob,
                request=OCTETS,
                responses={204: ""},
                query=("root", "token_hash"),
            ),
            Route(
                "PUT",
                "/api/blobs/{blob}/chunks/{index}",
                "One sealed chunk, durable when answered.",
                self.put_chunk,
                request=OCTETS,
                responses={204: ""},
            ),
            Route("POST", "/api/blobs/{blob}/complete", "Every chunk is there.", self.complete, responses={204: ""}),
            Route(
                "GET",
                "/api/blobs/{blob}/chunks/{index}",
                "One sealed chunk, for whoever shows the fetch token.",
                self.get_chunk,
                responses=octets_answer,
            ),
        )

    async def socket(self, request: web.Request) -> web.StreamResponse:
        return await serve_socket(request, self.line, self.sockets)

    async def submit(self, request: web.Request) -> web.StreamResponse:
        proofs = await self.line.submissions.submit(caller(request), await octets(request, limits.MAX_SUBMISSION))
        return _octets(u16(len(proofs)) + b"".join(var(proof) for proof in proofs))

    # --- reading ---

    async def mailbox_items(self, request: web.Request) -> web.StreamResponse:
        mailbox, after = path_id(request, "mailbox"), _after(request)
        session, feeds, asked = caller(request), self.line.feeds, _classes(request)

        def query(connection: Any) -> Page:
            return feeds.mailbox_page(connection, mailbox, self._served(connection, session, mailbox, asked), after)

        page = await self.line.reader.read(query)
        # What a reader asks to come after, it has.
        self.line.read_up_to(mailbox, page.cursor if not page.items else after)
        return _octets(frames.encode_page(page.items))

    def _served(self, connection: Any, session: Session, mailbox: bytes, asked: int | None) -> tuple[int, ...]:
        """The classes that the caller may read now. Of a record only what was stated: who asks for a class by its bit
        is refused without, and who asks for none in particular gets what was stated and the notices."""
        readable = readable_classes(mailbox, session.account, self._holdings(session, connection))
        wanted = tuple(class_ for class_ in readable if asked is None or asked >> class_ & 1)
        if self.accesses.record_of(connection, (mailbox,)) is None:
            return wanted
        found = []
        for class_ in wanted:
            try:
                self.accesses.demand(connection, session, mailbox, mailbox, class_, access.WHOLE)
            except MessagingError:
                if asked is not None:
                    raise
                continue
            found.append(class_)
        return tuple(found)

    async def recent_items(self, request: web.Request) -> web.StreamResponse:
        mailbox, before = path_id(request, "mailbox"), number(request.query.get("before", str(MOST_TICK)), "before")
        session, feeds, asked = caller(request), self.line.feeds, _classes(request)

        def query(connection: Any) -> Page:
            return feeds.recent_page(connection, mailbox, self._served(connection, session, mailbox, asked), before)

        page = await self.line.reader.read(query)
        return _octets(frames.encode_page(page.items))

    async def state_access(self, request: web.Request) -> web.StreamResponse:
        proof = await self.accesses.state(caller(request), await octets(request, access.MAX_STATEMENT))
        return _octets(u16(1) + var(proof))

    async def record_accesses(self, request: web.Request) -> web.StreamResponse:
        found = await self.accesses.page(caller(request), path_id(request, "record"), _after(request))
        return _octets(u16(len(found)) + b"".join(var(part) for part in found))

    async def thread_items(self, request: web.Request) -> web.StreamResponse:
        return await self._thread(request, self.line.feeds.thread_page, content=True)

    async def thread_epochs(self, request: web.Request) -> web.StreamResponse:
        return await self._thread(request, self.line.feeds.epochs_page)

    async def _thread(
        self, request: web.Request, read: Callable[[Any, bytes, bytes, int], Page], *, content: bool = False
    ) -> web.StreamResponse:
        thread, after = path_id(request, "thread"), _after(request)
        mailbox = octets_id(request.query.get("mailbox", ""), 16, "mailbox")
        session, feeds = caller(request), self.line.feeds

        def query(connection: Any) -> Page:
            classes = readable_classes(mailbox, session.account, self._holdings(session, connection))
            if feeds.thread_class(connection, thread, mailbox) not in classes:
                raise MessagingError("mailbox-not-held")
            if content:
                first, newest = feeds.commits_of(connection, thread, mailbox)
                record = self.accesses.record_of(connection, tuple(member.account for member in newest.members))
                # A depositor or a correspondent reads what was sent with it; the record's own, and what was shown of
                # it later, is read on a statement.
                if record is not None and (mailbox == record or first.member(mailbox) is None):
                    self.accesses.demand(connection, session, record, mailbox, newest.class_, thread)
            return read(connection, thread, mailbox, after)

        page = await self.line.reader.read(query)
        return _octets(frames.encode_page(page.items))

    def _holdings(self, session: Session, connection: Any) -> tuple[Holding, ...]:
        return self.line.accounts.holdings(session.account, connection, self.line.clock())

    # --- notices ---

    async def prefer(self, request: web.Request) -> web.StreamResponse:
        chosen = {"every": str, "quiet": str, "quiet_days": str, "zone": str, "confirm": bool}
        mailbox = await self._managed(request)
        wanted = await document(request, {"email": str, "language": str}, chosen)
        await self.notices.prefer(mailbox, **wanted)
        return web.Response(status=204)

    async def preferred(self, request: web.Request) -> web.StreamResponse:
        preference, bounce = await self.notices.preferred(await self._managed(request))
        times = preference.times if preference is not None else Times()
        return web.json_response(
            {
                "email": preference.email if preference is not None else "",
                "language": preference.language if preference is not None else "",
                "every": times.every.value,
                "quiet": times.quiet,
                "quiet_days": ",".join(times.days),
                "zone": times.zone,
                "bounce": bounce and {"status": bounce.status, "time": bounce.time, "suspended": bounce.suspended},
            }
        )

    async def _managed(self, request: web.Request) -> bytes:
        mailbox, session = path_id(request, "mailbox"), caller(request)
        holdings = await self.line.reader.read(lambda connection: self._holdings(session, connection))
        demand_manage(mailbox, session.account, holdings)
        return mailbox

    # --- blobs ---

    async def declare(self, request: web.Request) -> web.StreamResponse:
        fields = {"blob": str, "chunks": int, "size": int, "root": str, "token_hash": str}
        declared = await document(request, fields)
        if not 0 <= declared["size"] <= MOST_BLOB or not 0 <= declared["chunks"] <= MOST_BLOB:
            raise MessagingError("request-malformed", field="size")
        shape = BlobShape(
            caller(request).account,
            declared["chunks"],
            declared["size"],
            octets_id(declared["root"], 32, "root"),
            octets_id(declared["token_hash"], 32, "token_hash"),
        )
        received = await self.blobs.declare(octets_id(declared["blob"], 16, "blob"), shape)
        return web.json_response({"received": list(received)}, status=201)

    async def put_blob(self, request: web.Request) -> web.StreamResponse:
        root, hashed = (octets_id(request.query.get(name, ""), 32, name) for name in ("root", "token_hash"))
        sealed = await octets(request, limits.SEALED_CHUNK)
        await self.blobs.put(caller(request), path_id(request, "blob"), root, hashed, sealed)
        return web.Response(status=204)

    async def put_chunk(self, request: web.Request) -> web.StreamResponse:
        blob, index = path_id(request, "blob"), _index(request)
        sealed = await octets(request, limits.SEALED_CHUNK)
        await self.blobs.receive(caller(request), blob, index, sealed)
        return web.Response(status=204)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        await self.blobs.complete(caller(request), path_id(request, "blob"))
        return web.Response(status=204)

    async def get_chunk(self, request: web.Request) -> web.StreamResponse:
        token = octets_id(request.headers.get(FETCH_TOKEN, ""), 32, "fetch token")
        return _octets(await self.blobs.fetch(path_id(request, "blob"), _index(request), token))


def _after(request: web.Request) -> int:
    return number(request.query.get("after", "0"), "after")


def _classes(request: web.Request) -> int | None:
    """The classes asked for, a bit each."""
    asked = request.query.get("classes")
    return None if asked is None else number(asked, "classes", 127)


def _index(request: web.Request) -> int:
    return number(request.match_info["index"], "index", limits.MAX_BLOB_CHUNKS)


def _octets(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=OCTETS)
