"""A verified event as a mail (docs/spec/mail.md ML-3, ML-4)."""

from __future__ import annotations

import base64
import datetime
import time
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confrere.words.catalogue import words
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from messaging.gateway.mail import entity, heading, message_id, notices, rendering
from messaging.gateway.mail.heading import Person
from messaging.gateway.mail.rendered import Clinical, File, Rendered, Standing, Travelled, Written
from messaging.referral.clinical import (
    Answer,
    Appointment,
    AppointmentStatus,
    Party,
    Question,
    Reason,
    ReferralRequest,
    Remark,
    StateChange,
)
from messaging.referral.patient import Patient
from messaging.referral.states import Side, Status
from messaging.referral.turn import Phase
from messaging.referral.urgency import Urgency

FRENCH = words("fr", strict=True).say
ZONE = datetime.timezone(datetime.timedelta(hours=1), "CET")
ANNE = Person("Anne Martin", "anne@cabinet.example", "Médecin généraliste")
LUC = Person("Luc Éon", "luc@hopital.example", "Cardiologue")
EVA = Person("Eva Roy", "eva@labo.example")
CASE = bytes(range(16))
NOON = 1_762_167_600_000  # 3 November 2025, 12:00 in ZONE
EVENT = Rendered(
    event=b"e" * 32,
    thread=b"t" * 16,
    class_=1,
    time=NOON,
    kind="message",
    author=ANNE,
    on_behalf_of="",
    recipients=(LUC,),
    content=Written("Résultats", "Bonjour,\nvoici.\n"),
)


def rendered(event: Rendered) -> bytes:
    return rendering.render(event, FRENCH, ZONE)


def read(event: Rendered) -> EmailMessage:
    found = message_from_bytes(rendered(event), policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def text(event: Rendered) -> str:
    part = read(event).get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def travelled(octets: bytes, event: Rendered = EVENT) -> Rendered:
    carved = entity.carve(octets)
    files = tuple(File(one.filename, one.media_type, len(one.octets), one.octets) for one in carved.files)
    return replace(event, content=Travelled(carved.entity), files=files)


def test_ml_3_1_a_message_from_another_client_is_an_ordinary_mail() -> None:
    mail = read(EVENT)
    assert str(mail["From"]) == '"Anne Martin (Médecin généraliste)" <anne@cabinet.example>'
    assert [one.addr_spec for one in mail["To"].addresses] == ["luc@hopital.example"]
    assert mail["Date"].datetime == datetime.datetime(2025, 11, 3, 12, tzinfo=ZONE)
    assert mail["Subject"] == "Résultats"
    assert mail["Message-ID"] == message_id.of_event(b"e" * 32)
    assert mail["References"] == message_id.of_thread(b"t" * 16)
    assert (mail["X-Confrere-Event"], mail["X-Confrere-Author"]) == ((b"e" * 32).hex(), "proven")
    assert text(EVENT) == "Bonjour,\nvoici.\n\n"


def test_ml_3_1_attachments_are_those_of_the_event() -> None:
    files = (
        File("écho.pdf", "application/pdf", 3, b"\0\r\n"),
        File("x.html", "not a type", 1, b"y"),
        File("mail.eml", "message/rfc822", 9, b"From: x\r\n"),
        File("irm.zip", "application/zip", 10**9, None),
    )
    event = replace(EVENT, files=files)
    attached = list(read(event).iter_attachments())
    assert [(one.get_filename(), one.get_content_type()) for one in attached] == [
        ("écho.pdf", "application/pdf"),
        ("x.html", "application/octet-stream"),
        ("mail.eml", "application/octet-stream"),
    ]
    assert [one.get_content() for one in attached] == [b"\0\r\n", b"y", b"From: x\r\n"]
    assert "irm.zip (1\u202f000\u202f000\u202f000 octets)" in text(event)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["text/plain", "text/html", "image/png", "a/b; x=y", "multipart/mixed"]))
