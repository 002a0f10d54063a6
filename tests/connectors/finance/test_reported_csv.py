"""What finance systems report is read generously in form and strictly in meaning."""

import codecs
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.finance import reported_csv
from connectors.finance.csv_postings import csv_postings, kroner
from connectors.finance.encoding import Encoding
from connectors.finance.reported_csv import read_report
from domain.books.posting_run import MOST_ORE
from domain.books.reconciliation import Reported, Sent, reconcile
from domain.errors import Invalid
from tests.connectors.finance.runs import RUN

DAY = date(2026, 3, 31)
DANISH = "Nøgle;Beløb;Posteringsdato\nK1;-1.234,50;31-03-2026\n"
ENGLISH = "Posting date,Amount,Key,Currency\n2026-03-31,-1234.50,K1,DKK\n"


@pytest.mark.parametrize(
    ("body", "at"),
    [
        pytest.param(DANISH.encode(), 2, id="danish"),
        pytest.param(ENGLISH.encode(), 2, id="english"),
        pytest.param(codecs.BOM_UTF8 + DANISH.encode(), 2, id="with a mark"),
        pytest.param(DANISH.encode("cp1252"), 2, id="windows-1252"),
        pytest.param(DANISH.replace("\n", "\r\n").encode(), 2, id="line ends of windows"),
        pytest.param(DANISH.upper().encode(), 2, id="in capitals"),
        pytest.param(b"\xef\xbb\xbf" + ENGLISH.replace("\n2026", "\n\n,,,\n2026").encode(), 4, id="empty rows"),
        pytest.param('"Nøgle","Beløb","Dato"\n"K1","-1.234,50","31.03.2026"\n'.encode(), 2, id="in quotes"),
        pytest.param('Nøgle;Andet;Beløb;Dato\nK1;"to\nlinjer; ""her""";-1 234,5;20260331\n'.encode(), 2, id="others"),
        pytest.param("Nøgle;D/K;Beløb;Dato\nK1;K;1234,50;31-03-2026".encode(), 2, id="credit in its own column"),
        pytest.param("Nøgle;D/K;Beløb;Dato\nK1;kredit;-1234,50;31-03-2026".encode(), 2, id="and a sign that agrees"),
        pytest.param(b"Key;Amount;Date;Valuta\nK1;1,234.50-;2026-03-31;dkk", 2, id="sign behind"),
        pytest.param("Key;Amount;Date\nK1;−1234,50;2026-03-31".encode(), 2, id="a true minus"),
    ],
)
def test_one_row_in_many_forms(body: bytes, at: int):
    assert read_report(body) == (Reported(("K1",), -123_450, DAY, f"line {at}"),)


def test_key_and_number_are_both_names_and_an_empty_one_is_none():
    body = "Key;Invoice number;Amount;Date\nK1;2026-7;+1;2026-03-31\n;2026-8;+2;2026-03-31\n;;+3;2026-03-31\n"
    assert [one.names for one in read_report(body.encode())] == [("K1", "2026-7"), ("2026-8",), ()]


@pytest.mark.parametrize(
    ("amount", "ore"),
    [("+1", 100), ("+1,5", 150), ("+0,01", 1), ("-1.234.567,89", -123_456_789), ("+1,234,567.8", 123_456_780)],
)
def test_an_amount_as_people_write_it(amount: str, ore: int):
    (read,) = read_report(f'Key;Amount;Date\nK1;"{amount}";2026-03-31'.encode())
    assert read.amount_ore == ore


@pytest.mark.parametrize(
    "amount", ["1,234", "1.234", "+1.234", "-1,2345", "+1.23.456,00", "+1.234,567.00", "1e3", "kr. 1", "+", "", "+１"]
)
def test_an_amount_of_three_decimals_or_with_thousands_that_may_be_decimals_is_refused(amount: str):
    refused(f'Key;Amount;Date\nK1;+1;2026-03-31\nK2;"{amount}";2026-03-31', "line 3, amount", "two decimals")


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ("Key;Amount;Date\nK1;500,00;2026-03-31", "line 2, amount", "one sign"),
        ("Key;D/K;Amount;Date\nK1;;500,00;2026-03-31", "line 2, amount", "one sign"),
        ("Key;D/K;Amount;Date\nK1;D;-500,00;2026-03-31", "line 2, amount", "one sign"),
        ("Key;D/K;Amount;Date\nK1;Hemmelig;-500,00;2026-03-31", "line 2, debit/credit", "D or K"),
        ("Key;Amount;Date;Currency\nK1;+1;2026-03-31;EUR", "line 2, currency", "must be DKK"),
        ("Key;Amount;Date;Currency\nK1;+1;2026-03-31;", "line 2, currency", "must be DKK"),
        ("Key;Amount;Date\nK1;+1;2026-02-31", "line 2, date", "must be a day"),
        ("Key;Amount;Date\nK1;+1;31/03/2026", "line 2, date", "must be a day"),
        ("Key;Amount;Date\nK1;+1;31-03-1926", "line 2, date", "must be a day"),
        ("Key;Amount;Date\nK1;+1", "line 2", "as many cells"),
        ('Key;X;Amount;Date\nK1;"a\nb\nc";+1;2026-03-31\nK2', "line 5", "as many cells"),
        ('Key;Amount;Date\nK1;+1;"Hemmelig', "line 2", "quotation marks in pairs"),
        ("Key;Amount;Date;Date\nK1;+1;2026-03-31;2026-03-31", "line 1", "one column for date"),
        ("Amount;Date\n+1;2026-03-31", "line 1", "must name a column"),
        ("Hemmelig", "line 1", "must name a column"),
        ("", "line 1", "must name a column"),
        ("Key;Amount;Date\nK1;+1;2026-03-31".encode("utf-16"), "line 1", "must name a column"),
        ("Nøgle;Beløb".encode("cp1252") + b"\x81", "file", "UTF-8 or Windows-1252"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_column_and_never_repeated(body, field, reason):
    refused(body, field, reason)


def refused(body: str | bytes, field: str, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_report(body if isinstance(body, bytes) else body.encode())
    assert caught.value.field == field
    assert reason in caught.value.reason
    assert "Hemmelig" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_report_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reported_csv, "MOST_ROWS", 1)
    refused(ENGLISH + ENGLISH.splitlines()[1], "line 3", "more than 1 rows")
    monkeypatch.setattr(reported_csv, "LARGEST_BYTES", 10)
    refused(ENGLISH, "file", "at most 10 bytes")


@given(st.integers(-MOST_ORE, MOST_ORE).filter(bool))
def test_an_amount_that_we_would_write_is_read_exactly_or_refused(ore: int):
    body = f"Key;Amount;Date\nK1;{'+' * (ore > 0)}{kroner(ore)};2026-03-31".encode()
    if abs(ore) < 10**15:
        assert read_report(body)[0].amount_ore == ore
    else:
        refused(body, "line 2, amount", "two decimals")


@pytest.mark.parametrize("encoding", Encoding)
def test_our_own_file_sent_back_is_reconciled(encoding: Encoding):
    sent = [Sent(line.key, line.amount_ore, line.entry_date) for line in RUN.lines]
    found = reconcile(sent, read_report(csv_postings(RUN, encoding)), until=RUN.entry_date, most_days_apart=0)
    assert found.is_clean
    assert len(found.matched) == len(RUN.lines)
