"""Tells the chief of a person who has not answered, or was not reached."""

from domain.parties.party import Role
from domain.questions.addressee import Addressee
from storage.outbox import Telling
from storage.parties.partners import partner_of
from storage.questions.questions import FAMILY, Question
from tasks.case import Case


def tell_chief(case: Case, question: Question) -> bool:
    """Write to the chief; for a family, to the chief at the sending municipality. False when none is named."""
    partner = case.sender if question.asked_of == FAMILY else partner_of(case.session, question.asked_of)
    chief = partner.first(Role.CHIEF)
    if chief is None:
        return False
    addressee = Addressee(partner.party, chief.id)
    case.write(Telling.ANSWER_OVERDUE, to=addressee, question=question)
    case.note(f"escalated_{question.kind}", reason=str(addressee))
    return True
