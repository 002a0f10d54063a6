"""No role sees the cases of others, on both databases."""

from itertools import product

import pytest
from sqlmodel import select

from domain.parties.party import Role
from domain.questions.question import QuestionKind
from storage.operations.scopes import SCOPES, Viewer, cases
from storage.referrals.referrals import Referral
from tests.world.families import family
from tests.world.world import World

ODENSE, AARHUS, NYBORG, FAABORG = (f"municipality:{code}" for code in ("0461", "0751", "0450", "0430"))
HAVBLIK, OPERATOR = "association:havblik", "operator:drift"
OVERSEES = (Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, Role.OPERATIONS)
SENDS = (Role.CASEWORKER, Role.SIGN_OFF, Role.CHIEF, Role.COORDINATOR, *OVERSEES)


@pytest.fixture
def two_cases(world: World) -> World:
    """A case of Odense about which Nyborg was asked, and a case of Aarhus about which nobody was asked yet."""
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    world.flag(family(2, municipality="0751"), municipality="0751")
    return world


def seen(world: World, party: str, role: Role) -> set[str]:
    with world.platform.database.reading() as session:
        return {one.sending_municipality for one in cases(session, Viewer(party, role), most=10)}


def test_every_role_has_a_scope():
    assert set(SCOPES) == set(Role)


def test_each_sees_what_is_theirs_and_nothing_else(two_cases: World):
    expected = {
        **{(ODENSE, role): {"0461"} for role in SENDS},
        **{(AARHUS, role): {"0751"} for role in SENDS},
        (NYBORG, Role.APPROVER): {"0461"},
        **{(OPERATOR, role): {"0461", "0751"} for role in OVERSEES},
    }
    for party, role in product((ODENSE, AARHUS, NYBORG, FAABORG, HAVBLIK, OPERATOR), Role):
        assert seen(two_cases, party, role) == expected.get((party, role), set()), (party, role)


@pytest.mark.parametrize("party", ["", "municipality:", "municipality:%", "municipality:0461 OR 1=1", "0461"])
def test_a_party_that_is_none_sees_nothing(two_cases: World, party: str):
    assert len(two_cases.rows(select(Referral))) == 2
    assert [role for role in Role if seen(two_cases, party, role)] == []
