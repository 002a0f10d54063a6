"""What the parties hold shows that a backup was put back, even where the mark was put back with it."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from deployments.standins.in_process import InProcessFinance
from deployments.worker.worker import Worker
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.ports import HeldPosting, LedgerPosting, Receipt
from domain.questions.question import Answer, QuestionKind
from domain.referrals.lifecycle import Status
from domain.told_once import is_our_posting, posting_key, receipt_key
from storage.attention import open_items
from storage.books.ledger import Booking
from storage.books.posted_before import PostedBefore
from storage.outbox import OutboxRow, OutboxStanding, Telling
from storage.referrals.referrals import Referral
from storage.restored.watermark import Marks, WentBack, note_how_far, refuse_if_gone_back
from storage.settings import load_settings
from storage.vacancies.vacancies import Offer
from tasks.restored.asked_at_start import look_whether_it_went_back
from tasks.restored.restoration import Restored, restored
from tasks.upkeep.chain import seal
from tests.kept import Kept
from tests.world import KEY, START, World, family

REFERENCE = "TF-2026-00001"


@pytest.fixture
def world(sqlite_world: World, tmp_path: Path) -> World:
    sqlite_world.platform = replace(sqlite_world.platform, marks=Marks(tmp_path / "not-in-backup"))
    return sqlite_world


def backed_up(world: World) -> Kept:
    seal(world.platform)
    return Kept(world)


def put_back(world: World, kept: Kept) -> None:
    """The rows and keys as they were; the partners and the clock have gone on."""
    partners, at, platform = world.partners, world.clock.at, world.platform
    kept.into(world)
    world.partners, world.clock.at, world.platform = partners, at, platform


def restore(world: World, **how: object) -> Restored:
    return asyncio.run(restored(world.platform, by="x", **how))


def told_key(world: World) -> bytes:
    """The vault's key under which partners are told: no partner has it."""
    return world.platform.vault.told_key(now=START)


def open_at(world: World) -> set[tuple[str, str]]:
    with world.platform.database.reading() as session:
        return {(item.subject, item.code) for item in open_items(session)}


def may_go_on(world: World) -> None:
    asyncio.run(look_whether_it_went_back(world.platform))
    refuse_if_gone_back(world.platform.database, world.platform.marks)


def test_the_parties_know_a_number_that_this_database_has_not_given(world: World):
    world.flag(family(1))
    world.settle()
    kept = backed_up(world)
    may_go_on(world)
    world.flag(family(2))
    world.settle()
    may_go_on(world)
    # The mark is put back with it: on the same disk, or in the same machine's snapshot.
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
    # Nor is the counter sent up by a number that is no number of ours.
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
    asyncio.run(Worker(world.platform, load_settings(_env_file=None)).seal())


def test_a_home_that_is_let_go_after_a_restore_is_let_go_at_its_association_too(world: World):
    """Reserved and let go by turns: under a key that came back, the second release would be taken for the first."""
    world.home()
    world.flag(family(1))
    world.until(QuestionKind.APPROVAL)
    kept = backed_up(world)
    for _ in range(2):
        assert world.answer(QuestionKind.APPROVAL, Answer.NO, "quota_used")
        world.settle()
        assert world.desk().held == {}
        put_back(world, kept)
        # It is said to a person that the association holds it no longer; here it does so again when it is called.
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
    """By a partner's mistake: the rest is put right all the same, and a person settles whose number it is."""
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
    # The key is of what we told, and that was another number.
    told = [one.detail for one in found.to_settle if one.code == "without_our_key"]
    assert told == [f"1 without our key: flag-3: {second}"]
    assert len(world.rows(select(Referral))) == 3


def settled(found: Restored) -> set[tuple[str, str]]:
    return {(str(one.subject), one.code) for one in found.to_settle}


def moved_in_after_the_backup(world: World) -> list[InProcessFinance]:
    world.home()
    world.flag(family(1))
    world.until(QuestionKind.MOVE_IN)
    kept = backed_up(world)
    assert world.answer(QuestionKind.MOVE_IN)
    world.settle()
    put_back(world, kept)
    return world.finance()


def sides(world: World) -> Counter[tuple[str, str, str, int]]:
    posted = (one for system in world.finance() for one in system.postings.values())
    return Counter((one.reference, one.kind, one.account, one.amount_ore) for one in posted)


def move_in_again(world: World) -> None:
    world.clock.move_on(timedelta(days=3))
    assert world.answer(QuestionKind.MOVE_IN)
    world.settle()


def test_what_an_earlier_version_posted_under_keys_of_chance_is_not_posted_again(world: World):
    for number, system in enumerate(moved_in_after_the_backup(world)):
        system.postings = {f"of chance {number} {nth}": one for nth, one in enumerate(system.postings.values())}
    assert restore(world).posted_before == 3

    move_in_again(world)

    assert set(sides(world).values()) == {1}
    assert len(world.rows(select(Booking))) == 1
    assert {row.standing for row in world.rows(select(OutboxRow).where(OutboxRow.telling == Telling.POSTING))} == {
        OutboxStanding.MOOT
    }
    assert restore(world).posted_before == 0


