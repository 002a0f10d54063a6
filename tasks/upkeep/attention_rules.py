"""What closes each item of the attention list, whichever way its reason passed.

What an item is about (the kind of its subject) says when that is. Some codes need more than their subject's rule.
Whoever adds a code says in `ABOUT` what its items are about, and a new kind of subject has a rule here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from domain.errors import Seen as Unreadably
from domain.feeds.breaker import Trip
from domain.feeds.load import LoadKind, LoadStanding
from domain.parties.addressee import Addressee
from domain.parties.colleagues import absence, barred
from domain.parties.party import association
from domain.questions.question import QuestionKind, Standing
from domain.referrals.consent import WARNED_BEFORE
from domain.referrals.lifecycle import OVER, Status
from domain.subject import About
from domain.working_days import day_of
from storage.areas.area_names import AreaName
from storage.attention import AttentionItem
from storage.columns import id_of, needed
from storage.feeds.feeds import FeedLoad
from storage.outbox import Lane, OutboxRow, OutboxStanding
from storage.parties.parties import partner, partners
from storage.privacy.consents import that_end
from storage.privacy.retention import is_archived
from storage.privacy.shredding import certificate_of
from storage.questions.comments import Comment
from storage.questions.lists import open_questions
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from storage.vault.vault import VaultEntry
from templates.labels import ATTENTION


@dataclass(frozen=True, slots=True)
class Seen:
    """An open item, looked at in a session at a moment."""

    session: Session
    item: AttentionItem
    now: datetime

    @property
    def named(self) -> str:
        """What it is about, without the kind: a row's number, a reference, an association."""
        return self.item.about.name or ""

    @property
    def referral(self) -> Referral | None:
        """The case that it is about."""
        return self.session.get(Referral, self.item.referral_id) if self.item.referral_id is not None else None


Rule = Callable[[Seen], bool]


def _question(seen: Seen) -> bool:
    """It waits for no answer any more."""
    question = seen.session.get(Question, seen.item.about.number)
    return question is None or question.standing is not Standing.OPEN


def _digits_guessed(seen: Seen) -> bool:
    """It waits for no answer any more; when it was answered already, its case is over."""
    question = seen.session.get(Question, seen.item.about.number)
    if question is not None and question.answered_at is not None and question.answered_at < seen.item.opened_at:
        return seen.session.get_one(Referral, question.case_id).status in OVER
    return _question(seen)


def _nobody_at_work(seen: Seen) -> bool:
    """Somebody else is asked, or whoever was asked is back."""
    if _question(seen):
        return True
    question, today = seen.session.get_one(Question, seen.item.about.number), day_of(seen.now)
    at = partner(seen.session, question.asked_of)
    named = at.contact(question.contact_id)
    flagged_by = seen.session.get_one(Referral, question.case_id).flagged_by
    # Who has left the party is not back, nor is who stands in for whoever flagged the family.
    barred_today = barred(question.kind, at, flagged_by=flagged_by, on=today)
    return named is not None and absence(named, on=today) is None and named.id not in barred_today


def _replied(seen: Seen) -> bool:
    """The question was answered where it is asked, and after it; or the case is over."""
    if seen.item.about.kind != About.QUESTION or _until_the_end(seen):
        return _until_the_end(seen)
    question = seen.session.get(Question, seen.item.about.number)
    if question is None:
        return True
    # Who answers first and writes then may be taking it back.
    settled = question.answered_at or question.settled_at
    return _question(seen) and settled is not None and settled > seen.item.opened_at


def _bounced(seen: Seen) -> bool:
    """By what it is about; of a family's letter a person says so.

    Why a family was refused is written to it when its case is over.
    """
    kind = seen.item.about.kind
    return False if kind == About.RETURNED else RULES[kind](seen)


def _outbox(seen: Seen) -> bool:
    """It waits to be told again, or was told."""
    row = seen.session.get(OutboxRow, seen.item.about.number)
    return row is None or row.standing is not OutboxStanding.REFUSED


def _letter(seen: Seen) -> bool:
    """It was posted, or goes another way, or nobody waits for it."""
    row = seen.session.get(OutboxRow, seen.item.about.number)
    return row is None or row.standing is not OutboxStanding.BY_HAND


def _lane(seen: Seen) -> bool:
    """The destination has answered, or nothing waits for it."""
    lane = seen.session.get(Lane, seen.named)
    waits = select(OutboxRow.id).where(OutboxRow.lane == seen.named, OutboxRow.standing == OutboxStanding.WAITING)
    return lane is None or lane.failures == 0 or seen.session.exec(waits.limit(1)).first() is None


