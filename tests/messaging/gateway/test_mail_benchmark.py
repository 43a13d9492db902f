"""The pure parts of benchmarks.mail: its mails, and what its configurations say. Measures nothing, starts nothing."""

from email import message_from_bytes, policy

from benchmarks import mail, mail_letters
from benchmarks.mail_letters import COMMON, RARE, SIZE, letter
from messaging.gateway.mail import entity


def test_letters_are_of_one_size_and_of_distinct_message_ids() -> None:
    letters = [letter("a@cabinet.example", "b@cabinet.example", number, rare=number == 7) for number in range(20)]
    assert all(SIZE <= len(octets) < SIZE + 200 for octets in letters)
    read = [message_from_bytes(octets, policy=policy.default) for octets in letters]
    assert len({one["Message-ID"] for one in read}) == len(letters)
    assert [RARE in one.get_content() and RARE in one["Subject"] for one in read].count(True) == 1
    assert all(COMMON in one.get_content() for one in read)


def test_rfc_5321_4_5_2_no_letter_needs_a_dot_more() -> None:
    octets = letter("a@cabinet.example", "b@cabinet.example", 1)
    assert b"\r\n." not in octets
    assert octets.endswith(b"\r\n")
    assert octets.count(b"\n") == octets.count(b"\r\n")


def test_letters_are_the_same_each_time_and_travel_whole() -> None:
    one, again = (letter("a@cabinet.example", "b@cabinet.example", 3) for _ in range(2))
    assert one == again
    travelling = entity.travelling(one, "<3@cabinet.example>")
    assert entity.fill(entity.carve(travelling).entity, []) == travelling


def test_rare_and_common_words_are_no_words_of_every_letter() -> None:
    assert not {COMMON, RARE} & set(mail_letters._WORDS)
    assert set(mail.QUICK.accepted) == set(mail.WHOLE.accepted)
