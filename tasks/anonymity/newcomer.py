"""What the receiving municipality is told of a family, among those who might come as well."""

from dataclasses import asdict

from domain.anonymity.measure import EXACT, sought
from domain.anonymity.newcomer import Newcomer, measured_newcomer
from domain.anonymity.request import in_bands
from domain.homes.dwelling import Dwelling
from domain.parties.party import association, municipality
from storage.privacy.releases import (
    told_before,
    write_release,
)
from tasks.anonymity.crowds import Seekers
from tasks.case import Case


def present(case: Case, home: Dwelling, seekers: Seekers) -> dict[str, object]:
    """What the receiving municipality is told of the family, measured among the families that might come too."""
    referral = case.referral
    seeks = sought(referral.need, region=referral.wanted_region or seekers.region(referral.agreement_version_id))
    one = Newcomer(seeks, referral.persons, referral.sending_municipality)
    asked = told_before(case.session, association(home.association), [case.id]).get(case.id, EXACT)
    found = measured_newcomer(
        one,
        seekers.who_may_come_to(home, case.agreement),
        case.platform.anonymity,
        shows=case.agreement.approval_shows,
        association_was_told=asked,
    )
    recipient = municipality(home.municipality)
    write_release(case.session, case.id, found, case.platform.anonymity, to=recipient, at=case.now)
    return asdict(in_bands(found.seen))