def _stayed_behind(seen: Seen) -> bool:
    """The case has moved since, or rests as it should."""
    referral = seen.referral
    return referral is None or referral.status in OVER or referral.attempts == 0


def _reassess(seen: Seen) -> bool:
    """The search goes on, or the case has gone on."""
    referral = seen.referral
    if referral is None or referral.status is not Status.SEEKING:
        return True
    return referral.parked_until is None or referral.parked_until <= seen.now


def _search_exhausted(seen: Seen) -> bool:
    """An association is asked, or the case has gone on."""
    referral = seen.referral
    if referral is None or referral.status is not Status.SEEKING:
        return True
    return bool(open_questions(seen.session, id_of(referral), (QuestionKind.OFFER,)))


def _until_the_end(seen: Seen) -> bool:
    """The case is over."""
    referral = seen.referral
    return referral is None or referral.status in OVER


def _consent(seen: Seen) -> bool:
    """It was renewed or withdrawn, or is needed no more."""
    soon = day_of(seen.now) + WARNED_BEFORE
    return not list(that_end(seen.session, until=soon, of=seen.item.referral_id))


def _retention(seen: Seen) -> bool:
    """The archive has the case, or the family's data are shredded."""
    of = needed(seen.item.referral_id)
    return is_archived(seen.session, of) or certificate_of(seen.session, of) is not None


def _vacancy(seen: Seen) -> bool:
    """We hold the home no more, or it is announced as vacant again."""
    home = seen.session.get(Vacancy, seen.item.about.number)
    return home is None or home.standing is not VacancyStanding.RESERVED or home.gone_at is None


def _comment(seen: Seen) -> bool:
    """It rests under its case's key, or is gone."""
    comment = seen.session.get(Comment, seen.item.about.number)
    return comment is None or comment.key_id is None


def _vault(seen: Seen) -> bool:
    """The entry is bound to its reference, or is gone."""
    referral = seen.referral
    entry = seen.session.get(VaultEntry, referral.case_key) if referral else None
    return entry is None or entry.bound_to_reference


def _feed(seen: Seen) -> bool:
    """A later night was good (the night itself closes it), or there is no such feed any more."""
    return all(
        "vacancy_feed" not in one.systems for one in partners(seen.session) if one.party == association(seen.named)
    )


def _push(seen: Seen) -> bool:
    """A night that began later was applied: it brought what is right."""
    later = select(FeedLoad.id).where(
        FeedLoad.association == seen.named,
        FeedLoad.kind == LoadKind.NIGHT,
        FeedLoad.standing == LoadStanding.APPLIED,
        FeedLoad.started_at > seen.item.opened_at,
    )
    return seen.session.exec(later.limit(1)).first() is not None


def _municipality(seen: Seen) -> bool:
    """A later poll of its case system did not find it again (the intake closes it), or it is polled no more."""
    return all("case_system" not in one.systems for one in partners(seen.session) if one.party == seen.item.subject)


def _contact(seen: Seen) -> bool:
    """The party names this contact no more."""
    who = Addressee.read(seen.named)
    return all(one.party != who.party or one.contact(who.contact_id) is None for one in partners(seen.session))


def _area_name(seen: Seen) -> bool:
    """Somebody has said what the name means, or nothing waits for it (tasks/upkeep/asked_again.py lets it go)."""
    name = seen.session.get(AreaName, seen.item.about.number)
    return name is None or name.said_at is not None


def _put_right(seen: Seen) -> bool:
    """What puts it right closes it, be it a deed of staff or a later look; and nobody need when its case is over."""
    referral = seen.referral
    return referral is not None and referral.status in OVER


def _by_a_person(_seen: Seen) -> bool:
    """A person says that it is settled: nothing that we hold shows it."""
    return False


