"""Who receives a family: the association and the municipality of the home that was put forward."""

from domain.parties import party
from domain.parties.party import Partner
from storage.parties.partners import partner_of
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import dwelling
from tasks.case import Case


def receivers_of(case: Case, offer: Offer) -> tuple[Partner, Partner]:
    """The association that lets the home of an offer, and its municipality."""
    home = dwelling(case.session, offer.vacancy_id)
    return (
        partner_of(case.session, party.association(home.association)),
        partner_of(case.session, party.municipality(home.municipality)),
    )
