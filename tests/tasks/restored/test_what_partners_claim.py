"""A partner's false claim of what it holds stops no worker, moves no counter and takes no family's case."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from domain.ports.case_system import Receipt
from domain.ports.finance import LedgerPosting
from domain.questions.question import QuestionKind
from domain.told_once import posting_key, receipt_key
from storage.books.ledger import Booking
from storage.books.posted_before import PostedBefore
from storage.parties.partners import partner_of
from storage.referrals.references import ReferenceCounter
from storage.referrals.referrals import Referral
from storage.restored.watermark import Marks, note_how_far
from tasks.upkeep.chain import seal
from tests.world.clock import START
from tests.world.families import family
from tests.world.put_back import backed_up, may_go_on, open_at, put_back, restore, told_key
from tests.world.world import World

NOT_GIVEN = "TF-2026-00900"
SENDER = ("municipality:0461", "without_our_key")


@pytest.fixture
def world(sqlite_world: World, tmp_path: Path) -> World:
    world = sqlite_world
    world.platform = replace(world.platform, marks=Marks(tmp_path / "not-in-backup"))
    world.flag(family(1))
    world.settle()
    seal(world.platform)
    note_how_far(world.platform.database, world.platform.marks, now=START)
    return world


def of_facts_alone(*facts: object) -> str:
    """A key that anybody can compute from the facts, as an earlier version did."""
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def last_number(world: World) -> int:
    return world.rows(select(ReferenceCounter.last))[0]


def system_of(world: World, code: str, kind: str = "case_system") -> Any:
    with world.platform.database.reading() as session:
        return world.platform.connect(kind, partner_of(session, f"municipality:{code}").systems[kind])


def claim_a_receipt(world: World, flag_id: str, reference: str, key: str, *, code: str = "0461") -> None:
    system = system_of(world, code)
    system.receipts[flag_id] = Receipt(flag_id, accepted=True, reference=reference)
    system.keys[flag_id] = key


def test_a_key_that_anybody_can_work_out_stops_no_worker_and_moves_no_number(world: World):
    for told in ((NOT_GIVEN, None, None), (None, None, None)):
        forged = of_facts_alone("receipt", "0461", "flag-9", "accepted", *told)
        claim_a_receipt(world, "flag-9", NOT_GIVEN, forged)
        may_go_on(world)
    posting = LedgerPosting(f"{NOT_GIVEN}/move_in", NOT_GIVEN, "municipality:0461", -5, START.date(), "move_in")
    key = of_facts_alone("posting", NOT_GIVEN, "move_in", "municipality:0461", "", 1)
    world.finance()[0].postings[key] = posting
    may_go_on(world)
    assert SENDER in open_at(world)

    found = restore(world)

    assert (found.numbers, found.taken_in_again, found.posted_before) == ({}, [], 0)
    assert last_number(world) == 1
    assert world.rows(select(PostedBefore)) == []


def test_our_own_key_for_something_else_proves_nothing(world: World):
    """The key is replayed for another number, another flag or by another municipality."""
    ours = world.case_system().keys["flag-1"]
    claim_a_receipt(world, "flag-1", NOT_GIVEN, ours)
    claim_a_receipt(world, "flag-9", NOT_GIVEN, ours)
    claim_a_receipt(world, "flag-1", "TF-2026-00901", ours, code="0751")
    may_go_on(world)
    assert restore(world).numbers == {}
    assert {SENDER, ("municipality:0751", "without_our_key")} <= open_at(world)


def test_a_receiver_that_says_that_many_come_moves_no_number_and_fills_no_list(world: World):
    handover = system_of(world, "0450", "handover")
    handover.newcomers = {f"TF-2026-{number:05d}": None for number in range(2, 9_000)}
    found = restore(world)
    assert found.numbers == {}
    assert len(found.to_settle) < 5
    assert last_number(world) == 1


def test_of_two_that_claim_one_number_the_one_with_our_key_has_it_whoever_is_asked_first(world: World):
    kept = backed_up(world)
    world.flag(family(2))
    world.settle()
    put_back(world, kept)
    # The false claim has an earlier version's key; its partner is asked before or after the true one.
    system_of(world, "0751").families.append(family(7))
    forged = of_facts_alone("receipt", "0751", "flag-7", "accepted", "TF-2026-00002", None, None)
    claim_a_receipt(world, "flag-7", "TF-2026-00002", forged, code="0751")

    found = restore(world)

    assert found.taken_in_again == ["TF-2026-00002"]
    (lost,) = world.rows(select(Referral).where(Referral.reference == "TF-2026-00002"))
    assert (lost.sending_municipality, lost.flag_id) == ("0461", "flag-2")
    assert ("municipality:0751", "without_our_key") in open_at(world)


def two_with_our_key(world: World) -> None:
    """Two cases told under one number, each with our key, after the platform went on without `tilflyt restored`."""
    kept = backed_up(world)
    world.flag(family(2))
    world.settle()
    put_back(world, kept)
    system = system_of(world, "0751")
    told = Receipt("flag-7", accepted=True, reference="TF-2026-00002")
    system.families.append(family(7))
    claim_a_receipt(world, "flag-7", "TF-2026-00002", receipt_key(told_key(world), "0751", told), code="0751")


def test_of_two_that_show_our_key_nobody_has_it_until_a_person_says_whose_word_counts(world: World):
    two_with_our_key(world)

    found = restore(world)

    assert found.taken_in_again == []
    # The number is not given to another case meanwhile.
    assert last_number(world) == 102
    (item,) = (one for one in found.to_settle if one.code == "restored_case")
    assert str(item.subject) == "referral:TF-2026-00002"
    assert item.detail == "no claim decides, of municipality:0461: flag-2, municipality:0751: flag-7"
    assert restore(world, believed=["municipality:0751"]).taken_in_again == ["TF-2026-00002"]
    (lost,) = world.rows(select(Referral).where(Referral.reference == "TF-2026-00002"))
    assert (lost.sending_municipality, lost.flag_id) == ("0751", "flag-7")


def test_what_an_earlier_version_told_counts_where_a_person_takes_the_partys_word(world: World):
    kept = backed_up(world)
    world.flag(family(2))
    world.settle()
    put_back(world, kept)
    system = world.case_system()
    system.keys["flag-2"] = of_facts_alone("receipt", "0461", "flag-2", "accepted", "TF-2026-00002", None, None)

    assert restore(world).taken_in_again == []
    assert SENDER in open_at(world)
    found = restore(world, believed=["municipality:0461"])
    assert found.taken_in_again == ["TF-2026-00002"]
    assert found.numbers == {2026: (1, 102)}


@pytest.mark.parametrize("reference", ["TF-2026-99999", "TF-2027-00002", "TF-2019-00001"])
def test_nobody_has_a_case_begun_under_a_number_that_is_none_of_ours(world: World, reference: str):
    """Otherwise that number would be taken when it is given later."""
    system = world.case_system()
    system.families.append(family(8))
    told = Receipt("flag-8", accepted=True, reference=reference)
    claim_a_receipt(world, "flag-8", reference, receipt_key(told_key(world), "0461", told))
    found = restore(world, believed=["municipality:0461"])
    assert (found.taken_in_again, found.numbers) == ([], {})
    assert SENDER in {(str(one.subject), one.code) for one in found.to_settle}


def test_the_keys_survive_a_rotation_and_a_backup(world: World):
    before = told_key(world)
    kept = backed_up(world)
    put_back(world, kept)
    assert told_key(world) == before
    assert list(world.platform.vault.rotate()) == []
    # This key belongs to no case, and must not count as the key of a shredded one.
    assert "told_once" not in list(world.platform.vault.keys.made_before(datetime.max.replace(tzinfo=UTC)))
    world.home()
    world.until(QuestionKind.MOVE_IN)
    assert world.answer(QuestionKind.MOVE_IN)
    world.settle()
    assert len(world.rows(select(Booking))) == 1
    for system in world.finance():
        for key, posting in system.postings.items():
            assert key == posting_key(before, posting)
