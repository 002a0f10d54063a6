"""Tells the chief of a person who has not answered, or was not reached."""

from domain.parties.party import Role
from domain.questions.addressee import Addressee
from storage.outbox import Telling
from storage.questions.questions import Question
from tasks.matter import Asker


def tell_chief(case: Asker, question: Question) -> bool:
    """Write to the chief; for a family, to the chief at the sending municipality. False when none is named."""
    partner = case.party_of(question)
    chief = partner.first(Role.CHIEF)
    if chief is None:
        return False
    addressee = Addressee(partner.party, chief.id)
    case.write(Telling.ANSWER_OVERDUE, to=addressee, question=question)
    case.note(f"escalated_{question.kind}", reason=str(addressee))
    return True
