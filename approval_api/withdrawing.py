"""A family's own page on which it withdraws its consent: from any link that it was sent, until it has moved in."""

from http import HTTPStatus

from fastapi import Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from approval_api.answering import Desk, Visit, drawn, too_many
from approval_api.desk import Seen, asking_party, withdraws_here
from approval_api.form import NO_ANSWER, OPENED_ELSEWHERE
from approval_api.page import ConsentPage, Filled
from domain.consent import ConsentWithdrawn
from domain.errors import Invalid
from domain.question import Answer
from storage.consents import consents_of, withdraw_consent
from storage.questions import FAMILY
from storage.referrals import hold


def consent_page(desk: Desk, visit: Visit, *errors: Invalid) -> Response:
    """How the family's consent stands, and the way to withdraw it while that stops anything."""
    with desk.database.reading() as session:
        seen = desk.seen(session, visit)
        if seen is None or seen.is_of_a_party:
            return desk.unknown(visit)
        facts = _facts(session, desk, visit, seen, errors)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if facts.errors else HTTPStatus.OK
        response = drawn("consent", visit.language or seen.language, status, facts=facts)
        return visit.binding.given_with(response) if facts.nonce else response


def _facts(session: Session, desk: Desk, visit: Visit, seen: Seen, errors: tuple[Invalid, ...]) -> ConsentPage:
    given = consents_of(session, seen.referral.id or 0)
    may = withdraws_here(session, seen)
    return ConsentPage(
        reference=seen.question.reference,
        asking=asking_party(session, seen, desk.settings),
        ended_at=given[-1].withdrawn_at if given else None,
        nonce=visit.binding.nonce(seen.question) if may else None,
        errors=errors if may else (),
    )


def consent_answered(desk: Desk, visit: Visit, filled: Filled) -> Response:
    """Withdraw it once, from a page that this browser was shown; the path stops the case within one run."""
    if (wait := desk.limits.wait("answer", visit.token)) is not None:
        return too_many(visit.language, wait)
    with desk.database.reading() as session:
        seen = desk.seen(session, visit)
    if seen is None or seen.is_of_a_party:
        return desk.unknown(visit)
    if not visit.binding.holds(seen.question, filled.nonce):
        return consent_refused(desk, visit, OPENED_ELSEWHERE)
    if filled.answer == Answer.NO:
        return _sent_on(visit, visit.path)
    if filled.answer != Answer.WITHDRAW:
        return consent_refused(desk, visit, NO_ANSWER)
    with desk.database.writing() as session:
        hold(session, seen.question.referral_id)
        # Else it has been withdrawn already, or the family has moved in meanwhile: the page says which.
        if (now_seen := desk.seen(session, visit)) is not None and withdraws_here(session, now_seen):
            now = desk.clock.now()
            withdraw_consent(session, seen.question.referral_id, ConsentWithdrawn.PAGE, by=FAMILY, now=now)
    return _sent_on(visit, f"{visit.path}/consent")


def consent_refused(desk: Desk, visit: Visit, wrong: Invalid) -> Response:
    """The page again with what is wrong, until that has been too often; nothing is recorded."""
    if (wait := desk.limits.wait("answer", visit.token)) is not None:
        return too_many(visit.language, wait)
    page = consent_page(desk, visit, wrong)
    # A link that nobody was sent is counted as such, by its address.
    if page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        desk.limits.counted("answer", visit.token)
    return page


def _sent_on(visit: Visit, path: str) -> Response:
    query = f"?lang={visit.language}" if visit.language else ""
    return visit.binding.taken_back_with(RedirectResponse(f"{path}{query}", HTTPStatus.SEE_OTHER))
