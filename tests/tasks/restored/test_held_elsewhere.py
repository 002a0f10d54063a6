"""The parties' data show that a backup was put back, also when the mark was put back with it."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from deployments.worker.worker import Worker
from domain.errors import PartnerUnavailable
from domain.ports.case_system import Receipt
from domain.questions.question import Answer, QuestionKind
from domain.referrals.lifecycle import Status
from domain.told_once import receipt_key
from storage.attention import open_items
from storage.audit.checkpoints import AuditCheckpoint
from storage.referrals.referrals import Referral
from storage.restored.watermark import Marks, WentBack, note_how_far, refuse_if_gone_back
from storage.settings import load_settings
from storage.vacancies.offers import Offer
from tasks.upkeep.chain import seal
from tests.tasks.restored.after_a_restore import REFERENCE, settled
from tests.world.clock import START
from tests.world.families import family
from tests.world.put_back import backed_up, may_go_on, put_back, restore, told_key
from tests.world.world import World


@pytest.fixture
def world(sqlite_world: World, tmp_path: Path) -> World:
    sqlite_world.platform = replace(sqlite_world.platform, marks=Marks(tmp_path / "not-in-backup"))
    return sqlite_world


def test_the_parties_know_a_number_that_this_database_has_not_given(world: World):
    world.flag(family(1))
    world.settle()
    kept = backed_up(world)
    may_go_on(world)
    world.flag(family(2))
    world.settle()
    may_go_on(world)
    # The mark is put back too, as on the same disk or in a snapshot of the machine.
    put_back(world, kept)
    refuse_if_gone_back(world.platform.database, world.platform.marks)

    with pytest.raises(WentBack, match=r"TF-2026-00002 was given.*run `tilflyt restored`"):
        may_go_on(world)
    assert restore(world).taken_in_again == ["TF-2026-00002"]
    may_go_on(world)
    world.flag(family(3))
    assert world.rows(select(Referral.reference))[-1] == "TF-2026-00103"


def test_what_a_partner_says_by_mistake_stops_nobody(world: World):
    world.flag(family(1))
    world.settle()
    seal(world.platform)
    note_how_far(world.platform.database, world.platform.marks, now=START)
    system = world.case_system()
    wrong = Receipt("flag-9", accepted=True, reference="TF-2026-09999")
    system.receipts["flag-9"], system.keys["flag-9"] = wrong, "of chance"
    may_go_on(world)
    # A reference that is not of ours does not raise the counter either.
    system.receipts["flag-9"] = replace(wrong, reference="TF-2026-99999")
    assert restore(world).numbers == {}
    for none_of_ours in ("TF-2026-99999", "TF-2026-999999999", "TF-2027-00001", "TF-2019-00001"):
        system.receipts["flag-9"] = far = replace(wrong, reference=none_of_ours)
        system.keys["flag-9"] = receipt_key(told_key(world), "0461", far)
        may_go_on(world)
        assert restore(world).numbers == {}
    system.keys["flag-9"] = receipt_key(told_key(world), "0461", wrong)
    system.receipts["flag-9"] = wrong
    with pytest.raises(WentBack):
        may_go_on(world)


def test_a_worker_whose_database_goes_back_under_it_ends(world: World):
    world.flag(family(1))
    kept = backed_up(world)
    worker = Worker(world.platform, load_settings(_env_file=None))
    world.flag(family(2))
    asyncio.run(worker.seal())
    asyncio.run(worker.seal())
    put_back(world, kept)
    with pytest.raises(WentBack):
        asyncio.run(worker.seal())


def test_a_mark_that_cannot_be_written_stops_no_worker(world: World):
    world.flag(family(1))
    world.platform = replace(world.platform, marks=Marks(Path("/proc/marks")))
    with capture_logs() as told:
        asyncio.run(Worker(world.platform, load_settings(_env_file=None)).seal())
    assert [line["event"] for line in told] == ["could not write how far the database has come"]
    assert len(world.rows(select(AuditCheckpoint))) == 1


def test_a_home_that_is_let_go_after_a_restore_is_let_go_at_its_association_too(world: World):
    """The home is reserved and released twice: with the same key, the second release would count as the first."""
    world.home()
    world.flag(family(1))
    world.until(QuestionKind.APPROVAL)
    kept = backed_up(world)
    for _ in range(2):
        assert world.answer(QuestionKind.APPROVAL, Answer.NO, "quota_used")
        world.settle()
        assert world.desk().held == {}
        put_back(world, kept)
        # Staff are told that the association does not hold the home; when it is called, it holds it again.
        assert ("home:havblik/havblik-1", "restored_home") in settled(restore(world))
        world.desk().held["havblik-1"] = world.rows(select(Offer.pseudonym))[0]
    assert max(Counter(world.desk().keys).values()) == 1


def test_who_knows_a_family_stays_on_the_list_when_its_case_ends(world: World):
    world.home()
    world.flag(family(1))
    world.until(QuestionKind.ACCEPTANCE)
    kept = backed_up(world)
    world.answer(QuestionKind.ACCEPTANCE)
    world.settle()
    put_back(world, kept)
    restore(world)
    expected = {("home:havblik/havblik-1", "restored_identity"), (f"referral:{REFERENCE}", "restored_identity")}
    with world.platform.database.reading() as session:
        assert {(item.subject, item.code) for item in open_items(session)} == expected
    world.answer(QuestionKind.ACCEPTANCE, Answer.WITHDRAW)
    world.settle()
    assert world.referral().status is Status.WITHDRAWN
    with world.platform.database.reading() as session:
        assert expected <= {(item.subject, item.code) for item in open_items(session)}


def test_two_families_that_are_told_under_one_number_are_never_one_case(world: World):
    """By a partner's mistake: everything else is restored, and a person decides whose number it is."""
    world.flag(family(1))
    kept = backed_up(world)
    world.flag(family(2), family(3), family(4))
    world.settle()
    system, second = world.case_system(), "TF-2026-00002"
    put_back(world, kept)
    system.receipts["flag-3"] = replace(system.receipts["flag-3"], reference=second)

    found = restore(world)

    assert found.taken_in_again == [second, "TF-2026-00004"]
    assert [one.detail for one in found.to_settle if one.reference == second] == ["taken in again"]
    # The key was made from what we told, and that was another number.
    told = [one.detail for one in found.to_settle if one.code == "without_our_key"]
    assert told == [f"1 without our key: flag-3: {second}"]
    assert len(world.rows(select(Referral))) == 3


