"""A notice as an e-mail text, from the operator's own templates in `config/mail/`.

A template's first line is `Subject: ...`, then a blank line, then the text. It sees `mailbox` and `link` and
nothing else, and a name that it was not given is an error (StrictUndefined), so that an edited template
cannot leak what it does not have. It sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from messaging.errors import MessagingError
from messaging.notices.kinds import Notice

_SUBJECT = "Subject: "
MAX_SUBJECT = 150  # characters


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What goes into the mail; both in the notice's language."""

    subject: str
    text: str


def open_templates(folder: Path) -> Environment:
    """The templates of `config/mail/`, parsed once and kept."""
    # Notices hold no character that escaping would change (kinds.py): autoescape is there for an edited template.
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def render(templates: Environment, notice: Notice) -> NoticeText:
    """The text of a notice, or `referral-settings-invalid` naming the template that is missing or broken."""
    name = f"{notice.kind.value}.{notice.language}.txt.j2"
    try:
        page = templates.get_template(name).render(mailbox=notice.mailbox, link=notice.link)
    except TemplateError:
        page = ""
    first, _, text = page.partition("\n\n")
    subject = first.removeprefix(_SUBJECT)
    if first == subject or "\n" in subject or not subject or len(subject) > MAX_SUBJECT or not text.strip():
        raise MessagingError("referral-settings-invalid", setting=f"mail/{name}")
    return NoticeText(subject, text)
