"""The pseudonym under which an association knows a case."""

from datetime import date

import pytest

from domain.anonymity.request import period_of, pseudonym

KEY = bytes(32)


def test_two_associations_know_a_case_under_different_names_and_each_under_one():
    name = {recipient: pseudonym(KEY, recipient=recipient, period="2026Q1", case_key="ab") for recipient in ("a", "b")}

    assert name["a"] != name["b"]
    assert name["a"] == pseudonym(KEY, recipient="a", period="2026Q1", case_key="ab")
    assert name["a"] != pseudonym(KEY, recipient="a", period="2026Q2", case_key="ab")


@pytest.mark.parametrize(
    ("day", "period"), [("2026-01-01", "2026Q1"), ("2026-03-31", "2026Q1"), ("2026-12-31", "2026Q4")]
)
def test_a_pseudonym_lasts_a_quarter(day: str, period: str):
    assert period_of(date.fromisoformat(day)) == period
