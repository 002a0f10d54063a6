"""Fetch what one association has vacant, and apply it in one transaction: all of it, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import update
from sqlmodel import Session, col, select
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from domain import party
from domain.errors import PartnerRefused, PartnerUnavailable, TilflytError
from domain.lifecycle import Status
from domain.ports import RawVacancy, VacancyFeed
from domain.vacancy_feed import VacancyRow, reasons
from storage.attention import ask_for_attention, close_subject
from storage.parties import partner, partners
from storage.places import Area, Municipality
from storage.referrals import Referral
from storage.vacancies import FeedNight, Offer, OfferStanding, RowKeptAside, Vacancy, VacancyStanding
from tasks.platform import Platform

NIGHTS_BEFORE_WITHDRAWN = 2
TRIES = 3
UPDATABLE = ("department", "rooms", "size_m2", "rent_monthly_ore", "available_from", "step_free", "letting")


@dataclass(slots=True)
class Snapshot:
    """A feed as fetched: the rows that satisfy the contract, and those kept aside with their reasons."""

    good: dict[str, VacancyRow] = field(default_factory=dict)
    aside: list[tuple[RawVacancy, list[str]]] = field(default_factory=list)

    def take(self, raw: RawVacancy, municipalities: Iterable[str]) -> None:
        """Judge one row."""
        try:
            row = VacancyRow.model_validate(dict(raw.values))
        except ValidationError as error:
            self.aside.append((raw, reasons(error)))
            return
        faults = ["municipality: unknown"] if row.municipality not in municipalities else []
        if row.external_id in self.good:
            faults.append("external_id: stands twice in the feed")
        if faults:
            self.aside.append((raw, faults))
        else:
            self.good[row.external_id] = row


@dataclass(frozen=True, slots=True)
class Night:
    """How one association's sync went, in counts."""

    association: str
    outcome: str
    rows: int = 0
    appeared: int = 0
    changed: int = 0
    vanished: int = 0
    kept_aside: int = 0


def associations_with_a_feed(platform: Platform) -> list[str]:
    """The ids of the associations whose feed is synced."""
    with platform.database.reading() as session:
        return [known.id for known in partners(session) if "vacancy_feed" in known.systems]


def _wait_as_asked(state: RetryCallState) -> float:
    """Growing and jittered, and never shorter than the partner's own Retry-After."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_s if isinstance(error, PartnerUnavailable) else None
    return max(wait_random_exponential(multiplier=0.5, max=30)(state), asked or 0.0)


async def sync(platform: Platform, association: str, *, flow_run_id: str | None = None) -> Night:
    """One association's night. A silent feed leaves the last good snapshot standing."""
    with platform.database.reading() as session:
        recipient = partner(session, party.association(association))
        feed: VacancyFeed = platform.connect("vacancy_feed", recipient.systems["vacancy_feed"])
        known_municipalities = frozenset(session.exec(select(Municipality.code)))
    snapshot = Snapshot()
    try:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(PartnerUnavailable),
            wait=_wait_as_asked,
            stop=stop_after_attempt(TRIES),
            reraise=True,
        ):
            with attempt:
                snapshot = Snapshot()
                async for raw in feed.rows():
                    snapshot.take(raw, known_municipalities)
    except (PartnerUnavailable, PartnerRefused) as failure:
        _not_applied(platform, association, failure, flow_run_id)
        raise
    return _applied(platform, association, snapshot, flow_run_id)


def _not_applied(platform: Platform, association: str, failure: TilflytError, flow_run_id: str | None) -> None:
    with platform.database.writing() as session:
        now = platform.now()
        night = FeedNight(association=association, at=now, outcome=failure.code, flow_run_id=flow_run_id)
        session.add(night)
        ask_for_attention(session, f"feed:{association}", failure.code, now=now, detail=str(failure))


