"""The referral of a flagged family, or why it cannot be one."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from domain.errors import Invalid
from domain.parties.party import Partner
from domain.referrals.consent import ConsentStanding, standing
from domain.referrals.household import FamilyAnswersBy, FlaggedFamily
from domain.referrals.lifecycle import OVER, Status
from domain.working_days import day_of
from storage.areas.places import within_region
from storage.parties.agreements import agreement_for, agreement_of
from storage.referrals.references import next_reference
from storage.referrals.referrals import Referral
from storage.vault.person_digests import open_cases_of
from tasks.case import LETTERS
from tasks.intake.flagged import Flagged


def new_referral(session: Session, flagged: Flagged, *, reference: str | None, now: datetime) -> Referral:
    """The referral of a flagged family; `Invalid` names the field that forbids it."""
    sender, family, today = flagged.sender, flagged.family, day_of(now)
    agreement = agreement_for(session, sender.id, on=today)
    if agreement is None:
        raise Invalid("municipality", "no_agreement")
    _refuse_what_does_not_fit(session, sender, family, agreement=agreement, today=today)
    _refuse_what_is_known(session, flagged)
    return Referral(
        reference=reference or next_reference(session, year=today.year),
        case_key=flagged.key.case_key,
        status=Status.RECEIVED,
        status_since=now,
        agreement_version_id=agreement,
        sending_municipality=sender.id,
        flag_id=family.flag_id,
        case_id=family.case_id,
        flagged_by=family.flagged_by,
        received_at=now,
        language=family.language,
        answers_by=_answers_by(sender, family),
        outside_labour_market=family.outside_labour_market,
        persons=family.need.persons,
        rooms_min=family.need.rooms_min,
        rent_max_monthly_ore=family.need.rent_max_monthly_ore,
        move_in_from=family.need.move_in_from,
        step_free=family.need.step_free,
        wanted_region=family.need.region,
        children=family.need.children,
    )


def _refuse_what_does_not_fit(
    session: Session, sender: Partner, family: FlaggedFamily, *, agreement: int, today: date
) -> None:
    """Raise `Invalid` when a flag's consent, caseworker or region is not valid."""
    if family.consent.given_on > today:
        raise Invalid("consent.given_on", "in_the_future")
    if standing(family.consent.ends_on, today=today) is ConsentStanding.ENDED:
        raise Invalid("consent.ends_on", "in_the_past")
    if sender.contact(family.flagged_by) is None:
        raise Invalid("flagged_by", "unknown_contact")
    if family.need.region is not None and not _homes_in(session, sender, agreement, family.need.region):
        raise Invalid("need.region", "no_receiver_there")


def _refuse_what_is_known(session: Session, flagged: Flagged) -> None:
    """Raise `Invalid` when the case system's case, or its person, has an open case in the same municipality."""
    known = select(Referral.id).where(
        Referral.sending_municipality == flagged.sender.id,
        Referral.case_id == flagged.family.case_id,
        col(Referral.status).not_in(OVER),
    )
    if session.exec(known).first() is not None:
        raise Invalid("case_id", "already_known")
    # Another municipality's case is not mentioned: the family is taken in, and staff are asked.
    if any(one.sending_municipality == flagged.sender.id for one in open_cases_of(session, flagged.mark)):
        raise Invalid("identity.cpr", "already_known")


def _homes_in(session: Session, sender: Partner, agreement_version: int, region: str) -> frozenset[str]:
    """The municipalities of a region that receive families under an agreement."""
    receiving = frozenset(agreement_of(session, agreement_version).receiving) - {sender.id}
    return within_region(session, receiving, region)


def _answers_by(sender: Partner, family: FlaggedFamily) -> FamilyAnswersBy:
    """By its own letter only where nobody else can see it: a family with a protected address gets no e-mail."""
    hides = family.identity.address_protection and LETTERS not in sender.systems
    return FamilyAnswersBy.CASEWORKER if hides else family.answers_by
