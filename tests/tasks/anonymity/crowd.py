"""Families that are alike, and the requests about them."""

from dataclasses import replace
from datetime import date

from domain.anonymity.measure import AnonymityTerms
from domain.questions.question import QuestionKind
from domain.referrals.household import Need
from domain.referrals.lifecycle import WithdrawalReason
from storage.referrals.referrals import request_stop
from tests.world.families import family
from tests.world.world import World

LIKE = Need(3, 3, 900_000, date(2026, 4, 1))


def three_must_be_alike(world: World) -> World:
    """A world in which at least three must be alike and eleven are wanted, with enough homes."""
    world.platform = replace(world.platform, anonymity=AnonymityTerms(least=3, wanted=11))
    for association in ("havblik", "kloeverlykken"):
        for _ in range(4):
            world.home(association)
    return world


def seek(world: World, *needs: Need, first: int = 1) -> None:
    """Flag families with these needs and have them signed off."""
    world.flag(*(family(number, need=need) for number, need in enumerate(needs, first)))
    world.settle()
    while world.questions(QuestionKind.SIGN_OFF):
        world.answer(QuestionKind.SIGN_OFF)
        world.settle()


def stop(world: World, *references: str) -> None:
    """Have these families withdraw their consent."""
    with world.platform.database.writing() as session:
        for reference in references:
            id_ = world.referral(reference).id or 0
            request_stop(session, id_, WithdrawalReason.CONSENT_WITHDRAWN, now=world.clock.now())
    world.settle()


def asked_about(world: World) -> set[int]:
    """The referrals that associations are asked about."""
    return {question.referral_id for question in world.questions(QuestionKind.OFFER)}