def _applied(platform: Platform, association: str, snapshot: Snapshot, flow_run_id: str | None) -> Night:
    with platform.database.writing() as session:
        now = platform.now()
        known = {
            row.external_id: row for row in session.exec(select(Vacancy).where(Vacancy.association == association))
        }
        areas = {(area.municipality, area.name): area.id for area in session.exec(select(Area))}
        taken = set(session.exec(select(Offer.vacancy_id).where(Offer.standing == OfferStanding.TAKEN)))
        appeared = changed = 0
        for row in snapshot.good.values():
            area_id = areas.get((row.municipality, row.area or ""))
            vacancy = known.get(row.external_id)
            appeared += vacancy is None or vacancy.standing is VacancyStanding.WITHDRAWN
            if vacancy is None:
                vacancy = _new(association, row, area_id, now)
            else:
                changed += _update(vacancy, row, area_id)
            _seen(vacancy, now, still_taken=vacancy.id in taken)
            session.add(vacancy)
        vanished = _missed(session, [known[id_] for id_ in known.keys() - snapshot.good.keys()])
        _keep_aside(session, association, snapshot, now)
        night = Night(
            association,
            "applied",
            len(snapshot.good) + len(snapshot.aside),
            appeared,
            changed,
            vanished,
            len(snapshot.aside),
        )
        session.add(_as_row(night, now, flow_run_id))
        close_subject(session, f"feed:{association}", now=now, by="the feed came")
        if appeared or changed:
            _search_again(session, now)
        return night


def _as_row(night: Night, now: datetime, flow_run_id: str | None) -> FeedNight:
    return FeedNight(
        association=night.association,
        at=now,
        outcome=night.outcome,
        rows=night.rows,
        appeared=night.appeared,
        changed=night.changed,
        vanished=night.vanished,
        kept_aside=night.kept_aside,
        flow_run_id=flow_run_id,
    )


def _new(association: str, row: VacancyRow, area_id: int | None, now: datetime) -> Vacancy:
    return Vacancy(
        association=association,
        external_id=row.external_id,
        municipality=row.municipality,
        area_id=area_id,
        standing=VacancyStanding.AVAILABLE,
        first_seen=now,
        last_seen=now,
        **row.model_dump(include=set(UPDATABLE)),
    )


def _update(vacancy: Vacancy, row: VacancyRow, area_id: int | None) -> bool:
    """Take over what the feed says now; a home that is reserved keeps the terms it was offered on."""
    if vacancy.standing is VacancyStanding.RESERVED:
        return False
    new = row.model_dump(include=set(UPDATABLE)) | {"area_id": area_id, "municipality": row.municipality}
    differs = {name: value for name, value in new.items() if getattr(vacancy, name) != value}
    for name, value in differs.items():
        setattr(vacancy, name, value)
    return bool(differs)


def _seen(vacancy: Vacancy, now: datetime, *, still_taken: bool) -> None:
    """A vacancy that returns keeps its identity.

    One that we let is vacant again only after it was gone from the feed and its family's case is closed.
    """
    let_again = vacancy.standing is VacancyStanding.LET and vacancy.nights_missed > 0 and not still_taken
    if vacancy.standing is VacancyStanding.WITHDRAWN or let_again:
        vacancy.standing = VacancyStanding.AVAILABLE
    vacancy.last_seen = now
    vacancy.nights_missed = 0


def _missed(session: Session, missing: list[Vacancy]) -> int:
    """Withdraw what is missing the second night in a row, never while it is reserved."""
    withdrawn = 0
    for vacancy in missing:
        vacancy.nights_missed += 1
        if vacancy.standing is VacancyStanding.AVAILABLE and vacancy.nights_missed >= NIGHTS_BEFORE_WITHDRAWN:
            vacancy.standing = VacancyStanding.WITHDRAWN
            withdrawn += 1
        session.add(vacancy)
    return withdrawn


def _keep_aside(session: Session, association: str, snapshot: Snapshot, now: datetime) -> None:
    """Keep each bad row once, with when it was first and last seen."""
    kept = {row.raw: row for row in session.exec(select(RowKeptAside).where(RowKeptAside.association == association))}
    for raw, why in snapshot.aside:
        row = kept.get(raw.raw) or RowKeptAside(
            association=association, line=raw.line, raw=raw.raw, reasons=why, first_seen=now, last_seen=now
        )
        row.line, row.reasons, row.last_seen = raw.line, why, now
        kept[raw.raw] = row
        session.add(row)


def _search_again(session: Session, now: datetime) -> None:
    """Something new is vacant: whoever waits for tomorrow's look is looked at now."""
    seeking = update(Referral).where(
        col(Referral.status) == Status.SEEKING, col(Referral.due_at).is_not(None), col(Referral.parked_until).is_(None)
    )
    session.execute(seeking.values(due_at=now))
