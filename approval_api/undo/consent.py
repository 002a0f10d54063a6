"""The page on which a family withdraws its consent: below any link that it was sent, until it has moved in."""

from datetime import datetime

from sqlmodel import Session

from approval_api.questions.lookup import Seen, withdraws_here
from approval_api.questions.pages.asking_party import asking_party
from approval_api.questions.pages.page import ConsentPage
from approval_api.undo.undo import Form, Undo
from approval_api.visit import CONSENT_PAGE
from domain.questions.question import Answer
from domain.referrals.consent import ConsentWithdrawn
from storage.columns import id_of
from storage.privacy.consents import consents_of, withdraw_consent
from storage.questions.questions import FAMILY
from storage.settings import Settings


def _ended_at(session: Session, seen: Seen) -> datetime | None:
    given = consents_of(session, id_of(seen.referral))
    return given[-1].withdrawn_at if given else None


def _facts(session: Session, settings: Settings, seen: Seen, form: Form) -> ConsentPage:
    return ConsentPage(
        reference=seen.question.reference,
        asking=asking_party(session, seen, settings),
        ended_at=_ended_at(session, seen),
        nonce=form.nonce,
        errors=form.errors,
    )


def _withdraw(session: Session, seen: Seen, now: datetime) -> None:
    withdraw_consent(session, seen.question.case_id, ConsentWithdrawn.PAGE, by=FAMILY, now=now)


CONSENT = Undo(
    name=CONSENT_PAGE,
    chosen=Answer.WITHDRAW,
    concerns=lambda seen: not seen.is_of_a_party,
    may=withdraws_here,
    said_at=_ended_at,
    facts=_facts,
    deed=_withdraw,
)
