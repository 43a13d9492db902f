"""What a submitted mail means (docs/spec/mail.md ML-5)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from messaging.errors import MessagingError
from messaging.gateway.mail import reply, submitted
from messaging.gateway.mail.reply import (
    Known,
    Meaning,
    NewMessage,
    ReadReceipt,
    Referral,
    ReferralDraft,
    Reply,
    Worded,
)
from messaging.referral.states import Act, Side, Status
from messaging.referral.urgency import Urgency

ANNE, LUC, EVA, ZOE = "anne@cabinet.example", "luc@hopital.example", "eva@labo.example", "zoe@cabinet.example"
THREAD, CASE = b"t" * 16, b"c" * 16
PLAIN = Known(THREAD, 1, frozenset({ANNE, LUC}))
ASKED = Known(THREAD, 1, frozenset({ANNE, LUC}), True, CASE, Side.PERFORMER, Status.REQUESTED)
ASKING = replace(ASKED, side=Side.REQUESTER)


def meaning(
    body: str = "Bonjour",
    *,
    to: str = LUC,
    fields: str = "In-Reply-To: <known@x>\r\n",
    known: Known | None = PLAIN,
    recipients: Sequence[str] = (LUC,),
) -> tuple[Meaning, ...]:
    written = body.replace("\r\n", "\n").replace("\n", "\r\n")
    octets = f"From: {ANNE}\r\nTo: {to}\r\nSubject: Re: Demande d'avis\r\n{fields}\r\n{written}".encode()
    found = {"<known@x>": known} if known else {}
    return reply.meaning(submitted.read(octets), recipients, found.get, {ANNE})


def test_ml_5_1_a_reply_goes_to_the_thread_that_it_names() -> None:
    assert meaning() == (Reply(THREAD),)
    assert meaning(fields="References: <root@x> <known@x> <lost@x>\r\n") == (Reply(THREAD),)
    assert meaning(to=f"{LUC.upper()}, Anne@Cabinet.example", recipients=[LUC, ANNE]) == (Reply(THREAD),)


@pytest.mark.parametrize("fields", ["", "In-Reply-To: <other@x>\r\n", "References: known@x\r\n"])
def test_ml_5_1_a_subject_alone_never_finds_a_thread(fields: str) -> None:
    assert meaning(fields=fields) == (NewMessage((LUC,)),)


@pytest.mark.parametrize(
    ("to", "known"),
    [
        (f"{LUC}, {EVA}", PLAIN),
        (LUC, replace(PLAIN, members=frozenset({ANNE, LUC, EVA}))),
    ],
)
def test_ml_5_3_other_recipients_than_the_members_begin_a_thread(to: str, known: Known) -> None:
    people = tuple(to.split(", "))
    assert meaning(to=to, known=known, recipients=people) == (NewMessage(people, detached=True),)


def test_ml_5_3_what_is_forwarded_to_others_alone_is_no_reply() -> None:
    assert meaning(to=EVA, recipients=(EVA,)) == (NewMessage((EVA,)),)


def test_ml_5_2_nobody_learns_of_a_blind_recipient() -> None:
    assert meaning(recipients=(LUC, ZOE)) == (Reply(THREAD), NewMessage((ZOE,)))
    assert meaning(fields="", recipients=(LUC, ZOE, EVA)) == (
        NewMessage((LUC,)),
        NewMessage((ZOE,)),
        NewMessage((EVA,)),
    )
    assert meaning(to="undisclosed-recipients:;", fields="", recipients=(ZOE, EVA)) == (
        NewMessage((ZOE,)),
        NewMessage((EVA,)),
    )
    assert meaning(recipients=(ZOE,)) == (NewMessage((ZOE,)),)


def test_a_note_to_oneself_is_a_message() -> None:
    assert meaning(to=ANNE, fields="", recipients=(ANNE,)) == (NewMessage((ANNE,)),)


def test_a_mail_to_nobody_is_refused() -> None:
    with pytest.raises(MessagingError, match="mail-malformed"):
        meaning(recipients=(), fields="")


def test_ml_5_1_nobody_writes_where_he_may_not() -> None:
    with pytest.raises(MessagingError, match="mail-thread-ended"):
        meaning(known=replace(PLAIN, writable=False))


def worded(act: Act | None, text: str) -> tuple[Worded]:
    return (Worded(act, CASE, THREAD, text, ()),)


QUOTING = "Écho normale.\n\nLe 3 nov. 2025 à 10:12, Anne <anne@cabinet.example> a écrit :\n> Question : une écho ?\n"


def test_ml_5_7_the_performers_reply_is_the_answer_with_all_that_it_quotes() -> None:
    assert meaning(QUOTING, known=ASKED) == worded(Act.ANSWER, QUOTING.strip("\n"))


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("Question : quel poids ?", ""),
        ("\n  Complément : quel poids ?", ""),
        ("question: weight?", ""),
        ("Quel poids ?", "X-Confrere-Act: question\r\n"),
    ],
)
def test_ml_5_7_unless_he_says_that_it_is_only_a_question(body: str, fields: str) -> None:
    known = "In-Reply-To: <known@x>\r\n" + fields
    assert meaning(body, known=ASKED, fields=known) == worded(Act.ASK, body.strip("\n"))


@pytest.mark.parametrize(
    "fields",
    ["Auto-Submitted: auto-replied\r\n", "Auto-Submitted: auto-generated (x)\r\n", "X-Confrere-Act: message\r\n"],
)
def test_ml_5_8_what_a_program_wrote_is_never_an_act(fields: str) -> None:
    assert meaning("Absent.", known=ASKED, fields="In-Reply-To: <known@x>\r\n" + fields) == (Reply(THREAD),)


@pytest.mark.parametrize(
    ("known", "act"),
    [
        (replace(ASKED, status=Status.COMPLETED), None),
        (replace(ASKED, side=None), None),
        (ASKING, None),
        (replace(ASKING, info_awaited=True), Act.PROVIDE),
        (replace(ASKING, status=Status.COMPLETED), Act.ASK_AGAIN),
        (replace(ASKING, status=Status.CANCELLED), None),
    ],
)
def test_ml_5_7_the_table_of_states_says_what_a_reply_can_be(known: Known, act: Act | None) -> None:
    assert meaning("80 kg", known=known) == ((Reply(THREAD),) if act is None else worded(act, "80 kg"))


def test_ml_5_7_a_reply_between_doctors_stays_between_doctors() -> None:
    assert meaning("D'accord", known=replace(ASKED, class_=2)) == worded(None, "D'accord")


@pytest.mark.parametrize(("known", "act"), [(ASKED, Act.ASK), (replace(ASKED, class_=2), None)])
def test_ml_5_7_a_question_and_a_remark_lose_no_file(known: Known, act: Act | None) -> None:
    body = "--b\n\nQuestion : quel poids ?\n--b\nContent-Type: image/png; name=a.png\n\npng\n--b--\n"
    fields = "In-Reply-To: <known@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    assert meaning(body, known=known, fields=fields) == (*worded(act, "Question : quel poids ?"), Reply(THREAD))


def test_an_empty_reply_answers_nothing() -> None:
    assert meaning("", known=ASKED) == (Reply(THREAD),)


def test_ml_5_7_a_text_too_long_for_an_answer_goes_whole_into_a_file() -> None:
    body = "Avis.\n\nLe 3 nov. 2025 à 10:12, Anne <a@b.example> a écrit :\n" + "> mot\n" * 20_000
    (found,) = meaning(body, known=ASKED)
    assert isinstance(found, Worded)
    assert found.text == "Avis.\n\n"
    assert found.attachments[0].octets.decode() == body.strip("\n")


def test_rf_2_2_no_steering_character_reaches_a_clinical_body() -> None:
    assert meaning("a\x1b[2Jb\u202ec", known=ASKED) == worded(Act.ANSWER, "a\ufffd[2Jb\ufffdc")


FIELDS = (
    "X-Confrere-Referral: cardiologie\r\nX-Confrere-Urgency: rapide\r\nX-Confrere-Patient-Birth-Name: DUPONT\r\n"
    "X-Confrere-Patient-Given-Names: Marie Jeanne\r\nX-Confrere-Patient-Birth-Date: 1950-03-12\r\n"
    "X-Confrere-Patient-Sex: F\r\nX-Confrere-Patient-Birth-Place: 35238\r\n"
    "X-Confrere-Patient-INS: 250033523800185\r\nX-Confrere-Patient-INS-OID: 1.2.250.1.213.1.4.10\r\n"
)


def test_ml_5_4_practice_software_begins_a_referral() -> None:
    (found,) = meaning("Une écho ?", fields=FIELDS, known=None)
    assert isinstance(found, Referral)
    assert (found.to, found.urgency, found.question) == ((LUC,), Urgency.URGENT, "Une écho ?")
    assert found.patient.display_name == "DUPONT Marie"
    assert found.patient.ins is not None


def test_ml_5_4_an_attached_patient_is_the_patient_and_no_document() -> None:
    resource = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": "DUPONT", "given": ["Marie"]}],
        "gender": "female",
        "birthDate": "1950-03-12",
    }
    body = (
        "--b\r\n\r\nUne écho ?\r\n--b\r\nContent-Type: application/fhir+json; name=p.json\r\n\r\n"
        f"{json.dumps(resource)}\r\n--b\r\nContent-Type: application/pdf; name=ecg.pdf\r\n\r\npdf\r\n--b--\r\n"
    )
    fields = "Content-Type: multipart/mixed; boundary=b\r\n"
    people = (LUC, "adressage+cardiologie@cabinet.example")
    (found,) = meaning(body, to=", ".join(people), fields=fields, known=None, recipients=people)
    assert isinstance(found, Referral)
    assert (found.specialty, found.to, [one.filename for one in found.attachments]) == (
        "cardiologie",
        (LUC,),
        ["ecg.pdf"],
    )


@pytest.mark.parametrize(
    ("fields", "body", "missing"),
    [
        ("X-Confrere-Referral: yes\r\n", "Une écho ?", ("patient",)),
        (FIELDS, "", ("question",)),
        (FIELDS.replace("rapide", "demain"), "?", ("urgency",)),
        (FIELDS.replace("rapide", "stat"), "?", ("call",)),
        (FIELDS.replace("1950-03-12", "12/03/1950"), "?", ("birth-date",)),
        (FIELDS.replace("DUPONT", "").replace("-Sex: F", "-Sex: X"), "?", ("birth-name", "sex")),
        (FIELDS.replace("35238\r\n", "Rennes\r\n"), "?", ("birth-place",)),
        (FIELDS.replace("1.2.250.1.213.1.4.10", "1.2.3"), "?", ("ins",)),
    ],
)
def test_ml_5_5_what_lacks_makes_a_draft(fields: str, body: str, missing: tuple[str, ...]) -> None:
    (found,) = meaning(body, fields=fields, known=None)
    assert isinstance(found, ReferralDraft)
    assert found.missing == missing


def test_ml_5_5_an_alias_alone_names_nobody() -> None:
    alias = "adressage+cardiologie@cabinet.example"
    assert meaning(to=alias, fields="", known=None, recipients=[alias]) == (
        ReferralDraft((), "cardiologie", ("performer", "patient")),
    )


def test_ml_5_4_the_alias_of_another_domain_is_somebodys_mailbox() -> None:
    other = "adressage@hopital.example"
    assert meaning(to=other, fields="", known=None, recipients=[other]) == (NewMessage((other,)),)


def test_ml_5_4_who_called_may_send_the_highest_urgency() -> None:
    (found,) = meaning("?", fields=FIELDS.replace("rapide", "stat") + "X-Confrere-Called: oui\r\n", known=None)
    assert isinstance(found, Referral)
    assert found.urgency is Urgency.STAT


def test_ml_6_3_a_receipt_is_an_acknowledgement_and_no_message() -> None:
    body = (
        "--b\r\n\r\nLu.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        "Original-Message-ID: <known@x>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n"
    )
    fields = "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n"
    assert meaning(body, fields=fields) == (ReadReceipt("<known@x>", displayed=True),)
