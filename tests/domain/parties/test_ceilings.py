"""Yearly ceilings: what cannot be kept is refused with its field, and what is agreed stands against the right homes."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from domain.homes.area_names import AreaNames, Areas, compared
from domain.homes.dwelling import Dwelling, LettingCriteria
from domain.parties.agreement import Agreement, LegalBasis
from domain.parties.ceilings.agreed import AreaCeiling, Ceilings, FamiliesCeiling, VacancyCeiling
from domain.parties.ceilings.agreed_areas import NO_AREAS, AgreedAreas
from domain.parties.ceilings.rules import MOST_FAMILIES, faults_of_ceilings
from domain.parties.ceilings.use import Count, Level, Reached, Spot, levels, limits
from domain.parties.compensation.model import CompensationTerms

TODAY = date(2026, 3, 2)
AGREEMENT = Agreement(
    id="fyn",
    version=1,
    name="",
    valid_from=TODAY,
    sending=("0461",),
    receiving=("0430", "0450"),
    associations=("havblik", "kloeverlykken"),
    route=(),
    compensation=CompensationTerms(0, 0, 0),
    legal_basis=LegalBasis("", "", "", TODAY),
)
QUARTER = Fraction(1, 4)


def found(ceilings: Ceilings) -> list[str]:
    about = {"receiving": AGREEMENT.receiving, "associations": AGREEMENT.associations}
    return [*faults_of_ceilings(ceilings, **about)]


def families(*ceilings: FamiliesCeiling) -> Ceilings:
    return Ceilings(families=ceilings)


def area(**facts: object) -> Ceilings:
    return Ceilings(areas=(AreaCeiling(**{"at_most": 1, "municipality": "0450", "area": "Strandkvarteret", **facts}),))


def shares(*ceilings: VacancyCeiling) -> Ceilings:
    return Ceilings(vacancies=ceilings)


EACH = FamiliesCeiling(at_most=3)
FIRST_HALF, SECOND_HALF = {"last_day": date(2026, 6, 30)}, {"first_day": date(2026, 7, 1)}
WRONG = [
    (families(replace(EACH, at_most=-1)), f"families.0.at_most: a number of families from 0 to {MOST_FAMILIES}"),
    (families(replace(EACH, at_most=2**63)), "families.0.at_most: a number of families"),
    (
        families(replace(EACH, municipality="0540")),
        "families.0.municipality: 0540 receives nobody by this agreement: did you mean 0450?",
    ),
    (families(replace(EACH, municipality="0461")), "families.0.municipality: 0461 receives nobody by this agreement"),
    (families(replace(EACH, municipality="")), "families.0.municipality:  receives nobody by this agreement: one of"),
    (
        families(replace(EACH, first_day=date(2026, 2, 1), last_day=date(2026, 1, 31))),
        "families.0.last_day: is before first_day",
    ),
    (families(EACH, EACH), "families.1: says another ceiling than families.0 for the same days"),
    (
        families(replace(EACH, **FIRST_HALF), replace(EACH, first_day=date(2026, 6, 30))),
        "families.1: says another ceiling than families.0",
    ),
    (area(municipality="0999"), "areas.0.municipality: 0999 receives nobody by this agreement"),
    (area(at_most=-1), "areas.0.at_most: a number of families"),
    (area(area=" - "), "areas.0.area: write the area's name"),
    (
        Ceilings(areas=(*area().areas, *area(area="STRAND kvarteret").areas)),
        "areas.1: says another ceiling than areas.0 for the same days",
    ),
    (
        shares(VacancyCeiling(share=Fraction(0))),
        "vacancies.0.share: above zero and at most one, written as text such as",
    ),
    (shares(VacancyCeiling(share=Fraction(5, 4))), "vacancies.0.share: above zero and at most one"),
    (shares(VacancyCeiling(share=Fraction(0.1))), "vacancies.0.share: above zero and at most one"),
    (
        shares(VacancyCeiling(share=QUARTER, of="association:havblick")),
        "vacancies.0.of: association:havblick offers nothing by this agreement: did you mean association:havblik?",
    ),
    (shares(VacancyCeiling(share=QUARTER, of="municipality:0461")), "vacancies.0.of: municipality:0461 offers nothing"),
    (
        shares(VacancyCeiling(share=QUARTER, first_day=TODAY, last_day=date(2026, 1, 1))),
        "vacancies.0.last_day: is before first_day",
    ),
    (shares(VacancyCeiling(share=QUARTER), VacancyCeiling(share=QUARTER)), "vacancies.1: says another ceiling"),
]


@pytest.mark.parametrize(("ceilings", "says"), WRONG)
def test_what_cannot_be_kept_is_refused_with_its_field_and_the_reason(ceilings: Ceilings, says: str):
    assert any(fault.startswith(says) for fault in found(ceilings)), found(ceilings)


RIGHT = [
    Ceilings(),
    families(replace(EACH, at_most=0), replace(EACH, municipality="0450")),
    families(replace(EACH, **FIRST_HALF), replace(EACH, **SECOND_HALF)),
    Ceilings(areas=(*area().areas, *area(municipality="0430").areas)),
    shares(
        VacancyCeiling(share=Fraction(1)),
        VacancyCeiling(share=QUARTER, of="municipality"),
        VacancyCeiling(share=QUARTER, of="municipality:0430"),
        VacancyCeiling(share=QUARTER, of="association:havblik"),
    ),
]


@pytest.mark.parametrize("ceilings", RIGHT)
def test_what_can_be_kept_is_accepted(ceilings: Ceilings):
    assert found(ceilings) == []


NOTHING_YET = Count()


def told(ceilings: Ceilings, count: Count = NOTHING_YET, on: date = TODAY) -> dict:
    agreement = replace(AGREEMENT, ceilings=ceilings)
    return {str(one.limit): (one.used, one.ceiling) for one in levels(agreement, NO_AREAS, count, on=on)}


def test_a_municipality_s_own_line_comes_before_the_line_for_each():
    both = families(replace(EACH, municipality="0450", at_most=1), EACH)
    count = Count({Spot("0450", "havblik"): 1, Spot("0450", "kloeverlykken"): 1, Spot("0430", "havblik"): 2})

    assert told(both, count) == {"families for municipality:0430": (2, 3), "families for municipality:0450": (2, 1)}


def test_a_ceiling_is_asked_on_its_days_alone():
    dated = families(replace(EACH, municipality="0450", at_most=1, **FIRST_HALF), EACH)

    assert told(dated, on=date(2026, 6, 30))["families for municipality:0450"] == (0, 1)
    assert told(dated, on=date(2026, 7, 1))["families for municipality:0450"] == (0, 3)
    assert told(families(replace(EACH, **SECOND_HALF))) == {}


def test_a_share_is_of_the_homes_that_the_agreement_reaches_rounded_down():
    count = Count(
        {Spot("0450", "havblik"): 1},
        {
            Spot("0450", "havblik"): 5,
            Spot("0430", "havblik"): 2,
            # Outside the agreement's municipalities, and another's homes.
            Spot("0751", "havblik"): 90,
            Spot("0450", "skovbrynet"): 90,
        },
    )

    assert told(shares(VacancyCeiling(share=QUARTER)), count) == {
        "share_of_vacancies for association:havblik": (1, 1),
        "share_of_vacancies for association:kloeverlykken": (0, 0),
    }
    assert told(shares(VacancyCeiling(share=QUARTER, of="municipality:0450")), count) == {
        "share_of_vacancies for municipality:0450": (1, 1)
    }


LISTED = AreaNames(Areas([("0450", "Bøgelunden/Ålykken", 7)]), {("0450", compared("Gyden")): 7})


def home(area_name: str | None = None, **facts: object) -> Dwelling:
    whole = {"department": "Afdeling 3", "municipality": "0450", "association": "havblik"} | facts
    return Dwelling(
        vacancy_id=1,
        area_name=compared(area_name) if area_name else None,
        rooms=3,
        size_m2=79,
        rent_monthly_ore=700_000,
        available_from=TODAY,
        step_free=True,
        letting=LettingCriteria.MUNICIPAL_ASSIGNMENT,
        **whole,
    )


LIES_THERE = [
    (home("strand kvarteret m.v."), "Strandkvarteret"),
    (home("Strandkvarteret (Blok C)"), "Strandkvarteret"),
    (home(department="Strandkvarteret 2"), "Strandkvarteret"),
    (home("Aalykken"), "Bøgelunden"),
    # A person has said what this name means.
    (home("Gyden"), "Ålykken"),
    (home("Andet", address_is_listed=True, address_area_id=7), "Ålykken"),
]
LIES_ELSEWHERE = [
    home("Strandgården"),
    home("Strandkvarteret", municipality="0430"),
    home(),
    # The address list decides before the name.
    home("Aalykken", address_is_listed=True),
]


@pytest.mark.parametrize(("one", "area"), LIES_THERE)
def test_an_area_is_found_however_its_name_is_written(one: Dwelling, area: str):
    areas = AgreedAreas(LISTED, [("0450", "Strandkvarteret"), ("0450", area)])
    assert areas.of(one) == areas.number("0450", area)


@pytest.mark.parametrize("one", LIES_ELSEWHERE)
def test_a_home_elsewhere_lies_in_no_area_that_is_named(one: Dwelling):
    areas = AgreedAreas(LISTED, [("0450", "Strandkvarteret"), ("0450", "Bøgelunden")])
    assert areas.of(one) is None


def test_only_the_ceilings_of_a_home_stand_against_it_with_their_numbers():
    agreement = replace(
        AGREEMENT,
        ceilings=Ceilings(
            families=(FamiliesCeiling(at_most=2),),
            areas=area().areas,
            vacancies=(VacancyCeiling(share=QUARTER, of="association:havblik"),),
        ),
    )
    areas = AgreedAreas(LISTED, [("0450", "Strandkvarteret")])
    there = areas.number("0450", "Strandkvarteret")
    count = Count({Spot("0450", "havblik", there): 1, Spot("0450", "kloeverlykken"): 1}, {Spot("0450", "havblik"): 8})
    full = tuple(one for one in levels(agreement, areas, count, on=TODAY) if one.is_reached)

    def against(one: Dwelling) -> list[tuple[str, int, int]]:
        return [(level.limit.code, level.used, level.ceiling) for level in Reached(full, areas).objections(one)]

    assert against(home("Strandkvarteret")) == [("families", 2, 2), ("families_of_area", 1, 1)]
    assert against(home("Andet")) == [("families", 2, 2)]
    assert against(home("Strandkvarteret", municipality="0430")) == []
    assert Reached().objections(home()) == []
    assert [str(one) for one in limits(agreement, areas, on=TODAY)][2] == (
        "families_of_area for municipality:0450 Strandkvarteret"
    )
    assert not Level(full[0].limit, used=1, ceiling=2).is_reached
