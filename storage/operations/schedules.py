"""What runs by itself: since when, who runs it now, when it last came to its end, and by when it must have again.

The moments are the machine's own, also in the demo world: it is by these that Prefect starts a run.
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
# How long a turn is kept without a word from whoever has it: a crash keeps it no longer.
TURN_LASTS = timedelta(seconds=90)
_BY = "schedule"
NO_WORKER, MOST_NAMED = About.SCHEDULE.of("all"), 12


class Schedule(SQLModel, table=True):
    """A flow's schedule, by its flow's and deployment's names. `due_by` is when a run must have come to its end.

    `seen_at` is when a worker last was there for it; `put_off`, that it has not run since its time was put off because
    none was.
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
        """What stands on the attention list about it."""
        return subject_of(self.name)

    def is_late(self, *, now: datetime) -> bool:
        """Whether it has not run when it should have."""
        return now > self.due_by

    @property
    def had_its_chance(self) -> bool:
        """Whether a worker was there when its time was over."""
        return self.seen_at is not None and self.seen_at > self.due_by


def subject_of(name: str) -> Subject:
    """A schedule as the attention list names it."""
    return About.SCHEDULE.of(name)


def all_schedules(session: Session) -> list[Schedule]:
    """What runs by itself, by name."""
    return list(session.exec(select(Schedule).order_by(col(Schedule.name))))


def remember_schedule(session: Session, name: str, cron: str, *, due_by: datetime) -> None:
    """A schedule is there; the same as before stays as late as it is."""
    known = session.get(Schedule, name)
    if known is None:
        session.add(Schedule(name=name, cron=cron, due_by=due_by))
    elif known.cron != cron:
        known.cron, known.due_by = cron, due_by
        session.add(known)


def forget_schedules(session: Session, *, but: Collection[str], now: datetime) -> None:
    """What is scheduled no more is waited for no more."""
    for known in all_schedules(session):
        if known.name not in but:
            close_item(session, subject_of(known.name), NOT_RUN, now=now, by=_BY)
            session.delete(known)


def ask_about_refused(session: Session, name: str, why: str, *, now: datetime) -> None:
    """A schedule cannot be kept; a person must mend it."""
    ask_for_attention(session, subject_of(name), REFUSED, now=now, detail=why)


def forget_refused(session: Session, *, but: Collection[str], now: datetime) -> None:
    """What is no longer refused, or no longer asked for, needs nobody."""
    still = {subject_of(name) for name in but}
    for item in open_items(session):
        if item.code == REFUSED and item.about not in still:
            close_item(session, item.about, REFUSED, now=now, by=_BY)


def ask_about_late(session: Session, *, now: datetime) -> None:
    """Put on the attention list what has not run when it should have, and take off what has."""
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
    """While no worker is there nothing runs by itself: that is one thing to look at, and its detail says what waits."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    detail = f"no worker was there to run {', '.join(names[:MOST_NAMED])}{more}"
    if [one for one in open_items(session) if one.about == NO_WORKER and (not names or one.detail != detail)]:
        close_item(session, NO_WORKER, NOT_RUN, now=now, by=_BY)
        session.flush()
    if names:
        ask_for_attention(session, NO_WORKER, NOT_RUN, now=now, detail=detail)


def put_off_missed(session: Session, due_by: Mapping[str, datetime], *, now: datetime) -> None:
    """A worker has come up: what none was there to run is waited for anew, once; `due_by` is by when.

    Not again and again, or what a worker never is there for would never be asked about.
    """
    for known in all_schedules(session):
        if known.is_late(now=now) and not known.had_its_chance and not known.put_off and known.name in due_by:
            known.due_by, known.put_off = due_by[known.name], True
            session.add(known)


def see_schedules(session: Session, *, now: datetime) -> None:
    """A worker is there for all of them."""
    session.exec(update(Schedule).values(seen_at=now))


def ask_about_illegible(session: Session, *, now: datetime) -> None:
    """A party that cannot be read is left out of everything; a person must import it anew."""
    unread = [Subject.read(party) for party in illegible(session)]
    for party in unread:
        ask_for_attention(session, party, ILLEGIBLE, now=now)
    for item in open_items(session):
        if item.code == ILLEGIBLE and item.about not in unread:
            close_item(session, item.about, ILLEGIBLE, now=now, by=_BY)


def take_turn(session: Session, name: str, flow_run_id: str, *, now: datetime) -> bool:
    """Have a schedule to oneself; False while another run of it is at work, or when there is none of this name."""
    free = or_(col(Schedule.kept_until).is_(None), col(Schedule.kept_until) <= now)
    mine = update(Schedule).where(col(Schedule.name) == name, free)
    taken = mine.values(flow_run_id=flow_run_id, started_at=now, kept_until=now + TURN_LASTS)
    return session.exec(taken).rowcount == 1


def keep_turns(session: Session, flow_run_ids: Collection[str], *, now: datetime) -> None:
    """Whoever has these turns is still at work."""
    mine = update(Schedule).where(col(Schedule.flow_run_id).in_(flow_run_ids), col(Schedule.kept_until).is_not(None))
    session.exec(mine.values(kept_until=now + TURN_LASTS))


def end_turn(session: Session, name: str, flow_run_id: str, *, due_by: datetime | None, now: datetime) -> None:
    """Let go of a turn. `due_by` is by when the next run must end; None when this one did not come to its end."""
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
