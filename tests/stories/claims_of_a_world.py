"""Worlds in which a party claims under a guarantee, and what is done about the claim."""

from approval_api.questions.form_judge import Judged
from approval_api.questions.lookup import Seen
from approval_api.questions.record import recorded
from deployments.cli.actor import carry_out
from domain.questions.question import Answer, Reply
from domain.referrals.household import Language
from storage.staff.claims import withdraw_claim
from tests.storage.books.claimed import NAME, claim, guaranteed_families, made, waits
from tests.world.world import World


def a_claim_made(world: World) -> None:
    guaranteed_families(world)
    made(world, claim())


def a_claim_answered(world: World) -> None:
    """The finance officer says yes on the page."""
    a_claim_made(world)
    seen = Seen(waits(world), None, Language.DANISH)
    assert recorded(world.platform.database, Judged(seen, Reply(Answer.YES), None, world.clock.now()))


def a_claim_withdrawn(world: World) -> None:
    a_claim_made(world)
    waits(world)
    carry_out(world.platform.database, withdraw_claim, NAME, by="Havblik", now=world.clock.now())