def test_a_flag_whose_number_another_case_has_is_a_persons_to_settle(world: World):
    world.flag(family(1))
    world.settle()
    kept = backed_up(world)
    world.flag(family(2))
    world.settle()
    put_back(world, kept)
    # The platform went on without `tilflyt restored`.
    world.flag(family(3))
    world.settle()
    found = restore(world)
    assert found.taken_in_again == []
    (one,) = (one for one in found.to_settle if one.code == "restored_case")
    assert one.detail == "flag-2: its number is another case's"


@pytest.mark.parametrize("again", [False, True])
def test_a_case_that_cannot_be_taken_in_again_is_told_and_leaves_no_key(world: World, again: bool):
    world.flag(family(1))
    world.settle()
    kept = backed_up(world)
    world.flag(family(2))
    world.settle()
    put_back(world, kept)
    world.clock.move_on(timedelta(days=400))
    if again:
        restore(world)
    found = restore(world)
    assert found.taken_in_again == []
    assert "consent.ends_on: in_the_past" in next(one.detail for one in found.to_settle if one.code == "restored_case")
    keys = world.platform.vault.keys
    assert list(keys.made_before(world.clock.now() + timedelta(days=1))) == [world.referral().case_key]


def test_whoever_is_silent_hides_nobody_elses_answer(world: World):
    world.flag(family(1))
    world.settle()
    kept = backed_up(world)
    world.flag(family(2))
    world.settle()
    put_back(world, kept)
    world.partners.down["http://partners.invalid/finance/0450"] = PartnerUnavailable("GET /postings: 503")
    found = restore(world)
    assert found.taken_in_again == ["TF-2026-00002"]
    assert ("municipality:0450/finance", "restored_party") in settled(found)
