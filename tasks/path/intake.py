"""Take in the families that a municipality's case system has flagged, each once, each answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from domain.errors import Invalid, NeedsPerson, PartnerRefused
from domain.parties import party
from domain.parties.addressee import Addressee
from domain.parties.party import Partner
from domain.ports import CaseSystem
from domain.questions.question import QuestionKind
from domain.referrals.consent import ConsentStanding, standing
from domain.referrals.household import FamilyAnswersBy, FlaggedFamily
from domain.referrals.lifecycle import OVER, Status
from domain.subject import Subject
from domain.working_days import day_of
from storage.areas.left_areas import note_left_area
from storage.areas.places import within_region
from storage.attention import ask_for_attention
from storage.audit.states import chain_state
from storage.parties.parties import agreement_for, agreement_of, partner, partners
from storage.privacy.consents import record_consent
from storage.referrals.flag_receipts import FlagReceipt, decide_alone, receipt_for
from storage.referrals.referrals import Referral, next_reference
from storage.restored.watermark import refuse_if_gone_back
from storage.vault.person_digests import hold_person, know_person, open_cases_of
from storage.vault.person_key import PersonMark
from storage.vault.vault import DataKey
from tasks.asking.asking import Matter, ask_party
from tasks.case import LETTERS, Case
from tasks.path.flag_answers import (
    FLAG_WITHOUT_ID,
    answer_flag,
    ask_about_unanswered,
    can_be_answered,
    let_go_of_what_has_passed,
    note_refusal,
    refuse,
    stop,
)
from tasks.platform import Platform

# A crash leaves no more keys than this, which is fewer than `tilflyt vault sweep` lets go unasked.
KEYS_AT_ONCE = 10
# A family's reference, why it is refused, why it waits, or None when it is known.
Taken = str | Invalid | NeedsPerson | None


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What one poll of one case system came to; references and codes only."""

    municipality: str
    taken_in: tuple[str, ...] = ()
    refused: int = 0
    stopped: int = 0


def municipalities_that_flag(platform: Platform) -> list[str]:
    """The codes of the municipalities whose case system is polled."""
    with platform.database.reading() as session:
        return [known.id for known in partners(session) if "case_system" in known.systems]


async def take_in(platform: Platform, municipality: str, *, flow_run_id: str | None = None) -> IntakeReport:
    """Poll one case system and take in what it flags. `PartnerUnavailable` when it is silent.

    `WentBack` when the database is older than it was: numbers would be given that are other cases'.
    """
    refuse_if_gone_back(platform.database, platform.marks)
    with platform.database.reading() as session:
        sender = partner(session, party.municipality(municipality))
        system: CaseSystem = platform.connect("case_system", sender.systems["case_system"])
    try:
        batch = await system.flagged()
    except PartnerRefused as refusal:
        note_refusal(platform, sender, refusal)
        raise
    new = _unanswered(platform, sender, batch.families)
    answers = [
        answer
        for start in range(0, len(new), KEYS_AT_ONCE)
        for answer in _take_some(platform, sender, new[start : start + KEYS_AT_ONCE], flow_run_id)
    ]
    taken = [answer for answer in answers if isinstance(answer, str)]
    refused = [answer for answer in answers if isinstance(answer, Invalid)]
    found = {(Subject.read(sender.party), answer.code) for answer in answers if isinstance(answer, NeedsPerson)}
    for flag in batch.refused:
        if not can_be_answered(flag.flag_id):
            found.add((ask_about_unanswered(platform, sender, flag), FLAG_WITHOUT_ID))
            continue
        refuse(platform, sender, flag.flag_id, Invalid(flag.field, flag.reason), withdraws=flag.withdraws)
    stopped = sum(stop(platform, sender, withdrawal) for withdrawal in batch.withdrawals)
    let_go_of_what_has_passed(platform, sender, found=found)
    return IntakeReport(municipality, tuple(taken), len(batch.refused) + len(refused), stopped)


def _unanswered(platform: Platform, sender: Partner, families: Sequence[FlaggedFamily]) -> list[FlaggedFamily]:
    """Those that have no receipt yet: the others need no key."""
    with platform.database.reading() as session:
        return [one for one in families if receipt_for(session, sender.id, one.flag_id) is None]


def _take_some(
    platform: Platform, sender: Partner, families: Sequence[FlaggedFamily], flow_run_id: str | None
) -> list[Taken]:
    """Take some families in, each as `_take` does. No key is left that was to seal nothing.

    One whose taking in broke off is left: it may have been sealed all the same, and then its key must be there.
    """
    persons = platform.vault.person_key(now=platform.now())
    keys = platform.vault.new_keys(len(families), now=platform.now())
    unused, answers = {key.case_key for key in keys}, []
    try:
        for family, key in zip(families, keys, strict=True):
            unused.discard(key.case_key)
            mark = persons.mark(family.identity.cpr)
            answers.append(_take(platform, sender, family, key, mark=mark, flow_run_id=flow_run_id))
            if not isinstance(answers[-1], str):
                unused.add(key.case_key)
    finally:
        platform.vault.keys.forget(unused)
    return answers


