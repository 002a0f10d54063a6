"""An area's name is recognised however it is spelt, and an unknown name does not count as no area."""

import pytest

from domain.homes.area_names import AreaNames, Areas, Meaning, compared
from storage.areas.area_names import not_known

ODENSE, KOLDING, SLAGELSE = "0461", "0621", "0330"
AREAS = Areas(
    [
        (ODENSE, "Vollsmose", 1),
        (ODENSE, "Solbakken mv.", 2),
        (ODENSE, "Korsløkkeparken Øst", 3),
        (KOLDING, "Skovvejen/Skovparken", 4),
        (SLAGELSE, "Ringparken, Slagelse", 5),
        (SLAGELSE, "Motalavej", 6),
    ]
)
NAMES = AreaNames(AREAS, {(ODENSE, "fyrreparken"): 1, (ODENSE, "engen"): None, (KOLDING, "skovparken"): None})


@pytest.mark.parametrize(
    ("municipality", "written", "area"),
    [
        (ODENSE, "Vollsmose", 1),
        (ODENSE, "VOLLSMOSE", 1),
        (ODENSE, "vollsmose", 1),
        (ODENSE, "Vollsmose, Odense", 1),
        (ODENSE, "Vollsmose, 5240 Odense NØ", 1),
        (ODENSE, "Odense; Vollsmose", 1),
        (ODENSE, "Vollsmose (Fyrreparken)", 1),
        (ODENSE, "Fyrreparken [Vollsmose]", 1),
        (ODENSE, "Fyrreparken - Vollsmose", 1),
        (ODENSE, "Fyrreparken og Vollsmose", 1),
        (ODENSE, "Voll\u200bsmose", 1),
        (ODENSE, "Voll\u00adsmose", 1),
        (ODENSE, "\ufeffVollsmose\u2060", 1),
        (ODENSE, "\u00a0Vollsmose\u2003", 1),
        (ODENSE, "Ｖｏｌｌｓｍｏｓｅ", 1),
        (ODENSE, "“Vollsmose”", 1),
        (ODENSE, "Fyrreparken", 1),
        (ODENSE, "Solbakken", 2),
        (ODENSE, "Solbakken m.v.", 2),
        (ODENSE, "Solbakken, m.fl.", 2),
        (ODENSE, "KORSLØKKEPARKEN  ØST", 3),
        (ODENSE, "Korsloekkeparken Oest", 3),
        (ODENSE, "Korslo\u0308kkeparken O\u0308st", 3),
        (KOLDING, "Skovparken/Skovvejen", 4),
        (KOLDING, "skovvejen", 4),
        (SLAGELSE, "Ringparken", 5),
        (SLAGELSE, "Motalavej, Slagelse", 6),
    ],
)
def test_an_area_is_known_however_it_is_written(municipality: str, written: str, area: int):
    assert NAMES.meaning(municipality, compared(written)) == Meaning(area)


@pytest.mark.parametrize(
    ("municipality", "written"),
    [
        (ODENSE, "Vollsmose Nord"),
        (ODENSE, "Vollsmoze"),
        (ODENSE, "Vоllsmose"),  # a Cyrillic о
        (ODENSE, "Vollsmose / Solbakken"),
        (ODENSE, "Parkvænget"),
        (ODENSE, "Korsløkkeparken"),
        (SLAGELSE, "Slagelse"),
    ],
)
def test_a_name_that_may_be_one_or_none_is_not_known(municipality: str, written: str):
    assert not NAMES.meaning(municipality, compared(written)).is_known
    place = (municipality, compared(written))
    assert not_known({place: written, (ODENSE, "engen"): "Engen"}, lambda: NAMES) == {place: written}


@pytest.mark.parametrize(
    ("municipality", "written"), [(ODENSE, "Engen"), ("0450", "Vollsmose"), (KOLDING, "Skovparken"), (ODENSE, "\u200b")]
)
def test_a_name_is_none_where_somebody_said_so_and_where_no_area_was_ever_listed(municipality: str, written: str):
    assert NAMES.meaning(municipality, compared(written)) == Meaning(None)


def test_an_areas_own_name_means_it_whatever_somebody_has_said():
    names = AreaNames(AREAS, {(ODENSE, "vollsmose"): None})
    assert names.meaning(ODENSE, "vollsmose") == Meaning(1)


@pytest.mark.parametrize(
    ("area", "department", "meaning"),
    [
        (None, "Vollsmose", Meaning(1)),
        (None, "Vollsmose 2", Meaning(1)),
        (None, "Afd. 12 VOLLSMOSE, blok C", Meaning(1)),
        (None, "Korsløkkeparken Øst 3", Meaning(3)),
        (None, "Vollsmose og Solbakken", Meaning(is_known=False)),
        (None, "Afdeling 12", Meaning(None)),
        (None, "Vollsmosens Venner", Meaning(None)),
        (None, "Engen", Meaning(None)),
        ("engen", "Vollsmose", Meaning(None)),
        ("vollsmosenord", "Afdeling 12", Meaning(is_known=False)),
    ],
)
def test_a_home_whose_area_is_not_told_lies_in_the_one_that_its_department_is_called_like(area, department, meaning):
    assert NAMES.of_home(ODENSE, area, department) == meaning
