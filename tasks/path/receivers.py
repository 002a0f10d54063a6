"""Who receives a family, the association and the municipality of the home that was put forward; and asks the latter."""

from domain.parties import party
from domain.parties.party import Partner
from domain.questions.question import QuestionKind
from storage.parties.partners import partner_of
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import dwelling
from tasks.anonymity.crowds import Seekers
from tasks.anonymity.newcomer import present
from tasks.asking.asking import Matter, ask_party
from tasks.case import Case


def receivers_of(case: Case, offer: Offer) -> tuple[Partner, Partner]:
    """The association that lets the home of an offer, and its municipality."""
    home = dwelling(case.session, offer.vacancy_id)
    return (
        partner_of(case.session, party.association(home.association)),
        partner_of(case.session, party.municipality(home.municipality)),
    )


def ask_municipality(case: Case, offer: Offer, seekers: Seekers) -> None:
    """Ask the receiving municipality about a home, with what it may be told of the family."""
    home = dwelling(case.session, offer.vacancy_id)
    receiver = partner_of(case.session, party.municipality(home.municipality))
    family = present(case, home, seekers)
    ask_party(case, QuestionKind.APPROVAL, receiver, Matter(case.referral.reference, offer, request=family))
