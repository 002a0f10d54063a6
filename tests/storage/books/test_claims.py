"""Claims under a guarantee on both databases: made once, answered by two, booked once, and never above the cap."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from domain.books.claims import COUNTED, ClaimRefused, ClaimStanding, charge_of_claim
from domain.errors import Invalid, NotAllowed, Unknown
from domain.referrals.lifecycle import Status
from storage.books.claims import Claim, counted_claims
from storage.books.guarantees import guaranteed_by
from storage.books.ledger import BookedOtherwise, Booking, LedgerEntry, sum_ore
from storage.books.move_ins import book_charge
from storage.books.party_books import claims_of
from storage.privacy.shredding import shred
from storage.staff.claims import withdraw_claim
from storage.staff.families.cases import moved_out
from tests.storage.books.claimed import (
    NAME,
    REFERENCE,
    RULE,
    accepted,
    answered,
    booked_claims,
    claim,
    days_pass,
    guaranteed_families,
    made,
    today,
    waits,
    wrong_in_the_books,
)
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.new_world import KEY
from tests.world.world import World

world = world_after(guaranteed_families)
PAYS = "municipality:0461"


def withdrawn(world: World, name: str = NAME) -> bool:
    with world.platform.database.writing() as session:
        return withdraw_claim(session, name, by="Havblik", now=world.clock.now())


def moves_out(world: World, days_ago: int = 0) -> None:
    said = {"told_key": KEY, "by": "Maria", "now": world.clock.now()}
    with world.platform.database.writing() as session:
        moved_out(session, REFERENCE, on=today(world) - timedelta(days=days_ago), **said)
    world.settle()


def entries(world: World, rule: str) -> dict[str, int]:
    query = select(LedgerEntry).join(Booking, col(Booking.id) == LedgerEntry.booking_id).where(Booking.rule == rule)
    sums: dict[str, int] = {}
    for one in world.rows(query):
        sums[one.account] = sums.get(one.account, 0) + one.amount_ore
    return sums


def test_a_claim_is_booked_once_two_people_have_said_yes_and_every_side_is_posted(world: World):
    made(world, claim(ore=999_999))
    assert wrong_in_the_books(world) == []
    assert answered(world) is ClaimStanding.CONFIRMED
    assert booked_claims(world) == []
    assert answered(world) is ClaimStanding.ACCEPTED
    world.settle()

    assert booked_claims(world) == [("claim", RULE, 1)]
    assert entries(world, RULE) == {
        "municipality:0461": -500_000,
        "fund:0461/fyn": -500_000,
        "department:havblik/Strandvænget": 999_999,
        "rounding:0461": 1,
    }
    posted = [one for system in world.finance() for one in system.postings.values() if one.kind.startswith("claim/")]
    assert {one.kind for one in posted} == {f"claim/{RULE}/1"}
    assert len(posted) == 4
    assert sum(one.amount_ore for one in posted) == 0
    assert wrong_in_the_books(world) == []
    (row,) = world.rows(select(Claim))
    assert row.claimed_by == "Havblik"
    assert row.agreement_version_id == world.referral().agreement_version_id


def booked_again(world: World, *, ore: int) -> None:
    """Book the first claim as if its second yes were heard once more, for so much."""
    with world.platform.database.writing() as session:
        found = guaranteed_by(session, session.get_one(Claim, 1))
        part, terms = found.part_of(claim())
        charge = charge_of_claim(claim(ore=ore), 1, terms, found.moved_in, accepted_on=today(world))
        assert charge.rule == part.rule
        book_charge(session, found.referral, found.offer, charge, told_key=KEY, now=world.clock.now())


def test_a_claim_is_booked_once_however_often_and_never_with_other_entries(world: World):
    made(world, claim())
    accepted(world)
    booked_again(world, ore=1_000_000)
    with pytest.raises(BookedOtherwise):
        booked_again(world, ore=999_999)

    assert booked_claims(world) == [("claim", RULE, 1)]
    assert wrong_in_the_books(world) == []


def test_the_same_claim_twice_is_one_and_the_same_key_is_never_another(world: World):
    assert made(world, claim(), claim(), claim()) == [True, False, False]
    with pytest.raises(Invalid, match="key: was used for another claim"):
        made(world, claim(ore=1))
    with pytest.raises(Invalid, match="key: was used for another claim"):
        made(world, claim(), reference="TF-2026-00002")
    accepted(world)
    assert made(world, claim()) == [False]
    assert len(world.rows(select(Claim))) == 1


def test_a_party_s_claims_and_those_of_a_case_are_each_read_in_one_statement(sqlite_world: World):
    guaranteed_families(sqlite_world)
    made(sqlite_world, claim(1), claim(2), claim(3, rule="until_moved_out", ore=900_000))
    accepted(sqlite_world)
    answered(sqlite_world, f"{REFERENCE}/{RULE}/2")
    asked: list[str] = []
    with sqlite_world.platform.database.reading() as session:
        claims_of(session, PAYS)
        event.listen(session.get_bind(), "before_cursor_execute", lambda *said: asked.append(said[2]))
        found = [claims_of(session, one) for one in (PAYS, "association:havblik")]
        counted = counted_claims(session, 1)

    assert [len(one) for one in (*found, counted, asked)] == [3, 3, 3, 3]
    assert {one.standing for one in found[0]} == {*COUNTED}
    assert [one.amount_ore for one in found[0]] == [-one.amount_ore for one in found[1]]


def test_what_is_wrong_is_said_and_nothing_stays(world: World):
    with pytest.raises(ClaimRefused) as refused:
        made(world, claim(ore=6_000_001, rule="no_such"), claim())
    assert [one.field for one in refused.value.faults] == ["rule"]
    with pytest.raises(ClaimRefused, match="only 6000000 øre are left"):
        made(world, claim(ore=6_000_001))
    with pytest.raises(Unknown):
        made(world, claim(), reference="TF-2026-00099")
    assert world.rows(select(Claim)) == []


def test_nobody_claims_before_the_move_in(world: World):
    world.home()
    world.flag(family(3))
    with pytest.raises(Invalid, match="no family of this case has moved in"):
        made(world, claim(), reference="TF-2026-00003")


def test_what_is_declined_or_withdrawn_leaves_the_cap_to_others(world: World):
    made(world, claim(1, ore=6_000_000))
    with pytest.raises(ClaimRefused, match="only 0 øre are left"):
        made(world, claim(2, ore=1))
    assert answered(world, no="amount_too_high") is ClaimStanding.DECLINED
    made(world, claim(2, ore=6_000_000))
    assert withdrawn(world, f"{REFERENCE}/{RULE}/2")
    made(world, claim(3, ore=6_000_000))
    accepted(world, f"{REFERENCE}/{RULE}/3")
    with pytest.raises(ClaimRefused, match="only 0 øre are left"):
        made(world, claim(4, ore=1))
    assert booked_claims(world) == [("claim", RULE, 3)]
    assert wrong_in_the_books(world) == []


def test_a_claim_is_withdrawn_until_it_is_answered(world: World):
    made(world, claim(1), claim(2))
    assert [withdrawn(world), withdrawn(world)] == [True, False]
    assert waits(world) is None
    answered(world, f"{REFERENCE}/{RULE}/2")
    with pytest.raises(NotAllowed, match="only until the paying municipality has answered"):
        withdrawn(world, f"{REFERENCE}/{RULE}/2")
    made(world, claim(3))
    answered(world, f"{REFERENCE}/{RULE}/3", heard=False)
    with pytest.raises(NotAllowed, match="only until the paying municipality has answered"):
        withdrawn(world, f"{REFERENCE}/{RULE}/3")
    for wrong in ("", "TF-2026-00001", f"{REFERENCE}/{RULE}/9", f"{REFERENCE}/{RULE}/x", f"x/{RULE}/1"):
        with pytest.raises(Unknown):
            withdrawn(world, wrong)


def test_a_claim_may_come_after_the_case_is_closed_and_its_data_are_shredded(world: World):
    days_pass(world, 400)
    assert world.referral().status is Status.CLOSED
    platform = world.platform
    shred(platform.database, platform.vault, world.referral(), by="t", why="t", now=world.clock.now())
    made(world, claim())
    accepted(world)
    assert booked_claims(world) == [("claim", RULE, 1)]
    assert wrong_in_the_books(world) == []


def test_a_move_out_turns_back_no_claim_that_its_part_keeps(world: World):
    made(world, claim(1), claim(2, rule="until_moved_out", ore=900_000))
    accepted(world)
    accepted(world, f"{REFERENCE}/until_moved_out/1")
    moves_out(world, days_ago=1)

    assert booked_claims(world) == [
        ("claim", RULE, 1),
        ("claim", "until_moved_out", 1),
        ("reversal", "until_moved_out", 1),
        ("earned", "until_moved_out", 1),
    ]
    assert wrong_in_the_books(world) == []


def test_a_claim_that_is_accepted_after_the_move_out_comes_to_the_same(world: World):
    made(world, claim(1), claim(2, rule="until_moved_out", ore=900_000))
    moves_out(world, days_ago=1)
    days_pass(world, 40)
    accepted(world)
    accepted(world, f"{REFERENCE}/until_moved_out/1")

    assert booked_claims(world) == [
        ("claim", RULE, 1),
        ("claim", "until_moved_out", 1),
        ("reversal", "until_moved_out", 1),
        ("earned", "until_moved_out", 1),
    ]
    assert wrong_in_the_books(world) == []
    with world.platform.database.reading() as session:
        assert sum_ore(session) == 0
