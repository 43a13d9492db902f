"""CDA-5: results of a structured report, by data type; and what is not the patient's result."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from confrere.story.documents import HISTORY, Measure, laboratory_cda, laboratory_history
from record_bridge.cda import rules
from record_bridge.cda.build import build
from record_bridge.cda.laboratory import MAX_RESULTS, Result, read_report, results
from record_bridge.cda.value_sets import LOINC
from record_bridge.errors import RecordError
from tests.record_bridge.cda.cda_documents import LETTER, PATIENT

ONE = laboratory_cda(PATIENT, "MARKER", measures=(Measure("2823-3", "Potassium", "4.10", "mmol/L", "3.5", "5.1"),))
VALUE = b'<value xsi:type="PQ" value="4.10" unit="mmol/L"/>'
RANGE = b'<value xsi:type="IVL_PQ"><low value="3.5" unit="mmol/L"/><high value="5.1" unit="mmol/L"/></value>'
PEPTIDE, POTASSIUM = "33762-6", "2823-3"


def changed(old: bytes, new: bytes) -> Result:
    assert old in ONE
    (result,) = results(ONE.replace(old, new))
    return result


def test_a_result_with_its_range_and_date() -> None:
    (result,) = results(ONE)
    assert result == Result(
        code=POTASSIUM,
        name="Potassium",
        value=Decimal("4.10"),
        unit="mmol/L",
        low=Decimal("3.5"),
        high=Decimal("5.1"),
        interpretation="N",
        time_ms=1_795_156_200_000,
        section="Biochimie",
        system=LOINC,
    )
    assert str(result.value) == "4.10", "the laboratory's precision is kept"
    assert "4.10" not in repr(result)


def test_the_same_measures_over_ten_months() -> None:
    reports = laboratory_history(PATIENT, "MARKER")
    assert len({rules.verify(octets).id for octets in reports}) == len(HISTORY)
    series = [result for octets in reports for result in results(octets) if result.code == PEPTIDE]
    assert [result.value for result in series] == [Decimal(310), Decimal(620), Decimal(1240)]
    assert [result.time_ms for result in series] == sorted(result.time_ms for result in series)
    assert [(result.low, result.high) for result in series] == [(None, Decimal(450))] * 3
    assert [result.interpretation for result in series] == ["N", "H", "H"]


@pytest.mark.parametrize(
    ("value", "read_as", "unit"),
    [
        (b'<value xsi:type="PQ" value="-0.5" unit="1"/>', Decimal("-0.5"), ""),
        (b'<value xsi:type="INT" value="7"/>', Decimal(7), ""),
        (b'<value xsi:type="hl7:REAL" xmlns:hl7="urn:hl7-org:v3" value="1.50"/>', Decimal("1.50"), ""),
        (b'<value xsi:type="IVL_PQ"><high value="0.01" unit="ug/L" inclusive="false"/></value>', "< 0.01", "ug/L"),
        (b'<value xsi:type="IVL_PQ"><high value="0.01" unit="ug/L"/></value>', "≤ 0.01", "ug/L"),
        (b'<value xsi:type="IVL_PQ"><low value="70" unit="ng/L" inclusive="false"/></value>', "> 70", "ng/L"),
        (b'<value xsi:type="IVL_PQ"><low value="70"/><high nullFlavor="PINF"/></value>', "≥ 70", ""),
        (b'<value xsi:type="IVL_INT"><low value="2"/><high value="5"/></value>', "2 – 5", ""),
        (b'<value xsi:type="CD" code="10828004" displayName="Positif"/>', "Positif", ""),
        (b'<value xsi:type="CE" code="LA6577-6"/>', "LA6577-6", ""),
        (b'<value xsi:type="CD" nullFlavor="OTH"><originalText>autre</originalText></value>', "", ""),
        (b'<value xsi:type="ST">trace de\n sang</value>', "trace de sang", ""),
        (b'<value xsi:type="ED"><reference value="#r1"/></value>', "Potassium", ""),
        (b'<value xsi:type="RTO_PQ_PQ"><numerator value="1"/><denominator value="80"/></value>', "1/80", ""),
        (b'<value xsi:type="PQ" nullFlavor="NASK"/>', "", ""),
        (b'<value xsi:type="BL" value="true"/>', "true", ""),
        (VALUE + b'<value xsi:type="ST">stable</value>', "4.10 mmol/L; stable", ""),
    ],
)
def test_cda_5_2_a_value_by_its_type(value: bytes, read_as: Decimal | str, unit: str) -> None:
    result = changed(VALUE, value)
    assert (result.value, result.unit) == (read_as, unit)
    assert type(result.value) is type(read_as)


@pytest.mark.parametrize(
    "number", ["4,1", "", "NaN", "Infinity", "1e9", "0x10", "4.1.2", "٤", "1" * 21, "4.10 mmol", "--4"]
)
def test_cda_5_2_a_number_that_cannot_be_read_refuses_the_report(number: str) -> None:
    for octets in (
        ONE.replace(b'value="4.10"', f'value="{number}"'.encode()),
        ONE.replace(b'<low value="3.5"', f'<low value="{number}"'.encode()),
    ):
        with pytest.raises(RecordError) as refused:
            results(octets)
        assert (refused.value.id, refused.value.facts) == ("cda-unreadable", {"clause": "observation/value"})


@pytest.mark.parametrize(
    ("reference", "low", "high", "words"),
    [
        (b"", None, None, ""),
        (RANGE, Decimal("3.5"), Decimal("5.1"), ""),
        (b"<text>moins de 5,1</text>", None, None, "moins de 5,1"),
        (b'<value xsi:type="IVL_PQ"><low value="14" unit="mg/dL"/></value>', None, None, "≥ 14 mg/dL"),
        (b'<value xsi:type="ST">selon le sexe</value>', None, None, "selon le sexe"),
        (b'<value xsi:type="IVL_PQ"><low nullFlavor="NINF"/><high value="5" unit="mmol/L"/></value>', None, 5, ""),
    ],
)
def test_cda_5_3_a_range_is_in_the_value_s_unit_or_in_words(
    reference: bytes, low: Decimal | None, high: Decimal | None, words: str
) -> None:
    result = changed(RANGE, reference)
    assert (result.low, result.high, result.reference) == (low, high, words)


def test_cda_5_3_the_normal_range_is_the_one_that_says_so() -> None:
    start, end = ONE.index(b"<referenceRange"), ONE.index(b"</referenceRange>") + len(b"</referenceRange>")
    normal = ONE[start:end]
    critical = normal.replace(b'code="N"', b'code="HH"').replace(b"5.1", b"9.9")
    result = changed(normal, critical + normal)
    assert (result.low, result.high) == (Decimal("3.5"), Decimal("5.1"))
    assert changed(normal, critical).reference == "3.5 – 9.9 mmol/L"


OBSERVED = b'<observation classCode="OBS" moodCode="EVN">'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OBSERVED, OBSERVED.replace(b"EVN", b"RQO")),
        (OBSERVED, OBSERVED.replace(b">", b' negationInd="true">')),
        (OBSERVED, OBSERVED + b"<subject><relatedSubject/></subject>"),
        (b"<title>Biochimie</title>", b"<title>Biochimie</title><subject><relatedSubject/></subject>"),
        (b'code="18719-5"', b'code="55108-5"'),
        (VALUE, b""),
        (b'<code code="11502-2"', b'<code code="11488-4"'),
    ],
    ids=["asked", "negated", "of another", "section of another", "copy", "no value", "no laboratory report"],
)
def test_cda_5_4_what_is_not_a_result_of_the_patient_is_left_out(old: bytes, new: bytes) -> None:
    assert old in ONE
    assert results(ONE.replace(old, new)) == ()


def test_cda_5_4_an_n1_has_no_results() -> None:
    assert results(build(LETTER)) == ()
    assert read_report(build(LETTER))[1] == ()


def test_the_time_is_its_own_or_that_of_what_holds_it() -> None:
    own = b'<effectiveTime value="20261120073000+0100"/>'
    assert changed(own, b'<effectiveTime><low value="20261119"/></effectiveTime>').time_ms == 1_795_042_800_000
    document = changed(own, b'<effectiveTime nullFlavor="NA"/>').time_ms
    assert document == changed(own, b"").time_ms == 1_795_159_800_000
    with pytest.raises(RecordError, match="cda-unreadable"):
        changed(own, b'<effectiveTime value="202611"/>')


def test_a_name_is_the_table_s_then_the_code_s() -> None:
    assert changed(b"#r1", b"#nothing").name == "Potassium"
    named = changed(b'<td ID="r1">Potassium</td>', b'<td ID="r1">Potassium <br/>(plasma)</td>')
    assert named.name == "Potassium (plasma)"
    assert changed(b"<originalText>", b"<originalText>K+").name == "Potassium"


def test_a_comment_and_a_status_come_along() -> None:
    comment = (
        b'<entryRelationship><act moodCode="EVN"><code code="48767-8"/><text>Hemolyse</text></act>'
        b"</entryRelationship></observation>"
    )
    assert changed(b"</observation>", comment).comment == "Hemolyse"
    octets = ONE.replace(b'<statusCode code="completed"/>\n          <eff', b'<statusCode code="active"/><eff')
    assert results(octets)[0].status == "active"


def test_a_long_text_says_that_it_was_cut() -> None:
    value = changed(VALUE, b'<value xsi:type="ST">' + b"x" * 5000 + b"</value>").value
    assert isinstance(value, str)
    assert (len(value), value[-1]) == (4000, "…")


def test_many_results_are_read_and_too_many_refused() -> None:
    entry = ONE[ONE.index(b"<entryRelationship") : ONE.index(b"</entryRelationship>") + 20]
    many = ONE.replace(entry, entry * 2000)
    assert len(results(many)) == 2000
    with pytest.raises(RecordError, match="cda-unsafe"):
        results(ONE.replace(entry, entry * (MAX_RESULTS + 1)))


def test_a_reference_to_a_gigantic_text_is_put_together_once() -> None:
    entry = ONE[ONE.index(b"<entryRelationship") : ONE.index(b"</entryRelationship>") + 20]
    octets = ONE.replace(entry, entry * 2000).replace(b'<td ID="r1">', b'<td ID="r1">' + b"x" * 1_500_000)
    started = time.perf_counter()
    assert len(results(octets)) == 2000
    assert time.perf_counter() - started < 2