def test_ml_3_1_whatever_a_stranger_calls_his_file_it_is_one_attachment(name: str, media_type: str) -> None:
    mail = message_from_bytes(
        rendered(replace(EVENT, files=(File(name, media_type, 2, b"\r\n"),))), policy=policy.default
    )
    assert isinstance(mail, EmailMessage)
    (attached,) = mail.iter_attachments()
    named = attached.get_filename()
    assert named
    assert not set(named) & set("/\\\r\n\0")
    assert attached.get_payload(decode=True) == b"\r\n"


def test_ml_3_1_no_character_reorders_the_text() -> None:
    assert text(replace(EVENT, content=Written("x", "2 \u202emg\u202c"))) == "2 \ufffdmg\ufffd\n"


def test_hostile_headers_cost_little() -> None:
    began = time.process_time()
    for unit in (
        b"a:\n",
        b"\r",
        b"From: (((((",
        b"Cc: a@b,\n ",
        b"\n ",
        b"Subject: =?utf-8?q?=",
        b"\0",
        b"Cc: <<<<,;;",
    ):
        rendered(replace(EVENT, content=Travelled(unit * (1_000_000 // len(unit)))))
    assert time.process_time() - began < 8


def test_ml_3_1_an_event_is_the_same_octets_each_time_and_lines_end_in_crlf() -> None:
    event = replace(EVENT, files=(File("a.bin", "application/x", 1, b"a"),))
    octets = rendered(event)
    assert octets == rendered(event)
    assert octets.count(b"\n") == octets.count(b"\r\n") == octets.count(b"\r")


def test_ml_3_3_replies_name_the_thread_and_what_came_before() -> None:
    mail = read(replace(EVENT, parents=tuple(f"<{n}@x>" for n in range(30))))
    assert mail["In-Reply-To"] == "<29@x>"
    named = str(mail["References"]).split()
    assert (named[0], named[1], named[-1], len(named)) == (message_id.of_thread(b"t" * 16), "<10@x>", "<29@x>", 21)


MADE = message_id.submitted(ANNE.address, b"account", b"intent")
BODY = b"Le corps,\r\n.\r\nFrom: eve@evil.example\r\noctet pour octet \xe9\r\n"
THEIRS = (
    b"From: Evil <eve@evil.example>\r\nSender: eve@evil.example\r\nfrom : eve@evil.example\r\n"
    b"Reply-To: eve@evil.example\r\n"
    b"To: eve@evil.example\r\nCc: EVA@labo.example, eve@evil.example\r\nBcc: eve@evil.example\r\n"
    b"Date: Thu, 1 Jan 1970 00:00:00 +0000\r\nMessage-ID: " + MADE.encode() + b"\r\nIn-Reply-To: <other@thread>\r\n"
    b"References: <other@thread>\r\nX-Confrere-Author: proven\r\nX-CONFRERE-Case: 00\r\nReceived: from x\r\n"
    b"Resent-From: eve@evil.example\r\nDisposition-Notification-To: eve@evil.example\r\nX-Mozilla-Status: 0001\r\n"
    b"Subject: =?utf-8?q?R=C3=A9sultats?=\r\nSubject: another\r\nX-Priority: 1\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain;\r\n charset=latin-1\r\nContent-Type: text/html\r\n\r\n"
)


def test_ml_3_4_who_wrote_when_and_to_whom_is_what_was_verified() -> None:
    octets = rendered(replace(EVENT, content=Travelled(THEIRS + BODY), recipients=(LUC, EVA)))
    head, _, body = octets.partition(b"\r\n\r\n")
    assert body == BODY
    assert b"evil" not in head.lower()
    assert b"other@thread" not in head
    assert b"another" not in head
    assert b"X-Mozilla" not in head
    mail = message_from_bytes(octets, policy=policy.default)
    assert mail.get_all("From") == ['"Anne Martin (Médecin généraliste)" <anne@cabinet.example>']
    assert [[one.addr_spec for one in mail[name].addresses] for name in ("To", "Cc")] == [
        ["luc@hopital.example"],
        ["eva@labo.example"],
    ]
    assert (mail["X-Priority"], mail["X-Confrere-Author"], mail["X-Confrere-Case"]) == ("1", "proven", None)
    assert mail["Message-ID"] == MADE
    assert mail["References"] == message_id.of_thread(b"t" * 16)
    assert b"Content-Type: text/plain;\r\n charset=latin-1\r\n" in octets


@pytest.mark.parametrize(
    "event",
    [
        replace(EVENT, author=Person("Eve", "eve@evil.example")),
        replace(EVENT, author=Person("", "")),
        replace(EVENT, id_used=True),
    ],
)
def test_ml_3_2_an_id_of_another_sender_or_of_another_mail_replaces_nothing(event: Rendered) -> None:
    assert read(travelled(THEIRS + BODY, event))["Message-ID"] == message_id.of_event(b"e" * 32)


def test_ml_3_2_two_ids_are_none() -> None:
    doubled = b"Message-ID: <x@y>\r\n" + THEIRS
    assert rendering.id_of(replace(EVENT, content=Travelled(doubled))) == message_id.of_event(b"e" * 32)


@pytest.mark.parametrize(
    "trick",
    [
        b"Subject: x\nFrom: eve@evil.example\n\n",
        b"Subject: x\rFrom: eve@evil.example\r\r",
        b" From: eve@evil.example\r\nSubject: x\r\n\r\n",
        b"Subject: x\r\nFrom\0: eve@evil.example\r\n\r\n",
        b"no field\r\nFrom \t : eve@evil.example\r\n\r\n",
        b"\r\nFrom: eve@evil.example\r\n\r\n",
        b"From: eve@evil.example",
    ],
)
def test_ml_3_4_no_reader_finds_another_author_in_an_odd_header(trick: bytes) -> None:
    octets = rendered(replace(EVENT, content=Travelled(trick)))
    head, _, _ = octets.partition(b"\r\n\r\n")
    assert b"evil" not in head.replace(b"\r\n ", b" ").partition(b"Subject:")[0]
    for parser in (policy.default, policy.compat32):
        assert "evil" not in str(message_from_bytes(octets, policy=parser).get_all("From"))
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\0" not in head


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"From: eve@evil.example", b"\r\n", b"\n", b"\r", b" ", b"\0", b":", b"Subject: x", b"\x0b"])
        | st.binary(max_size=4),
        max_size=20,
    ).map(b"".join)
)
def test_ml_3_4_whatever_a_stranger_wrote_there_is_one_author(octets: bytes) -> None:
    mail = message_from_bytes(rendered(replace(EVENT, content=Travelled(octets))), policy=policy.compat32)
    assert len(mail.get_all("From", [])) == 1
    assert "anne@cabinet.example" in mail["From"]
    assert mail.get_all("X-Confrere-Event") == [(b"e" * 32).hex()]