def test_a_finance_system_that_cannot_be_asked_is_told_under_the_same_keys(world: World, monkeypatch):
    systems = moved_in_after_the_backup(world)
    before = [set(system.postings) for system in systems]

    async def cannot(*_: object) -> None:
        raise PartnerRefused("GET /postings: 404")

    monkeypatch.setattr(InProcessFinance, "posted", cannot)
    found = restore(world)
    assert ("municipality:0461/finance", "restored_party") in settled(found)
    assert world.rows(select(PostedBefore)) == []

    move_in_again(world)

    # A partner that looks closely refuses the other day, and a person is asked; nothing is posted twice.
    assert [set(system.postings) for system in systems] == before
    with world.platform.database.reading() as session:
        assert "partner_refused" in {item.code for item in open_items(session)}


def test_what_is_posted_twice_already_is_told(world: World):
    for system in moved_in_after_the_backup(world):
        system.postings |= {f"again {key}": one for key, one in system.postings.items()}
    found = restore(world)
    assert any("2 times" in one.detail for one in found.to_settle)


def test_a_flag_whose_number_another_case_has_is_a_persons_to_settle(world: World):
    world.flag(family(1))
    world.settle()
    kept = backed_up(world)
    world.flag(family(2))
    world.settle()
    put_back(world, kept)
    # Somebody went on without `tilflyt restored`.
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


def test_a_dry_run_writes_nothing(world: World):
    moved_in_after_the_backup(world)
    with world.platform.database.reading() as session:
        before = session.connection().exec_driver_sql("SELECT COUNT(*) FROM audit_event").scalar_one()
    assert restore(world, dry_run=True).posted_before == 3
    with world.platform.database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT COUNT(*) FROM audit_event").scalar_one() == before
        assert open_items(session) == []
    assert world.rows(select(PostedBefore)) == []


def test_keys_are_of_what_is_told_and_of_nothing_else():
    posting = LedgerPosting("a", REFERENCE, "municipality:0461", -5, START.date(), "move_in")
    same = replace(posting, booking="b", booked_on=START.date() + timedelta(days=1), amount_ore=-6)
    assert posting_key(KEY, posting) == posting_key(KEY, same)
    others = [
        replace(posting, reference="TF-2026-00002"),
        replace(posting, account="municipality:0450"),
        replace(posting, kind="reversal"),
    ]
    keys = [posting_key(KEY, one) for one in (posting, *others)]
    keys += [posting_key(KEY, posting, number=2), posting_key(KEY, posting, period="2026-03")]
    keys += [posting_key(KEY[::-1], posting)]
    assert len(set(keys)) == 7
    accepted = Receipt("flag-1", accepted=True, reference=REFERENCE)
    answers = [accepted, replace(accepted, reference="TF-2026-00002"), Receipt("flag-1", False, field="a", reason="b")]
    assert len({receipt_key(KEY, code, one) for code in ("0461", "0751") for one in answers}) == 6


@pytest.mark.parametrize(
    ("booking", "number", "ours"),
    [
        (f"{REFERENCE}/move_in", 1, True),
        (f"{REFERENCE}/move_in/2", 2, True),
        (f"{REFERENCE}/move_in/2", 1, False),
        (f"{REFERENCE}/move_in", 2, False),
        (f"{REFERENCE}/move_in/1", 1, False),
        (f"{REFERENCE}/move_in/02", 2, False),
        (f"{REFERENCE}/move_in/²", 2, False),
        ("17", 1, False),
    ],
)
def test_a_posting_shows_our_key_by_the_name_of_its_booking(booking: str, number: int, ours: bool):
    posting = LedgerPosting(booking, REFERENCE, "municipality:0461", -5, START.date(), "move_in")
    assert is_our_posting(KEY, HeldPosting(posting, posting_key(KEY, posting, number=number))) is ours
    assert not is_our_posting(KEY, HeldPosting(posting, ""))


def test_a_row_that_waits_keeps_the_key_that_it_may_have_been_sent_under(world: World):
    """Of an earlier version, in flight while we upgrade: the key and the booking's number stay what they were."""
    world.home()
    world.flag(family(1))
    world.until(QuestionKind.MOVE_IN)
    assert world.answer(QuestionKind.MOVE_IN)
    world.carry()
    with world.platform.database.writing() as session:
        for row in session.exec(select(OutboxRow).where(OutboxRow.telling == Telling.POSTING)):
            row.key = f"old {row.id}"
            session.add(row)
        connection = session.connection()
        connection.exec_driver_sql("DROP TRIGGER booking_no_update")
        connection.exec_driver_sql("UPDATE booking SET name = NULL")
    world.deliver()
    posted = [(key, one.booking) for system in world.finance() for key, one in system.postings.items()]
    assert len(posted) == 3
    assert {key.partition(" ")[0] for key, _ in posted} == {"old"}
    assert {booking for _, booking in posted} == {"1"}
