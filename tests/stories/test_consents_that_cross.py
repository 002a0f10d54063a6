"""Signing the chain, correcting data and ending consents, while something else is done at the same moment."""

from datetime import date

import pytest
from sqlmodel import select

from domain.questions.question import Answer, QuestionKind
from domain.referrals.consent import ChildrenHeard, Consent, ConsentGiven
from domain.referrals.lifecycle import Status
from storage.audit.chain import bind
from storage.audit.checkpoints import AuditCheckpoint
from storage.privacy.consents import ConsentRecord, record_consent
from storage.privacy.rights import corrected
from storage.vault.entries import Door
from storage.vault.vault import Vault
from tasks.path.legs import LEGS
from tasks.path.moves import move_each
from tasks.upkeep import chain as upkeep_chain
from tasks.upkeep import consents
from tasks.upkeep.chain import seal
from tasks.upkeep.consents import follow_consents
from tests.stories.at_one_moment import both, meeting
from tests.world.families import family
from tests.world.world import World


def test_two_workers_sign_the_chain_once_an_hour(world: World, monkeypatch):
    world.flag(family())
    with world.platform.database.writing() as session:
        while bind(session):
            pass
    meeting(monkeypatch, upkeep_chain, "sign_if_due")
    assert both(lambda: seal(world.platform), lambda: seal(world.platform)) == []
    assert len(world.rows(select(AuditCheckpoint))) == 1


def test_a_chain_that_grows_after_somebody_else_signed_it_is_not_signed_again_that_hour(world: World, monkeypatch):
    world.flag(family())
    seal(world.platform)
    world.flag(family(2))
    # The checkpoint was due when this worker looked, and another worker signed before it could.
    monkeypatch.setattr(upkeep_chain, "checkpoint_is_due", lambda _session, *, now: bool(now))
    assert seal(world.platform) > 0
    assert len(world.rows(select(AuditCheckpoint))) == 1


def test_two_corrections_at_once_both_stand(world: World, monkeypatch):
    world.flag(family())
    platform, of, now = world.platform, world.referral(), world.clock.now()
    if not platform.database.is_sqlite:
        meeting(monkeypatch, Vault, "seal_again")

    def one(field: str, value: str) -> None:
        with platform.database.writing() as session:
            corrected(session, platform.vault, of, field, value, opened_for="dpo: asked", now=now)

    assert both(lambda: one("phone", "11 22 33 44"), lambda: one("email", "ny@post.invalid")) == []
    with platform.database.writing() as session:
        who = platform.vault.open(
            session, of.case_key, Door.RIGHT_OF_ACCESS, reference=of.reference, opened_for="t", now=now
        )
    assert (who.phone, who.email) == ("11 22 33 44", "ny@post.invalid")


def test_the_night_and_a_family_that_withdraws_do_not_wait_for_each_other(world: World, monkeypatch):
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    world.answer(QuestionKind.ACCEPTANCE, Answer.WITHDRAW)
    world.clock.at = world.clock.at.replace(year=2027)
    if not world.platform.database.is_sqlite:
        meeting(monkeypatch, consents, "withdraw_consent")
    reports = []

    wrong = both(
        lambda: follow_consents(world.platform),
        lambda: reports.append(move_each(world.platform, LEGS["hear_families"], [1])),
    )
    world.settle()

    assert wrong == []
    assert reports[0].failed == {}
    assert world.referral().status is Status.WITHDRAWN


@pytest.mark.parametrize("meanwhile", ["renewed", "housed"])
def test_a_consent_that_was_renewed_or_needed_no_more_is_not_ended_by_the_night(
    world: World, monkeypatch, meanwhile: str
):
    world.home()
    world.flag(family())
    world.until(QuestionKind.MOVE_IN)
    world.answer(QuestionKind.MOVE_IN)
    with world.platform.database.writing() as session:
        consent = session.exec(select(ConsentRecord)).one()
        consent.ends_on = date(2026, 3, 1)
        session.add(consent)
    anew = Consent(date(2026, 3, 1), "x", ConsentGiven.ORALLY, ChildrenHeard.HEARD, date(2027, 3, 1))
    finds = consents.that_end

    def then(session, *, until, of=None):
        found = list(finds(session, until=until, of=of))
        if of is None and meanwhile == "housed":
            move_each(world.platform, LEGS["book_compensation"], [1])
        elif of is None:
            with world.platform.database.writing() as other:
                record_consent(other, 1, anew, by="t", now=world.clock.now())
        return found

    monkeypatch.setattr(consents, "that_end", then)

    assert follow_consents(world.platform).stopped == []
    assert all(one.withdrawn is None for one in world.rows(select(ConsentRecord)))
