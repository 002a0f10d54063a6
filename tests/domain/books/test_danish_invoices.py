"""Which form a party gets on which day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.invoices.danish import OIOUBL_REQUIRED_UNTIL, ChosenForm, EInvoiceForm, form_on
from domain.errors import Invalid

OIOUBL, PEPPOL = EInvoiceForm.OIOUBL_2_1, EInvoiceForm.PEPPOL_BIS_3
SPRING, AUTUMN = date(2027, 4, 1), date(2027, 10, 1)


@pytest.mark.parametrize(
    ("day", "chosen", "form"),
    [
        (date(2026, 4, 1), [], OIOUBL),
        (date(2029, 6, 30), [], OIOUBL),
        (date(2029, 7, 1), [], PEPPOL),
        (date(2027, 3, 31), [ChosenForm(PEPPOL, SPRING)], OIOUBL),
        (SPRING, [ChosenForm(PEPPOL, SPRING)], PEPPOL),
        (AUTUMN, [ChosenForm(OIOUBL, AUTUMN), ChosenForm(PEPPOL, SPRING)], OIOUBL),
        (date(2027, 9, 30), [ChosenForm(OIOUBL, AUTUMN), ChosenForm(PEPPOL, SPRING)], PEPPOL),
        (date(2030, 1, 1), [ChosenForm(OIOUBL, SPRING)], OIOUBL),
    ],
)
def test_a_party_gets_what_it_chose_or_what_is_required(day: date, chosen: list[ChosenForm], form: EInvoiceForm):
    assert form_on(day, chosen) is form


def test_two_choices_of_one_day_are_refused():
    with pytest.raises(Invalid):
        form_on(AUTUMN, [ChosenForm(OIOUBL, SPRING), ChosenForm(PEPPOL, SPRING)])


@given(st.dates(date(2026, 1, 1), date(2035, 1, 1)), st.randoms())
def test_the_order_in_which_choices_are_told_makes_no_difference(day: date, chance):
    chosen = [ChosenForm(PEPPOL, SPRING), ChosenForm(OIOUBL, AUTUMN), ChosenForm(PEPPOL, OIOUBL_REQUIRED_UNTIL)]
    mixed = chance.sample(chosen, len(chosen))

    assert form_on(day, mixed) is form_on(day, chosen)
    assert form_on(OIOUBL_REQUIRED_UNTIL + timedelta(days=1), mixed) is PEPPOL
