"""A claim is put to one person of the municipality that pays, and after a yes to another; the claimant is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from deployments.cli.actor import carry_out
from domain.books.claims import ClaimStanding
from domain.parties.party import Absence, Contact, Role
from domain.questions.question import PassedOnBy, QuestionKind, Standing
from storage.attention import AttentionItem
from storage.audit.events import AuditEvent
from storage.audit.verdict import verified
from storage.books.claims import ClaimAnswered
from storage.outbox import OutboxRow, Telling
from storage.parties.partners import partner_of, remember_partner
from storage.questions.answers import pass_on
from storage.questions.questions import Question
from storage.staff.claims import withdraw_claim
from storage.vacancies.offers import Offer
from tasks.asking.deadlines import remind_and_close
from tasks.books.answers import hear_parties
from tasks.books.claims import ask_about_claims
from tasks.upkeep.attention import attend
from tasks.upkeep.chain import seal
from tests.storage.books.claimed import (
    FIRST,
    NAME,
    REFERENCE,
    SECOND,
    answered,
    booked_claims,
    claim,
    guaranteed_families,
    made,
    rests,
    today,
    waits,
)
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(guaranteed_families)
ODENSE = "municipality:0461"
CHIEF = Contact("chef-9", "Chef (opdigtet)", "chef@odense.invalid", Role.CHIEF)
OTHER = Contact("oekonomi-2", "Regnskab To (opdigtet)", "oekonomi2@odense.invalid", Role.FINANCE)


def people(world: World, *added: Contact, without: tuple[Role, ...] = (), **away: Absence) -> None:
    """Change who works at the municipality that pays."""
    with world.platform.database.writing() as session:
        known = partner_of(session, ODENSE)
        stay = [one for one in known.contacts if one.role not in without]
        contacts = [replace(one, away=(away[one.id],)) if one.id in away else one for one in (*stay, *added)]
        remember_partner(session, replace(known, contacts=tuple(contacts)), now=world.clock.now())


def asked(world: World) -> str:
    question = waits(world)
    assert question is not None
    return str(question.addressee)


def test_finance_is_asked_first_and_the_coordinator_after_a_yes(world: World):
    made(world, claim())
    assert ask_about_claims(world.platform) == (NAME,)
    assert ask_about_claims(world.platform) == ()
    first = waits(world)
    assert first is not None
    assert (first.kind, str(first.addressee), first.reference) == (QuestionKind.CLAIM, FIRST, REFERENCE)

    answered(world)
    second = waits(world)
    assert second is not None
    assert (second.kind, str(second.addressee)) == (QuestionKind.CLAIM_SECOND, SECOND)
    answered(world)

    assert rests(world) is ClaimStanding.ACCEPTED
    assert [one.answered_by for one in world.rows(select(ClaimAnswered))] == [FIRST, SECOND]
    deeds = [one.deed for one in world.rows(select(AuditEvent)) if one.about == f"claim:{NAME}"]
    assert deeds == ["asked_claim", "claim_confirmed", "asked_claim_second", "claim_accepted"]
    assert ask_about_claims(world.platform) == ()


def test_letters_ask_and_tell_and_say_nothing_of_the_family(world: World):
    made(world, claim())
    waits(world)
    world.deliver()
    answered(world)
    waits(world)
    world.deliver()
    answered(world)
    world.deliver()

    letters = [text for text in world.texts() if "Istandsættelsesgaranti" in text]
    asked_first, asked_second, told = letters
    assert "To: oekonomi@odense.invalid" in asked_first
    assert "Kan kravet godkendes?" in asked_first
    assert "To: koordinator@odense.invalid" in asked_second
    assert "Kravet er godkendt" in told
    assert "havblik" in told.partition("\n\n")[0]
    assert all(REFERENCE in letter for letter in (asked_first, asked_second))
    # An association knows a case by its own pseudonym alone.
    assert REFERENCE not in told
    assert world.rows(select(Offer.pseudonym))[0] in told
    for letter in letters:
        for said in ("10.000", "60.000", "F-1"):
            assert said in letter
        for never in ("Opdigtet Borger", "CPR-nummer", "Strandvænget", "husstand"):
            assert never not in letter


def test_a_no_tells_the_claimant_why(world: World):
    made(world, claim())
    assert answered(world, no="evidence_missing") is ClaimStanding.DECLINED
    world.deliver()

    told = world.texts()[-1]
    assert "Kravet er afvist" in told
    assert "Bilaget mangler eller viser ikke udgiften" in told
    assert world.rows(select(OutboxRow.addressee).where(OutboxRow.telling == Telling.CLAIM_ANSWERED))[0].startswith(
        "association:havblik/"
    )
    assert waits(world) is None


def test_a_second_no_declines_it_too(world: World):
    made(world, claim())
    answered(world)
    assert answered(world, no="not_covered") is ClaimStanding.DECLINED
    assert booked_claims(world) == []


SECONDS = {
    "the chief where nobody coordinates": (CHIEF, (Role.COORDINATOR, Role.CHIEF), "chef-9"),
    "another finance officer where there is no chief": (OTHER, (Role.COORDINATOR, Role.CHIEF), "oekonomi-2"),
}


@pytest.mark.parametrize(("added", "without", "expected"), SECONDS.values(), ids=SECONDS)
def test_who_is_asked_second(world: World, added: Contact, without: tuple[Role, ...], expected: str):
    made(world, claim())
    people(world, added, without=without)
    answered(world)
    assert asked(world) == f"{ODENSE}/{expected}"


def test_nobody_looks_twice(world: World):
    """The only other finance officer has the first one's mailbox: somebody else must be named."""
    made(world, claim())
    people(world, replace(OTHER, email="Oekonomi@odense.invalid"), without=(Role.COORDINATOR, Role.CHIEF))
    answered(world)
    assert waits(world) is None
    (item,) = world.rows(select(AttentionItem).where(AttentionItem.code == "claim_asks_nobody"))
    assert (item.subject, item.closed_at) == (f"claim:{NAME}", None)

    people(world, CHIEF)
    assert asked(world) == f"{ODENSE}/chef-9"
    attend(world.platform)
    (item,) = world.rows(select(AttentionItem).where(AttentionItem.code == "claim_asks_nobody"))
    assert item.closed_at is not None


