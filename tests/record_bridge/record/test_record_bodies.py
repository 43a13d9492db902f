"""record.md RD-2: the small bodies of a record, strict both ways."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from fhir.resources.R4B.communication import Communication
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.identity.ins import Sex, StrictTraits
from messaging.referral.clinical import Party
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, to_fhir
from record_bridge.errors import RecordError
from record_bridge.record import handover, identity, note, notice, share
from record_bridge.record.classes import RecordClass
from record_bridge.record.handover import ClassSeed
from record_bridge.record.kinds import Kind
from record_bridge.record.note import Note
from record_bridge.record.notice import About, Notice, NoticeAct, Reference
from record_bridge.record.share import Share, SharedItem

WHEN = 1_795_000_000_123
NOTE = Note(Kind.ALLERGY, "Pénicilline : urticaire en 2009.\nConfirmé.", WHEN)
NOTICE = Notice(
    NoticeAct.ASKED,
    Party("Dr Aubry", "10000000007"),
    Party("Dr Teissier"),
    WHEN,
    (Reference(About.CASE, b"c" * 16), Reference(About.THREAD, b"t" * 16)),
)
SHARE = Share(b"c" * 16, WHEN, (SharedItem(b"i" * 16, "Bilan rénal", Kind.LABORATORY),))
PATIENT = Patient(StrictTraits("PAT-TROIS", "DOMINIQUE", datetime.date(1979, 3, 28), Sex.FEMALE))


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(RecordError) as error:
        call()
    assert error.value.id == "record-item-malformed"
    return str(error.value.facts["clause"])


def broken(data: bytes, change: Callable[[Any], Any]) -> bytes:
    tree = json.loads(data)
    change(tree)
    return json.dumps(tree).encode()


@pytest.mark.parametrize("kind", list(note.NOTE_KINDS.values()))
def test_rd_2_1_a_note_is_valid_fhir_and_reads_back(kind: Kind) -> None:
    made = Note(kind, NOTE.text, WHEN)
    Communication.model_validate_json(note.write(made))
    assert note.read(note.write(made)) == made


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=200), st.integers(0, 4_000_000_000_000))
def test_rd_2_1_whatever_is_written_reads_back_or_is_refused(text: str, when: int) -> None:
    made = Note(Kind.NOTE, text, when)
    try:
        data = note.write(made)
    except RecordError:
        return
    assert note.read(data) == made


def test_rd_2_1_a_note_that_is_none() -> None:
    data = note.write(NOTE)
    assert refused(lambda: note.write(Note(Kind.LABORATORY, "x", WHEN)))
    assert refused(lambda: note.write(Note(Kind.NOTE, "x" * (note.MAX_TEXT + 1), WHEN)))
    assert refused(lambda: note.write(Note(Kind.NOTE, "", WHEN)))
    assert refused(lambda: note.write(Note(Kind.NOTE, "x", -1)))
    assert refused(lambda: note.read(broken(data, lambda t: t.update(status="preparation"))))
    assert refused(lambda: note.read(broken(data, lambda t: t["payload"].append({"contentString": "x"}))))
    assert refused(lambda: note.read(broken(data, lambda t: t.update(resourceType="Consent"))))


@pytest.mark.parametrize("act", list(NoticeAct))
def test_rd_2_2_a_notice_reads_back(act: NoticeAct) -> None:
    for made in (Notice(act, NOTICE.who, NOTICE.whom, WHEN, NOTICE.references), Notice(act, NOTICE.who, None, WHEN)):
        assert notice.read(notice.write(made)) == made


def test_rd_2_2_nothing_clinical_can_travel_in_a_notice() -> None:
    data = notice.write(NOTICE)
    assert refused(lambda: notice.read(broken(data, lambda t: t.update(text="diabète")))) == "Notice.fields"
    assert refused(lambda: notice.read(broken(data, lambda t: t.update(act="something"))))
    assert refused(lambda: notice.read(broken(data, lambda t: t["references"].extend(t["references"] * 4))))
    assert refused(lambda: notice.read(broken(data, lambda t: t["references"][0].update(id="diabète"))))
    assert refused(lambda: notice.read(broken(data, lambda t: t["who"].update(display="x" * 201))))
    assert refused(lambda: notice.write(Notice(NoticeAct.ASKED, Party(""), None, WHEN)))


def test_rd_2_3_an_identity_keeps_the_octets_that_were_attested() -> None:
    fhir = dump(to_fhir(PATIENT))
    for attestation in (b"", b"\0" * 300):
        read = identity.read(identity.write(fhir, attestation))
        assert (read.fhir, read.attestation, read.patient) == (fhir, attestation, PATIENT)
        assert "TROIS" not in repr(read)
    data = identity.write(fhir)
    assert refused(lambda: identity.read(data + b"\0")) == "Identity.trailing"
    assert refused(lambda: identity.read(data[:-1]))
    assert refused(lambda: identity.write(b"{}")) == "Patient.resourceType"
    assert refused(lambda: identity.write(fhir, b"\0" * (identity.MAX_ATTESTATION + 1)))


def test_rd_2_4_a_share_reads_back_and_shows_only_what_may_be_shown() -> None:
    data = share.write(SHARE)
    assert share.read(data) == SHARE
    item = SHARE.items[0]
    for class_ in (RecordClass.MASKED, RecordClass.NOTICES, RecordClass.REIMBURSEMENT):
        hidden = SharedItem(item.thread, item.title, item.kind, class_)
        assert refused(lambda hidden=hidden: share.write(Share(SHARE.case, WHEN, (hidden,)))) == "Share.items.class"
    assert refused(lambda: share.write(Share(SHARE.case, WHEN, ())))
    assert refused(lambda: share.write(Share(SHARE.case, WHEN, (item, item))))
    many = tuple(SharedItem(bytes([n]) * 16, "x", Kind.OTHER) for n in range(share.MAX_SHARED + 1))
    assert refused(lambda: share.write(Share(SHARE.case, WHEN, many)))
    assert refused(lambda: share.write(Share(b"short", WHEN, SHARE.items))) == "Share.case"


def test_rd_2_5_a_handover_reads_back_in_order_and_shows_no_secret() -> None:
    seeds = (ClassSeed(RecordClass.EMERGENCY, 1, b"E" * 32), ClassSeed(RecordClass.COMMON, 2, b"C" * 32))
    read = handover.read(handover.write(seeds))
    assert read == (seeds[1], seeds[0])
    assert "CCCC" not in repr(read)


def test_rd_2_5_a_handover_that_is_none() -> None:
    one = ClassSeed(RecordClass.COMMON, 1, b"C" * 32)
    data = handover.write((one,))
    assert refused(lambda: handover.write(())) == "Handover.order"
    assert refused(lambda: handover.write((one, one))) == "Handover.order"
    assert refused(lambda: handover.write((ClassSeed(RecordClass.COMMON, 1, b"short"),)))
    assert refused(lambda: handover.read(data + b"\0")) == "Handover.trailing"
    assert refused(lambda: handover.read(data[:2] + b"\x07" + data[3:])) == "Handover.class"
    assert refused(lambda: handover.read(b"\xff\xff" + data[2:])) == "Handover.seeds"
