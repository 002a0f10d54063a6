"""What was done to protect the families in a period, in counts alone: for the data protection officer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean, median
from typing import Any

from sqlalchemy import and_
from sqlmodel import Session, col, func, select

from domain.parties.party import PartyKind, is_a
from storage.operations.scopes import Viewer, within
from storage.privacy.disclosures import Disclosure
from storage.privacy.releases import SENT_WITH_FEWER_ALIKE, Release, ReleaseWait
from storage.privacy.shredding import Shredding
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.vault.entries import VaultOpening


@dataclass(frozen=True, slots=True)
class PrivacyReport:
    """Counts of a period; `waiting` and `recalls_outstanding` alone are as of now.

    `requests` went to associations, `approvals` to receiving municipalities. `alike_in_sending` says how many first
    requests of one sending looked the same (itself counted), by number of requests. An outsider who knows what every
    family seeks, and the day on which one was signed off, would name that family rightly `right_at_most_pct` of a
    hundred times; two associations that compare their letters, `two_right_at_most_pct`. `alike_to_municipality` counts
    the families that an approval could be about.

    `overrides` is how often a request was sent with too few alike because a person allowed it.

    `alike` is how many families looked the same in a request, by number of requests; `steps` is how often each
    attribute was made coarser, and how far.
    """

    requests: int
    alike: dict[int, int]
    alike_least: int | None
    alike_median: float | None
    below_wanted: int
    steps: dict[str, int]
    alike_in_sending: dict[int, int]
    right_at_most_pct: float | None
    two_right_at_most_pct: float | None
    approvals: int
    alike_to_municipality: dict[int, int]
    waiting: int
    overrides: int
    disclosures: int
    recalls_confirmed: int
    recalls_outstanding: int
    openings: dict[str, int]
    shredded: int


def privacy_report(session: Session, viewer: Viewer, *, since: datetime, until: datetime) -> PrivacyReport:
    """The report of a period, without its end, on the cases that the viewer may see."""
    theirs, keys = select(Referral.id).where(within(viewer)), select(Referral.case_key).where(within(viewer))

    def count(table: type[Release | ReleaseWait | HistoryLine | Disclosure | Shredding], *where: Any) -> int:  # noqa: ANN401  # clauses of SQLAlchemy
        query = select(func.count()).select_from(table)
        return session.exec(query.where(col(table.referral_id).in_(theirs), *where)).one()

    def during(moment: Any) -> Any:  # noqa: ANN401  # clauses of SQLAlchemy
        return and_(col(moment) >= since, col(moment) < until)

    sent = select(Release).where(during(Release.released_at), col(Release.referral_id).in_(theirs))
    told = session.exec(sent).all()
    releases = [release for release in told if _to_an_association(release)]
    approvals = [release for release in told if not _to_an_association(release)]
    sendings = _in_one_sending(session, releases)
    alike = sorted(release.alike_seeking for release in releases)
    steps = Counter(f"{name}: {step}" for release in releases for name, step in release.steps.items())
    opened = session.exec(
        select(VaultOpening.door, func.count())
        .where(during(VaultOpening.at), col(VaultOpening.case_key).in_(keys))
        .group_by(col(VaultOpening.door))
    )
    recalled, confirmed = col(Disclosure.recalled_at), col(Disclosure.deletion_confirmed_at)
    return PrivacyReport(
        requests=len(releases),
        alike=dict(Counter(alike)),
        alike_least=alike[0] if alike else None,
        alike_median=median(alike) if alike else None,
        below_wanted=sum(release.alike_seeking < release.wanted for release in releases),
        steps=dict(steps.most_common()),
        alike_in_sending=dict(sorted(Counter(alike for _, alike in sendings).items())),
        right_at_most_pct=_right_pct([alike for _, alike in sendings]),
        two_right_at_most_pct=_right_pct(_fewest_where_two_were_sent(sendings)),
        approvals=len(approvals),
        alike_to_municipality=dict(sorted(Counter(release.alike_seeking for release in approvals).items())),
        waiting=count(ReleaseWait),
        overrides=count(HistoryLine, col(HistoryLine.deed) == SENT_WITH_FEWER_ALIKE, during(HistoryLine.at)),
        disclosures=count(Disclosure, during(Disclosure.disclosed_at)),
        recalls_confirmed=count(Disclosure, during(Disclosure.deletion_confirmed_at)),
        recalls_outstanding=count(Disclosure, recalled.is_not(None), confirmed.is_(None)),
        openings={str(door): count for door, count in opened},
        shredded=count(Shredding, during(Shredding.at)),
    )


def _to_an_association(release: Release) -> bool:
    return is_a(release.recipient, PartyKind.ASSOCIATION)


def _in_one_sending(session: Session, releases: Sequence[Release]) -> list[tuple[int, int]]:
    """The family of each first request among these, and how many first requests of the same sending looked the same.

    A request under a known name tells nothing new to a recipient who knows on which day a family was signed off.
    """
    if not releases:
        return []
    days = [release.released_at for release in releases]
    first = select(func.min(Release.id)).group_by(col(Release.referral_id), col(Release.recipient))
    query = select(Release.id, Release.recipient, Release.released_at, Release.seen)
    query = query.where(col(Release.id).in_(first), col(Release.released_at).between(min(days), max(days)))
    firsts = {id_: (recipient, at, seen) for id_, recipient, at, seen in session.exec(query)}
    alike = Counter(firsts.values())
    return [(release.referral_id, alike[firsts[release.id]]) for release in releases if release.id in firsts]


def _fewest_where_two_were_sent(sendings: Sequence[tuple[int, int]]) -> list[int]:
    """For each family sent to several associations: the smallest number of alike requests among which one knows it."""
    by_family: dict[int, list[int]] = {}
    for family, alike in sendings:
        by_family.setdefault(family, []).append(alike)
    return [min(among) for among in by_family.values() if len(among) > 1]


def _right_pct(among: Sequence[int]) -> float | None:
    """How often of a hundred a guess among so many is right; None where there is nobody to guess."""
    return round(100 * mean(1 / alike for alike in among), 1) if among else None
