"""The kinds of document that a referral may carry, from `config/document_types.toml` (referral.md RF-7).

Each is a LOINC code of the national list with its label in both languages. Names only: filing into the
record, with its class and access matrix, is another room's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from messaging.errors import MessagingError

_LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A short name for the command line, a LOINC code, and what to show."""

    name: str
    code: str
    labels: Mapping[str, str]


def read_document_types(settings: Mapping[str, object]) -> tuple[DocumentType, ...]:
    """The parsed file in its order, or `referral-settings-invalid` naming the entry."""
    return tuple(_document_type(name, table) for name, table in settings.items())


def _document_type(name: str, table: object) -> DocumentType:
    fields = table if isinstance(table, Mapping) else {}
    values = {key: fields.get(key) for key in ("loinc", *_LANGUAGES)}
    for key, value in values.items():
        if not isinstance(value, str) or not value.strip():
            raise MessagingError("referral-settings-invalid", setting=f"{name}.{key}")
    labels = {language: str(values[language]) for language in _LANGUAGES}
    return DocumentType(name, str(values["loinc"]), labels)
