"""What is asked of the bridge and must not be filed: one attack per rule (docs/spec/filing.md FI-5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from directory.accounts.entry import AccountKind
from directory.primitives.signature import SigningKey
from messaging.protocol.body import Body, EventType
from messaging.referral.clinical import MEDIA_TYPE
from messaging.wire.epoch import Role
from record_bridge.errors import RecordError
from record_bridge.filing.bodies import Role as FiledAs
from record_bridge.filing.bodies import Selected
from record_bridge.filing.verify import Pinned, Requester

ANSWER, REQUEST, MESSAGE = FiledAs.ANSWER, FiledAs.REQUEST, FiledAs.MESSAGE


def refused(act, error_id: str, **facts: object) -> None:
    with pytest.raises(RecordError) as caught:
        act()
    assert caught.value.id == error_id, caught.value
    assert facts.items() <= caught.value.facts.items()


@pytest.fixture
def answered(cast):
    """(exchange, id of the request, id of the answer)"""
    exchange = cast.exchange()
    return exchange, exchange.ask(cast.gp), exchange.answer(cast.specialist)


def test_fi_5_1_keys_of_another_service(cast, answered) -> None:
    exchange, _, answer = answered
    request = exchange.request((answer, ANSWER))
    world = cast.world
    stranger = SigningKey(b"\7" * 32).public
    for pinned in (Pinned(stranger, world.registrar.public), Pinned(world.service.public, stranger)):
        refused(
            lambda pinned=pinned: exchange.verify(request, exchange.bundle(), cast.gp, pinned=pinned),
            "filing-evidence-foreign",
        )


def test_fi_5_1_receipts_under_a_key_that_is_not_the_one_that_they_claim(cast, answered) -> None:
    exchange, _, answer = answered
    foreign = SigningKey(b"\7" * 32).public
    bundle = replace(exchange.bundle(), service_pk=foreign)
    refused(
        lambda: exchange.verify(
            exchange.request((answer, ANSWER)), bundle, cast.gp, pinned=Pinned(foreign, bundle.registrar_pk)
        ),
        "filing-evidence-wrong",
        reason="signature-wrong",
    )


def test_fi_5_1_a_log_that_leaves_out_what_we_know(own_cast) -> None:
    cast = own_cast
    bundle_before = cast.exchange().bundle()
    cast.world.act(cast.specialist, lambda a: a.rotate_person(b"\1" * 32, cast.specialist.aek))
    exchange = cast.exchange()
    asked = exchange.ask(cast.gp)
    shortened = replace(exchange.bundle(), logs=bundle_before.logs)
    refused(
        lambda: exchange.verify(exchange.request((asked, REQUEST)), shortened, cast.gp), "filing-evidence-incomplete"
    )


def test_fi_5_1_a_log_that_is_not_the_one_we_folded(cast, answered) -> None:
    exchange, _, answer = answered
    states = dict(cast.world.states)
    states[cast.gp.account] = states[cast.specialist.account]
    refused(
        lambda: exchange.verify(
            exchange.request((answer, ANSWER)), exchange.bundle(), cast.gp, lookup=states.__getitem__
        ),
        "filing-evidence-foreign",
    )


@pytest.mark.parametrize("part", ["meta", "signature", "blind", "body"])
def test_fi_5_2_an_altered_part(cast, answered, swap, part: str) -> None:
    exchange, _, answer = answered
    bundle = exchange.bundle()
    opened = next(one for identifier, one in exchange.events if identifier == answer)
    value = bytearray(getattr(opened, part))
    value[-1] ^= 1
    altered = swap(bundle, answer, replace(opened, **{part: bytes(value)}))
    refused(lambda: exchange.verify(exchange.request((answer, ANSWER)), altered, cast.gp), "filing-evidence-wrong")


def test_fi_5_2_the_receipt_of_another_event(cast, answered, swap) -> None:
    exchange, asked, answer = answered
    by_id = dict(exchange.events)
    borrowed = replace(by_id[answer], event=replace(by_id[answer].event, proof=by_id[asked].event.proof))
    refused(
        lambda: exchange.verify(
            exchange.request((answer, ANSWER)), swap(exchange.bundle(), answer, borrowed), cast.gp
        ),
        "filing-evidence-wrong",
        reason="receipt-foreign",
    )


def test_fi_5_3_an_event_replayed(cast, answered) -> None:
    exchange, _, answer = answered
    bundle = exchange.bundle()
    twice = replace(bundle, events=(*bundle.events, bundle.events[-1]))
    refused(lambda: exchange.verify(exchange.request((answer, ANSWER)), twice, cast.gp), "filing-evidence-wrong")


def test_fi_5_3_an_event_of_another_thread(cast, answered) -> None:
    exchange, _, answer = answered
    other = cast.exchange()
    other.ask(cast.gp)
    elsewhere = other.answer(cast.specialist, "Une tout autre réponse.", case=exchange.case)
    mixed = replace(
        exchange.bundle(),
        events=exchange.bundle().events + other.bundle(elsewhere).events,
        commits={**exchange.bundle().commits, **other.bundle().commits},
    )
    for wanted in (elsewhere, answer):
        refused(
            lambda wanted=wanted: exchange.verify(exchange.request((wanted, ANSWER)), mixed, cast.gp),
            "filing-item-foreign",
        )


def test_fi_5_3_who_else_talks_to_whom_is_not_the_bridges_to_know(cast, answered) -> None:
    exchange, _, answer = answered
    mixed = replace(exchange.bundle(), commits={**exchange.bundle().commits, **cast.exchange().bundle().commits})
    refused(lambda: exchange.verify(exchange.request((answer, ANSWER)), mixed, cast.gp), "filing-item-foreign")


def test_fi_5_3_an_answer_that_nobody_selected_slipped_in(cast, answered) -> None:
    exchange, _, answer = answered
    exchange.answer(cast.specialist, "Ce que personne n'a choisi.")
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(), cast.gp),
        "filing-item-unselected",
    )


@pytest.mark.parametrize("slipped", ["question", "retract", "ack"])
def test_fi_5_3_what_no_selected_item_needs(cast, answered, slipped: str) -> None:
    exchange, _, answer = answered
    {
        "question": lambda: exchange.question(cast.gp, "Une question qui vient après."),
        "retract": lambda: exchange.retract(cast.gp, b"\6" * 32),
        "ack": lambda: exchange.put(cast.gp, EventType.ACK, Body("application/vnd.confrere.ack", bytes(9))),
    }[slipped]()
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(), cast.gp),
        "filing-item-unselected",
    )


def test_fi_5_4_a_selected_event_that_is_not_there(cast, answered) -> None:
    exchange, asked, answer = answered
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(asked), cast.gp),
        "filing-item-missing",
    )


@pytest.mark.parametrize("role", [REQUEST, MESSAGE])
def test_fi_5_4_an_answer_passed_off_as_something_else(cast, answered, role: FiledAs) -> None:
    exchange, _, answer = answered
    refused(
        lambda: exchange.verify(exchange.request((answer, role)), exchange.bundle(), cast.gp), "filing-item-unfit"
    )


@pytest.mark.parametrize("content", [b"", b"{}", b'{"resourceType":"Patient"}'])
def test_fi_5_4_a_selected_body_that_cannot_be_read(cast, answered, content: bytes) -> None:
    exchange, _, _ = answered
    broken = exchange.put(cast.specialist, EventType.ANSWER, Body(MEDIA_TYPE, content))
    bundle = exchange.bundle(exchange.events[0][0], broken)
    refused(lambda: exchange.verify(exchange.request((broken, ANSWER)), bundle, cast.gp), "filing-item-unfit")


def test_fi_5_4_a_retracted_answer(cast, answered) -> None:
    exchange, _, answer = answered
    exchange.retract(cast.specialist, answer)
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(), cast.gp),
        "filing-item-retracted",
    )


def test_fi_5_4_the_secretarys_text_retracted_by_the_doctor(cast) -> None:
    exchange = cast.exchange()
    exchange.ask(cast.gp)
    step = cast.secretary_for_specialist
    written = exchange.answer(cast.secretary, "Dicté.", acting_for=step.mailbox, authority=(step,))
    exchange.retract(cast.specialist, written)
    refused(
        lambda: exchange.verify(exchange.request((written, ANSWER)), exchange.bundle(), cast.gp),
        "filing-item-retracted",
    )


def test_fi_5_4_nobody_else_retracts(cast, answered) -> None:
    exchange, _, answer = answered
    exchange.retract(cast.gp, answer)
    (unit,) = exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(), cast.gp)
    assert unit.event == answer


def test_fi_5_4_a_replaced_answer_and_its_new_version(cast, answered) -> None:
    exchange, _, answer = answered
    first = dict(exchange.events)[answer]
    content = first.body[first.body.index(b"{") :].replace(b"Non.", b"Oui.")
    newer = exchange.put(cast.specialist, EventType.NEW_VERSION, Body(MEDIA_TYPE, answer + content))
    for request in (exchange.request((answer, ANSWER)), exchange.request((answer, ANSWER), (newer, ANSWER))):
        refused(lambda request=request: exchange.verify(request, exchange.bundle(), cast.gp), "filing-item-replaced")
    bundle = exchange.bundle(exchange.events[0][0], newer)
    (unit,) = exchange.verify(exchange.request((newer, ANSWER)), bundle, cast.gp)
    assert [section.text for section in unit.sections] == ["Oui."]


def test_fi_5_4_an_item_that_the_requester_says_is_superseded(cast, answered) -> None:
    exchange, asked, answer = answered
    request = replace(exchange.request((answer, ANSWER)), items=(Selected(answer, ANSWER, superseded_by=asked),))
    refused(lambda: exchange.verify(request, exchange.bundle(), cast.gp), "filing-item-replaced")


def test_fi_5_4_what_is_between_doctors_only(cast) -> None:
    exchange = cast.exchange(class_=2)
    said = exchange.message(cast.specialist, "Entre nous", "Je doute.")
    refused(lambda: exchange.verify(exchange.request((said, MESSAGE)), exchange.bundle(), cast.gp), "filing-item-unfit")


def test_fi_5_5_a_requester_who_was_never_a_member(cast, answered) -> None:
    exchange, _, answer = answered
    request, bundle = exchange.request((answer, ANSWER)), exchange.bundle()
    refused(lambda: exchange.verify(request, bundle, cast.colleague), "filing-requester-refused")
    machine = Requester(cast.gp.mailbox, cast.gp.mailbox)  # no person signed
    refused(lambda: exchange.verify(request, bundle, cast.gp, requester=machine), "filing-requester-refused")


def test_fi_5_5_a_requester_who_left_or_came_later(cast) -> None:
    exchange = cast.exchange()
    exchange.ask(cast.gp)
    answer = exchange.answer(cast.specialist)
    exchange.compose(joined=[(cast.colleague, Role.READ)])
    request, bundle = exchange.request((answer, ANSWER)), exchange.bundle()
    refused(lambda: exchange.verify(request, bundle, cast.colleague), "filing-requester-refused")
    assert exchange.verify(request, bundle, cast.specialist)
    exchange.compose(left=[cast.specialist])
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(), cast.specialist),
        "filing-requester-refused",
    )


def test_fi_5_6_an_answer_of_another_case(cast, answered) -> None:
    exchange, asked, _ = answered
    strayed = exchange.answer(cast.specialist, case=b"\3" * 16)
    bundle = exchange.bundle(asked, strayed)
    refused(lambda: exchange.verify(exchange.request((strayed, ANSWER)), bundle, cast.gp), "filing-other-case")


def test_fi_5_6_another_patient_than_the_exchanges(cast, answered, other_patient) -> None:
    exchange, _, answer = answered
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER), patient=other_patient), exchange.bundle(), cast.gp),
        "filing-other-patient",
        trait="birth-name",
    )


def test_fi_5_6_two_patients_in_one_exchange(cast, answered, other_patient) -> None:
    exchange, _, answer = answered
    exchange.ask(cast.gp, patient=other_patient)
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(), cast.gp), "filing-two-patients"
    )


def test_fi_5_6_an_answer_without_the_request_that_says_whose_it_is(cast, answered) -> None:
    exchange, _, answer = answered
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(answer), cast.gp),
        "filing-patient-unproven",
    )


def test_fi_5_7_an_unproven_author(cast, own_cast) -> None:
    exchange = own_cast.exchange()
    exchange.ask(own_cast.gp)
    exchange.compose(joined=[(own_cast.stranger, Role.SEND)])
    answer = exchange.answer(own_cast.stranger)
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(), own_cast.gp),
        "filing-author-unproven",
    )


def test_fi_5_7_a_bind_left_out_or_of_another(cast, answered) -> None:
    exchange, _, answer = answered
    request, bundle = exchange.request((answer, ANSWER)), exchange.bundle()
    without = {account: raw for account, raw in bundle.binds.items() if account != cast.specialist.account}
    refused(lambda: exchange.verify(request, replace(bundle, binds=without), cast.gp), "filing-author-unproven")
    borrowed = {**bundle.binds, cast.specialist.account: bundle.binds[cast.colleague.account]}
    refused(lambda: exchange.verify(request, replace(bundle, binds=borrowed), cast.gp), "filing-evidence-wrong")


def test_fi_5_7_a_secretary_in_her_own_name(own_cast) -> None:
    cast = own_cast
    cast.world.open_mailbox(cast.secretary)
    exchange = cast.exchange()
    exchange.ask(cast.gp)
    exchange.compose(joined=[(cast.secretary, Role.SEND)])
    answer = exchange.answer(cast.secretary)
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(), cast.gp),
        "filing-author-unproven",
    )


def test_fi_5_7_a_professional_number_with_a_wrong_key(own_cast) -> None:
    cast = own_cast
    doubtful = cast.world.doctor("Douteux", "10100000010")
    exchange = cast.exchange()
    exchange.ask(cast.gp)
    exchange.compose(joined=[(doubtful, Role.SEND)])
    answer = exchange.answer(doubtful)
    refused(
        lambda: exchange.verify(exchange.request((answer, ANSWER)), exchange.bundle(), cast.gp),
        "filing-author-number-wrong",
    )


def test_fi_5_7_an_author_who_is_the_only_recipient(own_cast) -> None:
    cast = own_cast
    second = replace(cast.gp)
    second.mailbox = cast.world.act(cast.gp, lambda a: a.open_mailbox(AccountKind.ORGANISATION_MAILBOX, b"\4" * 16))
    cast.world.act(cast.gp, lambda a: a.rotate_class(second.mailbox, 1, b"\5" * 32, None, [cast.gp.account]))
    exchange = type(cast.exchange())(cast.world, [(cast.gp, Role.ADMIN), (second, Role.SEND)])
    asked = exchange.ask(cast.gp)
    refused(
        lambda: exchange.verify(exchange.request((asked, REQUEST)), exchange.bundle(), cast.gp),
        "filing-author-is-recipient",
    )

