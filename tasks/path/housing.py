"""From the move in to the end of the guarantee: book, and close."""

from datetime import date, datetime, time

from domain.books.compensation import guarantee_ends
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from domain.subject import About
from domain.working_days import COPENHAGEN, day_of
from storage.books import move_ins
from storage.outbox import Telling
from storage.vacancies.offers import OfferStanding, let_to_family, read_whole_again
from tasks.answers import actor_of, why_not
from tasks.asking.anew import ripe_questions
from tasks.attention import close_about
from tasks.case import Case
from tasks.declines import back_to_seeking
from tasks.path.acceptance import offer_of


def book_move_in(case: Case) -> None:
    """The association has answered: book the compensation once, or recall and search again."""
    for question in ripe_questions(case, QuestionKind.MOVE_IN):
        reason = why_not(question)
        offer = offer_of(case)
        if reason is not None:
            back_to_seeking(case, question, offer, reason)
            return
        let_to_family(case.session, offer)
        # From here on the family's consent is no longer needed.
        close_about(case, About.CONSENT.of(case.referral.reference), by="moved in")
        ends = guarantee_ends(case.now, case.agreement.compensation)
        told_key = case.platform.vault.told_key(now=case.now)
        more_on = move_ins.book_move_in(case.session, case.referral, offer, told_key=told_key, now=case.now)
        due_at = _first(more_on, ends)
        case.move(Status.HOUSED, deed="moved_in", actor=actor_of(question), due_at=due_at)
        case.write(Telling.FAMILY_HOUSED, to=case.caseworker, offer=offer)
        return
    case.rest(case.referral.disclosure_due_at)


def close(case: Case) -> None:
    """Book what is due, or close the case: the guarantee has ended, or the family moved out early."""
    offer, told_key = offer_of(case), case.platform.vault.told_key(now=case.now)
    housed_at, moved_out_at = case.referral.status_since, case.referral.moved_out_at
    early, moved_in_on = moved_out_at is not None, day_of(housed_at)
    if moved_out_at is not None:
        # It was corrected when the move-out was recorded, unless an earlier version of ours recorded it.
        move_ins.correct(
            case.session,
            case.referral,
            offer,
            moved_in_on=moved_in_on,
            moved_out_on=day_of(moved_out_at),
            told_key=told_key,
            now=case.now,
        )
    else:
        ends = guarantee_ends(housed_at, case.agreement.compensation)
        more_on = move_ins.book_due(
            case.session, case.referral, offer, moved_in_on=moved_in_on, told_key=told_key, now=case.now
        )
        if case.now < ends:
            case.rest(_first(more_on, ends))
            return
    read_whole_again(case.session, offer)
    offer.standing, offer.ended_at = OfferStanding.RELEASED, case.now
    case.session.add(offer)
    case.move(Status.CLOSED, deed="closed", reason="moved_out_early" if early else "guarantee_ended")


def _first(more_on: date | None, ends: datetime) -> datetime:
    """When a housed case is looked at next: when more is due, or when its guarantee ends."""
    return ends if more_on is None else min(datetime.combine(more_on, time(), COPENHAGEN), ends)
