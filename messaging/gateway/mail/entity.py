"""How a mail travels without losing an octet (ML-2): its files leave it for the event's attachments, a hole stays in
the place of each, and the recipient's gateway puts them back. Other clients see a text and ordinary attachments.

`fill(carve(octets))` is `octets`, whatever they are: `carve` verifies that before anything leaves. What a stranger's
entity says of its holes is believed only as far as its own event's files go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from messaging.errors import MessagingError
from messaging.gateway.mail import content, heading, hole, parts
from messaging.gateway.mail.content import Attached
from messaging.gateway.mail.heading import Field
from messaging.gateway.mail.hole import Hole
from messaging.gateway.mail.parts import Part
from messaging.gateway.mail.submitted import OURS
from messaging.wire import limits

MANIFEST = 2048 + 8  # octets that a file's manifest takes in the body, at most
MAX_ENTITY = limits.MAX_BODY - limits.MAX_MANIFESTS * MANIFEST - 512
LARGE = 64 * 1024  # octets of a leaf that leaves even if it is no attachment,
LARGE_TEXT = 512 * 1024  # and of an inline text, which people would miss
# Of the way here, of whom nobody shall see, or what a reader takes for the word of his own server.
UNTRAVELLED = frozenset(
    (b"bcc", b"resent-bcc", b"received", b"return-path", b"delivered-to", b"authentication-results")
)
_SEALED = ("multipart/signed", "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")


@dataclass(frozen=True, slots=True, repr=False)
class Carved:
    """`files` in the order of the event's manifests. A file that no hole names is a copy for people: the entity still
    has its octets, signed, or in an encoding that could not be written again."""

    entity: bytes
    files: tuple[Attached, ...]


@dataclass(frozen=True, slots=True)
class _Cut:
    part: Part
    hole: Hole


def travelling(octets: bytes, message_id: str) -> bytes:
    """The mail as it may leave: without the fields of UNTRAVELLED and all X-Confrere- ones, under this Message-ID;
    everything else octet for octet."""
    section, blank, body = heading.split(octets)
    kept = [field for field in heading.cut(section) if field.name != b"message-id" and not _stays(field)]
    return heading.identifiers("Message-ID", (message_id,)) + heading.join(kept) + blank + body


def carve(octets: bytes, root: Part | None = None) -> Carved:
    """Move the files out; `root` are the mail's parts where they are known. Raises MessagingError: mail-too-large where
    not even the header fits."""
    root = root or parts.read(octets)
    carved = _carved(octets, root)
    if carved is None or len(carved.entity) > MAX_ENTITY or not _exact(carved, octets):
        carved = _whole(octets, root)
    if len(carved.entity) > MAX_ENTITY or not _exact(carved, octets):
        raise MessagingError("mail-too-large", limit=MAX_ENTITY)
    return carved


def fill(entity: bytes, files: Sequence[bytes]) -> bytes:
    """Put the event's files back. A hole that does not fit its file, or that another claims too, stays as it is."""
    if not files:
        return entity
    root = parts.read(entity)
    fitting = _fitting(root, [len(file) for file in files])
    if len(fitting) == 1 and fitting[0].part is root:
        return _root_filled(entity, root, fitting[0].hole, files)
    pieces, at = [], 0
    for cut in fitting:
        body = cut.hole.body(files[cut.hole.file])
        pieces += [entity[at : cut.part.start], entity[cut.part.body : cut.part.end], body]
        at = cut.part.end
    return b"".join([*pieces, entity[at:]])


def named(entity: bytes, sizes: Sequence[int]) -> frozenset[int]:
    """The places of those files, of these sizes, that `fill` puts back."""
    return frozenset(cut.hole.file for cut in _fitting(parts.read(entity), sizes))


def _fitting(root: Part, sizes: Sequence[int]) -> list[_Cut]:
    """The holes that name a file of their size alone."""
    found = [(part, hole.read(part.parameters)) for part in content.leaves(root) if _is_hole(part)]
    claims = Counter(read.file for _, read in found if read is not None)
    return [
        _Cut(part, read)
        for part, read in found
        if read is not None and claims[read.file] == 1 and read.file < len(sizes) and sizes[read.file] == read.size
    ]


def _stays(field: Field) -> bool:
    return field.name in UNTRAVELLED or field.name.startswith(OURS)


def _is_hole(part: Part) -> bool:
    return hole.is_hole(part.media_type, part.parameters)


def _exact(carved: Carved, octets: bytes) -> bool:
    return fill(carved.entity, [file.octets for file in carved.files]) == octets


