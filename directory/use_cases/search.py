"""Find a professional in the directory: by name part, specialty and place, or by number.

The port that the store fills and the verb over it. How a found colleague can be reached (end-to-end, classic
secure mail, not yet) is added by whoever knows the accounts.
"""

from __future__ import annotations

from typing import Protocol

from directory.extraction.practitioner import Practitioner, PractitionerHit, Structure

DEFAULT_LIMIT = 20
LIMIT = 100
_TEXT_LENGTH = 200


class AnnuaireReader(Protocol):
    """The directory as it stands. Short, thread-safe calls; each may raise `annuaire-missing`."""

    def search(
        self, text: str, specialty: str | None = None, place: str | None = None, limit: int = DEFAULT_LIMIT
    ) -> list[PractitionerHit]: ...

    def by_rpps(self, rpps: str) -> Practitioner | None: ...

    def by_structure(self, identifier: str) -> Structure | None: ...


def search(
    annuaire: AnnuaireReader,
    text: str,
    *,
    specialty: str | None = None,
    place: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> list[PractitionerHit]:
    """The best hits, at most `limit` (1 to 100); nothing when nothing was asked.

    `text` holds parts of the names in any order, or an RPPS number; `specialty` a code, a label or its
    beginning; `place` a town, a postal code, or a department's code or name.
    """
    return annuaire.search(
        text[:_TEXT_LENGTH],
        (specialty or "")[:_TEXT_LENGTH] or None,
        (place or "")[:_TEXT_LENGTH] or None,
        max(1, min(limit, LIMIT)),
    )
