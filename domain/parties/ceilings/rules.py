"""Rules for yearly ceilings that can be read and still cannot be kept, each with its reason."""

from collections.abc import Collection, Hashable, Iterator, Sequence

from domain.homes.area_names import compared
from domain.parties.ceilings.agreed import (
    EACH_ASSOCIATION,
    EACH_MUNICIPALITY,
    Ceiling,
    Ceilings,
    VacancyCeiling,
)
from domain.parties.party import association, municipality
from domain.text.nearest import nearest

MOST_FAMILIES = 100_000
# A share written as a number in a file is no exact one: 0.1 is read as a fraction with a denominator of 17 digits.
LARGEST_DENOMINATOR = 10_000


def faults_of_ceilings(
    ceilings: Ceilings, *, receiving: Collection[str], associations: Collection[str]
) -> Iterator[str]:
    """Every reason why ceilings cannot be kept, with its field."""
    parties = [*map(association, associations), *map(municipality, receiving)]
    for number, one in enumerate(ceilings.families):
        yield from _faults(f"families.{number}", one, receiving)
    for number, area in enumerate(ceilings.areas):
        yield from _faults(f"areas.{number}", area, receiving)
        if not compared(area.area):
            yield f"areas.{number}.area: write the area's name"
    for number, share in enumerate(ceilings.vacancies):
        yield from _faults_of_days(f"vacancies.{number}", share)
        yield from _faults_of_share(f"vacancies.{number}", share, parties)
    yield from _overlaps("families", ceilings.families, [one.municipality for one in ceilings.families])
    yield from _overlaps("areas", ceilings.areas, [(one.municipality, compared(one.area)) for one in ceilings.areas])
    yield from _overlaps("vacancies", ceilings.vacancies, [one.of for one in ceilings.vacancies])


def _faults(field: str, one: Ceiling, receiving: Collection[str]) -> Iterator[str]:
    yield from _faults_of_days(field, one)
    if isinstance(one, VacancyCeiling):
        return
    if not 0 <= one.at_most <= MOST_FAMILIES:
        yield f"{field}.at_most: a number of families from 0 to {MOST_FAMILIES}"
    code = one.municipality
    if code is not None and code not in receiving:
        yield f"{field}.municipality: {code} receives nobody by this agreement: {_hint(code, receiving)}"


def _faults_of_days(field: str, one: Ceiling) -> Iterator[str]:
    if one.first_day and one.last_day and one.last_day < one.first_day:
        yield f"{field}.last_day: is before first_day"


def _faults_of_share(field: str, one: VacancyCeiling, parties: Sequence[str]) -> Iterator[str]:
    if not 0 < one.share <= 1 or one.share.denominator > LARGEST_DENOMINATOR:
        yield f'{field}.share: above zero and at most one, written as text such as "1/4"'
    known = (EACH_ASSOCIATION, EACH_MUNICIPALITY, *parties)
    if one.of not in known:
        yield f"{field}.of: {one.of} offers nothing by this agreement: {_hint(one.of, known)}"


def _hint(written: str, known: Collection[str]) -> str:
    near = nearest(written, known)
    return f"did you mean {near}?" if near else f"one of {', '.join(known)}"


def _overlaps(field: str, ceilings: Sequence[Ceiling], about: Sequence[Hashable]) -> Iterator[str]:
    for number, one in enumerate(ceilings):
        for other in range(number + 1, len(ceilings)):
            if about[number] == about[other] and _overlap(one, ceilings[other]):
                yield f"{field}.{other}: says another ceiling than {field}.{number} for the same days"


def _overlap(one: Ceiling, other: Ceiling) -> bool:
    begins = max((day for day in (one.first_day, other.first_day) if day), default=None)
    ends = min((day for day in (one.last_day, other.last_day) if day), default=None)
    return begins is None or ends is None or begins <= ends
