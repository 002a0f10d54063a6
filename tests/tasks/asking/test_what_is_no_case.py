"""A question about what is no case is passed on, deputised and noted as one about a case, and is no family's."""

import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlmodel import select

from connectors.mail.imap import ImapMailbox
from deployments.cli.actor import carry_out
from domain.parties.agreement import AnswerLevel, OnSilence
from domain.parties.deadlines import OF_NO_CASE, step_of_no_case
from domain.parties.party import Absence, Contact, Role
from domain.questions.question import PassedOnBy, QuestionKind, Standing
from domain.working_days import day_of
from storage.audit.events import AuditEvent
from storage.outbox import OutboxRow, Telling
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from storage.parties.partners import partner_of, remember_partner
from storage.questions.answers import pass_on
from storage.questions.links import count_wrong_digits
from storage.questions.matters import must_log_in
from storage.questions.questions import FAMILY, Question
from tasks.asking.deadlines import remind_and_close
from tasks.asking.returned_mail import read_returned_mail
from tasks.books.answers import hear_parties
from tasks.books.claims import ask_about_claims
from tasks.books.months import ask_parties, settle_last_month
from tests.storage.books.claimed import claim, guaranteed_families, made
from tests.tasks.asking.mail_to_us import letter, reply
from tests.tasks.books.asked_months import HAVBLIK, MARCH, NYBORG, ODENSE, answers, asked_of, items, march_is_asked
from tests.world.kept import world_after
from tests.world.samples.returned_mail import OOF, mail
from tests.world.servers.imap_server import Mailbox
from tests.world.world import World

world = world_after(march_is_asked)
AT_NYBORG = "oekonomi@nyborg.invalid"


def with_a_colleague(world: World, party: str = NYBORG) -> None:
    colleague = Contact("oekonomi-2", "Regnskab To (opdigtet)", "oekonomi2@nyborg.invalid", Role.FINANCE)
    with world.platform.database.writing() as session:
        known = partner_of(session, party)
        remember_partner(session, replace(known, contacts=(*known.contacts, colleague)), now=world.clock.now())


def test_a_colleague_is_asked_instead(world: World):
    with_a_colleague(world)
    question = asked_of(world, NYBORG)

    assert carry_out(
        world.platform.database, pass_on, question, to="oekonomi-2", by=PassedOnBy.ADDRESSEE, now=world.clock.now()
    )
    assert hear_parties(world.platform) == ("2026-03",)
    world.deliver()

    instead = asked_of(world, NYBORG)
    assert (instead.contact_id, instead.standing, instead.about) == ("oekonomi-2", Standing.OPEN, question.about)
    assert instead.request == question.request
    assert "oekonomi2@nyborg.invalid" in world.texts()[-1]
    assert answers(world, NYBORG)
    events = [one.deed for one in world.rows(select(AuditEvent)) if one.about == "month:2026-03"]
    assert events == ["asked_month"] * 3 + ["passed_on_month", "asked_month"]


def test_a_deputy_is_asked_while_somebody_is_away(world: World):
    with_a_colleague(world)
    today = day_of(world.clock.now())
    away = (Absence(today, today + timedelta(days=6), "oekonomi-2"),)
    with world.platform.database.writing() as session:
        known = partner_of(session, NYBORG)
        people = tuple(replace(one, away=away) if one.id == "oekonomi-1" else one for one in known.contacts)
        remember_partner(session, replace(known, contacts=people), now=world.clock.now())

    assert remind_and_close(world.platform).deputised == ("2026-03",)
    hear_parties(world.platform)

    instead = asked_of(world, NYBORG)
    assert (instead.contact_id, instead.deputy_for) == ("oekonomi-2", "oekonomi-1")


def test_a_colleague_is_asked_when_somebody_has_left(world: World):
    with_a_colleague(world)
    with world.platform.database.writing() as session:
        known = partner_of(session, NYBORG)
        stay = tuple(one for one in known.contacts if one.id != "oekonomi-1")
        remember_partner(session, replace(known, contacts=stay), now=world.clock.now())

    assert remind_and_close(world.platform).deputised == ("2026-03",)
    hear_parties(world.platform)

    assert asked_of(world, NYBORG).contact_id == "oekonomi-2"


def test_after_too_many_wrong_digits_the_same_person_gets_another_link(world: World):
    question = asked_of(world, NYBORG)
    for _ in range(6):
        carry_out(world.platform.database, count_wrong_digits, question, now=world.clock.now())
    hear_parties(world.platform)

    anew = asked_of(world, NYBORG)
    assert (anew.contact_id, anew.standing) == ("oekonomi-1", Standing.OPEN)
    assert anew.token_hash != question.token_hash


def test_wrong_digits_after_the_answer_are_told_to_a_person_until_the_party_is_asked_anew(world: World):
    answers(world, NYBORG)
    hear_parties(world.platform)
    question = asked_of(world, NYBORG)
    for _ in range(6):
        carry_out(world.platform.database, count_wrong_digits, question, now=world.clock.now())

    assert items(world) == [(f"question:{question.id}", "digits_guessed", f"month: {NYBORG}/oekonomi-1")]


