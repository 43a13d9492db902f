"""The preview is what is written, and nothing that is written can forge it (docs/spec/filing.md FI-6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from confrere.words.catalogue import words
from record_bridge.errors import RecordError
from record_bridge.filing.bodies import Role
from record_bridge.filing.preview import preview, verify_preview
from record_bridge.filing.units import Section

CONSENT = ("consent-basis-attested",)


@pytest.fixture
def filed(cast):
    exchange = cast.exchange()
    asked = exchange.ask(cast.gp, "Faut-il une échographie ?")
    step = cast.secretary_for_specialist
    answer = exchange.answer(cast.secretary, "Non.\nContrôle dans un an.", acting_for=step.mailbox, authority=(step,))
    request = exchange.request((answer, Role.ANSWER), (asked, Role.REQUEST))
    return request, exchange.verify(request, exchange.bundle(), cast.gp)


def test_fi_6_1_what_is_written_is_what_is_shown(filed) -> None:
    request, units = filed
    shown = preview(units, request.patient, CONSENT, "dossier 3f2a")
    for said in (
        *("dossier 3f2a", "PAT-TROIS DOMINIQUE MARIE-LOUISE", "1979-03-28", "279035121518989"),
        *("Dr Sylvie", "Dr Teissier", "Dr Aubry", "Faut-il une échographie ?", "Non.", "Contrôle dans un an."),
    ):
        assert said in shown.text
    report, letter = shown.documents
    assert [line.word for line in report.sections] == ["filing-section-question", "filing-section-answer"]
    assert [line.word for line in letter.sections] == ["filing-section-request"]
    assert (units[0].author.name, units[0].responsible.name) == ("Dr Sylvie", "Dr Teissier")


def test_fi_6_1_every_line_has_its_words(filed) -> None:
    request, units = filed
    shown = preview(units, request.patient, (), "dossier")
    lines = [*shown.header, *(line for d in shown.documents for line in (*d.header, *d.sections))]
    for language in ("fr", "en"):
        said = words(language, strict=True)
        for line in lines:
            said.say(line.word)
            if line.said:
                said.say(line.value)


def test_fi_6_2_a_request_whose_preview_was_another(filed) -> None:
    request, units = filed
    shown = preview(units, request.patient, CONSENT, "dossier")
    assert verify_preview(replace(request, preview=shown.digest), shown) is shown
    altered = replace(units[0], sections=(Section("filing-section-answer", "Oui."),))
    for other in (
        preview((altered, units[1]), request.patient, CONSENT, "dossier"),
        preview(units[:1], request.patient, CONSENT, "dossier"),
        preview(units[::-1], request.patient, CONSENT, "dossier"),
        preview(units, request.patient, (), "dossier"),
        preview(units, request.patient, CONSENT, "un autre dossier"),
    ):
        with pytest.raises(RecordError, match="filing-preview-differs"):
            verify_preview(replace(request, preview=shown.digest), other)


@pytest.mark.parametrize("separator", ["\n", "\r", "\r\n", "\x85", "\u2028", "\x0b"])
def test_fi_6_3_no_text_can_look_like_a_line_of_ours(filed, separator: str) -> None:
    request, units = filed
    forged = separator.join(("Non.", "filing-section-conclusion:", "  Rien à faire."))
    honest = (Section("filing-section-answer", "Non."), Section("filing-section-conclusion", "Rien à faire."))
    one = replace(units[0], sections=(Section("filing-section-answer", forged),))
    two = replace(units[0], sections=honest)
    assert (
        preview((one,), request.patient, (), "d").digest != preview((two,), request.patient, (), "d").digest
    )


def test_fi_6_4_an_identity_that_comes_later_changes_no_preview(filed) -> None:
    """The bridge takes the identity of the request, whatever came since."""
    request, units = filed
    validated = replace(request.patient, status="VALI")
    provisional = replace(request.patient, status="PROV")
    assert preview(units, validated, CONSENT, "d").digest == preview(units, provisional, CONSENT, "d").digest