RULES: dict[str, Rule] = {
    About.QUESTION: _question,
    About.OUTBOX: _outbox,
    About.LETTER: _letter,
    About.LANE: _lane,
    About.REFERRAL: _stayed_behind,
    About.CONSENT: _consent,
    About.RETENTION: _retention,
    About.VACANCY: _vacancy,
    About.COMMENT: _comment,
    About.VAULT: _vault,
    About.FEED: _feed,
    About.PUSH: _push,
    About.MUNICIPALITY: _municipality,
    About.ASSOCIATION: _put_right,
    About.ANNOUNCED: _put_right,
    About.AREA_NAME: _area_name,
    About.AREAS: _put_right,
    About.BOOKING: _by_a_person,
    About.CONTACT: _contact,
    About.FLAG: _put_right,
    About.HOME: _by_a_person,
    About.LEFT_AREA: _put_right,
    About.MAILBOX: _put_right,
    About.PERSON: _put_right,
    About.RETURNED: _put_right,
    About.SCHEDULE: _put_right,
    About.WITHDRAWAL: _put_right,
}
OF_CODES: dict[str, Rule] = {
    "nobody_at_work": _nobody_at_work,
    "digits_guessed": _digits_guessed,
    "reassess": _reassess,
    "search_exhausted": _search_exhausted,
    "too_late_to_stop": _until_the_end,
    "bounced": _bounced,
    "replied_by_mail": _replied,
    "restored_case": _by_a_person,
    "restored_home": _by_a_person,
    "restored_identity": _by_a_person,
    "restored_party": _by_a_person,
    "restored_posting": _by_a_person,
    "without_our_key": _by_a_person,
    "party_illegible": _put_right,
}
OUR_ERRORS_STAND_AT = (About.OUTBOX, About.REFERRAL)
# What the items of a code are about.
ABOUT: dict[str, tuple[str, ...]] = {
    **{str(trip): (About.FEED,) for trip in Trip},
    **{str(seen): (About.FEED, About.LANE, About.OUTBOX, About.MUNICIPALITY) for seen in Unreadably},
    "too_much_at_once": (About.PUSH,),
    "gone_while_reserved": (About.VACANCY,),
    "partner_refused": (About.OUTBOX, About.REFERRAL, About.FEED, About.MUNICIPALITY),
    "partner_unavailable": (About.LANE, About.FEED, About.OUTBOX, About.MAILBOX),
    "unexpected": (About.FEED, About.MAILBOX, About.MUNICIPALITY),
    "letter_by_hand": (About.LETTER,),
    "letter_printed": (About.LETTER,),
    "address_refused": (About.QUESTION, About.OUTBOX),
    "bounced": (About.QUESTION, About.CONTACT, About.RETURNED),
    "away": (About.QUESTION,),
    "no_answer": (About.QUESTION,),
    "deadline_stuck": (About.QUESTION,),
    "nobody_at_work": (About.QUESTION,),
    "needs_person": (About.OUTBOX, About.REFERRAL, About.MUNICIPALITY, About.QUESTION),
    "reassess": (About.REFERRAL,),
    "search_exhausted": (About.REFERRAL,),
    "vault_closed": (About.COMMENT, About.VAULT, About.OUTBOX, About.REFERRAL),
    "digits_guessed": (About.QUESTION,),
    "consent_ends_soon": (About.CONSENT,),
    "archive_before_shredding": (About.RETENTION,),
    "archive_receipt_missing": (About.RETENTION,),
    "too_late_to_stop": (About.REFERRAL,),
    "flag_without_id": (About.FLAG,),
    "withdrawal_refused": (About.WITHDRAWAL,),
    "same_person": (About.PERSON,),
    "replied_by_mail": (About.QUESTION, About.REFERRAL),
    "mail_to_read": (About.MAILBOX,),
    "mail_not_marked": (About.MAILBOX,),
    "mailbox_refused": (About.MAILBOX,),
    "unknown_area": (About.AREA_NAME,),
    "too_many_areas": (About.AREAS,),
    "left_area_unclear": (About.LEFT_AREA,),
    "announced_while_let": (About.ANNOUNCED,),
    "schedule_not_run": (About.SCHEDULE,),
    "schedule_refused": (About.SCHEDULE,),
    "party_illegible": (About.MUNICIPALITY, About.ASSOCIATION),
    "restored_case": (About.REFERRAL, About.MUNICIPALITY),
    "restored_home": (About.HOME,),
    "restored_identity": (About.REFERRAL, About.HOME),
    "restored_posting": (About.BOOKING,),
    "restored_party": (About.MUNICIPALITY, About.ASSOCIATION),
    "without_our_key": (About.MUNICIPALITY,),
    "invalid": (About.OUTBOX, About.REFERRAL, About.FEED),
    "moved_meanwhile": (About.REFERRAL,),
}


def rule_of(item: AttentionItem) -> Rule | None:
    """What closes an item; None where a person must. An error of our own is known by its name and has no text."""
    kind = item.about.kind
    known = kind in ABOUT.get(item.code, ()) or (item.code not in ATTENTION and kind in OUR_ERRORS_STAND_AT)
    return (OF_CODES.get(item.code) or RULES[kind]) if known else None
