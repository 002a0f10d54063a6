"""The search for a home: which associations are asked, and when."""

from datetime import timedelta

from domain.parties import party
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.privacy.releases import line_up as line_up_for
from storage.privacy.releases import lined_up, lined_up_no_more
from storage.questions.lists import under_way
from storage.referrals.exclusions import exclusions
from storage.referrals.referrals import look_again
from tasks.anonymity import anonymity as releasing
from tasks.attention import ask_person
from tasks.case import Case
from tasks.ceilings.waiting import wait_for_room, wait_no_more
from tasks.path.suitable_homes import Found, everywhere, one_is_ripe, some_above_a_ceiling, without_objection

LOOK_AGAIN_AFTER = timedelta(days=1)
LOOK_AGAIN_SOON = timedelta(minutes=1)


def line_up(case: Case, found: Found) -> None:
    """Put the request in line for the associations with the best homes: it goes out with others, on a sending day."""
    releasing.heed(case)
    if not _may_ask(case, found):
        return
    recipients = {party.association(association) for association in found.homes}
    anew = recipients - lined_up(case.session, case.id).keys()
    rows = line_up_for(case.session, case.id, recipients, next_sending=releasing.next_sending_of(case))
    # What may go is sent right after this. If that breaks off, the case is looked at again soon; else on its day.
    soon, on_its_day = case.now + LOOK_AGAIN_SOON, min(row.due_at for row in rows.values())
    look_again(case.session, case.referral, soon if anew else max(on_its_day, soon))


def _may_ask(case: Case, found: Found) -> bool:
    """Whether associations may be asked now; if not, the case rests until that may have changed."""
    if case.referral.status is not Status.SEEKING:
        return False
    parked_until = case.referral.parked_until
    if parked_until is not None and parked_until > case.now:
        case.rest(parked_until)
        return False
    asked = under_way(case.session, case.id, QuestionKind.OFFER)
    if one_is_ripe(asked) or _overtaken(case, found):
        # An answer or another rule has come since the search: the case stays due, and the next run searches anew.
        return False
    if asked:
        case.rest()
        return False
    if not found.homes:
        _rest_without_homes(case, found)
        return False
    return True


def _rest_without_homes(case: Case, found: Found) -> None:
    lined_up_no_more(case.session, case.id)
    if some_above_a_ceiling(case, found):
        wait_for_room(case, found.reached)
        return
    wait_no_more(case)
    _say_when_only_declines_object(case)
    case.rest(case.now + LOOK_AGAIN_AFTER)


def _overtaken(case: Case, found: Found) -> bool:
    """Whether a decline has come since the search, or the case was moved to another version of its agreement."""
    if found.agreement_version_id != case.referral.agreement_version_id:
        return True
    return exclusions(case.session, case.id) != found.excluded


def _say_when_only_declines_object(case: Case) -> None:
    """Ask a person when only earlier declines stand against every home."""
    if next(without_objection(case, everywhere(case)), None) is not None:
        ask_person(case, "search_exhausted")
