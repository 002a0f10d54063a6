"""A person corrects what was rejected, and settles what is disputed."""

import pytest
from sqlmodel import func, select

from domain.errors import Invalid, PartnerRefused, Unknown
from storage.books.ledger import Booking
from storage.outbox import OutboxRow, OutboxStanding, Telling
from tests.tasks.books.postings_of_a_world import (
    NO,
    NYBORG,
    ODENSE,
    TAKEN,
    YES,
    asked,
    corrects,
    counted,
    finance_of,
    moves_in,
    number_of,
    settles,
    states,
    told,
    why,
)
from tests.world.in_process import InProcessFinance
from tests.world.world import World


def test_a_rejected_posting_is_corrected_by_a_person_and_sent_under_a_new_key(world: World):
    system = finance_of(world, ODENSE)
    system.says = [NO]
    moves_in(world)
    assert (states(world, ODENSE), counted(world)) == (["rejected"], 0)
    assert why(world) == ["posting_rejected"]
    assert system.postings == {}
    (before,) = told(world, ODENSE)

    key = corrects(world, number_of(world, ODENSE), account_string="5.33.41.4")
    world.deliver()

    assert key != before.row.key
    assert states(world, ODENSE) == ["corrected", "accepted"]
    assert [(one.account_string, one.amount_ore) for one in system.postings.values()] == [
        ("5.33.41.4", before.posting.amount_ore)
    ]
    assert list(system.postings) == [key]
    assert (why(world), counted(world)) == ([], 1)


def test_a_posting_that_was_refused_with_a_status_is_corrected_too(world: World, monkeypatch):
    post = InProcessFinance.post

    async def refused(self: InProcessFinance, posting, *, key: str):
        if not posting.account_string and posting.account == ODENSE:
            raise PartnerRefused("POST /postings: 422")
        return await post(self, posting, key=key)

    monkeypatch.setattr(InProcessFinance, "post", refused)
    moves_in(world)
    assert (states(world, ODENSE), why(world)) == (["refused"], ["partner_refused"])

    corrects(world, told(world, ODENSE)[0].row.key, account_string="5.33")
    world.deliver()

    assert states(world, ODENSE) == ["corrected", "accepted"]
    standings = [one.row.standing for one in told(world, ODENSE)]
    assert standings == [OutboxStanding.MOOT, OutboxStanding.DELIVERED]
    assert (why(world), counted(world)) == ([], 1)


def test_a_posting_may_go_to_another_receiver_and_be_corrected_again(world: World):
    finance_of(world, NYBORG).says = [NO]
    moves_in(world)
    finance_of(world, "municipality:0430").says = [NO]

    first = corrects(world, number_of(world, NYBORG), receiver="municipality:0430")
    world.deliver()
    second = corrects(world, first, receiver=NYBORG)
    world.deliver()

    assert len({first, second, *(one.row.key for one in told(world))}) == len(told(world))
    assert states(world, "municipality:0430") == ["corrected"]
    assert states(world, NYBORG) == ["corrected", "accepted", "accepted"]
    assert counted(world) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "say what changes"),
        ({"account_string": ""}, "say what changes"),
        ({"receiver": ODENSE}, "say what changes"),
        ({"receiver": "municipality:0101"}, "no party here"),
        ({"account_string": "=1"}, "letters, digits"),
        ({"receiver": "association:havblik"}, "takes no postings"),
    ],
)
def test_a_correction_that_changes_nothing_or_too_much_is_refused(sqlite_world: World, changes: dict, says: str):
    finance_of(sqlite_world, ODENSE).says = [NO]
    moves_in(sqlite_world)

    with pytest.raises(Invalid, match=says):
        corrects(sqlite_world, number_of(sqlite_world, ODENSE), **changes)
    assert states(sqlite_world, ODENSE) == ["rejected"]


def test_what_was_not_rejected_is_neither_corrected_nor_settled(sqlite_world: World):
    moves_in(sqlite_world)
    with pytest.raises(Invalid, match="is accepted: only a rejected one"):
        corrects(sqlite_world, number_of(sqlite_world, ODENSE), account_string="5")
    with pytest.raises(Invalid, match="is accepted: there is nothing to settle"):
        settles(sqlite_world, number_of(sqlite_world, ODENSE), "accepted")
    for nobody in ("999999", "f" * 32, "9" * 40):
        with pytest.raises(Unknown, match="no posting"):
            corrects(sqlite_world, nobody, account_string="5")


def test_a_no_after_a_yes_is_a_persons_and_can_then_be_corrected(world: World):
    system = finance_of(world, ODENSE)
    system.says = [TAKEN]
    finance_of(world, NYBORG).says = [TAKEN]
    moves_in(world)
    system.later = dict.fromkeys(system.said, YES)
    asked(world)
    system.later = dict.fromkeys(system.said, NO)
    # Nyborg's is still open; Odense is asked no more, and says it when its next one is open.
    system.says = [TAKEN]
    moves_in(world, 2)
    asked(world)
    assert states(world, ODENSE)[0] == "disputed"

    settles(world, number_of(world, ODENSE), "rejected")
    assert why(world) == ["posting_rejected"], "it is still to be corrected"
    corrects(world, number_of(world, ODENSE), account_string="5.33")
    world.deliver()

    assert states(world, ODENSE) == ["corrected", "sent", "accepted"]
    assert why(world) == []


def test_what_is_accepted_under_its_old_key_after_its_correction_must_be_undone_there(world: World):
    system = finance_of(world, ODENSE)
    system.says = [NO]
    moves_in(world)
    corrects(world, number_of(world, ODENSE), account_string="5.33")
    system.says = [TAKEN]
    world.deliver()
    system.later = {told(world, ODENSE)[0].row.key: YES}
    asked(world)
    assert states(world, ODENSE) == ["disputed", "sent"]

    with pytest.raises(Invalid, match="have it undone there"):
        settles(world, number_of(world, ODENSE), "accepted")
    settles(world, number_of(world, ODENSE), "rejected")

    assert states(world, ODENSE) == ["corrected", "sent"]


def test_a_row_is_told_once_for_each_correction_and_for_nothing_else(world: World):
    finance_of(world, ODENSE).says = [NO]
    moves_in(world)
    corrects(world, number_of(world, ODENSE), account_string="5.33")
    with pytest.raises(Invalid, match="is corrected: only"):
        corrects(world, number_of(world, ODENSE), account_string="5.34")
    rows = select(func.count()).select_from(OutboxRow).where(OutboxRow.telling == Telling.POSTING)
    assert world.rows(rows) == [4]
    assert len(world.rows(select(Booking))) == 1
