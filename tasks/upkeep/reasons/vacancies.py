"""When a home, or the name of its area, needs nobody's attention any more."""

from storage.areas.area_names import AreaName
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.upkeep.reasons.seen import Seen


def home_is_not_held(seen: Seen) -> bool:
    """We no longer hold the home, or it is announced as vacant again."""
    home = seen.session.get(Vacancy, seen.item.about.number)
    return home is None or home.standing is not VacancyStanding.RESERVED or home.gone_at is None


def name_is_known(seen: Seen) -> bool:
    """A person has said what the name means, or nothing waits for it (tasks/upkeep/asked_again.py deletes it)."""
    name = seen.session.get(AreaName, seen.item.about.number)
    return name is None or name.said_at is not None
