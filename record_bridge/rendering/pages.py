"""Printable pages of a record: one self-contained HTML file each, without script, font or image from elsewhere.

Every value is escaped, whoever wrote it; one that is missing is an error. It writes no file and reads no clock.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from messaging.rendering.pages import Language, Say

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, say: Say, language: Language, **values: object) -> str:
    """A template filled in."""
    return _TEMPLATES.get_template(template).render(say=say, language=language, **values)
