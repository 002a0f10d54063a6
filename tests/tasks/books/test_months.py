"""A month is settled by itself, once; each party is asked once; a payment may be made when both sides have said yes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from domain.errors import PartnerUnavailable
from domain.parties.party import Role
from domain.questions.question import Answer, QuestionKind
from domain.working_days import COPENHAGEN
from storage.books.ledger import LedgerEntry
from storage.books.settlements import Settlement, settle_month, statements_of
from storage.operations.month_approvals import is_payable, month_answers
from storage.outbox import OutboxRow, OutboxStanding, Telling
from storage.parties.partners import partner_of, remember_partner
from tasks.asking.deadlines import remind_and_close
from tasks.books.answers import hear_parties
from tasks.books.months import ask_parties, settle_last_month
from tests.tasks.books.asked_months import (
    BY_PARTY,
    HAVBLIK,
    MARCH,
    NYBORG,
    ODENSE,
    answers,
    asked_of,
    items,
    march_is_asked,
    march_is_over,
)
from tests.world.in_process import InProcessFinance
from tests.world.kept import world_after
from tests.world.world import World

over, world = world_after(march_is_over), world_after(march_is_asked)


def at(world: World, day: str) -> None:
    """It is six o'clock in the morning of a day in Copenhagen."""
    world.clock.at = datetime.fromisoformat(f"{day} 06:00").replace(tzinfo=COPENHAGEN).astimezone(UTC)


def payable(world: World) -> dict[tuple[str, str], bool]:
    with world.platform.database.reading() as session:
        said = month_answers(session, MARCH)
        payments = {payment for one in statements_of(session, MARCH).values() for payment in one.payments}
        return {(one.payer, one.payee): is_payable(one, said) for one in payments}


DAYS = [
    pytest.param("2026-04-09", None, id="the day before"),
    pytest.param("2026-04-10", date(2026, 3, 31), id="the fifth working day, behind Easter"),
    pytest.param("2026-04-27", date(2026, 3, 31), id="late"),
    pytest.param("2026-05-07", None, id="the month after has not come to its day"),
    pytest.param("2026-05-08", date(2026, 4, 30), id="a month was missed: it is settled with the next"),
    pytest.param("2028-03-07", date(2028, 2, 29), id="a leap day"),
    pytest.param("2026-11-06", date(2026, 10, 31), id="summer time has ended"),
    pytest.param("2027-01-08", date(2026, 12, 31), id="a month that ends on a holiday"),
]


@pytest.mark.parametrize(("day", "settled"), DAYS)
def test_the_month_before_is_settled_when_its_day_has_come(over: World, day: str, settled: date | None):
    at(over, day)

    assert settle_last_month(over.platform) == settled
    assert settle_last_month(over.platform) is None, "a second time changes nothing"
    assert [row.last_day for row in over.rows(select(Settlement))] == ([settled] if settled else [])


def test_no_month_is_settled_by_itself_where_the_setting_says_so(over: World):
    over.platform = replace(over.platform, settlement_working_day=0)

    assert settle_last_month(over.platform) is None


def test_every_party_with_a_statement_is_asked_once_by_its_finance_contact(world: World):
    assert ask_parties(world.platform) == ()
    asked = world.questions(QuestionKind.MONTH)
    assert [(one.asked_of, one.contact_id) for one in asked] == [(party, "oekonomi-1") for party in BY_PARTY]
    assert {one.about.name for one in asked} == {"2026-03"}
    letters = [text for text in world.texts() if "afregning" in text]
    assert len(letters) == 3
    assert all("TF-2026" not in text for text in letters), "a letter names no case"


FALLS_BACK = [
    ((Role.COORDINATOR, Role.CHIEF), "koordinator-1"),
    ((Role.CHIEF,), "chef"),
    ((), None),
]


@pytest.mark.parametrize(("roles", "asked"), FALLS_BACK, ids=["coordinator", "chief", "nobody"])
def test_a_party_without_finance_people_is_asked_by_another_role(
    over: World, roles: tuple[Role, ...], asked: str | None
):
    kept = {Role.CASEWORKER, Role.SIGN_OFF, *roles}
    people_of(over, ODENSE, kept)
    settle_last_month(over.platform)

    ask_parties(over.platform)

    found = [one.contact_id for one in over.questions(QuestionKind.MONTH) if one.asked_of == ODENSE]
    assert found == ([asked] if asked else [])
    told = [(subject, code) for subject, code, _ in items(over) if code == "month_asks_nobody"]
    assert told == ([] if asked else [(f"month:2026-03/{ODENSE}", "month_asks_nobody")])
    assert len(over.questions(QuestionKind.MONTH)) == (3 if asked else 2), "the others are asked all the same"


