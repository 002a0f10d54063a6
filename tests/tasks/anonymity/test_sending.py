"""Requests to one association are sent together: at least three alike or none, in random order."""

from dataclasses import replace
from datetime import UTC, date

import pytest
from sqlmodel import col, select

from domain.anonymity.measure import AnonymityTerms, as_coarse, steps_of
from domain.parties.sending_days import Weekday
from domain.questions.question import Answer, QuestionKind
from domain.referrals.household import Need
from storage.columns import id_of
from storage.outbox import OutboxRow, Telling
from storage.parties.agreements import AgreementVersion, agreement_of, remember_agreement
from storage.privacy.releases import Release, ReleaseWait
from storage.referrals.exclusions import Exclusion
from storage.referrals.referrals import Referral
from tests.tasks.anonymity.associations import HAVBLIK, KLOEVERLYKKEN, sent_to
from tests.tasks.anonymity.crowd import LIKE, asked_about, seek, stop, three_must_be_alike
from tests.world.families import family
from tests.world.world import World

OF_FUNEN, OF_EAST_JUTLAND = "0461", "0751"


@pytest.fixture
def crowded(world: World) -> World:
    return three_must_be_alike(world)


def seek_from(world: World, municipality: str, *needs: Need, first: int) -> None:
    """The same from another municipality, and so under another agreement."""
    flags = [family(number, municipality=municipality, need=need) for number, need in enumerate(needs, first)]
    world.flag(*flags, municipality=municipality)
    world.settle()
    while world.questions(QuestionKind.SIGN_OFF):
        world.answer(QuestionKind.SIGN_OFF)
        world.settle()


def test_as_many_alike_as_are_wanted_need_not_wait_for_the_day(crowded: World):
    crowded.platform = replace(crowded.platform, anonymity=AnonymityTerms(least=3, wanted=4))
    seek(crowded, LIKE, LIKE, LIKE)
    assert asked_about(crowded) == set()
    seek(crowded, LIKE, first=4)
    assert asked_about(crowded) == {1, 2, 3, 4}


def test_families_whom_the_association_could_never_be_asked_about_do_not_count(crowded: World):
    """Families of East Jutland do not make those of Funen many, even when the region is left out."""
    seek_from(crowded, OF_EAST_JUTLAND, *[LIKE] * 5, first=11)
    seek(crowded, LIKE, LIKE)
    crowded.sending_day()
    # Kløverlykken is asked under Funen's agreement only, and would have got two.
    assert sent_to(crowded, KLOEVERLYKKEN) == []

    seek(crowded, LIKE, first=3)
    crowded.sending_day()
    assert {(one.alike_seeking, one.crowd) for one in sent_to(crowded, KLOEVERLYKKEN)} == {(3, 3)}
    # Havblik may be asked about all of them.
    assert {one.crowd for one in sent_to(crowded, HAVBLIK)} == {7}


def test_two_associations_may_be_told_of_one_family_in_different_steps(crowded: World):
    other = replace(LIKE, rent_max_monthly_ore=1_000_000)
    seek(crowded, LIKE, other, other)
    seek_from(crowded, OF_EAST_JUTLAND, LIKE, LIKE, first=11)
    crowded.sending_day()

    steps = {one.recipient: one.steps for one in crowded.rows(select(Release)) if one.referral_id == 1}
    assert steps[HAVBLIK] != steps[KLOEVERLYKKEN]
    assert {one.alike_seeking for one in sent_to(crowded, KLOEVERLYKKEN)} == {3}


def test_whom_the_parties_chose_other_days_for_goes_out_on_those(crowded: World):
    with crowded.platform.database.writing() as session:
        agreement = session.exec(select(AgreementVersion).where(AgreementVersion.agreement_id == "fyn")).one()
        now = crowded.clock.now()
        changed = replace(agreement_of(session, id_of(agreement)), version=2, sending_days=(Weekday.THURSDAY,))
        remember_agreement(session, changed, now=now)
    seek(crowded, LIKE, LIKE, LIKE)
    crowded.sending_day()
    assert asked_about(crowded) == set()
    crowded.clock.at = crowded.clock.at.replace(day=5)
    crowded.settle()
    assert asked_about(crowded) == {1, 2, 3}


def test_the_order_of_the_letters_joins_no_two_associations_lists(crowded: World):
    """The letters to two associations have different orders, so that comparing them shows nothing."""
    seek(crowded, *[LIKE] * 9)
    crowded.sending_day()

    letters = crowded.rows(
        select(OutboxRow).where(OutboxRow.telling == Telling.OFFER_REQUESTED).order_by(col(OutboxRow.id))
    )
    orders = [
        [letter.referral_id for letter in letters if letter.addressee.startswith(recipient)]
        for recipient in (HAVBLIK, KLOEVERLYKKEN)
    ]
    # Two orders, or one and the order of arrival, are the same by chance once in 362,880 times.
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(1, 10))
    assert orders[0] != orders[1]
    assert sorted(orders[0]) not in orders


def test_what_was_told_under_a_name_is_told_again_the_same_or_coarser_though_finer_would_do(crowded: World):
    unlike = replace(LIKE, rent_max_monthly_ore=840_000, move_in_from=date(2026, 6, 1))
    seek(crowded, LIKE, unlike, unlike)
    crowded.sending_day()
    before = {one.recipient: steps_of(one.steps) for one in crowded.rows(select(Release)) if one.referral_id == 1}
    for _ in (1, 2):
        nth = [one.referral_id for one in crowded.questions(QuestionKind.OFFER)].index(1)
        crowded.answer(QuestionKind.OFFER, Answer.NO, "no_suitable_home", nth=nth)
        crowded.settle()
    # Now many are alike in every step.
    for association in ("havblik", "kloeverlykken"):
        for _ in range(4):
            crowded.home(association)
    with crowded.platform.database.writing() as session:
        referral = session.get_one(Referral, 1)
        referral.parked_until, referral.due_at = None, crowded.clock.now()
        for row in session.exec(select(Exclusion)):
            session.delete(row)
    seek(crowded, *[LIKE] * 3, first=4)
    crowded.sending_day()

    again = [one for one in crowded.rows(select(Release).order_by(col(Release.id))) if one.referral_id == 1]
    assert len(again) > len(before)
    assert all(as_coarse(steps_of(one.steps), before[one.recipient]) for one in again)
    assert any(step for steps in before.values() for step in steps)
    names = {(question.asked_of, question.reference) for question in crowded.questions(QuestionKind.OFFER, None)}
    assert len({name for _, name in names}) == len(names)


def test_a_stopped_family_is_out_of_the_line_at_once(crowded: World):
    seek(crowded, LIKE, LIKE, LIKE)
    stop(crowded, "TF-2026-00003")
    crowded.sending_day()
    assert asked_about(crowded) == set()
    assert {row.referral_id for row in crowded.rows(select(ReleaseWait))} == {1, 2}


def test_the_demos_sending_moments_are_in_the_morning_in_copenhagen(crowded: World):
    crowded.sending_day()
    assert crowded.clock.now().astimezone(UTC).isoformat() == "2026-03-03T09:00:00+00:00"
