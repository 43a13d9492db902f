"""An event as the gateway hands it to the room that makes a mail of it: verified values, nothing of which its author
chose but the content (ML-3). Opens nothing and verifies nothing: whoever fills these has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from messaging.gateway.mail.heading import Person
from messaging.referral.clinical import Body
from messaging.referral.patient import Patient
from messaging.referral.states import Side
from messaging.referral.turn import Phase
from messaging.referral.urgency import Urgency

Say = Callable[..., str]  # (message id, **facts) -> sentence
CLASSES = ("logistics", "clinical", "doctor-only")


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """An attachment of the event, as its manifest names it; `octets` is None where it is too large for a mail."""

    name: str
    media_type: str
    size: int
    octets: bytes | None


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """A message from a client that is no mail program."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Travelled:
    """A message that came through a gateway: the entity that `entity.carve` made."""

    entity: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Clinical:
    """A body of a case. `side` is its author's, None for a colleague who was added."""

    body: Body
    side: Side | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Standing:
    """The case as it was when the event came; `patient` only where the reader may know them. `own` is the side of the
    mailbox that the mail is made for. `advice` is the sentence to call first, while the highest urgency is open."""

    case: bytes
    phase: Phase
    patient: Patient | None = None
    urgency: Urgency | None = None
    due_ms: int | None = None
    own: Side | None = None
    advice: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Rendered:
    """`time` is that of the receipt, ms UTC. `recipients` are the other members of the thread when the event was
    sealed. `parents` are the Message-IDs of earlier mails of this exchange, oldest first. `id_used` says that another
    mail of this mailbox already has the id that the entity brings. `notices` are sentences beside the event."""

    event: bytes
    thread: bytes
    class_: int
    time: int
    kind: str
    author: Person
    on_behalf_of: str
    recipients: tuple[Person, ...]
    content: Written | Travelled | Clinical | None
    files: tuple[File, ...] = ()
    parents: tuple[str, ...] = ()
    standing: Standing | None = None
    notices: tuple[str, ...] = ()
    id_used: bool = False
