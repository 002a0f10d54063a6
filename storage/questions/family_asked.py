"""How families are asked about the home found for them, for their municipality's people."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from domain.parties.party import municipality
from domain.questions.question import FamilyAsked, QuestionKind, Standing
from storage.outbox import BY_POST, OutboxRow, OutboxStanding, Telling
from storage.parties.partners import partner_of
from storage.questions.questions import Question
from storage.referrals.referrals import Referral

_NOT_SENT = {
    OutboxStanding.WAITING: FamilyAsked.ON_ITS_WAY,
    OutboxStanding.BY_HAND: FamilyAsked.LETTER_WAITS,
    OutboxStanding.REFUSED: FamilyAsked.REFUSED,
}


def families_asked(session: Session, referral_ids: Collection[int]) -> dict[int, FamilyAsked]:
    """How the family of each case is asked now; cases whose family is not asked are left out."""
    query = (
        select(Question, Referral.sending_municipality, OutboxRow)
        .join(Referral, col(Referral.id) == Question.referral_id)
        .outerjoin(
            OutboxRow,
            (col(OutboxRow.question_id) == Question.id) & (OutboxRow.telling == Telling.ACCEPTANCE_REQUESTED),
        )
        .where(
            col(Question.referral_id).in_(referral_ids),
            Question.kind == QuestionKind.ACCEPTANCE,
            Question.standing == Standing.OPEN,
        )
        .order_by(col(OutboxRow.id))
    )
    return {
        question.case_id: _way(session, question, sender, letter) for question, sender, letter in session.exec(query)
    }


def _way(session: Session, question: Question, sender: str, letter: OutboxRow | None) -> FamilyAsked:
    if question.on_behalf:
        return FamilyAsked.THROUGH_CASEWORKER
    if letter is None:
        return FamilyAsked.ON_ITS_WAY
    if letter.standing in _NOT_SENT:
        return _NOT_SENT[letter.standing]
    if letter.last_error == BY_POST:
        return FamilyAsked.BY_POST
    by_system = "letters" in partner_of(session, municipality(sender)).systems
    return FamilyAsked.BY_LETTER_SYSTEM if by_system else FamilyAsked.BY_EMAIL
