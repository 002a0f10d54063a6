"""A yearly ceiling that is reached: no home there is suggested or put forward, and whoever waits learns why."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from sqlmodel import col, select

from deployments.cli.families.looking import timeline
from domain.parties.ceilings.agreed import AreaCeiling, FamiliesCeiling, VacancyCeiling
from domain.questions.question import Answer, QuestionKind
from domain.referrals.lifecycle import Status
from storage.allocation.ceilings import levels_of
from storage.columns import id_of
from storage.parties.agreements import in_force
from storage.questions.questions import suggested
from storage.referrals.exclusions import Exclusion
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.upkeep.attention import attend
from tests.world.ceilings import ONE_EACH, SECOND, agree_on, codes, first_on_its_way, flagged
from tests.world.families import family
from tests.world.world import World

SAYS = "Aftalens loft for året er nået"


def why(world: World, reference: str = SECOND) -> list[tuple[str, str]]:
    return [(line["what"], line["why"]) for line in timeline(world.platform.database, reference)["history"]]


def used(world: World) -> list[tuple[str, int, int]]:
    with world.platform.database.reading() as session:
        today = world.clock.now().date()
        funen = {id_: one for id_, one in in_force(session, on=today).items() if one.id == "fyn"}
        levels, _ = levels_of(session, funen, on=today)
        return [
            (level.limit.of, level.used, level.ceiling)
            for some in levels.values()
            for level in some
            if level.limit.of.startswith(("municipality:0450", "association:havblik"))
            and level.limit.code in ("families", "share_of_vacancies")
        ]


def test_where_the_year_is_full_no_home_is_suggested_and_the_case_says_why(world: World):
    first_on_its_way(world, **ONE_EACH)

    assert world.questions(QuestionKind.OFFER) == []
    waits = world.referral(SECOND)
    assert (waits.status, waits.due_at) == (Status.SEEKING, world.clock.now() + timedelta(days=1))
    assert codes(world) == [(SECOND, "ceiling_reached")]
    assert why(world)[-1] == ("waits", "ceiling_reached")

    world.clock.move_on(timedelta(days=1))
    world.settle()
    attend(world.platform)
    assert codes(world) == [(SECOND, "ceiling_reached")]
    assert len([line for line in why(world) if line[0] == "waits"]) == 1, "it is said once"


def test_elsewhere_homes_are_suggested_all_the_same(world: World):
    first_on_its_way(world, **ONE_EACH)
    elsewhere = world.home("kloeverlykken", "0430")
    world.clock.move_on(timedelta(days=1))
    world.settle()

    (question,) = world.questions(QuestionKind.OFFER)
    with world.platform.database.reading() as session:
        assert suggested(session, id_of(question)) == [elsewhere]
    attend(world.platform)
    assert codes(world) == []


def test_a_family_that_falls_through_frees_its_place_at_once(world: World):
    first_on_its_way(world, **ONE_EACH)
    world.answer(QuestionKind.APPROVAL, Answer.NO, "schools_and_daycare_full")
    world.settle()

    assert [question.referral_id for question in world.questions(QuestionKind.OFFER)] == [world.referral(SECOND).id]


def test_a_family_that_is_withdrawn_frees_its_place_at_once(world: World):
    first_on_its_way(world, **ONE_EACH)
    world.answer(QuestionKind.APPROVAL)
    world.settle()
    world.answer(QuestionKind.ACCEPTANCE, Answer.WITHDRAW)
    world.settle()

    assert world.referral().status is Status.WITHDRAWN
    assert [question.referral_id for question in world.questions(QuestionKind.OFFER)] == [world.referral(SECOND).id]


def test_a_family_that_moved_in_keeps_its_place_until_the_year_is_over(world: World):
    first_on_its_way(world, **ONE_EACH)
    world.answer(QuestionKind.APPROVAL)
    world.settle()
    world.answer(QuestionKind.ACCEPTANCE)
    world.settle()
    world.answer(QuestionKind.MOVE_IN)
    world.settle()
    assert world.referral().status is Status.HOUSED
    world.clock.at = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    world.settle()
    assert world.referral().status is Status.CLOSED, "its guarantee has ended, and it counts all the same"
    assert used(world) == [("municipality:0450", 1, 1)]
    assert world.questions(QuestionKind.OFFER) == []
    # Midnight in Copenhagen.
    new_year = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert world.referral(SECOND).due_at == new_year

    world.clock.at = new_year
    world.settle()

    assert len(world.questions(QuestionKind.OFFER)) == 1


def test_a_home_that_is_offered_above_the_ceiling_is_not_put_forward_and_the_association_learns_why(world: World):
    agree_on(world, **ONE_EACH)
    homes = [world.home(), world.home()]
    world.flag(family(1), family(2))
    world.until(QuestionKind.OFFER)
    while world.questions(QuestionKind.OFFER):
        world.answer(QuestionKind.OFFER)
    world.settle()

    references = {world.referral(one).status: one for one in ("TF-2026-00001", SECOND)}
    assert set(references) == {Status.PROPOSED, Status.SEEKING}
    refused = references[Status.SEEKING]
    assert why(world, refused)[-2:] == [("offered_above_a_ceiling", "ceiling_reached"), ("waits", "ceiling_reached")]
    assert codes(world) == [(refused, "ceiling_reached")]
    assert len([text for text in world.texts() if SAYS in " ".join(text.split())]) == 1
    assert references[Status.PROPOSED] not in next(text for text in world.texts() if SAYS in " ".join(text.split()))
    standings = {home.id: home.standing for home in world.rows(select(Vacancy).where(col(Vacancy.id).in_(homes)))}
    assert sorted(standings.values()) == [VacancyStanding.AVAILABLE, VacancyStanding.RESERVED]
    assert world.rows(select(Exclusion)) == [], "next year it may be suggested again"


def test_a_request_that_another_association_was_quicker_to_answer_is_recalled_without_that_reason(world: World):
    agree_on(world, **ONE_EACH)
    world.home("havblik")
    world.home("kloeverlykken", "0430")
    world.flag(family())
    world.until(QuestionKind.APPROVAL)

    assert not any(SAYS in " ".join(text.split()) for text in world.texts())


def test_an_area_is_full_however_its_name_is_written(world: World):
    agree_on(world, areas=(AreaCeiling(at_most=1, municipality="0450", area="STRANDKVARTERET"),))
    world.home(area="Strand kvarteret")
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    world.home(area="strandkvarteret m.v.")
    world.home(department="Strandkvarteret 2")
    flagged(world, 2)
    assert codes(world) == [(SECOND, "ceiling_reached")]

    elsewhere = world.home(area="Et andet kvarter")
    world.clock.move_on(timedelta(days=1))
    world.settle()

    (question,) = world.questions(QuestionKind.OFFER)
    with world.platform.database.reading() as session:
        assert suggested(session, id_of(question)) == [elsewhere]


@pytest.mark.parametrize("of", ["association", "association:havblik", "municipality", "municipality:0450"])
def test_a_share_of_the_year_s_vacancies_grows_with_them(world: World, of: str):
    agree_on(world, vacancies=(VacancyCeiling(share=Fraction(1, 2), of=of),))
    world.home()
    flagged(world, 1)
    assert codes(world) == [("TF-2026-00001", "ceiling_reached")], "half of one home is none"

    world.home()
    world.clock.move_on(timedelta(days=1))
    world.settle()
    assert len(world.questions(QuestionKind.OFFER)) == 1
    world.answer(QuestionKind.OFFER)
    world.settle()
    assert world.referral().status is Status.PROPOSED
    assert used(world) == [("association:havblik" if "association" in of else "municipality:0450", 1, 1)]


def test_a_case_keeps_the_ceilings_of_its_version_and_counts_in_every_version(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.OFFER)
    agree_on(world, families=(FamiliesCeiling(at_most=0),))
    world.answer(QuestionKind.OFFER)
    world.settle()

    assert world.referral().status is Status.PROPOSED
    assert used(world) == [("municipality:0450", 1, 0)]


def test_a_ceiling_of_other_days_stands_against_nobody(world: World):
    later = (world.clock.now() + timedelta(days=30)).date()
    agree_on(world, families=(FamiliesCeiling(at_most=0, first_day=later),))
    world.home()
    flagged(world, 1)

    assert len(world.questions(QuestionKind.OFFER)) == 1


def test_offers_are_counted_as_long_as_they_bind(world: World):
    agree_on(world, families=(FamiliesCeiling(at_most=5),))
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    assert used(world) == [("municipality:0450", 1, 5)]
    world.answer(QuestionKind.APPROVAL, Answer.NO, "area_under_pressure")
    world.settle()

    assert len(world.rows(select(Offer))) == 1
    assert used(world) == [("municipality:0450", 0, 5)]
