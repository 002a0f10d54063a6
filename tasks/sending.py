"""Requests to one recipient go out together: on its sending days, or as soon as enough that look alike wait.

Those that look alike are sent in one transaction: all that still may, or none when they are too few by then. So nobody
goes out alone because another was withdrawn, or because we broke off in between; what was not sent waits on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from secrets import SystemRandom

from sqlmodel import Session

from domain.agreement import Agreement
from domain.anonymity import anonymised
from domain.lifecycle import Status
from domain.question import QuestionKind
from domain.release import AnonymityTerms, Crowd, Sought
from domain.sending import Had, Together, Waiting, ready, sending, with_a_yes
from storage.parties import agreement_of, partner
from storage.question_lists import open_questions
from storage.questions import ripe
from storage.referrals import lock
from storage.releases import InLine, LinedUp, in_line, lined_up, lined_up_no_more, others_had, told_before
from tasks import releasing, searching
from tasks.asking import Matter, ask_party
from tasks.case import Case
from tasks.crowds import Seekers, as_asked, seekers_in
from tasks.platform import Platform

LOOK_AGAIN_AFTER = timedelta(days=1)
Failed = dict[int, Exception]


@dataclass(frozen=True, slots=True)
class Line:
    """The requests that wait for one recipient and look alike by their agreement."""

    recipient: str
    agreement: Agreement
    rows: tuple[InLine, ...]

    def is_due(self, now: datetime) -> bool:
        """Whether a sending day has come for one of them: then all of them may go."""
        return any(row.due_at <= now for row in self.rows)


@dataclass(frozen=True, slots=True)
class Missed:
    """That a sending day found too few like a family: in how many alike it would go, and of how many in all."""

    recipient: str
    alike: int
    crowd: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes out now, by recipient, and whom the sending day has passed by, by referral."""

    groups: list[tuple[str, Together]]
    missed: dict[int, list[Missed]]


def send_requests(platform: Platform, flow_run_id: str | None = None) -> Failed:
    """Send what may go out now; returns whose request could not be sent, and why."""
    failed: Failed = {}
    while True:
        plan = planned(platform)
        went = [_send(platform, recipient, group, failed, flow_run_id) for recipient, group in plan.groups]
        # One that did not go has lost somebody, or somebody has failed: what is left is grouped anew without them.
        if all(went):
            break
    for referral_id, missed in plan.missed.items():
        _pass_by(platform, referral_id, missed, flow_run_id)
    return failed


def planned(platform: Platform) -> Plan:
    """Look at everybody who waits, and find what may go out together."""
    now, terms, plan = platform.now(), platform.anonymity, Plan([], defaultdict(list))
    with platform.database.reading() as session:
        seekers = cache(lambda: seekers_in(session, platform))
        for line in _lines(in_line(session), session):
            if line.is_due(now) or len(line.rows) >= terms.wanted:
                _plan_line(plan, line, session, seekers, terms=terms, now=now)
    return plan


def _lines(rows: list[InLine], session: Session) -> Iterator[Line]:
    for recipient, theirs in groupby(rows, key=lambda row: row.recipient):
        by_looks: dict[tuple[object, ...], list[InLine]] = defaultdict(list)
        for row in theirs:
            by_looks[as_asked(agreement_of(session, row.agreement_version_id))].append(row)
        for alike in by_looks.values():
            yield Line(recipient, agreement_of(session, alike[0].agreement_version_id), tuple(alike))


def _plan_line(
    plan: Plan,
    line: Line,
    session: Session,
    seekers: Callable[[], Seekers],
    *,
    terms: AnonymityTerms,
    now: datetime,
) -> None:
    told = told_before(session, line.recipient, [row.referral_id for row in line.rows])
    waits = [
        Waiting(row.referral_id, _sought(row, seekers()), told.get(row.referral_id), row.least) for row in line.rows
    ]
    association = line.recipient.partition(":")[2]
    crowd: Callable[[], Crowd] = lambda: seekers().whom_an_association_may_be_asked_about(association, line.agreement)  # noqa: E731  # looked up only where enough wait
    if not line.is_due(now):
        plan.groups.extend((line.recipient, group) for group in ready(waits, crowd, terms))
        return
    since = now - timedelta(days=terms.window_days)
    had: Had = lambda seen, but: others_had(session, line.recipient, seen, since=since, but=but)  # noqa: E731
    groups = sending(waits, crowd(), terms, had=had)
    plan.groups.extend((line.recipient, group) for group in groups)
    going = {one.id for group in groups for one in group.waits}
    left = [one for one in waits if one.id not in going]
    due = {row.referral_id for row in line.rows if row.due_at <= now}
    for one in left:
        if one.id in due:
            alike = with_a_yes(one, left, crowd(), terms, had=had)
            plan.missed[one.id].append(Missed(line.recipient, alike, crowd().size))


