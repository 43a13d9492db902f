"""The tables of `DATA/annuaire.db`: the imported extraction, indexed for search. Never changed in place.

Nothing of the service stands here, and nothing here is migrated: another `VERSION` asks for another import.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

FILE_NAME = "annuaire.db"
VERSION = 3

metadata = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


extraction = Table(
    "extraction",
    metadata,
    Column("rows", Integer, nullable=False),
    Column("practitioners", Integer, nullable=False),
)

# The pairs (profession, specialty) that occur: some hundreds.
qualification = Table(
    "qualification",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("profession_code"),
    _text("profession"),
    _text("specialty_code"),
    _text("specialty"),
)

# The places that occur: some tens of thousands. Id 0 is no place.
place = Table(
    "place",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("postal_code"),
    _text("town"),
    _text("department_code"),
    _text("department"),
    _text("town_folded"),
    _text("department_folded"),
)

# `id` is the RPPS number itself, or a negative number made from an ADELI number.
practitioner = Table(
    "practitioner",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("civility"),
    _text("family"),
    _text("given"),
    Column("qualification", Integer, nullable=False),
    _text("parts"),
)

# One row per line of the extraction; `present` is 0 for a professional's only line when it names no activity.
activity = Table(
    "activity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("practitioner", Integer, nullable=False),
    Column("qualification", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("present", Integer, nullable=False),
    _text("structure"),
    _text("phone"),
    _text("email"),
    Column("finess", Text),
    Column("finess_legal", Text),
    Column("siren", Text),
    Column("sector", Text),
)

# One row per name part and activity, all that a search filters on in one B-tree.
name_key = Table(
    "name_key",
    metadata,
    _text("part"),
    Column("qualification", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("practitioner", Integer, nullable=False),
)

# Created after the rows are in: sorting once is several times faster than keeping a tree sorted.
INDEXES = (
    Index("name_key_search", *name_key.c.values()),
    Index("activity_practitioner", activity.c.practitioner),
    Index("activity_search", activity.c.qualification, activity.c.place, activity.c.practitioner),
    Index("activity_place", activity.c.place, activity.c.practitioner),
    Index("activity_finess", activity.c.finess, sqlite_where=activity.c.finess.is_not(None)),
    Index("activity_legal", activity.c.finess_legal, sqlite_where=activity.c.finess_legal.is_not(None)),
    Index("activity_siren", activity.c.siren, sqlite_where=activity.c.siren.is_not(None)),
    Index("place_town", place.c.town_folded),
    Index("place_postal", place.c.postal_code),
    Index("place_department", place.c.department_code),
)
