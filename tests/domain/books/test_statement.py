"""What one booking has the parties owe each other, and what each reads in its statement."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.accounts import holder
from domain.books.booking import BookingKind, Entry
from domain.books.bookkeeping.booking_standing import PostedSide
from domain.books.bookkeeping.posting_life import PostingState
from domain.books.bookkeeping.rejected import RejectedPosting, rejected_as_csv
from domain.books.charges import planned
from domain.books.journal import Booked
from domain.books.months import last_day_written
from domain.books.netting import Claim, net_positions, settle
from domain.books.statement import Statement, as_csv, as_told, claims_in, parts_booked_as, statements
from domain.errors import Invalid
from templates.words.books import STANDINGS, STATES, WHY
from tests.domain.books.models import models, move_ins

SENDER, RECEIVER, DEPARTMENT = "municipality:0461", "municipality:0430", "department:havblik/Solbakken"


def booked(name: str, *entries: Entry) -> Booked:
    day = date(2026, 3, 2)
    return Booked(name, "TF-2026-00001", BookingKind.MOVE_IN, "reception", "fyn/2", day, day, entries, "B-AAAABBBB")


def test_a_payer_owes_each_payee_and_a_department_is_its_associations():
    found = claims_in((Entry(SENDER, -57), Entry(RECEIVER, 45), Entry(DEPARTMENT, 12)))

    assert found == [Claim(SENDER, RECEIVER, 45), Claim(SENDER, "association:havblik", 12)]


def test_two_payers_pay_two_payees_between_them():
    found = claims_in((Entry(SENDER, -30), Entry("fund:0751/fyn", -27), Entry(RECEIVER, 45), Entry(DEPARTMENT, 12)))

    assert found == [
        Claim(SENDER, RECEIVER, 30),
        Claim("municipality:0751", RECEIVER, 15),
        Claim("municipality:0751", "association:havblik", 12),
    ]


def test_nobody_owes_itself():
    """Whoever keeps the fund pays into its own keeping; what rounding leaves over stays with the sender."""
    assert claims_in((Entry(SENDER, -5), Entry("fund:0461/fyn", 4), Entry("rounding:0461", 1))) == []


def test_a_statement_has_each_booking_once_with_what_it_did_to_the_party():
    one = booked("b1", Entry(SENDER, -57), Entry(RECEIVER, 45), Entry(DEPARTMENT, 12))
    other = booked("b2", Entry(SENDER, -3), Entry("rounding:0461", 1), Entry(RECEIVER, 2))

    found = statements([one, other], settle(claim for row in (one, other) for claim in claims_in(row.entries)), {})

    totals = {party: statement.total_ore for party, statement in found.items()}
    assert totals == {SENDER: -59, RECEIVER: 47, "association:havblik": 12}
    assert [(line.booking, line.amount_ore) for line in found[SENDER].lines] == [("b1", -57), ("b2", -2)]
    assert len(found[SENDER].payments) == 2


@given(st.lists(st.tuples(models(), move_ins()), min_size=1, max_size=4))
def test_what_is_paid_is_what_the_statements_say_for_everybody(drawn):
    rows = [
        booked(f"b{number}", *charge.entries)
        for number, charge in enumerate(charge for model, moved_in in drawn for charge in planned(model, moved_in))
    ]
    settlement = settle(claim for row in rows for claim in claims_in(row.entries))

    found = statements(rows, settlement, {})

    paid = net_positions([*settlement.netted, *settlement.gross])
    assert paid == {party: one.total_ore for party, one in found.items() if one.total_ore}
    assert sum(one.total_ore for one in found.values()) == 0
    assert {holder(entry.account) for row in rows for entry in row.entries} >= found.keys()


def as_read(*parties: Statement, rejected: Mapping[str, Sequence[RejectedPosting]]) -> dict[str, Any]:
    return as_told(date(2026, 3, 31), parties, settled=True, answers={}, is_payable=lambda _: False, rejected=rejected)


def in_lines(written: Iterable[bytes]) -> list[str]:
    return b"".join(written).decode("utf-8-sig").splitlines()


def test_an_association_reads_its_own_pseudonym_and_never_the_reference_of_a_case():
    one = booked("TF-2026-00001/move_in/reception", Entry(SENDER, -57), Entry(RECEIVER, 45), Entry(DEPARTMENT, 12))

    found = statements([one], settle(claims_in(one.entries)), {})

    told = as_read(found["association:havblik"], rejected={})
    assert (found[SENDER].lines[0].reference, found[RECEIVER].lines[0].booking) == ("TF-2026-00001", one.name)
    assert told["statements"][0]["lines"][0]["reference"] == "B-AAAABBBB"
    assert told["statements"][0]["lines"][0]["booking"] == "B-AAAABBBB/move_in/reception"
    assert "TF-2026" not in str(told) + "".join(in_lines(as_csv(told, STANDINGS)))


def test_each_line_says_how_far_it_has_come_and_the_sum_that_counts_is_of_what_both_sides_accepted():
    accepted, awaited = (booked(name, Entry(SENDER, -57), Entry(RECEIVER, 57)) for name in ("b1", "b2"))
    yes, sent = (
        {account: PostedSide(account, state) for account in (SENDER, RECEIVER)}
        for state in (PostingState.ACCEPTED, PostingState.SENT)
    )
    sides = {"b1": (*yes.values(),), "b2": (yes[SENDER], sent[RECEIVER])}

    found = statements([accepted, awaited], settle(()), sides)

    told = as_read(found[SENDER], found[RECEIVER], rejected={})
    lines = [[(line["standing"], line["counts"]) for line in one["lines"]] for one in told["statements"]]
    assert lines == [[("accepted_by_both", True), (mine, False)] for mine in ("accepted_by_us", "sent")]
    assert [one["counted_ore"] for one in told["statements"]] == [-57, 57]
    first, *rows = in_lines(as_csv(told, STANDINGS))
    assert first.endswith(";Beløb;Postering;Tæller")
    assert [row.split(";")[-3:] for row in rows] == [
        ["-0,57", "Godkendt på begge sider", "-0,57"],
        ["-0,57", "Godkendt hos jer, mangler andre steder", "0,00"],
        ["0,57", "Godkendt på begge sider", "0,57"],
        ["0,57", "Sendt, mangler svar", "0,00"],
    ]


@pytest.mark.parametrize(
    ("why", "said"), [("another_amount", "Et andet beløb"), ("-1+1", "koden -1+1"), ("", "Årsagen kendes ikke")]
)
def test_what_was_rejected_is_written_with_its_reason_and_no_cell_can_be_a_formula(why: str, said: str):
    at = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    one = RejectedPosting("b1", "TF-2026-00001", BookingKind.MOVE_IN, "", -57, SENDER, why, at)
    told = as_read(Statement(SENDER, (), ()), rejected={SENDER: [one], RECEIVER: [one, one]})

    first, row = in_lines(rejected_as_csv(told["statements"], STATES, WHY))

    assert first.count(";") == row.count(";")
    assert row.startswith(f"{SENDER};TF-2026-00001;compensation;b1;-0,57;{SENDER};{said};2026-04-01;Afvist i")


@given(models(), move_ins())
def test_every_rule_that_is_booked_is_a_part_of_the_model(model, moved_in):
    for charge in planned(model, moved_in):
        assert len(parts_booked_as(model, charge.rule)) == 1
    assert parts_booked_as(model, "nothing_agreed") == ()


@pytest.mark.parametrize(
    "written", ["2026-13", "2026-00", "0000-01", "2026-1", "26-01", "2026-01-01", " 2026-01", "²026-01", ""]
)
def test_what_is_no_month_is_refused(written):
    with pytest.raises(Invalid, match="2026-03"):
        last_day_written(written)


def test_a_month_is_read_as_its_last_day():
    assert last_day_written("2028-02") == date(2028, 2, 29)