def _take(
    platform: Platform,
    sender: Partner,
    family: FlaggedFamily,
    key: DataKey,
    *,
    mark: PersonMark,
    flow_run_id: str | None,
) -> Taken:
    """Take a family in within one transaction: its reference, why it is refused or waits, or None when it is known."""
    try:
        with platform.database.writing() as session:
            decide_alone(session, sender.id)
            if receipt_for(session, sender.id, family.flag_id) is not None:
                return None
            return admit(platform, session, sender, family, key, mark=mark, flow_run_id=flow_run_id).referral.reference
    except Invalid as fault:
        refuse(platform, sender, family.flag_id, fault)
        return fault
    except NeedsPerson as reason:
        # No receipt: the flag comes again with the next poll, when the municipality may name somebody.
        with platform.database.writing() as session:
            ask_for_attention(session, Subject.read(sender.party), reason.code, now=platform.now(), detail=str(reason))
        return reason


def admit(
    platform: Platform,
    session: Session,
    sender: Partner,
    family: FlaggedFamily,
    key: DataKey,
    *,
    mark: PersonMark,
    flow_run_id: str | None = None,
    again_as: str | None = None,
) -> Case:
    """Begin a family's case; `Invalid` or `NeedsPerson` when it cannot be one.

    `mark` tells the same person again. `again_as` is the reference that its case system was told before a backup was
    put back, and is not told again.
    """
    now = platform.now()
    hold_person(session, mark)
    referral = _referral(session, sender, family, mark=mark, case_key=key.case_key, reference=again_as, now=now)
    session.add(referral)
    session.flush()
    note_left_area(session, referral, family.from_area, asked_by=sender.party, now=now)
    platform.vault.seal(session, key, family.identity, reference=referral.reference, now=now)
    chain_state(session, Referral, referral, now=now)
    know_person(session, referral, mark, now=now)
    case = Case(platform, session, referral, now, flow_run_id)
    by = str(Addressee(sender.party, family.flagged_by))
    case.note("received", actor=by, to=Status.RECEIVED)
    record_consent(session, case.id, family.consent, by=by, now=now)
    ask_party(case, QuestionKind.SIGN_OFF, sender, Matter(referral.reference))
    receipt = FlagReceipt(municipality=sender.id, flag_id=family.flag_id, referral_id=referral.id, received_at=now)
    answer_flag(platform, session, sender, receipt, was_told=again_as is not None)
    return case


def _referral(
    session: Session,
    sender: Partner,
    family: FlaggedFamily,
    *,
    mark: PersonMark,
    case_key: str,
    reference: str | None,
    now: datetime,
) -> Referral:
    """The referral of a flagged family; `Invalid` names the field when it cannot be one."""
    today = day_of(now)
    agreement = agreement_for(session, sender.id, on=today)
    if agreement is None:
        raise Invalid("municipality", "no_agreement")
    _refuse_what_does_not_fit(session, sender, family, agreement=agreement, today=today)
    _refuse_what_is_known(session, sender, family, mark)
    return Referral(
        reference=reference or next_reference(session, year=today.year),
        case_key=case_key,
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
    )


def _refuse_what_does_not_fit(
    session: Session, sender: Partner, family: FlaggedFamily, *, agreement: int, today: date
) -> None:
    """`Invalid` when a flag's consent, caseworker or region does not hold."""
    if family.consent.given_on > today:
        raise Invalid("consent.given_on", "in_the_future")
    if standing(family.consent.ends_on, today=today) is ConsentStanding.ENDED:
        raise Invalid("consent.ends_on", "in_the_past")
    if sender.contact(family.flagged_by) is None:
        raise Invalid("flagged_by", "unknown_contact")
    if family.need.region is not None and not _homes_in(session, sender, agreement, family.need.region):
        raise Invalid("need.region", "no_receiver_there")


def _refuse_what_is_known(session: Session, sender: Partner, family: FlaggedFamily, mark: PersonMark) -> None:
    """`Invalid` when the case, or its person, has an open case of the same municipality."""
    known = select(Referral.id).where(
        Referral.sending_municipality == sender.id,
        Referral.case_id == family.case_id,
        col(Referral.status).not_in(OVER),
    )
    if session.exec(known).first() is not None:
        raise Invalid("case_id", "already_known")
    # Of another municipality's case nothing is told: the family is taken in, and staff are asked.
    if any(one.sending_municipality == sender.id for one in open_cases_of(session, mark)):
        raise Invalid("identity.cpr", "already_known")


def _homes_in(session: Session, sender: Partner, agreement_version: int, region: str) -> frozenset[str]:
    """The municipalities of a region that receive families under an agreement."""
    receiving = frozenset(agreement_of(session, agreement_version).receiving) - {sender.id}
    return within_region(session, receiving, region)


def _answers_by(sender: Partner, family: FlaggedFamily) -> FamilyAnswersBy:
    """By letter only where nobody else can see it: not by e-mail to a family whose address is protected."""
    hides = family.identity.address_protection and LETTERS not in sender.systems
    return FamilyAnswersBy.CASEWORKER if hides else family.answers_by
