"""Money, days and moments in both languages."""

from datetime import UTC, date, datetime

import pytest

from domain.referrals.household import Language
from templates.formats import day, decimal, kr, midway, moment, month

DA, EN = Language.DANISH, Language.ENGLISH


@pytest.mark.parametrize(
    ("ore", "danish", "english"),
    [
        (0, "0 kr.", "DKK 0"),
        (725_000, "7.250 kr.", "DKK 7,250"),
        (725_050, "7.250,50 kr.", "DKK 7,250.50"),
        (725_005, "7.250,05 kr.", "DKK 7,250.05"),
        (5_000_000, "50.000 kr.", "DKK 50,000"),
        (123_456_789_00, "123.456.789 kr.", "DKK 123,456,789"),
        (-5_000_000, "-50.000 kr.", "DKK -50,000"),
    ],
)
def test_money_is_kroner_and_shows_ore_only_where_there_are_some(ore, danish, english):
    assert (kr(ore, language=DA), kr(ore, language=EN)) == (danish, english)


@pytest.mark.parametrize(
    ("of", "danish", "english"),
    [
        (date(2026, 12, 3), "torsdag den 3. december 2026", "Thursday 3 December 2026"),
        (date(2027, 3, 6), "lørdag den 6. marts 2027", "Saturday 6 March 2027"),
    ],
)
def test_a_day_has_its_weekday(of, danish, english):
    assert (day(of, language=DA), day(of, language=EN)) == (danish, english)


def test_a_month_has_its_year():
    assert (month(2026, 12, language=DA), month(2027, 5, language=EN)) == ("december 2026", "May 2027")


@pytest.mark.parametrize(
    ("at", "danish", "english"),
    [
        (datetime(2026, 12, 3, 13, 5, tzinfo=UTC), "torsdag den 3. december 2026 kl. 14.05", "at 14:05"),
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "torsdag den 2. juli 2026 kl. 00.30", "at 00:30"),
    ],
)
def test_a_moment_is_what_the_clock_in_copenhagen_shows(at, danish, english):
    assert moment(at, language=DA) == danish
    assert moment(at, language=EN).endswith(english)


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        moment(datetime(2026, 12, 3, 13, 5), language=DA)  # noqa: DTZ001  # that it is naive is the point


def test_only_the_first_letter_is_made_small_in_the_middle_of_a_line():
    assert midway("Vil I have boligen?") == "vil I have boligen?"


@pytest.mark.parametrize(("figure", "danish", "english"), [(26.8, "26,8", "26.8"), (31.0, "31", "31"), (0.0, "0", "0")])
def test_a_figure_is_written_with_the_languages_own_sign(figure, danish, english):
    assert decimal(figure, language=Language.DANISH) == danish
    assert decimal(figure, language=Language.ENGLISH) == english
