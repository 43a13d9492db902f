"""A verified event as an RFC 5322 message (ML-3, ML-4): made once, with the fields that a reader trusts from verified
values only. Verifies nothing, and never renders what failed: for that `notices` makes a mail without content.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace

from messaging.gateway.mail import clinical_text, compose, content, entity, fields, heading, message_id, parts
from messaging.gateway.mail.content import Attached
from messaging.gateway.mail.heading import Field, Person
from messaging.gateway.mail.rendered import CLASSES, Clinical, File, Rendered, Say, Travelled, Written
from messaging.gateway.mail.submitted import OURS

SEED = 16  # octets of the event's id that its boundaries show
MOST_PARENTS = 20
# What says who wrote, when, to whom, in answer to what: ours. And what would have a mail program write elsewhere.
REPLACED = frozenset(
    {
        *(b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc", b"date", b"message-id", b"in-reply-to", b"references"),
        *(
            b"return-path",
            b"received",
            b"delivered-to",
            b"authentication-results",
            b"mail-followup-to",
            b"mail-reply-to",
        ),
        *(b"disposition-notification-to", b"return-receipt-to", b"x-confirm-reading-to", b"apparently-to"),
        *(b"errors-to", b"status", b"x-status", b"x-keywords", b"x-uid", b"content-length", b"lines"),
    }
)
_ONCE = (b"subject", b"mime-version", b"content-type", b"content-transfer-encoding", b"content-disposition")


def render(event: Rendered, say: Say, zone: datetime.tzinfo) -> bytes:
    """The mail of an event; the same octets for the same values. Its words come from `say`, its times are of `zone`."""
    if isinstance(event.content, Travelled):
        whole = entity.fill(event.content.entity, [b"" if one.octets is None else one.octets for one in event.files])
        lost = _beside(event, event.content, whole)
        if not lost:
            return _travelled(event, whole, say, zone)
        # Its files are not in the mail: nobody's gateway made this, and no reader shall miss what another one sees.
        event = _taken_apart(event, whole, lost)
    if isinstance(event.content, Written):
        subject, words = event.content.subject, event.content.text
    elif isinstance(event.content, Clinical):
        subject = clinical_text.subject(event.content, event.standing, say)
        words = clinical_text.text(event.content, event, say, zone)
    else:
        subject, words = say("mail-subject-unreadable"), say("mail-text-unreadable")
    enclosed = [Attached(file.name, file.media_type, file.octets) for file in event.files if file.octets is not None]
    left = [file for file in event.files if file.octets is None]
    words = "\n\n".join(filter(None, [*event.notices, words, _too_large(left, say)]))
    listed = heading.people("To", _named(event.recipients, say)) if event.recipients else b""
    own = message_id.of_event(event.event)
    return b"".join(
        (
            _verified(event, own, say, zone),
            listed,
            heading.write("Subject", subject),
            compose.content(words + "\n", enclosed, event.event[:SEED].hex()),
        )
    )


def id_of(event: Rendered) -> str:
    """The Message-ID that `render` gives: the entity's where it is bound to the sender's verified address and not used
    yet, else the event's."""
    if isinstance(event.content, Travelled) and not event.id_used:
        section, _, _ = heading.split(event.content.entity)
        brought = [found for value in fields.values(section, b"message-id") for found in message_id.read(value)]
        if len(brought) == 1 and message_id.bound(brought[0], event.author.address):
            return brought[0]
    return message_id.of_event(event.event)


def _beside(event: Rendered, travelled: Travelled, whole: bytes) -> list[File]:
    """The event's files that neither a hole names nor the mail itself holds, and those that are not here to fill it."""
    named = entity.named(travelled.entity, [file.size for file in event.files])
    left = [file for place, file in enumerate(event.files) if place not in named or file.octets is None]
    if not left:
        return []
    root = parts.read(whole)
    held = {parts.decoded(whole, part) for part in content.leaves(root)}
    held.add(content.text(whole, root).encode("utf-8", "replace"))
    return [file for file in left if file.octets not in held]