def test_ml_3_9_files_that_are_not_in_the_mail_are_shown_beside_it() -> None:
    whole = b"Subject: scan\r\nContent-Type: text/html\r\n\r\n<p>Voici"
    lost = File("ecg.pdf", "application/pdf", 3, b"pdf")
    large = File("irm.zip", "application/zip", 10**9, None)
    mail = read(replace(EVENT, content=Travelled(whole), files=(lost, large)))
    assert mail["Subject"] == "scan"
    assert [one.get_filename() for one in mail.iter_attachments()] == ["ecg.pdf", "message.eml"]
    said = mail.get_body(("plain",))
    assert said is not None
    assert said.get_content().startswith("Voici")
    assert "irm.zip" in said.get_content()


def test_ml_3_9_a_copy_of_what_the_mail_holds_is_not_shown_twice() -> None:
    octets = (
        b"Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>Voici\r\n"
        b"--b\r\nContent-Type: text/csv; name=x.csv\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"a=3Db=\r\nc\r\n--b--\r\n"
    )
    event = travelled(octets)
    assert [file.name for file in event.files] == ["x.csv", "message.txt"]
    assert rendered(event).endswith(octets.partition(b"\r\n\r\n")[2])


def test_ml_3_5_a_receipt_is_asked_for_only_by_who_wrote() -> None:
    asked = b"Disposition-Notification-To: Anne@Cabinet.example\r\nSubject: x\r\n\r\n"
    assert read(travelled(asked))["Disposition-Notification-To"] == "anne@cabinet.example"