def test_the_firsts_deputy_is_not_the_second(world: World):
    made(world, claim())
    answered(world)
    day = today(world)
    people(world, OTHER, without=(Role.COORDINATOR, Role.CHIEF))
    people(world, **{"oekonomi-1": Absence(day, day + timedelta(days=3), "oekonomi-2")})
    assert waits(world) is None


def test_a_party_without_finance_needs_a_person_and_delays_no_other_claim(world: World):
    made(world, claim())
    people(world, without=(Role.FINANCE,))
    assert ask_about_claims(world.platform) == ()
    (detail,) = world.rows(select(AttentionItem.detail).where(AttentionItem.code == "claim_asks_nobody"))
    assert "names nobody as finance" in detail


def test_it_is_passed_on_to_a_colleague_but_never_to_who_said_yes(world: World):
    made(world, claim())
    people(world, OTHER, replace(CHIEF, role=Role.COORDINATOR))
    question = waits(world)
    said = {"by": PassedOnBy.ADDRESSEE, "now": world.clock.now()}
    assert carry_out(world.platform.database, pass_on, question, to="oekonomi-2", **said)
    hear_parties(world.platform)
    assert asked(world) == f"{ODENSE}/oekonomi-2"
    answered(world)

    assert carry_out(world.platform.database, pass_on, waits(world), to="oekonomi-2", **said)
    hear_parties(world.platform)
    assert asked(world) == SECOND, "who said yes first is asked no second time"
    assert answered(world) is ClaimStanding.ACCEPTED


def test_a_claim_that_is_withdrawn_asks_nobody_any_more(world: World):
    made(world, claim())
    question = waits(world)
    with world.platform.database.writing() as session:
        assert withdraw_claim(session, NAME, by="Havblik", now=world.clock.now())
    assert waits(world) is None
    (row,) = world.rows(select(Question).where(Question.subject == f"claim:{NAME}"))
    assert (row.id, row.standing) == (question.id, Standing.REVOKED)
    world.deliver()
    assert not [text for text in world.texts() if "Kan kravet godkendes?" in text]


def test_a_claim_that_is_passed_on_and_withdrawn_meanwhile_asks_nobody(world: World):
    made(world, claim())
    people(world, OTHER)
    said = {"to": "oekonomi-2", "by": PassedOnBy.ADDRESSEE, "now": world.clock.now()}
    assert carry_out(world.platform.database, pass_on, waits(world), **said)
    with world.platform.database.writing() as session:
        assert withdraw_claim(session, NAME, by="Havblik", now=world.clock.now())
    hear_parties(world.platform)
    assert waits(world) is None
    seal(world.platform)
    with world.platform.database.reading() as session:
        assert not verified(session).faults


def test_who_does_not_answer_is_reminded_and_no_claim_is_accepted_by_silence(world: World):
    made(world, claim())
    waits(world)
    world.clock.move_on(timedelta(days=14))
    assert remind_and_close(world.platform).reminded == (REFERENCE,)
    world.clock.move_on(timedelta(days=20))
    assert remind_and_close(world.platform).kept_waiting == (REFERENCE,)
    assert rests(world) is ClaimStanding.MADE
    assert booked_claims(world) == []
