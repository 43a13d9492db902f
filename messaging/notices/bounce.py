"""A delivery status notification about one of our notices (RFC 3464, RFC 3462): which mail it was, and its status.

What a stranger's mail server sends is hostile until read: bounded in size and in parts, and whatever is not a failure
report about a token of ours gives nothing. It reads no diagnostic text and keeps no address.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser

LARGEST = 256 * 1024  # octets: a notice and its report are some kilobytes, and what follows the report is not needed
_PARTS = 8
_RECIPIENTS = 16
_RETURNED_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
_TOKEN = re.compile(r"\+([a-z2-7]{26})@", re.ASCII | re.IGNORECASE)
_STATUS = re.compile(r"\s*([45]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])", re.ASCII)
_LONGEST_FIELD = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """A mail that did not arrive: the token of its return address, and the status (RFC 3463) that its server gave."""

    token: bytes
    status: str


def read_report(octets: bytes, returned_to: str = "") -> Report | None:
    """`returned_to` is the envelope's recipient where the mail server tells it; else the report's own headers say it.
    None for what reports no failure: an absence message, a delay, a receipt, or no report at all. Never raises."""
    try:
        report = BytesParser(policy=policy.compat32).parsebytes(octets[:LARGEST])
        token = _token([returned_to] if returned_to else list(_fields(report, *_RETURNED_TO)))
        status = _failure(report)
    except Exception:  # the parser raises a dozen types on octets that were made to hurt it, RecursionError among them
        return None
    return Report(token, status) if token and status else None


def _token(addresses: list[str]) -> bytes:
    for address in addresses:
        found = _TOKEN.search(address)
        if found:
            return base64.b32decode(found.group(1).upper() + "======")
    return b""


def _failure(report: Message) -> str:
    """The status of the first recipient that the report calls failed, or nothing."""
    if report.get_content_type() != "multipart/report":
        return ""
    for part in _within(report, _PARTS):
        if part.get_content_type() != "message/delivery-status":
            continue
        for recipient in _within(part, _RECIPIENTS + 1):  # the first block is about the whole report
            if [action.strip().lower() for action in _fields(recipient, "Action")] == ["failed"]:
                found = [_STATUS.match(status) for status in _fields(recipient, "Status")]
                return next((match.group(1) for match in found if match), "5.0.0")
    return ""


def _within(message: Message, most: int) -> list[Message]:
    inner = message.get_payload()
    return [part for part in inner[:most] if isinstance(part, Message)] if isinstance(inner, list) else []


def _fields(message: Message, *names: str) -> Iterator[str]:
    for name in names:
        for value in (message.get_all(name) or [])[:_RECIPIENTS]:
            yield str(value)[:_LONGEST_FIELD]
