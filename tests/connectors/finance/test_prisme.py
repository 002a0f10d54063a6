"""The file for Prisme, byte for byte and by its description."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.finance import prisme
from connectors.finance.encoding import Encoding
from connectors.finance.prisme import MOST_ORE, PrismeTerms, g69_file
from domain.books.posting_run import PostingRun
from domain.errors import Invalid
from tests.connectors.finance.g69_reader import read_g69
from tests.connectors.finance.runs import CLOSED, FRIDAY, MARCH, RUN, line

TERMS = PrismeTerms(organisation=461, machine=482)
GOLDEN = Path(__file__).with_name("march.g69")


def test_the_file_is_the_golden_one_byte_for_byte():
    golden = GOLDEN.read_bytes()
    assert g69_file(RUN, TERMS, closed_days=CLOSED) == golden
    assert g69_file(replace(RUN, lines=RUN.lines[::-1]), TERMS, closed_days=CLOSED) == golden
    assert "Ærø, æ".encode("cp1252") in golden


def test_a_reader_of_the_description_finds_every_line_again():
    day, records = read_g69(GOLDEN.read_bytes(), "cp1252", organisation="0461")

    assert day == "093"  # 2 April, as 31 March was Easter Day
    assert [one.fields["voucher"] for one in records] == [line.key for line in RUN.in_order()]
    assert [one.amount_ore for one in records] == [line.amount_ore for line in RUN.in_order()]
    assert [int(one.fields["account"]) for one in records] == [int(line.account_string) for line in RUN.in_order()]
    assert {one.fields["external_reference"] for one in records} == {"TF-2024-00042"}
    assert {one.fields["note"] for one in records} == {"reception hovedstaden/3", "vacancy_rent hovedstaden/3"}
    assert {one.day("posted_on") for one in records} == {FRIDAY, date(2024, 4, 2)}
    assert records[0].fields["text"] == "Modtagebeløb: én familie på Ærø, æø"
    assert {one.kind for one in records} == {"NOR"}


def pair(entry_date: date, value_date: date, amount_ore: int = 7) -> PostingRun:
    days = {"entry_date": entry_date, "value_date": value_date}
    return PostingRun("r", "p", entry_date, (line("a", "1", amount_ore, **days), line("b", "2", -amount_ore, **days)))


def test_a_month_that_ends_on_a_closed_new_years_eve_stays_in_its_own_year():
    eve = date(2026, 12, 31)
    _, records = read_g69(g69_file(pair(eve, eve), TERMS, closed_days=CLOSED), "cp1252", organisation="0461")
    assert {(one.kind, one.fields["year"], one.fields["posted_on"]) for one in records} == {("SUP", "2026", "20270104")}


DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@given(DAYS, DAYS, st.frozensets(DAYS, max_size=3), st.integers(1, MOST_ORE))
def test_no_date_is_ever_a_closed_day_and_the_postings_balance(entry_date, value_date, closed, amount_ore):
    closed |= {one + timedelta(days=1) for one in closed} | CLOSED
    file = g69_file(pair(entry_date, value_date, amount_ore), TERMS, closed_days=closed)
    _, records = read_g69(file, "cp1252", organisation="0461")
    days = {one.day(field) for one in records for field in ("posted_on", "value_date")}
    assert all(day.weekday() < 5 and day not in closed for day in days)
    assert min(days) >= min(entry_date, value_date)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"text": "Drift & vedligehold"}, "text", "separates fields for Prisme, &"),
        ({"text": "Łódź"}, "text", "encoding cp1252"),
        ({"account_string": "05.46.60.001"}, "account_string", "at most 10 digits"),
        ({"account_string": "12345678901"}, "account_string", "at most 10 digits"),
        ({"amount_ore": MOST_ORE + 1}, "amount_ore", "more than Prisme takes"),
    ],
)
def test_what_the_file_cannot_hold_is_refused_by_key_and_field(change, field, reason):
    first = replace(line("a", "1", 7), **change)
    run = PostingRun("r", "p", MARCH, (first, line("b", "2", -first.amount_ore)))
    with pytest.raises(Invalid) as refused:
        g69_file(run, TERMS, closed_days=CLOSED)
    assert refused.value.field == f"TF-2024-00042/a.{field}"
    assert reason in refused.value.reason
    assert "Łódź" not in str(refused.value)


def test_a_run_of_more_records_than_their_number_has_digits_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prisme, "MOST_RECORDS", len(RUN.lines) - 1)
    with pytest.raises(Invalid, match="lines: are more than 4"):
        g69_file(RUN, TERMS, closed_days=CLOSED)


def test_newer_installations_take_longer_accounts_and_another_encoding():
    terms = PrismeTerms(organisation=461, machine=1, account_digits=15, encoding=Encoding.UTF_8)
    file = g69_file(
        PostingRun("r", "p", MARCH, (line("a", "1" * 15, 1), line("b", "2", -1))), terms, closed_days=CLOSED
    )
    _, records = read_g69(file, "utf-8", organisation="0461")
    assert [one.fields["account"] for one in records] == ["1" * 15, "2".zfill(15)]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a" * 35, "a" * 35), ("a" * 36, "a" * 35), (f"{'a' * 34} b", "a" * 34), ("Tomgang i marts", "Tomgang i marts")],
)
def test_of_a_long_text_stands_what_fits(text, kept):
    run = PostingRun("r", "p", MARCH, (line("a", "1", 1, text=text), line("b", "2", -1)))
    _, records = read_g69(g69_file(run, TERMS, closed_days=CLOSED), "cp1252", organisation="0461")
    assert records[0].fields["text"] == kept


@pytest.mark.parametrize(
    ("field", "value"), [("organisation", 0), ("organisation", 10_000), ("machine", 100_000), ("account_digits", 16)]
)
def test_terms_that_no_file_can_hold_are_refused(field, value):
    with pytest.raises(Invalid) as refused:
        replace(TERMS, **{field: value})
    assert refused.value.field == field
