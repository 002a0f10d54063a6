"""The yearly ceilings that are reached, and the last place below one."""

from collections.abc import Mapping
from dataclasses import replace

from domain.allocation.criteria import Search
from domain.errors import MovedMeanwhile
from domain.homes.dwelling import Dwelling
from domain.parties.ceilings.use import NONE_REACHED, Reached
from domain.working_days import day_of
from storage.allocation.ceilings import reached_for, reached_now
from storage.locks import hold_ceiling
from tasks.case import Case
from tasks.platform import Platform

ByVersion = Mapping[int, Reached]
NOWHERE: ByVersion = {}


def ceilings_now(platform: Platform) -> ByVersion:
    """The ceilings that are reached now, by the version of an agreement."""
    with platform.database.reading() as session:
        return reached_now(session, on=day_of(platform.now()))


def of_case(case: Case, reached: ByVersion) -> Reached:
    """Those of the version that a case began on."""
    return reached.get(case.referral.agreement_version_id, NONE_REACHED)


def narrowed(search: Search, reached: Reached) -> Search:
    """A search without the municipalities and associations that can take nobody; areas are left to each home."""
    whole = [level.limit for level in reached.levels if level.limit.area_number is None]
    return replace(
        search,
        municipalities=search.municipalities - {one.municipality for one in whole if one.association is None},
        associations=search.associations - {one.association for one in whole},
    )


def is_full(case: Case, home: Dwelling) -> bool:
    """Whether a ceiling stands against a home now. Another family may still be quicker: see `take_place`."""
    return bool(reached_for(case.session, case.referral.agreement_version_id, home, on=case.today))


def take_place(case: Case, home: Dwelling) -> None:
    """Count the families again while nobody else may: `MovedMeanwhile` when the last place is gone.

    Then nothing of this transaction stays, and the next run finds the ceiling reached. The home is reserved already,
    because a home is locked before a ceiling.
    """
    if not case.agreement.ceilings.hold_on(case.today):
        return
    hold_ceiling(case.session, case.agreement.id)
    if is_full(case, home):
        raise MovedMeanwhile(case.referral.reference)