def test_ml_2_2_what_a_mail_program_signed_comes_out_as_it_went_in() -> None:
    signed = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nsigned  \r\n\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"s" * 99) + b"\r\n--b--\r\n"
    )
    head = b"Subject: s\r\nContent-Type: multipart/signed; boundary=b; micalg=sha-256\r\n\r\n"
    assert rendered(travelled(head + signed)).endswith(b"\r\n\r\n" + signed)


def test_ml_3_6_who_is_not_proven_is_said_to_be_so() -> None:
    mail = read(replace(EVENT, author=Person("", "eve@evil.example")))
    assert str(mail["From"].addresses[0].display_name) == "auteur dont l'identité n'est pas prouvée"
    assert mail["X-Confrere-Author"] == "unproven"


def test_ml_3_6_a_secretary_writes_for_somebody() -> None:
    mail = read(replace(EVENT, author=Person("Sophie Lang", "sophie@cabinet.example"), on_behalf_of="Anne Martin"))
    assert mail["From"].addresses[0].display_name == "Sophie Lang pour Anne Martin"
    assert mail["X-Confrere-On-Behalf-Of"] == "Anne Martin"


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=40))
def test_no_name_address_or_subject_adds_a_field_or_an_author(name: str, subject: str, address: str) -> None:
    person = Person(name, f"a{address}@b.example", name)
    octets = heading.people("From", (person,)) + heading.write("Subject", subject)
    assert len(message_from_bytes(octets + b"\r\n", policy=policy.default)["From"].addresses) == 1
    mail = message_from_bytes(octets + b"\r\n", policy=policy.compat32)
    assert mail.keys() == ["From", "Subject"]
    assert octets.count(b"\n") == octets.count(b"\r\n")
    assert max(map(len, octets.split(b"\r\n"))) < 998


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), max_size=300))
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    said = " ".join(subject.split())
    mail = message_from_bytes(heading.write("Subject", said) + b"\r\n", policy=policy.default)
    assert mail["Subject"] == said


TRAITS = StrictTraits("DUPONT", "Marie Jeanne", datetime.date(1950, 3, 12), Sex.FEMALE, "35238")
PATIENT = Patient(TRAITS, parse_ins("2 50 03 35 238 001 85", OID_TEST), "Durand")
REQUEST = ReferralRequest(
    case=CASE,
    patient=PATIENT,
    question="Dyspnée d'effort : faut-il une échographie ?",
    urgency=Urgency.URGENT,
    requester=Party("Anne Martin"),
    performer=Party("Luc Éon"),
    supporting=("ecg.pdf",),
)
STANDING = Standing(CASE, Phase.REQUESTED, PATIENT, Urgency.URGENT, NOON, Side.PERFORMER)


def clinical(body: object, standing: Standing = STANDING, side: Side = Side.PERFORMER) -> Rendered:
    return replace(EVENT, kind="x", content=Clinical(body, side), standing=standing)  # type: ignore[arg-type]


def test_ml_4_1_a_referral_is_read_and_answered_as_a_mail() -> None:
    event = clinical(REQUEST, side=Side.REQUESTER)
    mail = read(event)
    assert mail["Subject"] == "Demande d'avis : DURAND Marie"
    assert (mail["X-Confrere-Case"], mail["X-Confrere-State"]) == (CASE.hex(), "requested")
    assert mail["X-Confrere-Urgency"] == "urgent"
    said = text(event)
    for part in (
        *("Patient : DURAND Marie", "Nom de naissance : DUPONT", "Prénoms de naissance : Marie Jeanne"),
        *("Date de naissance : 12/03/1950", "Sexe : féminin", "35238", "250033523800185", "Urgence : Rapide"),
        *("Réponse attendue le : 03/11/2025 à 12:00 (CET)", REQUEST.question, "Documents joints : ecg.pdf"),
        "répondez simplement à ce message",
    ):
        assert part in said, part


@pytest.mark.parametrize("standing", [replace(STANDING, own=Side.REQUESTER), replace(STANDING, phase=Phase.ANSWERED)])
def test_ml_4_1_how_to_answer_is_said_to_who_may(standing: Standing) -> None:
    assert "répondez simplement" not in text(clinical(REQUEST, standing))