def _sought(row: InLine, seekers: Seekers) -> Sought:
    region = row.wanted_region or seekers.region(row.agreement_version_id)
    return Sought(row.rooms_min, row.rent_max_monthly_ore, row.move_in_from, row.step_free, region)


def _send(platform: Platform, recipient: str, group: Together, failed: Failed, flow_run_id: str | None) -> bool:
    """Send those that look alike, all that still may; False when not all of them could go."""
    asked: list[int] = []
    try:
        with platform.database.turn, platform.database.writing() as session:
            now = platform.now()
            # By id, as every transaction that holds more than one case.
            held = [lock(session, id_) for id_ in sorted(one.id for one in group.waits)]
            cases = {row.id: Case(platform, session, row, now, flow_run_id) for row in held if row is not None}
            left = [one for one in group.waits if _still_waits(cases[one.id], recipient)]
            if not group.may_go(left, platform.anonymity):
                return False
            # In an order that says nothing, or two associations would join by it what each was sent.
            SystemRandom().shuffle(left)
            for one in left:
                asked.append(one.id)
                _ask(cases[one.id], recipient, group, many=len(left), chosen=one.least if group.chosen else None)
    except Exception as error:  # whatever it is, it is this referral's alone; without one it is everybody's
        if not asked:
            raise
        failed[asked[-1]] = error
        _leave_the_line(platform, asked[-1])
        return False
    return len(left) == len(group.waits)


def _leave_the_line(platform: Platform, referral_id: int) -> None:
    """What could not be sent holds up nobody: it lines up anew when it is tried again."""
    with platform.database.writing() as session:
        lock(session, referral_id)
        lined_up_no_more(session, referral_id)


def _still_waits(case: Case, recipient: str) -> bool:
    """Whether a case waits for a recipient still, and may be asked about; if not, it waits for it no more."""
    row = case.session.get(LinedUp, (case.id, recipient))
    if row is None or case.referral.status is not Status.SEEKING or case.referral.stop_requested is not None:
        return False
    if searching.may_be_asked_about(case, recipient):
        return True
    case.session.delete(row)
    if not _is_asked_about(case):
        case.rest(case.now + LOOK_AGAIN_AFTER)
    return False


def _is_asked_about(case: Case) -> bool:
    """Whether an association has not answered yet, or has and the path will act on it."""
    asked = open_questions(case.session, case.id, (QuestionKind.OFFER,))
    return bool(asked or ripe(case.session, case.id, QuestionKind.OFFER))


def _ask(case: Case, recipient: str, group: Together, *, many: int, chosen: int | None) -> None:
    """Ask an association about a family, under its name there, and write down how anonymous that was."""
    association = recipient.partition(":")[2]
    name = case.pseudonym_for(association)
    homes = searching.homes_to_suggest(case, association)
    shown = asdict(anonymised(group.found.seen, pseudonym=name))
    matter = Matter(name, request=shown, homes=tuple(home.vacancy_id for home in homes))
    ask_party(case, QuestionKind.OFFER, partner(case.session, recipient), matter)
    releasing.record(case, group.found, to=recipient, chosen=chosen)
    releasing.sent(case, with_fewer=many if group.chosen else None)
    case.session.delete(case.session.get_one(LinedUp, (case.id, recipient)))
    case.rest()


def _pass_by(platform: Platform, referral_id: int, missed: list[Missed], flow_run_id: str | None) -> None:
    """A sending day went by without a family's request: it waits for the next one, and after two somebody is asked."""
    with platform.database.turn, platform.database.writing() as session:
        now, referral = platform.now(), lock(session, referral_id)
        if referral is None or referral.status is not Status.SEEKING or referral.stop_requested is not None:
            return
        case, rows = Case(platform, session, referral, now, flow_run_id), lined_up(session, referral_id)
        passed = [one for one in missed if one.recipient in rows and rows[one.recipient].due_at <= now]
        for one in passed:
            rows[one.recipient].due_at = releasing.next_sending_of(case)
            rows[one.recipient].missed += 1
        if not passed or _is_asked_about(case):
            # Another worker was first, or it is asked about elsewhere: then it waits for an answer.
            return
        alike, crowd = max((one.alike, one.crowd) for one in passed)
        releasing.wait(case, alike=alike, crowd=crowd, missed=max(row.missed for row in rows.values()))
        case.rest(min(row.due_at for row in rows.values()))
