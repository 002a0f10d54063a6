"""What was done to protect the families in a period, in counts alone: for the data protection officer."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, func, select

from storage.referrals import HistoryLine
from storage.releases import WITH_FEWER_ALIKE, Release, ReleaseWait
from storage.shredding import Shredding
from storage.vault import Disclosure, VaultOpening


@dataclass(frozen=True, slots=True)
class PrivacyReport:
    """Counts of a period; only `waiting` and `recalls_outstanding` are as they stand now.

    `overrides` is how often a person had a request sent with fewer alike than everybody must have.

    `alike` is how many families looked the same in a request, by how many requests; `steps` is how often an attribute
    was made coarser, and how far.
    """

    requests: int
    alike: dict[int, int]
    alike_least: int | None
    alike_median: float | None
    below_wanted: int
    steps: dict[str, int]
    waiting: int
    overrides: int
    disclosures: int
    recalls_confirmed: int
    recalls_outstanding: int
    openings: dict[str, int]
    shredded: int


def privacy_report(session: Session, *, since: datetime, until: datetime) -> PrivacyReport:
    """The report of a period, its end not counted."""
    releases = session.exec(select(Release).where(Release.released_at >= since, Release.released_at < until)).all()
    alike = sorted(release.alike_seeking for release in releases)
    steps = Counter(f"{name}: {step}" for release in releases for name, step in release.steps.items())
    opened = session.exec(
        select(VaultOpening.door, func.count())
        .where(VaultOpening.at >= since, VaultOpening.at < until)
        .group_by(col(VaultOpening.door))
    )
    told, recalled = col(Disclosure.disclosed_at), col(Disclosure.recalled_at)
    confirmed = col(Disclosure.deletion_confirmed_at)
    return PrivacyReport(
        requests=len(releases),
        alike=dict(Counter(alike)),
        alike_least=alike[0] if alike else None,
        alike_median=median(alike) if alike else None,
        below_wanted=sum(release.alike_seeking < release.wanted for release in releases),
        steps=dict(steps.most_common()),
        waiting=_count(session, ReleaseWait),
        overrides=_count(
            session,
            HistoryLine,
            col(HistoryLine.deed) == WITH_FEWER_ALIKE,
            col(HistoryLine.at) >= since,
            col(HistoryLine.at) < until,
        ),
        disclosures=_count(session, Disclosure, told >= since, told < until),
        recalls_confirmed=_count(session, Disclosure, confirmed >= since, confirmed < until),
        recalls_outstanding=_count(session, Disclosure, recalled.is_not(None), confirmed.is_(None)),
        openings={str(door): count for door, count in opened},
        shredded=_count(session, Shredding, col(Shredding.at) >= since, col(Shredding.at) < until),
    )


def _count(session: Session, table: type[SQLModel], *where: ColumnElement[bool]) -> int:
    return session.exec(select(func.count()).select_from(table).where(*where)).one()