def test_ml_4_1_the_highest_urgency_says_to_call_first() -> None:
    assert text(clinical(REQUEST, replace(STANDING, advice="Appelez d'abord."))).startswith("Appelez d'abord.")


@pytest.mark.parametrize(
    ("body", "subject", "parts"),
    [
        (
            Answer(CASE, "Écho normale.", "Pas d'IC", "Rien", datetime.date(2025, 12, 1), "Œdèmes"),
            "Réponse : DURAND Marie",
            ("Écho normale.", "Conclusion : Pas d'IC", "Pour le : 01/12/2025", "Me réadresser si : Œdèmes"),
        ),
        (Question(CASE, "Le poids ?"), "Question : DURAND Marie", ("Le poids ?", "Répondez simplement")),
        (
            Remark(CASE, "À revoir."),
            "Remarque entre médecins : DURAND Marie",
            ("Entre médecins seulement.", "À revoir."),
        ),
        (StateChange(CASE, Status.ACCEPTED), "Demande acceptée : DURAND Marie", ("Demande acceptée",)),
        (
            StateChange(CASE, Status.REJECTED, reason=Reason.ABSENT),
            "Demande déclinée : DURAND Marie",
            ("Motif : absence",),
        ),
        (
            Appointment(CASE, AppointmentStatus.BOOKED, NOON, NOON + 1, "Salle 2\r\nX: y"),
            "Rendez-vous fixé : DURAND Marie",
            ("Le : 03/11/2025 à 12:00 (CET)", "Lieu : Salle 2 X: y"),
        ),
    ],
)
def test_ml_4_2_each_act_of_a_case_says_what_moved(body: object, subject: str, parts: tuple[str, ...]) -> None:
    event = clinical(body)
    assert read(event)["Subject"] == subject
    assert not [part for part in parts if part not in text(event)]


def test_ml_4_3_logistics_name_no_patient() -> None:
    event = replace(clinical(StateChange(CASE, Status.ACCEPTED), replace(STANDING, patient=None)), class_=0)
    assert read(event)["Subject"] == "Demande acceptée"
    assert read(event)["X-Confrere-Class"] == "logistics"
    assert b"DU" + b"RAND" not in rendered(event)


def test_ml_3_7_what_this_version_cannot_read_says_so() -> None:
    assert "Mettez Confrère à jour" in text(replace(EVENT, content=None))


def test_ml_3_7_notices_stand_beside_the_event() -> None:
    event = replace(EVENT, notices=("Reçu en retard.",))
    assert text(event).startswith("Reçu en retard.\n\nBonjour")
    assert read(travelled(THEIRS + BODY, event))["X-Confrere-Notice"] == "Reçu en retard."


NOTICE = notices.Notice(seed=b"n" * 32, owner=ANNE, time=NOON, about="<a@x>")


def test_ml_3_8_what_failed_verification_is_said_and_never_shown() -> None:
    octets = notices.refusal(NOTICE, thread=b"t" * 16, seq=3, failure="seal-wrong", say=FRENCH, zone=ZONE)
    mail = message_from_bytes(octets, policy=policy.default)
    assert mail["From"].addresses[0].addr_spec == "mailer-daemon@confrere.invalid"
    assert str(mail["References"]).split() == [message_id.of_thread(b"t" * 16), "<a@x>"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "message n° 3 (seal-wrong)" in mail.get_content()
    assert mail["X-Confrere-Event"] is None


def test_ml_5_5_a_draft_says_what_is_missing() -> None:
    missing = ("performer", "patient", "birth-name", "birth-given-names", "birth-date", "sex", "birth-place", "ins")
    octets = notices.draft(
        NOTICE, missing=(*missing, "question", "urgency", "call"), subject="Avis", say=FRENCH, zone=ZONE
    )
    mail = message_from_bytes(octets, policy=policy.default)
    assert mail["Subject"] == "Demande d'avis non envoyée : Avis"
    assert mail.get_content().count("\n- ") == 11


def test_ml_5_3_a_reply_to_others_says_that_it_began_an_exchange() -> None:
    octets = notices.detached(NOTICE, subject="Avis", say=FRENCH, zone=ZONE)
    assert message_from_bytes(octets, policy=policy.default)["Subject"] == "Nouvel échange : Avis"
