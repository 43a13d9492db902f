"""A thread as one readable, printable page: what `export` puts beside the signed bytes.

Takes frozen views that the caller made from verified events, and gives HTML. It verifies nothing: what it is
given is shown, so a caller never gives it an event that failed its authenticity check.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from messaging.rendering.pages import Language, Say, moment, page, size


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """An attached file; `path` is where the export put it, relative to the page, or empty; `lines` say what it says."""

    name: str
    octets: int
    path: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldView:
    """A labelled part of an event: the label is a message id, the value plain text."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A sentence beside an event (a continuity notice, an act without effect): a message id and its facts."""

    words: str
    facts: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class EventView:
    """One verified event. `kind` is a message id; `logistic` events are drawn as one line."""

    author: str
    role: str
    on_behalf_of: str
    time_ms: int
    kind: str
    text: str = ""
    fields: tuple[FieldView, ...] = ()
    attachments: tuple[AttachmentView, ...] = ()
    notices: tuple[NoticeView, ...] = ()
    logistic: bool = False
    confidential: bool = False
    own: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread or a whole case. `summary` is the head of the page: patient, urgency, state, as label and value."""

    title: str
    members: tuple[str, ...]
    events: tuple[EventView, ...]
    exported_ms: int
    exported_by: str
    summary: tuple[FieldView, ...] = ()
    notices: tuple[NoticeView, ...] = ()


def thread_page(thread: ThreadView, say: Say, language: Language, zone: datetime.tzinfo = datetime.UTC) -> str:
    """The page as text; the caller writes it as UTF-8."""
    return page(
        "thread.html.j2",
        say,
        language,
        thread=thread,
        moment=lambda ms: moment(ms, language, zone),
        size=lambda octets: size(octets, language),
        tell=lambda notice: say(notice.words, **dict(notice.facts)),
    )
