"""What people type wrongly is said in their words: texts, days, names, parts of a record, profiles that cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from confrere.story import documents as story
from confrere.story.synthetic_extraction import CAST
from messaging.referral.fhir_json import dump
from messaging.referral.patient import to_fhir
from tests.confrere.verbs.command_line import Clinic, User
from tests.confrere.verbs.test_verbs_records import enrolled, identity, opened, patient

STEERING = "\x1b[31mrouge\x07"


def test_invisible_signs_are_refused_as_such_and_nothing_is_kept(clinic: Clinic, gp: User, cardiologist: User) -> None:
    who = patient("SIGNES")
    record, source = opened(clinic, gp, who)["record"], identity(clinic, who)
    added = gp.run("record", "add", "--record", record, "--text", STEERING)
    asked = gp.run(
        "refer", "--to", cardiologist.address, "--patient", source, "--text", STEERING, "--urgency", "routine"
    )
    assert [(one.code, one.error) for one in (added, asked)] == [(2, "text-unprintable")] * 2
    assert gp.do("record", "show", record)["total"] == 0


def test_two_patients_of_one_name_are_listed_with_their_birth_dates(clinic: Clinic, gp: User) -> None:
    who = patient("BŒUF-HÉRON")
    other = replace(who, traits=replace(who.traits, birth_date=date(1961, 7, 9)))
    first = opened(clinic, gp, who)["record"]
    assert gp.do("record", "show", "boeuf-heron", "--page", "1")["record"] == first  # as people type
    gp.do("record", "open", "--patient", clinic.written("homonyme.json", dump(to_fhir(other))))
    listed = gp.says("record", "show", CONFRERE_LANG="fr").out
    assert "02/01/1950" in listed
    assert "09/07/1961" in listed
    assert gp.run("record", "show", "boeuf").error == "record-ambiguous"


def test_days_that_have_passed_and_births_to_come_are_refused(clinic: Clinic, gp: User, cardiologist: User) -> None:
    who = patient("JOURS")
    record = opened(clinic, gp, who)["record"]
    past = gp.run("delegate", "grant", "--record", record, "--to", cardiologist.address, "--until", "2020-01-01")
    assert (past.code, past.error) == (2, "day-past")
    said = gp.run("consent", "record", "abcd", "--episode", "HTA", "--until", "2020-01-01")
    assert said.error == "day-past"
    unborn = replace(who, traits=replace(who.traits, birth_date=date(2990, 1, 1)))
    later = gp.run("record", "open", "--patient", clinic.written("unborn.json", dump(to_fhir(unborn))))
    assert (later.code, later.error) == (2, "patient-born-later")


def test_a_wrong_value_is_explained_by_what_the_help_calls_it(gp: User) -> None:
    page = gp.run("record", "show", "DURAND", "--page", "x")
    day = gp.run("consent", "record", "abcd", "--episode", "HTA", "--until", "demain")
    assert "(expected: N)" in page.err
    assert "(expected: YYYY-MM-DD)" in day.err


def test_a_note_is_no_reimbursement(clinic: Clinic, gp: User) -> None:
    record = opened(clinic, gp, patient("RANGE"))["record"]
    item = gp.do("record", "add", "--record", record, "--text", "Une note")["item"]
    assert gp.run("record", "mask", item, "--record", record, "--class", "reimbursement").error == "usage"


def test_filing_says_what_is_missing(clinic: Clinic, gp: User, cardiologist: User) -> None:
    source = identity(clinic, patient("SANSREPONSE"))
    thread = gp.do(
        "refer", "--to", cardiologist.address, "--patient", source, "--text", "Avis ?", "--urgency", "routine"
    )["thread"]
    assert gp.run("file", thread, "--preview").error == "filing-nothing-answered"
    assert gp.run("file", thread, "--events", "remark").error == "filing-events-unknown"
    assert gp.run("file", thread, "--events", "request", "--class", "reimbursement").error == "filing-class-wrong"


def test_a_patient_who_writes_to_a_doctor_is_told_where_he_writes(clinic: Clinic, gp: User) -> None:
    user = enrolled(clinic, patient("ECRIT"))
    sent = user.run("send", "--to", gp.address, "--subject", "Bonjour", "--text", "Docteur ?")
    assert (sent.code, sent.error) == (3, "profile-without-mailbox")
    said = user.says("whoami").out
    assert said.splitlines()[0] == "A patient's profile"
    assert "No mailbox." in said
    assert json.loads(user.run("whoami").out)["mailboxes"] == []


def test_an_opposition_to_an_exchange_closes_every_agreement_about_it(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    who = patient("OPPOSEE")
    record, source = opened(clinic, gp, who)["record"], identity(clinic, who)
    asked = ("refer", "--to", cardiologist.address, "--patient", source, "--text", "Avis ?", "--urgency", "routine")
    thread = gp.do(*asked)["thread"]
    first = gp.do("consent", "record", thread)["series"]
    gp.do("consent", "withdraw", first)
    second = gp.do("consent", "record", thread)["series"]  # what a filing may have been asked on
    opposition = gp.do("consent", "withdraw", first, "--oppose")["series"]
    states = {one["series"]: one["state"] for one in gp.do("consent", "show", "--record", record)}
    assert (states[first], states[second], states[opposition]) == ("withdrawn", "opposed", "opposed")
    again = gp.do("consent", "withdraw", first, "--oppose")
    assert again["already"]
    assert len(gp.do("consent", "show", "--record", record)) == len(states)


def test_offline_a_filing_s_state_is_what_this_device_had_and_the_log_waits_for_nothing(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    who = patient("LOIN")
    record, source = opened(clinic, gp, who)["record"], identity(clinic, who)
    asked = ("refer", "--to", cardiologist.address, "--patient", source, "--text", "Avis ?", "--urgency", "routine")
    thread = gp.do(*asked)["thread"]
    clinic.server.stop()
    try:
        assert gp.run("file", thread, "--status").code == 4
        assert gp.run("record", "log", record).error == "action-unreachable"
    finally:
        clinic.server.start()


def test_a_page_beyond_the_end_is_not_an_empty_record(clinic: Clinic, gp: User) -> None:
    record = opened(clinic, gp, patient("PAGES"))["record"]
    gp.do("record", "add", "--record", record, "--text", "Une note")
    assert "No page 9: this record has one item." in gp.says("record", "show", record, "--page", "9").out


def test_who_is_newly_mandated_sees_whose_record_it_is_at_the_first_look(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    record = opened(clinic, gp, patient("MANDATEE"))["record"]
    for number in range(22):
        gp.do("record", "add", "--record", record, "--text", f"Note {number}")
    gp.do("delegate", "grant", "--record", record, "--to", cardiologist.address)
    assert cardiologist.do("record", "show", record)["patient"]["name"] == "MANDATEE JEANNE"


def test_the_log_names_an_untitled_line_by_its_kind_and_a_withdrawal_is_noted_not_unopposed(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    who = patient("JOURNAL")
    record, source = opened(clinic, gp, who)["record"], identity(clinic, who)
    item = gp.do("record", "add", "--record", record, "--kind", "synthesis", "--text", "HTA")["item"]
    gp.do("record", "mask", item, "--record", record)
    asked = ("refer", "--to", cardiologist.address, "--patient", source, "--text", "Avis ?", "--urgency", "routine")
    thread = gp.do(*asked)["thread"]
    gp.do("consent", "record", thread)
    gp.do("consent", "withdraw", thread)
    for verb in ("accept", "answer"):
        cardiologist.do(verb, thread, *(["--text", "Rien à changer."] if verb == "answer" else []))
    gp.do("inbox")
    gp.do("inbox")
    lines = {line["act"]: line["text"] for line in gp.do("record", "log", record)["lines"]}
    assert "…" not in lines["masked"]
    assert "not opposed" not in lines["consent-withdrawn"]
    assert gp.name in lines["answered"]


def test_the_card_of_who_kept_the_record_before_the_patient_is_out_of_date_not_forged(
    clinic: Clinic, gp: User
) -> None:
    who, card = patient("CARTE"), str(clinic.root / "before.card")
    made = opened(clinic, gp, who)
    gp.do("record", "show", made["record"], "--card", card)
    user = enrolled(clinic, who)
    user.do("record", "claim", "--sheet", made["sheet"])
    assert user.run("consent", "sign").error == "nothing-to-sign"
    laboratory = clinic.enrol("laurier", "--structure", CAST["cardiologist"].sites[0].siren, "--deposit-only")
    report = clinic.written("carte.xml", story.laboratory_history(who, "UNMARQUEUR")[0])
    assert laboratory.run("deposit", report, "--record", card).error == "record-card-expired"
