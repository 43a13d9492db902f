"""What of a record is shown inside a case, and until when (record.md RD-2.4).

RECORD_SHARE, JSON, in the clinical thread. It shows lines and gives no access: the keys of each item's thread do, and
they go when the case ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from messaging.referral.fhir_json import LINE, Node, dump, parse
from record_bridge.record.classes import SHAREABLE, RecordClass
from record_bridge.record.fhir_parts import instant, read_instant, read_uuid, reading, refuse, uuid_text
from record_bridge.record.kinds import Kind

MEDIA_TYPE = "application/vnd.confrere.record-share+json"
MAX_SHARED = 50  # items in one share
MAX_SHARE = 64 * 1024  # octets


@dataclass(frozen=True, slots=True, repr=False)
class SharedItem:
    """An item that is shown: its thread, and a line to show before anybody opens it."""

    thread: bytes
    title: str
    kind: Kind
    class_: RecordClass = RecordClass.COMMON


@dataclass(frozen=True, slots=True, repr=False)
class Share:
    """Which items are shown inside `case`; the access ends with the case, and with `until_ms` at the latest."""

    case: bytes
    until_ms: int
    items: tuple[SharedItem, ...]


def write(share: Share) -> bytes:
    """Raises RecordError: record-item-malformed."""

    def octets() -> bytes:
        items = [
            {
                "thread": uuid_text(item.thread, "Share.items.thread"),
                "title": item.title,
                "kind": item.kind.value,
                "class": item.class_.slug,
            }
            for item in share.items
        ]
        until = instant(share.until_ms, "Share.until")
        return dump({"case": uuid_text(share.case, "Share.case"), "until": until, "items": items})

    data = reading("record-item-malformed", octets)
    read(data)
    return data


def read(data: bytes) -> Share:
    """Raises RecordError: record-item-malformed, also for a class that is never shown in an exchange."""
    return reading("record-item-malformed", lambda: _read(parse(data, "Share", MAX_SHARE, refuse)))


def _read(node: Node) -> Share:
    items = tuple(_read_item(item) for item in node.children("items", MAX_SHARED))
    if not items or len({item.thread for item in items}) != len(items):
        raise node.refuse(node.at("items"))
    return Share(read_uuid(node, "case"), read_instant(node, "until"), items)


def _read_item(node: Node) -> SharedItem:
    slug = node.line("class")
    class_ = next((class_ for class_ in SHAREABLE if class_.slug == slug), None)
    if class_ is None:
        raise node.refuse(node.at("class"))
    return SharedItem(read_uuid(node, "thread"), node.line("title", limit=LINE), node.choice("kind", Kind), class_)
