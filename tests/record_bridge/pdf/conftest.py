"""A letter about nobody, and how a sound PDF/A is bent."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable

import pikepdf
import pytest

from record_bridge.pdf.letter import Author, Letter, PatientLines, Section, letter

RPPS = "10100000017"
Bend = Callable[[pikepdf.Pdf], None]


def a_letter(**changed: object) -> Letter:
    content: dict[str, object] = {
        "title": "Compte rendu de télé-expertise",
        "date": datetime.date(2026, 3, 1),
        "time_ms": 1_772_355_600_000,
        "authors": (Author("Dr Hélène FONTAINE", "Médecin cardiologue", "Centre fictif de Sainte-Œuvre", RPPS),),
        "patient": PatientLines("ESSAI Éléonore", datetime.date(1950, 2, 3), "female", "2 50 02 75 056 001 12"),
        "sections": (
            Section("Question posée", "Dyspnée NYHA II → III, NT-proBNP ≥ 1 800 ng/L : « que faire » ?"),
            Section("Conclusion", "FEVG 45 % ± 5, œdèmes…\n- revoir à 3 mois"),
        ),
        "recipients": ("Dr Paul GARNIER, médecin généraliste",),
        "footer": ("Fait par Confrère à partir d'une réponse signée.", "La patiente, informée, ne s'est pas opposée."),
    }
    return Letter(**{**content, **changed})  # type: ignore[arg-type]


def saved(pdf: pikepdf.Pdf) -> bytes:
    """Written again without what PDF 1.4 did not have."""
    out = io.BytesIO()
    pdf.save(
        out,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        fix_metadata_version=False,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        deterministic_id=True,
    )
    return out.getvalue()


def bent(octets: bytes, bend: Bend) -> bytes:
    with pikepdf.open(io.BytesIO(octets)) as pdf:
        bend(pdf)
        return saved(pdf)


@pytest.fixture(scope="session")
def sound() -> bytes:
    return letter(a_letter())
