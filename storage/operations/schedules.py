"""Schedules: since when each exists, which run has it now, when it last ended, and by when it must have ended again.

The moments are by the machine's clock, also in the demo world, because Prefect starts runs by it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import false, or_, update
from sqlmodel import Field, Session, SQLModel, col, select

from domain.subject import About, Subject
from storage.attention import ask_for_attention, close_item, open_items
from storage.columns import UtcDateTime
from storage.locks import HELD, Lock, taking
from storage.parties.partners import illegible

NOT_RUN, REFUSED, ILLEGIBLE = "schedule_not_run", "schedule_refused", "party_illegible"
# How long a run keeps its turn without a sign of life: after a crash the turn is free again so soon.
TURN_LASTS = timedelta(seconds=90)
_BY = "schedule"
NO_WORKER, MOST_NAMED = About.SCHEDULE.of("all"), 12


class Schedule(SQLModel, table=True):
    """A flow's schedule, named by its flow and deployment. `due_by` is when a run must have ended.

    `seen_at` is when a worker last served it. `put_off` says that its time was put off because no worker was there, and
    that it has not run since.
    """

    __tablename__ = "schedule"

    name: str = Field(primary_key=True)
    cron: str
    due_by: datetime = Field(sa_type=UtcDateTime)
    flow_run_id: str | None = None
    kept_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    put_off: bool = Field(default=False, sa_column_kwargs={"server_default": false()})

    @property
    def subject(self) -> Subject:
        """The schedule's subject on the attention list."""
        return subject_of(self.name)

    def is_late(self, *, now: datetime) -> bool:
        """Whether it has not run when it should have."""
        return now > self.due_by

    @property
    def had_its_chance(self) -> bool:
        """Whether a worker was there when its time ran out."""
        return self.seen_at is not None and self.seen_at > self.due_by


def subject_of(name: str) -> Subject:
    """A schedule as the attention list names it."""
    return About.SCHEDULE.of(name)


def all_schedules(session: Session) -> list[Schedule]:
    """All schedules, by name."""
    return list(session.exec(select(Schedule).order_by(col(Schedule.name))))


def remember_schedule(session: Session, name: str, cron: str, *, due_by: datetime) -> None:
    """Store a schedule; an unchanged one stays as late as it is."""
    known = session.get(Schedule, name)
    if known is None:
        session.add(Schedule(name=name, cron=cron, due_by=due_by))
    elif known.cron != cron:
        known.cron, known.due_by = cron, due_by
        session.add(known)


def forget_schedules(session: Session, *, but: Collection[str], now: datetime) -> None:
    """Delete schedules that no longer exist, and their attention items."""
    for known in all_schedules(session):
        if known.name not in but:
            close_item(session, subject_of(known.name), NOT_RUN, now=now, by=_BY)
            session.delete(known)


def ask_about_refused(session: Session, name: str, why: str, *, now: datetime) -> None:
    """Ask a person to mend a schedule that cannot be set up."""
    ask_for_attention(session, subject_of(name), REFUSED, now=now, detail=why)


def forget_refused(session: Session, *, but: Collection[str], now: datetime) -> None:
    """Take refused schedules off the attention list that are no longer refused, or no longer asked for."""
    still = {subject_of(name) for name in but}
    for item in open_items(session):
        if item.code == REFUSED and item.about not in still:
            close_item(session, item.about, REFUSED, now=now, by=_BY)


def ask_about_late(session: Session, *, now: datetime) -> None:
    """Put late schedules on the attention list, and take off those that have run."""
    without_worker: list[str] = []
    for known in all_schedules(session):
        if known.is_late(now=now) and known.had_its_chance:
            since = f"last ran {known.ended_at:%Y-%m-%d %H:%M} UTC" if known.ended_at else "never ran"
            ask_for_attention(session, known.subject, NOT_RUN, now=now, detail=since)
        elif known.is_late(now=now):
            without_worker.append(known.name)
        else:
            close_item(session, known.subject, NOT_RUN, now=now, by=_BY)
    _ask_about_worker(session, without_worker, now=now)


def _ask_about_worker(session: Session, names: list[str], *, now: datetime) -> None:
    """Without a worker nothing runs: one attention item for that, whose detail says which schedules wait."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    detail = f"no worker was there to run {', '.join(names[:MOST_NAMED])}{more}"
    if [one for one in open_items(session) if one.about == NO_WORKER and (not names or one.detail != detail)]:
        close_item(session, NO_WORKER, NOT_RUN, now=now, by=_BY)
        session.flush()
    if names:
        ask_for_attention(session, NO_WORKER, NOT_RUN, now=now, detail=detail)


def put_off_missed(session: Session, due_by: Mapping[str, datetime], *, now: datetime) -> None:
    """A worker has started: give each missed schedule a new `due_by`, once.

    Only once, or a schedule that no worker ever serves would never be asked about.
    """
    for known in all_schedules(session):
        if known.is_late(now=now) and not known.had_its_chance and not known.put_off and known.name in due_by:
            known.due_by, known.put_off = due_by[known.name], True
            session.add(known)


def see_schedules(session: Session, *, now: datetime) -> None:
    """Record that a worker serves all schedules."""
    session.exec(update(Schedule).values(seen_at=now))


def ask_about_illegible(session: Session, *, now: datetime) -> None:
    """Ask a person to import unreadable parties anew: such a party is left out of everything."""
    unread = [Subject.read(party) for party in illegible(session)]
    for party in unread:
        ask_for_attention(session, party, ILLEGIBLE, now=now)
    for item in open_items(session):
        if item.code == ILLEGIBLE and item.about not in unread:
            close_item(session, item.about, ILLEGIBLE, now=now, by=_BY)


def take_turn(session: Session, name: str, flow_run_id: str, *, now: datetime) -> bool:
    """Take a schedule's turn; False while another run has it, or when there is no schedule of this name."""
    free = or_(col(Schedule.kept_until).is_(None), col(Schedule.kept_until) <= now)
    mine = update(Schedule).where(col(Schedule.name) == name, free)
    taken = mine.values(flow_run_id=flow_run_id, started_at=now, kept_until=now + TURN_LASTS)
    return session.exec(taken).rowcount == 1


def keep_turns(session: Session, flow_run_ids: Collection[str], *, now: datetime) -> None:
    """Record that the runs that have these turns are still at work."""
    mine = update(Schedule).where(col(Schedule.flow_run_id).in_(flow_run_ids), col(Schedule.kept_until).is_not(None))
    session.exec(mine.values(kept_until=now + TURN_LASTS))


def end_turn(session: Session, name: str, flow_run_id: str, *, due_by: datetime | None, now: datetime) -> None:
    """Give a turn back. `due_by` is when the next run must have ended; None when this run did not come to its end."""
    taking(session, Lock.SCHEDULE, name)
    known = session.get(Schedule, name, with_for_update=HELD)
    if known is None:
        return
    if known.flow_run_id == flow_run_id:
        known.kept_until = None
    if due_by is not None:
        known.ended_at, known.due_by, known.put_off = now, due_by, False
        close_item(session, subject_of(name), NOT_RUN, now=now, by=_BY)
    session.add(known)


def turns_kept(session: Session, *, now: datetime) -> set[str]:
    """The flow runs that are at work on a schedule."""
    query = select(Schedule.flow_run_id).where(col(Schedule.kept_until) > now)
    return {run for run in session.exec(query) if run is not None}
