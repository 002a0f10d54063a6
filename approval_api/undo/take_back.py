"""The page on which a family's yes to a home is taken back, until its identity is disclosed."""

from datetime import datetime

from sqlmodel import Session

from approval_api.questions.lookup import Seen, withdraws_here
from approval_api.questions.pages.asking_party import asking_party
from approval_api.questions.pages.page import TakeBackPage
from approval_api.undo.undo import Form, Undo
from approval_api.visit import CONSENT_PAGE, TAKE_BACK_PAGE
from domain.questions.question import TAKE_BACK, QuestionKind
from storage.columns import id_of
from storage.questions.acceptance import may_take_back, take_back
from storage.settings import Settings


def _may(session: Session, seen: Seen) -> bool:
    return may_take_back(session, seen.question, seen.referral)


def _said_at(_session: Session, seen: Seen) -> datetime | None:
    return seen.question.taken_back_at


def _facts(session: Session, settings: Settings, seen: Seen, form: Form) -> TakeBackPage:
    return TakeBackPage(
        reference=seen.question.reference,
        asking=asking_party(session, seen, settings),
        on_behalf=seen.question.on_behalf,
        taken_back_at=seen.question.taken_back_at,
        nonce=form.nonce,
        asks_digits=form.asks_digits,
        consent_at=f"{form.link}/{CONSENT_PAGE}" if withdraws_here(session, seen) else None,
        errors=form.errors,
    )


def _take_back(session: Session, seen: Seen, now: datetime) -> None:
    take_back(session, id_of(seen.question), referral_id=seen.question.case_id, now=now)


ACCEPTANCE = Undo(
    name=TAKE_BACK_PAGE,
    chosen=TAKE_BACK,
    concerns=lambda seen: seen.question.kind is QuestionKind.ACCEPTANCE,
    may=_may,
    said_at=_said_at,
    facts=_facts,
    deed=_take_back,
)
