"""Which events of a thread still stand, and which their author took back (docs/spec/filing.md FI-5.4).

An event of type retract or new version begins its content with the 32 octets of the id that it takes back; what
follows in a new version is that event's new content. It counts when the same account signed, or the person in whose
name the original was written. The latter is more than CP1 grants: it only ever keeps something from being filed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from messaging.protocol.body import EventType
from messaging.protocol.event import Meta
from messaging.protocol.evidence import Proven

ID_SIZE = 32


@dataclass(frozen=True, slots=True)
class Opened:
    """A proven event with its verified meta."""

    proven: Proven
    meta: Meta


def target(type_: int, content: bytes) -> bytes | None:
    """The id that a retract or a new version takes back; None for any other event, or one that names none."""
    takes_back = type_ in (EventType.RETRACT, EventType.NEW_VERSION) and len(content) >= ID_SIZE
    return content[:ID_SIZE] if takes_back else None


def said(proven: Proven) -> bytes:
    """What an event says, without the id that a new version puts before it."""
    return proven.body.content[ID_SIZE:] if proven.type == EventType.NEW_VERSION else proven.body.content


def refusals(events: Iterable[Opened]) -> Mapping[bytes, str]:
    """Why an event no longer stands, by its id. A retraction outweighs a replacement."""
    listed = {one.proven.id: one for one in events}
    found: dict[bytes, str] = {}
    for one in listed.values():
        taken = listed.get(target(one.proven.type, one.proven.body.content) or b"")
        if taken is None or not _may_take_back(one, taken):
            continue
        if one.proven.type == EventType.RETRACT:
            found[taken.proven.id] = "filing-item-retracted"
        else:
            found.setdefault(taken.proven.id, "filing-item-replaced")
    return found


def _may_take_back(one: Opened, taken: Opened) -> bool:
    owner = taken.proven.owner
    same = one.meta.signer.account == taken.meta.signer.account
    return one.proven.thread == taken.proven.thread and (same or (owner is not None and one.proven.author == owner))
