"""Which homes are suggested to which association for one need: the best few of each."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby

from domain.homes.dwelling import Dwelling
from domain.referrals.household import Need


def fit(need: Need, home: Dwelling, *, asked_for: int = 0) -> tuple[int, int, int, int, int]:
    """How well a suitable home fits, smallest first.

    Spare rooms, step-free homes spent on families who do not need one, how many other families it is suggested to now
    (so that like families are spread over like homes), days to wait, rent in øre.
    """
    spare_rooms = home.rooms - need.rooms_min
    spent_step_free = int(home.step_free and not need.step_free)
    days_late = max(0, (home.available_from - need.move_in_from).days)
    return spare_rooms, spent_step_free, asked_for, days_late, home.rent_monthly_ore


def suggestions(
    need: Need,
    suitable: Iterable[Dwelling],
    *,
    associations_at_once: int,
    homes_each: int,
    asked_for: Callable[[Collection[int]], Mapping[int, int]] = lambda _: {},
) -> dict[str, list[Dwelling]]:
    """The associations to ask, best first, and the homes to suggest to each, best first.

    `suitable` comes smallest home first and is read no further than needed: no larger home fits better.
    `asked_for` counts, for each of some vacancies' ids, the open questions that suggest it already.
    """
    by_association: defaultdict[str, list[Dwelling]] = defaultdict(list)
    for homes in _by_size(suitable):
        asked = asked_for([home.vacancy_id for home in homes])
        ranked = sorted(
            homes, key=lambda home: (fit(need, home, asked_for=asked.get(home.vacancy_id, 0)), home.vacancy_id)
        )
        for home in ranked:
            by_association[home.association].append(home)
        chosen = list(by_association.values())[:associations_at_once]
        if len(chosen) == associations_at_once and all(len(found) >= homes_each for found in chosen):
            break
    return {
        association: found[:homes_each] for association, found in list(by_association.items())[:associations_at_once]
    }


def of_the_first_sizes(suitable: Iterable[Dwelling], enough: int) -> list[Dwelling]:
    """The smallest suitable homes, read one size at a time until there are at least `enough`."""
    found: list[Dwelling] = []
    for homes in _by_size(suitable):
        found += homes
        if len(found) >= enough:
            break
    return found


def _by_size(suitable: Iterable[Dwelling]) -> Iterator[list[Dwelling]]:
    for _, as_large in groupby(suitable, key=lambda home: home.rooms):
        yield list(as_large)
