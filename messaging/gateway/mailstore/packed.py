"""A description as octets, for its row and for a page. Pure."""

from __future__ import annotations

import struct

from messaging.gateway.mail.described import Described

_LENGTHS = struct.Struct(">6Q")


def pack(described: Described) -> bytes:
    parts = (
        *(described.header, described.envelope, described.body, described.bodystructure),
        described.message_id.encode("utf-8", "surrogatepass"),
    )
    return b"".join((_LENGTHS.pack(described.size, *map(len, parts)), *parts))


def unpack(octets: bytes) -> Described:
    size, header, envelope, body, structure, message_id = _LENGTHS.unpack_from(octets)
    envelope += (header := header + _LENGTHS.size)
    structure += (body := body + envelope)
    return Described(
        size,
        octets[_LENGTHS.size : header],
        octets[header:envelope],
        octets[envelope:body],
        octets[body:structure],
        octets[structure : structure + message_id].decode("utf-8", "surrogatepass"),
    )
