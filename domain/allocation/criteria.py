"""Whether a home suits a need: every reason why not, never only the first."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.homes.area import AreaStatus
from domain.homes.dwelling import Dwelling, LettingCriteria
from domain.referrals.household import Need

# Almenboligloven § 60: a home may be refused to a household of more than two persons a room.
PERSONS_A_ROOM = 2


@dataclass(frozen=True, slots=True)
class Search:
    """Where one referral may look: the agreement's receiving side less what earlier declines excluded."""

    municipalities: frozenset[str]
    associations: frozenset[str]
    excluded_vacancies: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a home does not suit, as a code."""

    code: str


def large_enough(need: Need, home: Dwelling) -> Objection | None:
    """Rooms enough, and at most two persons a room."""
    if home.rooms < need.rooms_min or need.persons > PERSONS_A_ROOM * home.rooms:
        return Objection("too_small")
    return None


def let_to_so_many(need: Need, home: Dwelling) -> Objection | None:
    """As many persons as the association lets the home to."""
    fewest, most = home.persons_min or 1, home.persons_max or need.persons
    return None if fewest <= need.persons <= most else Objection("not_let_to_so_many")


def affordable(need: Need, home: Dwelling) -> Objection | None:
    """Within what the household can pay a month."""
    return Objection("too_expensive") if home.rent_monthly_ore > need.rent_max_monthly_ore else None


def step_free_where_needed(need: Need, home: Dwelling) -> Objection | None:
    """Step-free access for whoever needs it."""
    return Objection("not_step_free") if need.step_free and not home.step_free else None


def assignable(_need: Need, home: Dwelling) -> Objection | None:
    """Vacancies in the ordinary waiting list are not ours to steer."""
    return Objection("ordinary_waiting_list") if home.letting is LettingCriteria.ORDINARY else None


Rule = Callable[[Need, Dwelling], Objection | None]
RULES: tuple[Rule, ...] = (large_enough, let_to_so_many, affordable, step_free_where_needed, assignable)


def objections(
    need: Need, home: Dwelling, *, search: Search, listed_as: frozenset[AreaStatus] | None = frozenset()
) -> list[Objection]:
    """Every reason why this home does not suit this need; empty when it does.

    `listed_as` is what the home's area is listed as, None when nobody knows which area it is. No home in a listed area
    suits anybody.
    """
    found = [objection for rule in RULES if (objection := rule(need, home))]
    if listed_as is None:
        found.append(Objection("area_unknown"))
    elif listed_as:
        found.append(Objection("listed_area"))
    if home.municipality not in search.municipalities:
        found.append(Objection("outside_agreement"))
    if home.association not in search.associations:
        found.append(Objection("association_excluded"))
    if home.vacancy_id in search.excluded_vacancies:
        found.append(Objection("home_excluded"))
    return found
