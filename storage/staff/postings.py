"""What staff do about postings in finance systems: look, settle what is disputed, correct what is rejected.

Nobody changes an amount: a booking that is wrong is reversed in the books.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from domain.books.bookkeeping.posting_life import SETTLED, Known, PostingState
from domain.errors import Invalid, Unknown
from domain.parties.bookkeeping import why_no_account
from domain.ports.finance import LedgerPosting
from domain.subject import About
from domain.told_once import MOST_CORRECTIONS, number_in, posting_key
from storage.attention import close_subject
from storage.books.bookkeeping.corrections import PostingCorrection, corrections_of, posting_told
from storage.books.bookkeeping.states import (
    HeardFrom,
    PostingStep,
    ask_about,
    known_from,
    known_of,
    newest_steps,
    posting_subject,
    step_on,
)
from storage.books.ledger import Booking, LedgerEntry
from storage.columns import id_of, needed
from storage.locks import hold_case
from storage.outbox import OutboxRow, OutboxStanding, Telling, end, put_once
from storage.parties.partners import partner_of, partners
from storage.referrals.referrals import Referral

LONGEST_NUMBER = 10
BY_A_PERSON = {"accepted": PostingState.ACCEPTED, "rejected": PostingState.REJECTED}


@dataclass(frozen=True, slots=True)
class ToldPosting:
    """A posting as it was told, where, under which key, and what is known of it; None while it waits to be told."""

    row: OutboxRow
    posting: LedgerPosting
    known: Known | None

    @property
    def state(self) -> str:
        """Its state, or how it stands in the outbox while nothing else is known."""
        return str(self.known.state if self.known else self.row.standing)


def postings(session: Session, *, party: str | None = None, reference: str | None = None) -> list[ToldPosting]:
    """Every posting of a party, of a case, or of all, in the order in which they were put in the outbox."""
    query = (
        select(OutboxRow, PostingStep, LedgerEntry, Booking)
        .outerjoin(PostingStep, (col(PostingStep.outbox_id) == OutboxRow.id) & col(PostingStep.id).in_(newest_steps()))
        .join(LedgerEntry, col(LedgerEntry.id) == OutboxRow.entry_id)
        .join(Booking, col(Booking.id) == LedgerEntry.booking_id)
        .join(Referral, col(Referral.id) == Booking.referral_id)
        .where(OutboxRow.telling == Telling.POSTING)
        .order_by(col(OutboxRow.id))
    )
    query = query.where(OutboxRow.addressee == party) if party else query
    query = query.where(Referral.reference == reference) if reference else query
    corrected = set(session.exec(select(PostingCorrection.entry_id)))
    # While the rows are kept, the session finds what each posting is made of in them.
    rows = session.exec(query).all()
    found = ((row, posting_told(session, row, corrected=corrected), known_from(step, row)) for row, step, *_ in rows)
    return [ToldPosting(*one) for one in found]


def settle_posting(session: Session, which: str, *, as_: str, by: str, now: datetime) -> Known:
    """Settle what became of a posting that is disputed or without an answer, as somebody there has told.

    `Invalid` for one that nobody need settle, and for a yes to one whose correction was sent: what stands there under
    the old key must be undone there first.
    """
    row = _held(session, which)
    known = known_of(session, row)
    if known is None or known.state not in (PostingState.DISPUTED, PostingState.SENT):
        raise Invalid("posting", f"{which} is {known.state if known else row.standing}: there is nothing to settle")
    if as_ not in BY_A_PERSON:
        raise Invalid("as", f"one of {', '.join(BY_A_PERSON)}")
    was_corrected = _has_a_later(session, row)
    if was_corrected and as_ == "accepted":
        raise Invalid("as", "it was corrected and sent anew: have it undone there, then settle it as rejected")
    state = PostingState.CORRECTED if was_corrected else BY_A_PERSON[as_]
    found = Known(state, SETTLED if state is PostingState.REJECTED else "")
    step_on(session, row, found, heard_from=HeardFrom.PERSON, now=now, by=by)
    close_subject(session, posting_subject(row), now=now, by=by)
    if state is PostingState.REJECTED:
        # It is settled that it was rejected, and it is still to be corrected.
        ask_about(session, row, found, now=now)
    return found


def correct_posting(
    session: Session,
    which: str,
    *,
    account_string: str | None = None,
    receiver: str | None = None,
    told_key: bytes,
    by: str,
    now: datetime,
) -> str:
    """Correct a posting that was rejected: another account string, or another receiver; returns its new key.

    Its amount stays. `Invalid` for one that was not rejected, and when nothing, or too much, would change.
    """
    row = _held(session, which)
    before, known = posting_told(session, row), known_of(session, row)
    refused = known is None and row.standing is OutboxStanding.REFUSED
    if not refused and (known is None or known.state is not PostingState.REJECTED):
        state = known.state if known else row.standing
        raise Invalid("posting", f"{which} is {state}: only a rejected one is corrected")
    to, account = _changed(session, row, before, account_string=account_string, receiver=receiver)
    number = corrections_of(session, needed(row.entry_id)) + 1
    if number > MOST_CORRECTIONS:
        raise Invalid("posting", f"was corrected {MOST_CORRECTIONS} times: agree with the party what is wrong")
    change = PostingCorrection(
        entry_id=needed(row.entry_id), number=number, receiver=to, account_string=account, made_at=now, made_by=by
    )
    session.add(change)
    if refused:
        # So that it stays known when and why it was refused.
        was = Known(PostingState.REJECTED, row.last_error or "")
        step_on(session, row, was, heard_from=HeardFrom.CALL, now=row.ended_at or now)
        end(session, [row], OutboxStanding.MOOT, now=now)
        close_subject(session, About.OUTBOX.of(id_of(row)), now=now, by=by)
    step_on(session, row, Known(PostingState.CORRECTED), heard_from=HeardFrom.PERSON, now=now, by=by)
    close_subject(session, posting_subject(row), now=now, by=by)
    key = posting_key(told_key, before, number=number_in(before) or 1, correction=number)
    names = {"referral_id": row.referral_id, "entry_id": row.entry_id}
    put_once(session, Telling.POSTING, key=key, to=to, lane=to, now=now, **names)
    return key


def _changed(
    session: Session, row: OutboxRow, before: LedgerPosting, *, account_string: str | None, receiver: str | None
) -> tuple[str, str]:
    """The receiver and the account string from now on. `Invalid` when neither changes, or the form cannot hold it."""
    to = _receiver(session, receiver) if receiver else row.addressee
    account = before.account_string if account_string is None else account_string.strip()
    if (to, account) == (row.addressee, before.account_string):
        raise Invalid("posting", "say what changes: another account string, or another receiver")
    if account and (why := why_no_account(account, partner_of(session, to).bookkeeping)):
        raise Invalid("account_string", why)
    return to, account


def _held(session: Session, which: str) -> OutboxRow:
    """A posting by its number or its key, with its case held; read after that."""
    query = select(OutboxRow).where(OutboxRow.telling == Telling.POSTING)
    is_number = which.isascii() and which.isdecimal() and len(which) < LONGEST_NUMBER
    row = session.exec(query.where(OutboxRow.id == int(which) if is_number else OutboxRow.key == which)).one_or_none()
    if row is None:
        raise Unknown(f"no posting {which}")
    hold_case(session, needed(row.referral_id))
    session.refresh(row)
    return row


def _has_a_later(session: Session, row: OutboxRow) -> bool:
    later = select(OutboxRow.id).where(OutboxRow.entry_id == row.entry_id, col(OutboxRow.id) > id_of(row))
    return session.exec(later.limit(1)).first() is not None


def _receiver(session: Session, receiver: str) -> str:
    known = {one.party: one for one in partners(session)}
    if receiver not in known:
        raise Invalid("receiver", f"{receiver} is no party here; write it as municipality:0461")
    if "finance" not in known[receiver].systems and known[receiver].bookkeeping is None:
        raise Invalid("receiver", f"{receiver} takes no postings")
    return receiver
