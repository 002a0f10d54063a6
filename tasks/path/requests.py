"""Sends requests to one recipient together: on its sending days, or as soon as enough that look alike wait.

A group of requests that look alike is sent in one transaction: all that may still go, or none if they are now too few.
So nobody goes out alone because another was withdrawn or a crash came in between; unsent requests wait on.
"""

from datetime import timedelta
from secrets import SystemRandom

from domain.anonymity.request_groups import Together
from domain.homes.dwelling import Dwelling
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.privacy.releases import is_lined_up, leave_line, lined_up, lined_up_no_more
from storage.questions.lists import under_way
from storage.referrals.referrals import lock
from tasks.anonymity import anonymity as releasing
from tasks.anonymity.lines import Missed, planned
from tasks.anonymity.sent_request import Told, ask_association
from tasks.case import Case
from tasks.ceilings.reached import ByVersion, ceilings_now
from tasks.path.suitable_homes import best_of, suitable_at
from tasks.platform import Platform

LOOK_AGAIN_AFTER = timedelta(days=1)
Failed = dict[int, Exception]


def send_requests(platform: Platform, flow_run_id: str | None = None) -> Failed:
    """Send what may go out now; returns the referrals whose request could not be sent, with the errors."""
    failed: Failed = {}
    reached = ceilings_now(platform)
    while True:
        plan = planned(platform)
        went = [
            _send(platform, recipient, group, failed, flow_run_id, reached=reached) for recipient, group in plan.groups
        ]
        # A group that did not go whole has lost members, or one failed: the rest is grouped anew without them.
        if all(went):
            break
    for referral_id, missed in plan.missed.items():
        _pass_by(platform, referral_id, missed, flow_run_id)
    return failed


def _send(
    platform: Platform,
    recipient: str,
    group: Together,
    failed: Failed,
    flow_run_id: str | None,
    *,
    reached: ByVersion,
) -> bool:
    """Send a group, all that may still go; False when not all of it went."""
    asked: list[int] = []
    try:
        with platform.database.turn, platform.database.writing() as session:
            now = platform.now()
            # Locked in the order of ids, like every transaction that locks more than one case.
            held = [lock(session, id_) for id_ in sorted(one.id for one in group.waits)]
            cases = {row.id: Case(platform, session, row, now, flow_run_id) for row in held if row is not None}
            suitable = {one.id: _suitable(cases[one.id], recipient, reached) for one in group.waits}
            left = [one for one in group.waits if suitable[one.id]]
            if not group.may_go(left, platform.anonymity):
                return False
            # In random order, or two associations could match their requests by the order in which they came.
            SystemRandom().shuffle(left)
            for one in left:
                asked.append(one.id)
                told = Told(recipient, group, many=len(left), chosen=one.least if group.chosen else None)
                case = cases[one.id]
                ask_association(case, told, best_of(case, suitable[one.id]))
    except Exception as error:  # whatever it is, it concerns the referral asked last, or all when there is none
        if not asked:
            raise
        failed[asked[-1]] = error
        _leave_the_line(platform, asked[-1])
        return False
    return len(left) == len(group.waits)


def _leave_the_line(platform: Platform, referral_id: int) -> None:
    """Take an unsendable request out of all lines, so that it holds up no other; it lines up anew on its next try."""
    with platform.database.writing() as session:
        lock(session, referral_id)
        lined_up_no_more(session, referral_id)


def _suitable(case: Case, recipient: str, reached: ByVersion) -> list[Dwelling]:
    """The homes that suit a case still in a recipient's line; with none, the case leaves that line."""
    if case.referral.status is not Status.SEEKING or case.referral.stop_requested is not None:
        return []
    if not is_lined_up(case.session, case.id, recipient):
        return []
    if not (homes := suitable_at(case, recipient, reached)):
        leave_line(case.session, case.id, recipient)
        if not _is_asked_about(case):
            case.rest(case.now + LOOK_AGAIN_AFTER)
    return homes


def _is_asked_about(case: Case) -> bool:
    """Whether an association has yet to answer, or has answered and the path will act on it."""
    return bool(under_way(case.session, case.id, QuestionKind.OFFER))


def _pass_by(platform: Platform, referral_id: int, missed: list[Missed], flow_run_id: str | None) -> None:
    """A sending day passed without a family's request: it waits for the next, and after two its caseworker is asked."""
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
            # Another worker was first, or another association is being asked: the case waits for its answer.
            return
        alike, crowd = max((one.alike, one.crowd) for one in passed)
        releasing.wait(case, alike=alike, crowd=crowd, missed=max(row.missed for row in rows.values()))
        case.rest(min(row.due_at for row in rows.values()))
