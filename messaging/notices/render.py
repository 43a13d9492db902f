"""A notice as the text and the HTML of an e-mail, from the operator's own templates in `config/mail/`.

`<kind>.<language>.j2` extends the layout that it is given, `layout.txt.j2` or `layout.html.j2`, and fills two blocks,
`subject` and `text`: both parts say the same words. A template sees `mailbox`, `link` and `language` and nothing else,
and a name that it was not given is an error (StrictUndefined), so that an edited template cannot leak what it does not
have. It sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from messaging.errors import MessagingError
from messaging.notices.kinds import Language, Notice, NoticeKind

MAX_SUBJECT = 150  # characters
MAX_PART = 20_000
_SOMEBODY = "claire.fontaine@confrere.localhost"


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What goes into the mail, in the notice's language; `text` and `html` say the same."""

    subject: str
    text: str
    html: str


def open_templates(folder: Path) -> Environment:
    """The templates of `config/mail/`, parsed once and kept."""
    # Notices hold no character that escaping would change (kinds.py), so the text part may be escaped as well.
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )


def verify(templates: Environment) -> None:
    """Raises what a notice of any kind and language would wait for."""
    for kind in NoticeKind:
        for language in get_args(Language):
            for link in ("", "https://confrere.localhost"):
                render(templates, Notice(kind, _SOMEBODY, language, _SOMEBODY, link))


def render(templates: Environment, notice: Notice) -> NoticeText:
    """The parts of a notice, or `referral-settings-invalid` naming the template that is missing or broken."""
    name = f"{notice.kind.value}.{notice.language}.j2"
    given = {"mailbox": notice.mailbox, "link": notice.url, "language": notice.language}
    try:
        template = templates.get_template(name)
        subject = "".join(template.blocks["subject"](template.new_context(given)))
        text, html = (template.render(given, layout=f"layout.{form}.j2") for form in ("txt", "html"))
        said = "".join(template.blocks["text"](template.new_context(given)))
    except (TemplateError, KeyError):
        subject = text = html = said = ""
    sound = subject.strip() and subject.isprintable() and said.strip()
    if not sound or len(subject) > MAX_SUBJECT or max(len(text), len(html)) > MAX_PART:
        raise MessagingError("referral-settings-invalid", setting=f"mail/{name}")
    return NoticeText(subject, text, html)
