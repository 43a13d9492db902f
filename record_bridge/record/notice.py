"""A notice in the record's class 0: that something happened about the patient, without its content (RD-2.2).

RECORD_NOTICE, JSON. An act from a closed list, who and whom, when, and ids to find the thing by. There is no field for
a text, a title, a document type or a patient: whoever holds only the notices learns who dealt with whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from messaging.referral.clinical import Party
from messaging.referral.fhir_json import Node, dump, parse
from record_bridge.record.fhir_parts import (
    Resource,
    instant,
    party,
    read_instant,
    read_party,
    read_uuid,
    reading,
    refuse,
    uuid_text,
)

MEDIA_TYPE = "application/vnd.confrere.record-notice+json"
MAX_NOTICE = 4 * 1024  # octets


class NoticeAct(StrEnum):
    """What happened; the words' id is that of the log's line, `record-log-<value>`."""

    ASKED = "asked"
    ANSWERED = "answered"
    SHARED = "shared"
    SHARE_ENDED = "share-ended"
    FILED = "filed"
    CONSENT_RECORDED = "consent-recorded"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    DEPOSITED = "deposited"
    CLAIMED = "claimed"
    MANDATE_GRANTED = "mandate-granted"
    MANDATE_ENDED = "mandate-ended"
    MOVED = "moved"


class About(StrEnum):
    """What a reference of a notice names."""

    CASE = "case"
    THREAD = "thread"
    ITEM = "item"
    SERIES = "series"
    FILING = "filing"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Reference:
    about: About
    id: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """`whom` is None where nobody is addressed; the event's signature proves who sent it, not who `who` is."""

    act: NoticeAct
    who: Party
    whom: Party | None
    when_ms: int
    references: tuple[Reference, ...] = ()


def write(notice: Notice) -> bytes:
    """Raises RecordError: record-item-malformed. What `read` would refuse is refused here."""

    def octets() -> bytes:
        tree: Resource = {"act": notice.act.value, "who": party(notice.who)}
        if notice.whom is not None:
            tree["whom"] = party(notice.whom)
        tree["when"] = instant(notice.when_ms, "Notice.when")
        tree["references"] = [
            {"about": ref.about.value, "id": uuid_text(ref.id, "Notice.references.id")} for ref in notice.references
        ]
        return dump(tree)

    data = reading("record-item-malformed", octets)
    read(data)
    return data


def read(data: bytes) -> Notice:
    """Raises RecordError: record-item-malformed, naming the clause."""
    return reading("record-item-malformed", lambda: _read(parse(data, "Notice", MAX_NOTICE, refuse)))


def _read(node: Node) -> Notice:
    # Content-free is a promise to the patient: a field that could carry content is refused, not ignored.
    if set(node.value) - {"act", "who", "whom", "when", "references"}:
        raise node.refuse(node.at("fields"))
    whom = node.maybe("whom")
    references = tuple(
        Reference(one.choice("about", About), read_uuid(one, "id")) for one in node.children("references", 8)
    )
    return Notice(
        node.choice("act", NoticeAct),
        read_party(node.child("who")),
        read_party(whom) if whom else None,
        read_instant(node, "when"),
        references,
    )
