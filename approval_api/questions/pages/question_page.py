"""The page that a link leads to: the question, its outcome, or that the link is unknown."""

from dataclasses import replace
from http import HTTPStatus

from fastapi import Response
from fastapi.responses import RedirectResponse

from approval_api.questions.arrival import Arrival
from approval_api.questions.digits import digits_needed
from approval_api.questions.lookup import Seen, withdraws_here
from approval_api.questions.pages.ended_links import RECEIPT_TELLS_FOR, ended
from approval_api.questions.pages.outcome_facts import notice_page, passed_on_page, receipt_page
from approval_api.questions.pages.page import Filled
from approval_api.questions.pages.question_facts import question_page
from approval_api.responses import drawn
from approval_api.visit import CONSENT_PAGE, TAKE_BACK_PAGE, Visit
from domain.errors import Invalid
from domain.questions.question import Answer, PassedOnBy, Standing
from storage.questions.acceptance import may_take_back


def shown(arrival: Arrival, seen: Seen, *, filled: Filled | None = None, errors: tuple[Invalid, ...] = ()) -> Response:
    """The page of a question now, with the errors of the form that was sent."""
    if arrival.gate is not None:
        return arrival.gate
    if (over := ended_page(arrival, seen)) is not None:
        return over
    return _open(arrival, seen, filled, errors) if seen.answerable(now=arrival.now) else _settled(arrival, seen)


def ended_page(arrival: Arrival, seen: Seen) -> Response | None:
    """The page of a link that has ended; None while it works."""
    gone = ended(seen, arrival.settings, said_at=seen.question.answered_at, now=arrival.now)
    return drawn(gone.page, arrival.tongue(seen), HTTPStatus.GONE, facts=gone.facts) if gone else None


def unknown(visit: Visit) -> Response:
    """The page for an unknown link, or for one that is cut short."""
    # Only by its length: the page must not tell whether a link that begins so exists.
    return drawn("unknown" if visit.is_whole else "link_not_whole", visit.language, HTTPStatus.NOT_FOUND)


def not_listed(arrival: Arrival) -> Response:
    """The page that is the same for no such question, one of another party, and a visitor who has not logged in."""
    who = arrival.person.contact.name if arrival.person else ""
    return drawn("somebody_elses", arrival.visit.language, HTTPStatus.FORBIDDEN, who=who)


def _open(arrival: Arrival, seen: Seen, filled: Filled | None, errors: tuple[Invalid, ...]) -> Response:
    session, visit, who = arrival.session, arrival.visit, arrival.acting(seen)
    facts = question_page(
        session,
        seen,
        arrival.settings,
        now=arrival.now,
        nonce=visit.binding.nonce(seen.question),
        filled=filled or Filled(),
        errors=errors,
        person=who.name if who else None,
        asks_digits=digits_needed(session, seen, listed=arrival.is_listed),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return visit.binding.given_with(drawn("question", arrival.tongue(seen), status, facts=facts))


def _settled(arrival: Arrival, seen: Seen) -> Response:
    """The outcome of a question that cannot be answered any more."""
    session, tongue, passed_by = arrival.session, arrival.tongue(seen), seen.question.passed_by
    if passed_by is not None:
        status = HTTPStatus.OK if passed_by is PassedOnBy.ADDRESSEE else HTTPStatus.GONE
        return drawn("passed_on", tongue, status, facts=passed_on_page(session, seen, arrival.settings))
    if seen.question.standing is Standing.ANSWERED:
        return _receipt(arrival, seen)
    name = "withdrawn" if seen.question.standing is Standing.REVOKED else "expired"
    notice = replace(notice_page(session, seen, arrival.settings), consent_at=_consent_at(arrival, seen))
    return drawn(name, tongue, HTTPStatus.GONE, facts=notice)


def _receipt(arrival: Arrival, seen: Seen) -> Response:
    """The receipt, which shows the answer and the home for some days, and then only that there was an answer."""
    session, visit, tongue = arrival.session, arrival.visit, arrival.tongue(seen)
    question, consent_at = seen.question, _consent_at(arrival, seen)
    if question.taken_back_at is not None and not arrival.is_listed:
        return RedirectResponse(f"{visit.path}/{TAKE_BACK_PAGE}", HTTPStatus.SEE_OTHER)
    if question.answered_at is None or arrival.now - question.answered_at > RECEIPT_TELLS_FOR:
        notice = replace(notice_page(session, seen, arrival.settings), consent_at=consent_at)
        return drawn("answered", tongue, HTTPStatus.OK, facts=notice)
    may_still = seen.case is not None and may_take_back(session, question, seen.case) and not arrival.is_listed
    receipt = replace(
        receipt_page(session, seen, arrival.settings, with_home=not seen.is_over),
        consent_at=consent_at,
        take_back_at=f"{visit.path}/{TAKE_BACK_PAGE}" if may_still else None,
    )
    return drawn("receipt", tongue, HTTPStatus.OK, facts=receipt)


def _consent_at(arrival: Arrival, seen: Seen) -> str | None:
    """The address at which the family can withdraw its consent, for a question that cannot be answered any more."""
    said_so = seen.question.answer is Answer.WITHDRAW
    return f"{arrival.visit.path}/{CONSENT_PAGE}" if withdraws_here(arrival.session, seen) and not said_so else None
