"""The server's side of TLS (RFC 8446, RFC 9325): one context for all doors. A renewed certificate is loaded into it."""

from __future__ import annotations

import ssl

from messaging.errors import MessagingError
from messaging.gateway.certificates.identity import Identity


def context(identity: Identity) -> ssl.SSLContext:
    """TLS 1.2 and later, without compression or renegotiation. MessagingError certificate-unreadable."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    _load(made, identity)
    return made


def reload(live: ssl.SSLContext, identity: Identity) -> None:
    """Connections from now on are served under `identity`; those that stand are left alone.

    MessagingError certificate-unreadable, and then `live` serves what it did: the files are tried elsewhere first."""
    _load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity)
    _load(live, identity)


def _load(made: ssl.SSLContext, identity: Identity) -> None:
    try:
        # Without a password of ours OpenSSL would ask whoever sits at the terminal.
        made.load_cert_chain(identity.chain, identity.key, password=lambda: b"")
    except (OSError, ssl.SSLError, ValueError):
        raise MessagingError("certificate-unreadable") from None
