"""People who answer by mail instead of on the page."""

import pytest
from sqlmodel import select

from connectors.mail.imap import LARGEST_BYTES
from domain.questions.question import QuestionKind
from storage.attention import AttentionItem
from storage.outbox import OutboxRow, Telling
from storage.referrals.history import HistoryLine
from tasks.asking.returned_mail import read_returned_mail
from tests.tasks.asking.mail_to_us import ASKED, CASE, CHIEF, WORDS, letter, letters_put, listed, reply
from tests.world.samples.returned_mail import OOF, mail
from tests.world.servers.imap_server import Mailbox
from tests.world.world import World


def test_a_person_who_answers_by_mail_is_read_by_a_person_and_told_once_where_to_answer(asked: World, box: Mailbox):
    # Whatever the sender's address: our letter goes to the address that was asked.
    box.put(reply(asked, sender="Anvisning privat <nogen@privat.invalid>"), reply(asked))

    assert read_returned_mail(asked.platform) == ()
    assert listed(asked) == [("replied_by_mail", CASE, "approval: municipality:0450/anvisning-1")]
    assert box.seen == set()  # for a person to read
    assert [line.deed for line in asked.rows(select(HistoryLine))][-1] == "replied_by_mail_approval"

    before = len(asked.mail.letters)
    asked.deliver()
    (told,) = asked.mail.letters[before:]
    assert (told["To"], told["Auto-Submitted"]) == (ASKED, "auto-replied")
    assert told["Subject"].strip().startswith("Svar på siden senest")
    link = next(line for line in told.get_body(("plain",)).get_content().splitlines() if "/q/" in line)
    assert link in letter_text(asked)

    # A reply to that letter, by a person or a program, is not answered again; none of this closes the question.
    box.put(reply(asked), mail(*OOF, f"In-Reply-To: {told['Message-ID']}", subject="Automatisk svar"))
    read_returned_mail(asked.platform)
    assert len(letters_put(asked, Telling.ANSWER_ON_PAGE)) == 1
    assert asked.questions(QuestionKind.APPROVAL) != []
    assert WORDS not in str([asked.rows(select(table)) for table in (AttentionItem, HistoryLine, OutboxRow)])


def letter_text(world: World) -> str:
    (asked,) = [found for found in world.mail.letters if found["Subject"].strip().startswith("Svar senest")][-1:]
    return str(asked.get_body(("plain",)).get_content())


@pytest.mark.parametrize(
    ("sender", "why"),
    [
        (ASKED, "replied_by_mail"),  # who was asked
        (CHIEF, "replied_by_mail"),  # another contact of a party
        ("fremmed@andetsteds.invalid", None),  # anybody can guess a case's reference
    ],
)
def test_a_reply_that_names_the_case_alone_is_listed_where_its_writer_is_known(asked, box, sender, why):
    box.put(mail(subject=f"Vedrørende {CASE}", sender=sender, body=WORDS))
    read_returned_mail(asked.platform)
    assert [item[:2] for item in listed(asked)] == ([(why, CASE)] if why else [])
    assert len(letters_put(asked, Telling.ANSWER_ON_PAGE)) == (sender == ASKED)


@pytest.mark.parametrize(("sender", "told"), [(CHIEF, True), ("fremmed@andetsteds.invalid", False)])
def test_mail_that_names_no_case_is_told_of_where_its_writer_is_known(asked, box, sender, told):
    box.put(*[mail(subject="Et spørgsmål", sender=sender) for _ in range(3)])
    read_returned_mail(asked.platform)
    assert listed(asked) == ([("mail_to_read", "", "")] if told else [])
    assert box.seen == set()


@pytest.mark.parametrize("ours", [True, False])
def test_what_a_system_answers_is_left_for_a_person_to_read(asked: World, box: Mailbox, ours: bool):
    to = letter(asked)["Message-ID"] if ours else "<another@andetsteds.invalid>"
    box.put(*[mail("Auto-Submitted: auto-generated", f"In-Reply-To: {to}", subject="[#17] Re: Svar senest")] * 2)
    read_returned_mail(asked.platform)
    assert listed(asked) == ([("mail_to_read", "", "")] if ours else [])
    assert box.seen == set()
    assert letters_put(asked, Telling.ANSWER_ON_PAGE) == []


def test_who_wrote_after_the_answer_is_read_but_sent_no_link(asked: World, box: Mailbox):
    answer = reply(asked)
    asked.answer(QuestionKind.APPROVAL)
    box.put(answer)
    read_returned_mail(asked.platform)
    assert [item[0] for item in listed(asked)] == ["replied_by_mail"]
    assert letters_put(asked, Telling.ANSWER_ON_PAGE) == []


def test_what_somebody_takes_away_meanwhile_is_nothing_to_read(asked: World, box: Mailbox):
    box.put(reply(asked), mail("Auto-Submitted: auto-replied", f"In-Reply-To: {letter(asked)['Message-ID']}"))
    box.gone.add(1)
    assert read_returned_mail(asked.platform) == (CASE,)
    assert [item[0] for item in listed(asked)] == ["away"]


def test_a_reply_with_a_large_picture_is_known_by_its_heads(asked: World, box: Mailbox):
    box.put(reply(asked) + "x" * LARGEST_BYTES)
    read_returned_mail(asked.platform)
    assert [item[0] for item in listed(asked)] == ["replied_by_mail"]
    assert box.times("UID FETCH") == 1