def _carved(octets: bytes, root: Part) -> Carved | None:
    """Each file moved out by itself; None where there are more than an event can have."""
    files: list[Attached] = []
    cuts: list[_Cut] = []
    for number, (part, sealed) in enumerate(_leaving(root), 1):
        raw = octets[part.body : part.end]
        name = content.filename(part, number)
        if sealed and len(raw) <= LARGE and not _is_hole(part):
            files.append(Attached(name, part.media_type, parts.decoded(octets, part)))
            continue
        plain = part.encoding not in ("base64", "quoted-printable")
        known = hole.recognise(raw) if part.encoding == "base64" and not _is_hole(part) else None
        if known is not None:
            cuts.append(_Cut(part, Hole(len(files), len(known[0]), known[1])))
            files.append(Attached(name, part.media_type, known[0]))
            continue
        if plain or _is_hole(part):
            cuts.append(_Cut(part, Hole(len(files), len(raw))))
            files.append(Attached(name, part.media_type, raw))
            continue
        # People get the file; how it was written cannot be said in a few words, so that stays, or goes beside it.
        files.append(Attached(name, part.media_type, parts.decoded(octets, part)))
        if len(raw) > LARGE:
            cuts.append(_Cut(part, Hole(len(files), len(raw))))
            files.append(Attached(f"{name}.{part.encoding}", parts.OPAQUE, raw))
    files += _readable(octets, root)
    if len(files) > limits.MAX_MANIFESTS:
        return None
    return Carved(_cut_out(octets, root, cuts), tuple(files))


def _readable(octets: bytes, root: Part) -> list[Attached]:
    """The words of a mail that is HTML alone, for clients that show plain text."""
    said = "" if content.has_plain_text(octets, root) else content.text(octets, root)
    return [_copy(said)] if said else []


def _copy(said: str) -> Attached:
    return Attached("message.txt", "text/plain", said.encode("utf-8", "replace"))


def _leaving(root: Part) -> Iterable[tuple[Part, bool]]:
    """The leaves that become files, and whether each stands in something signed or encrypted: of that only what is
    large leaves, so that clients can verify it where it is, and people get the rest as a copy."""
    waiting = [(root, False)]
    while waiting:
        part, sealed = waiting.pop()
        sealed = sealed or part.media_type in _SEALED
        if part.children:
            waiting += [(child, sealed) for child in reversed(part.children)]
            continue
        size = part.end - part.body
        attached = content.is_attachment(part) and part.media_type not in _SIGNATURES
        inline = part.media_type == "text/plain" and not content.is_attachment(part)
        if size and (size > (LARGE_TEXT if inline else LARGE) or attached):
            yield part, sealed


def _cut_out(octets: bytes, root: Part, cuts: Sequence[_Cut]) -> bytes:
    if len(cuts) == 1 and cuts[0].part is root:
        return _root_cut(octets, cuts[0].hole)
    pieces, at = [], 0
    for cut in cuts:
        pieces += [octets[at : cut.part.start], cut.hole.field(), heading.LINE, octets[cut.part.start : cut.part.body]]
        at = cut.part.end
    return b"".join([*pieces, octets[at:]])


def _whole(octets: bytes, root: Part) -> Carved:
    """All of it as one attached message; only the header stays."""
    _, _, body = heading.split(octets)
    if not body:
        return Carved(octets, ())
    files = [Attached("message.eml", "message/rfc822", octets)]
    said = content.text(octets, root)
    files += [_copy(said)] if said else []
    return Carved(_root_cut(octets, Hole(0, len(octets), skip=len(octets) - len(body))), tuple(files))


def _root_cut(octets: bytes, made: Hole) -> bytes:
    """A message that is a hole itself: its content fields go into the hole, with the places where they stood."""
    section, blank, _ = heading.split(octets)
    found = heading.cut(section)
    held = [(place, field) for place, field in enumerate(found) if field.name.startswith(b"content-")]
    places = tuple(place for place, _ in held)
    kept = heading.join(field for field in found if not field.name.startswith(b"content-"))
    placed = Hole(made.file, made.size, made.base64, made.skip, places)
    return kept + placed.field() + heading.LINE + heading.join(field for _, field in held) + blank


def _root_filled(entity: bytes, root: Part, found: Hole, files: Sequence[bytes]) -> bytes:
    kept = list(heading.cut(entity[: root.body]))
    section, blank, _ = heading.split(entity[root.body :])
    held = heading.cut(section)
    content_types = [place for place, field in enumerate(kept) if field.name == b"content-type"]
    if len(held) != len(found.places) or len(content_types) != 1:
        return entity
    # What is after the hole's own field is the blank line that closed the section.
    kept = kept[: content_types[0]]
    for place, field in zip(found.places, held, strict=True):
        if place > len(kept):
            return entity
        kept.insert(place, field)
    return heading.join(kept) + blank + found.body(files[found.file])
