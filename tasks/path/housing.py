"""From the move in to the end of the guarantee: book, and close."""

from domain.books.accounts import department_account, municipality_account
from domain.books.booking import BookingKind
from domain.books.compensation import guarantee_ends, move_in_entries
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from domain.subject import About
from storage.books.ledger import Booking, book_and_post, booking_of, reverse
from storage.columns import id_of
from storage.outbox import Telling
from storage.vacancies.offers import OfferStanding, let_to_family, read_whole_again
from storage.vacancies.vacancies import dwelling
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
        home = dwelling(case.session, offer.vacancy_id)
        let_to_family(case.session, offer)
        # From here on the family's consent is no longer needed.
        close_about(case, About.CONSENT.of(case.referral.reference), by="moved in")
        terms = case.agreement.compensation
        case.move(Status.HOUSED, deed="moved_in", actor=actor_of(question), due_at=guarantee_ends(case.now, terms))
        booking = Booking(referral_id=case.id, offer_id=id_of(offer), kind=BookingKind.MOVE_IN, booked_at=case.now)
        entries = move_in_entries(
            terms,
            sender=municipality_account(case.referral.sending_municipality),
            receiver=municipality_account(home.municipality),
            department=department_account(home.association, home.department),
        )
        book_and_post(case.session, booking, entries, told_key=case.platform.vault.told_key(now=case.now))
        case.write(Telling.FAMILY_HOUSED, to=case.caseworker, offer=offer)
        return
    case.rest(case.referral.disclosure_due_at)


def close(case: Case) -> None:
    """Close the case: the guarantee has ended, or the family moved out early and the booking is reversed."""
    early = case.referral.moved_out_at is not None
    ends = guarantee_ends(case.referral.status_since, case.agreement.compensation)
    if not early and case.now < ends:
        case.rest(ends)
        return
    offer = offer_of(case)
    booked = booking_of(case.session, id_of(offer), BookingKind.MOVE_IN)
    if early and booked is not None:
        # The reversal was booked when the move-out was recorded, unless an earlier version of ours recorded it.
        reverse(case.session, booked, told_key=case.platform.vault.told_key(now=case.now), now=case.now)
    read_whole_again(case.session, offer)
    offer.standing, offer.ended_at = OfferStanding.RELEASED, case.now
    case.session.add(offer)
    case.move(Status.CLOSED, deed="closed", reason="moved_out_early" if early else "guarantee_ended")