@pytest.fixture
def asked(sqlite_world: World, mailbox: ImapMailbox) -> World:
    march_is_asked(sqlite_world)
    sqlite_world.platform = replace(sqlite_world.platform, mailbox=mailbox)
    return sqlite_world


def test_an_absence_note_is_told_to_the_chief(asked: World, box: Mailbox):
    to_us = letter(asked, AT_NYBORG)
    box.put(mail(*OOF, f"In-Reply-To: {to_us['Message-ID']}", subject="Automatisk svar", sender=AT_NYBORG))

    assert read_returned_mail(asked.platform) == ("2026-03",)

    question = asked_of(asked, NYBORG)
    assert items(asked) == [(f"question:{question.id}", "away", f"month: {NYBORG}/oekonomi-1")]
    told = asked.rows(select(OutboxRow).where(OutboxRow.telling == Telling.ANSWER_OVERDUE))
    assert [one.addressee for one in told] == [f"{NYBORG}/chef"]


def test_whoever_answers_by_mail_is_sent_to_the_page(asked: World, box: Mailbox):
    box.put(reply(asked, to=AT_NYBORG, sender=AT_NYBORG))

    read_returned_mail(asked.platform)
    asked.deliver()

    assert [code for _, code, _ in items(asked)] == ["replied_by_mail"]
    last: EmailMessage = letter(asked, AT_NYBORG)
    assert "afregning" in str(last["Subject"])


def test_a_refused_address_is_told_to_the_chief(sqlite_world: World):
    sqlite_world.mail.refused = {AT_NYBORG, "oekonomi@odense.invalid"}
    march_is_asked(sqlite_world)

    codes = {code for _, code, _ in items(sqlite_world)}
    assert codes == {"address_refused"}
    told = sqlite_world.rows(select(OutboxRow).where(OutboxRow.telling == Telling.ANSWER_OVERDUE))
    assert {one.addressee for one in told} == {f"{NYBORG}/chef", f"{ODENSE}/chef"}


def test_the_days_letter_names_a_month_and_claims_each_with_its_own_link(sqlite_world: World):
    guaranteed_families(sqlite_world)
    made(sqlite_world, *(claim(number, ore=100_000) for number in (1, 2, 3)))
    ask_about_claims(sqlite_world.platform)
    sqlite_world.clock.move_on(timedelta(days=14))
    assert settle_last_month(sqlite_world.platform) == MARCH
    ask_parties(sqlite_world.platform)
    waiting = [one for one in sqlite_world.questions() if one.asked_of == ODENSE]
    assert sorted(one.kind for one in waiting) == ["claim"] * 3 + ["month"]

    found = remind_and_close(sqlite_world.platform)
    sqlite_world.deliver()

    assert found.listed == (f"{ODENSE}/oekonomi-1",)
    assert not {"2026-03"} & {*found.reminded}
    told = letter(sqlite_world, "oekonomi@odense.invalid")
    text = told.get_body(("plain",)).get_content()
    assert str(told["Subject"]).strip().startswith("4 spørgsmål venter på dig")
    assert (text.count("/q/"), len({*re.findall(r"/q/\S+", text)})) == (4, 4)
    assert text.count("TF-2026-00001") == 3
    assert "afregning 2026-03" in text
    assert text.count("Skriv disse fire cifre") == 4


def test_nobody_needs_to_log_in_unless_an_agreement_of_the_party_asks_for_it(world: World):
    assert [needs_login(world, party) for party in (HAVBLIK, NYBORG, ODENSE)] == [False] * 3
    with world.platform.database.writing() as session:
        for kept in session.exec(select(AgreementVersion)).all():
            agreement = AGREEMENTS.validate_json(kept.document)
            if agreement.id == "fyn":
                newer = replace(agreement, version=9, answer_level=AnswerLevel.LINK_AND_LOGIN)
                remember_agreement(session, newer, now=world.clock.now())
                break

    assert [needs_login(world, party) for party in (HAVBLIK, NYBORG, ODENSE)] == [True] * 3


def needs_login(world: World, party: str) -> bool:
    question = asked_of(world, party)
    with world.platform.database.reading() as session:
        return must_log_in(session, question)


def test_no_family_is_ever_asked_about_what_is_no_case(world: World):
    of_none = world.rows(select(Question).where(Question.kind == QuestionKind.MONTH))
    assert all(one.asked_of != FAMILY and one.offer_id is None and not one.on_behalf for one in of_none)


@pytest.mark.parametrize("kind", OF_NO_CASE)
def test_no_wait_about_what_is_no_case_ends_by_itself(kind: QuestionKind):
    assert all(step.on_silence is not OnSilence.BACK_TO_SEEKING for _, step in OF_NO_CASE[kind])
    first = OF_NO_CASE[kind][0][0]
    assert step_of_no_case(kind, on=first).kind is kind