def _taken_apart(event: Rendered, whole: bytes, lost: Sequence[File]) -> Rendered:
    """Subject and text with those files and the mail itself as one more."""
    root = parts.read(whole)
    written = Written(parts.header(whole, root, "subject"), content.text(whole, root))
    return replace(event, content=written, files=(*lost, File("message.eml", "message/rfc822", len(whole), whole)))


def _travelled(event: Rendered, whole: bytes, say: Say, zone: datetime.tzinfo) -> bytes:
    """What the sender's mail program made, octet for octet but for the fields that are ours to say."""
    section, _, body = heading.split(whole)
    theirs = heading.clean(section)
    copied = _addressed(theirs, b"cc")
    to = [person for person in event.recipients if person.address.lower() not in copied]
    cc = [person for person in event.recipients if person.address.lower() in copied]
    receipt = event.author.address.lower() in _addressed(theirs, b"disposition-notification-to")
    return b"".join(
        (
            _verified(event, id_of(event), say, zone),
            heading.people("To", _named(to, say)) if to else b"",
            heading.people("Cc", _named(cc, say)) if cc else b"",
            heading.people("Disposition-Notification-To", (Person("", event.author.address),)) if receipt else b"",
            heading.join(_kept(theirs)),
            heading.LINE,
            body,
        )
    )


def _addressed(theirs: Iterable[Field], name: bytes) -> frozenset[str]:
    values = (heading.value(field) for field in theirs if field.name == name)
    return frozenset(address.lower() for address in heading.addresses(values))


def _kept(theirs: Iterable[Field]) -> Iterable[Field]:
    """The sender's own fields that stay: of those that have one meaning only the first, none of which is ours."""
    met: set[bytes] = set()
    for field in theirs:
        ours = field.name in REPLACED or field.name.startswith((OURS, b"resent-", b"x-mozilla-"))
        if ours or (field.name in _ONCE and field.name in met):
            continue
        met.add(field.name)
        yield field


def _verified(event: Rendered, own: str, say: Say, zone: datetime.tzinfo) -> bytes:
    """The fields that stand for what was verified."""
    standing = event.standing
    root = message_id.of_thread(event.thread)
    parents = event.parents[-MOST_PARENTS:]
    said = {
        "Event": event.event.hex(),
        "Thread": event.thread.hex(),
        "Class": CLASSES[event.class_] if event.class_ < len(CLASSES) else str(event.class_),
        "Kind": event.kind,
        "Author": "proven" if event.author.name else "unproven",
        "On-Behalf-Of": event.on_behalf_of,
        "Case": standing.case.hex() if standing else "",
        "State": standing.phase.value if standing else "",
        "Urgency": standing.urgency.value if standing and standing.urgency else "",
    }
    return b"".join(
        (
            heading.people("From", _named((_author(event, say),), say)),
            heading.date(event.time, zone),
            heading.identifiers("Message-ID", (own,)),
            heading.identifiers("In-Reply-To", parents[-1:]) if parents else b"",
            heading.identifiers("References", (root, *parents)),
            *(heading.write(f"X-Confrere-{name}", value) for name, value in said.items() if value),
            *(heading.write("X-Confrere-Notice", notice) for notice in event.notices),
        )
    )


def _author(event: Rendered, say: Say) -> Person:
    if not event.on_behalf_of or not event.author.name:
        return event.author
    name = say("mail-on-behalf-of", name=event.author.name, owner=event.on_behalf_of)
    return Person(name, event.author.address)


def _named(people: Iterable[Person], say: Say) -> list[Person]:
    """Each with a name and an address to show; whom no proof names is said to be so, and has an address nobody has."""
    return [
        person
        if person.name and person.address
        else Person(person.name or say("author-unproven"), person.address or heading.NOBODY)
        for person in people
    ]


def _too_large(files: Iterable[File], say: Say) -> str:
    return "\n".join(say("mail-file-too-large", name=heading.line_of(file.name), size=file.size) for file in files)
