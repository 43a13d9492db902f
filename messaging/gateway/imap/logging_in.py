"""CAPABILITY, STARTTLS, LOGIN, AUTHENTICATE, ID, ENABLE, LOGOUT (RFC 3501 sections 6.1 and 6.2; RFC 4616 PLAIN,
XOAUTH2, RFC 4959 SASL-IR, RFC 2971, RFC 5161). No password is taken before TLS; who may come in is the Porter's.
"""

from __future__ import annotations

from messaging.errors import MessagingError
from messaging.gateway.entry import exchange, sasl
from messaging.gateway.imap.grammar import Malformed
from messaging.gateway.imap.refusals import answer
from messaging.gateway.imap.session import Call, No, Session
from messaging.gateway.imap.wire import Farewell
from messaging.gateway.ports import Door

_ALWAYS = b"IMAP4rev1 SASL-IR ID ENABLE"
_LATER = (
    b" LITERAL+ NAMESPACE UNSELECT UIDPLUS MOVE CHILDREN SPECIAL-USE LIST-EXTENDED LIST-STATUS STATUS=SIZE ESEARCH IDLE"
    b" CONDSTORE QRESYNC"
)


def capabilities(session: Session) -> bytes:
    """What may be used now. Before login no more than one needs to log in."""
    if session.client is not None:
        return _ALWAYS + _LATER + b" APPENDLIMIT=%d" % session.limits.message
    if session.wire.secure:
        return _ALWAYS + b"".join(b" AUTH=" + name.encode() for name in sasl.MECHANISMS)
    return _ALWAYS + b" STARTTLS LOGINDISABLED"


async def capability(call: Call) -> bytes:
    call.scanner.end()
    call.session.wire.add(b"* CAPABILITY %b\r\n" % capabilities(call.session))
    return b"OK that is all"


async def noop(call: Call) -> bytes:
    call.scanner.end()
    return b"OK nothing done"


async def logout(call: Call) -> bytes:
    call.scanner.end()
    call.session.wire.add(b"* BYE see you\r\n")
    call.session.ended = True
    return b"OK logged out"


async def identity(call: Call) -> bytes:
    """ID: what the client says of itself is read and forgotten."""
    if not call.scanner.skip(b"NIL"):
        call.scanner.listed(call.scanner.nstring)
    call.scanner.end()
    call.session.wire.add(b'* ID ("name" "Confrere")\r\n')
    return b"OK nice to meet you"


async def enable(call: Call) -> bytes:
    """RFC 5161; what is not known is passed over."""
    session, scanner = call.session, call.scanner
    named = [scanner.word()]
    while scanner.skip(b" "):
        named.append(scanner.word())
    scanner.end()
    enabled = [name for name in ("CONDSTORE", "QRESYNC") if name in named]
    session.condstore = session.condstore or bool(enabled)
    session.qresync = session.qresync or "QRESYNC" in enabled
    session.wire.add(b"* ENABLED%b\r\n" % "".join(f" {name}" for name in enabled).encode())
    return b"OK enabled"


async def start_tls(call: Call) -> bytes:
    session = call.session
    call.scanner.end()
    if session.wire.secure:
        raise Malformed("the connection is encrypted already")
    await session.wire.say(call.tag + b" OK begin now\r\n")
    await session.wire.start_tls(session.tls())
    return b""


async def log_in(call: Call) -> bytes:
    _only_with_tls(call.session)
    user = _text(call.scanner.astring())
    call.scanner.space()
    password = _text(call.scanner.astring())
    call.scanner.end()
    return await _enter(call.session, user, password)


async def authenticate(call: Call) -> bytes:
    """RFC 3501 section 6.2.2."""
    _only_with_tls(call.session)
    session, scanner = call.session, call.scanner
    mechanism = scanner.word()
    initial = scanner.rest() if scanner.skip(b" ") else b""

    async def ask(challenge: bytes) -> bytes:
        await session.wire.say(b"+ %b\r\n" % sasl.encoded(challenge))
        return await session.wire.line()

    try:
        said = await exchange.credentials(mechanism, initial.decode("utf-8", "surrogateescape"), ask)
    except exchange.MechanismUnknown:
        raise No("there is no such way to log in") from None
    except exchange.Cancelled:
        raise Malformed("given up") from None
    except ValueError:
        raise Malformed(f"this is no {mechanism} answer") from None
    return await _enter(session, said.user, said.secret, bearer=said.bearer)


async def _enter(session: Session, user: str, password: str, bearer: bool = False) -> bytes:
    enter = session.porter.bearer if bearer else session.porter.log_in
    try:
        session.client = await enter(user, password, Door.IMAP, session.peer)
    except MessagingError as refused:
        session.failed_logins += 1
        if bearer:  # the client is told why as a challenge, and answers that with nothing
            await session.wire.say(b"+ %b\r\n" % sasl.encoded(sasl.REFUSED_TOKEN))
            await session.wire.line()
        if session.failed_logins >= session.limits.logins:
            raise Farewell("too many attempts") from None
        return answer(refused)
    session.wire.authenticated = True
    session.let_in()
    return b"OK [CAPABILITY %b] welcome" % capabilities(session)


def _text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("this is not in UTF-8") from None


def _only_with_tls(session: Session) -> None:
    if not session.wire.secure:
        raise No("[PRIVACYREQUIRED] use TLS first")
