"""Octets of a PDF stream, decoded within a bound; a bomb ends here (DOC-2.4). It knows no object's meaning."""

from __future__ import annotations

import base64
import zlib

import pikepdf
from pikepdf import Name, Stream

from record_bridge.errors import RecordError


def not_archivable(rule: str) -> RecordError:
    """The refusal that names a clause of ISO 19005-1."""
    return RecordError("pdf-not-archivable", rule=rule)


def filters(stream: Stream) -> list[pikepdf.Object]:
    """The names of its codings, outermost first."""
    held = stream.get("/Filter")
    return [held] if isinstance(held, Name) else list(held) if isinstance(held, pikepdf.Array) else []


def decoded(stream: Stream, limit: int) -> bytes:
    """At most `limit` octets.

    Raises "pdf-too-large" beyond, "pdf-not-archivable" 6.1.10 for a coding not known here.
    """
    octets = stream.read_raw_bytes()
    parameters = stream.get("/DecodeParms")
    if parameters is not None and any("/Predictor" in held for held in _dictionaries(parameters)):
        raise not_archivable("6.1.10")
    for name in filters(stream):
        try:
            if name == Name.FlateDecode:
                octets = _inflated(octets, limit)
            elif name == Name.ASCIIHexDecode:
                octets = bytes.fromhex(b"".join(octets.partition(b">")[0].split()).decode("ascii"))
            elif name == Name.ASCII85Decode:
                octets = base64.a85decode(octets.partition(b"~>")[0])
            else:
                raise not_archivable("6.1.10")
        except (zlib.error, ValueError):
            raise RecordError("pdf-unreadable") from None
    if len(octets) > limit:
        raise RecordError("pdf-too-large", limit=limit)
    return octets


def _inflated(octets: bytes, limit: int) -> bytes:
    machine = zlib.decompressobj()
    found = machine.decompress(octets, limit + 1)
    if len(found) > limit:
        raise RecordError("pdf-too-large", limit=limit)
    return found


def _dictionaries(value: pikepdf.Object) -> list[pikepdf.Dictionary]:
    held = list(value) if isinstance(value, pikepdf.Array) else [value]
    return [item for item in held if isinstance(item, pikepdf.Dictionary)]
