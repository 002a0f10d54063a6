"""Which families were seeking a home lately, as the facts that may be told: counted, without references."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from domain.anonymity.measure import Sought
from domain.referrals.lifecycle import Status
from storage.columns import UtcDateTime
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import Vacancy


class Seeker(NamedTuple):
    """What several seeking families have in common: their need, who sends them and under which agreement."""

    rooms_min: int
    rent_max_monthly_ore: int
    move_in_from: date
    step_free: bool
    wanted_region: str | None
    persons: int
    sender: str
    agreement_version_id: int
    families: int

    def sought(self, region: str | None) -> Sought:
        """What may be told of them; `region` is where their agreement houses families without a wanted region."""
        wanted = self.wanted_region or region
        return Sought(self.rooms_min, self.rent_max_monthly_ore, self.move_in_from, self.step_free, wanted)


_was_seeking = sa_select(col(HistoryLine.referral_id)).where(
    col(HistoryLine.from_status) == Status.SEEKING, col(HistoryLine.at) >= bindparam("since", type_=UtcDateTime())
)
_IN_COMMON = (
    col(Referral.rooms_min),
    col(Referral.rent_max_monthly_ore),
    col(Referral.move_in_from),
    col(Referral.step_free),
    col(Referral.wanted_region),
    col(Referral.persons),
    col(Referral.sending_municipality),
    col(Referral.agreement_version_id),
)
_SEEKING = (
    sa_select(*_IN_COMMON, func.count())
    .where(or_(col(Referral.status) == Status.SEEKING, col(Referral.id).in_(_was_seeking)))
    .group_by(*_IN_COMMON)
)


def seekers_since(session: Session, since: datetime) -> list[Seeker]:
    """The families that were seeking at any time since a moment, counted."""
    return [Seeker(*row) for row in session.connection().execute(_SEEKING, {"since": since})]


_WHERE_HOMES_LIE = sa_select(col(Vacancy.association), col(Vacancy.municipality)).distinct()


def where_homes_lie(session: Session) -> dict[str, frozenset[str]]:
    """The municipalities in which each association has, or had, a home to let."""
    found: dict[str, set[str]] = {}
    for association, municipality in session.connection().execute(_WHERE_HOMES_LIE):
        found.setdefault(association, set()).add(municipality)
    return {association: frozenset(codes) for association, codes in found.items()}
