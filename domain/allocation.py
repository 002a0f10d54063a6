"""Which homes are suggested to which association for one need: the best few of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from domain.dwelling import Dwelling
from domain.household import Need


def fit(need: Need, home: Dwelling, *, asked_for: int = 0) -> tuple[int, int, int, int, int]:
    """How well a suitable home fits, smallest first.

    Spare rooms, step-free homes spent on those who do not need one, for how many other families it is asked
    for just now (so that like families are spread over like homes), days to wait, rent in øre.
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
    asked_for: Mapping[int, int] = MappingProxyType({}),
) -> dict[str, list[Dwelling]]:
    """The associations to ask, best first, and the homes to suggest to each, best first.

    `asked_for` counts, by vacancy id, the open questions that suggest a home already.
    """
    by_association: defaultdict[str, list[Dwelling]] = defaultdict(list)

    def rank(home: Dwelling) -> tuple[tuple[int, ...], int]:
        return fit(need, home, asked_for=asked_for.get(home.vacancy_id, 0)), home.vacancy_id

    for home in sorted(suitable, key=rank):
        by_association[home.association].append(home)
    asked = list(by_association)[:associations_at_once]
    return {association: by_association[association][:homes_each] for association in asked}