def people_of(world: World, party: str, roles: set[Role]) -> None:
    with world.platform.database.writing() as session:
        known = partner_of(session, party)
        left = tuple(one for one in known.contacts if one.role in roles)
        remember_partner(session, replace(known, contacts=left), now=world.clock.now())


def test_a_party_that_names_somebody_later_is_asked_then(over: World):
    with over.platform.database.reading() as session:
        before = partner_of(session, ODENSE)
    people_of(over, ODENSE, {Role.CASEWORKER})
    settle_last_month(over.platform)
    ask_parties(over.platform)
    with over.platform.database.writing() as session:
        remember_partner(session, before, now=over.clock.now())

    assert ask_parties(over.platform) == (f"2026-03 {ODENSE}",)
    assert [code for _, code, _ in items(over) if code == "month_asks_nobody"] == []


async def is_silent(_system: InProcessFinance, _posting: object, *, key: str) -> None:
    raise PartnerUnavailable(f"no answer to {key[:4]}")


def test_a_silent_finance_system_delays_neither_the_settlement_nor_the_letters(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(InProcessFinance, "post", is_silent)
    march_is_over(sqlite_world)
    assert settle_last_month(sqlite_world.platform) == MARCH

    assert len(ask_parties(sqlite_world.platform)) == 3
    sqlite_world.deliver()
    assert len([text for text in sqlite_world.texts() if "afregning" in text]) == 3
    waiting = select(OutboxRow).where(
        OutboxRow.telling == Telling.POSTING, OutboxRow.standing == OutboxStanding.WAITING
    )
    silent = len(sqlite_world.rows(waiting))
    assert silent == len(sqlite_world.rows(select(LedgerEntry)))

    monkeypatch.undo()
    sqlite_world.clock.move_on(timedelta(days=2))
    sqlite_world.deliver()
    sqlite_world.deliver()
    assert sqlite_world.rows(waiting) == []
    assert sum(len(system.postings) for system in sqlite_world.finance()) == silent, "each is told once when it is back"


def test_a_payment_may_be_made_when_both_sides_have_approved(world: World):
    pairs = {(ODENSE, HAVBLIK): False, (ODENSE, NYBORG): False}
    assert payable(world) == pairs
    answers(world, ODENSE)
    assert payable(world) == pairs
    answers(world, NYBORG)
    hear_parties(world.platform)
    assert payable(world) == pairs | {(ODENSE, NYBORG): True}
    answers(world, HAVBLIK, Answer.NO, "amount_wrong")
    assert payable(world) == pairs | {(ODENSE, NYBORG): True}
    with world.platform.database.reading() as session:
        assert month_answers(session, MARCH)[HAVBLIK].reason == "amount_wrong"
        assert str(month_answers(session, MARCH)[NYBORG].by) == f"{NYBORG}/oekonomi-1"


def test_a_month_that_a_party_does_not_answer_about_is_reminded_of_and_told_to_its_chief(world: World):
    world.clock.move_on(timedelta(days=9))
    found = remind_and_close(world.platform)
    assert found.reminded.count("2026-03") == 3

    world.clock.move_on(timedelta(days=21))
    found = remind_and_close(world.platform)
    world.deliver()

    assert found.escalated.count("2026-03") == 2, "Havblik names no chief"
    assert found.kept_waiting.count("2026-03") == 3
    assert asked_of(world, ODENSE).answer is None
    assert answers(world, ODENSE), "a late answer counts"
    assert sum("chef@odense.invalid" in text and "afregning" in text for text in world.texts()) == 1


def test_a_month_settled_by_hand_is_asked_about_too(over: World):
    with over.platform.database.writing() as session:
        settle_month(session, MARCH, by="regnskab", now=over.clock.now())

    assert settle_last_month(over.platform) is None
    assert len(ask_parties(over.platform)) == 3
