"""Who must type digits, and the consequences of guessing."""

from datetime import timedelta

from bs4 import BeautifulSoup
from sqlmodel import select

from deployments.demo.people import digits_after
from domain.questions.digits import LETTERS_ANEW
from domain.questions.question import Answer, QuestionKind, token_hash
from storage.attention import AttentionItem
from storage.outbox import OutboxRow, OutboxStanding
from storage.questions.questions import Question
from tasks.asking.deadlines import remind_and_close
from templates.words import questions
from tests.approval_api.questions.forms import complaints, wrong
from tests.approval_api.questions.guesses import ACCEPTANCE, APPROVAL, guess
from tests.approval_api.questions.protected_address import protect
from tests.world.families import family
from tests.world.logging_in import have_nyborg_log_in
from tests.world.served import (
    LINK,
    ON_BEHALF,
    Asked,
    a_yes,
    ask,
    digits_of,
    link,
    question_of,
    send,
)

SIGN_OFF = QuestionKind.SIGN_OFF


def test_a_program_that_guesses_in_every_letter_is_not_written_to_for_ever(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    for _ in range(LETTERS_ANEW):
        guess(http, path)
        sqlite_world.settle()
        path = link(sqlite_world, QuestionKind.APPROVAL)
    guess(http, path)
    letters = len(sqlite_world.mail.letters)

    sqlite_world.settle()

    assert len(sqlite_world.mail.letters) == letters
    (item,) = sqlite_world.rows(select(AttentionItem))
    (waits,) = sqlite_world.questions(QuestionKind.APPROVAL)
    assert (item.code, item.subject) == ("digits_guessed", f"question:{waits.id}")
    (aside,) = sqlite_world.rows(select(OutboxRow).where(OutboxRow.standing == OutboxStanding.REFUSED))
    assert aside.question_id == waits.id


def test_whoever_logs_in_types_no_digits_and_is_sent_none(sqlite_world, http):
    have_nyborg_log_in(sqlite_world, "https://login.invalid")
    path = ask(sqlite_world, APPROVAL, outside_labour_market=2)

    assert digits_of(path) == ""
    letter = next(text for text in sqlite_world.texts() if path in text)
    assert "cifre" not in letter
    assert "cifre" not in http.get(path).text


def test_the_family_types_them_though_its_parties_log_in(sqlite_world, http):
    have_nyborg_log_in(sqlite_world, "https://login.invalid")
    path = ask(sqlite_world, ACCEPTANCE)

    page = send(http, path, a_yes(http, path) | {"digits": ""})

    assert complaints(page) == {"digits": questions.ERRORS["type_the_digits"]}


def test_a_letter_that_lists_what_waits_has_the_digits_beside_each_link(sqlite_world, http):
    sqlite_world.flag(*(family(number) for number in range(1, 5)))
    sqlite_world.deliver()
    beside = {path: digits_of(path) for path in (link(sqlite_world, SIGN_OFF, nth) for nth in range(4))}
    sqlite_world.clock.move_on(timedelta(days=1))

    remind_and_close(sqlite_world.platform)
    sqlite_world.deliver()

    (listed,) = [letter for letter in sqlite_world.mail.letters if "4 spørgsmål venter" in letter["Subject"]]
    text, page = (listed.get_body((kind,)).get_content() for kind in ("plain", "html"))
    origin = sqlite_world.platform.public_url
    assert {path: digits_after(text, origin + path) for path in beside} == beside
    shown = [
        bold.get_text() for bold in BeautifulSoup(page, "html.parser").select("td b") if bold.get_text()[0].isdigit()
    ]
    assert shown == [beside[path] for path in (found[1] for found in LINK.finditer(text))]


def test_a_caseworkers_answer_for_a_family_takes_them_too(sqlite_world, http):
    path = ask(sqlite_world, ON_BEHALF)
    send(http, path, a_yes(http, path) | {"digits": wrong(path)})
    assert question_of(sqlite_world, path).answer is None
    send(http, path, a_yes(http, path))
    assert question_of(sqlite_world, path).answer is Answer.YES


def test_a_letter_that_lies_aside_is_not_sent_by_a_reminder_or_a_list_either(sqlite_world, http):
    sqlite_world.flag(*(family(number) for number in range(2, 6)))
    path = ask(sqlite_world, Asked(SIGN_OFF))
    for _ in range(LETTERS_ANEW):
        guess(http, path)
        sqlite_world.settle()
        path = link(sqlite_world, SIGN_OFF, nth=-1)
    guess(http, path)
    sqlite_world.settle()
    (aside,) = sqlite_world.rows(select(OutboxRow).where(OutboxRow.standing == OutboxStanding.REFUSED))
    letters = len(sqlite_world.mail.letters)

    for _ in range(6):
        sqlite_world.clock.move_on(timedelta(hours=12))
        remind_and_close(sqlite_world.platform)
        sqlite_world.deliver()

    later = [letter.get_body(("plain",)).get_content() for letter in sqlite_world.mail.letters[letters:]]
    links = {token_hash(found[2]) for text in later for found in LINK.finditer(text)}
    (waits,) = sqlite_world.rows(select(Question).where(Question.id == aside.question_id))
    assert links
    assert waits.token_hash not in links


def test_whoever_is_asked_anew_at_the_last_moment_has_a_day(sqlite_world, http):
    path = ask(sqlite_world, ACCEPTANCE)
    sqlite_world.clock.at = question_of(sqlite_world, path).expires_at - timedelta(minutes=1)

    guess(http, path)
    sqlite_world.settle()

    (anew,) = sqlite_world.questions(QuestionKind.ACCEPTANCE)
    assert min(anew.answer_by, anew.expires_at) - sqlite_world.clock.now() > timedelta(hours=12)


def test_a_family_that_was_guessed_out_and_then_protected_is_asked_through_its_caseworker(sqlite_world, http):
    path = ask(sqlite_world, ACCEPTANCE)
    guess(http, path)
    protect(sqlite_world)
    sqlite_world.settle()

    assert [asked.on_behalf for asked in sqlite_world.questions(QuestionKind.ACCEPTANCE)] == [True]
