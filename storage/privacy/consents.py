"""Consents as records: what was consented to, how, until when, and how it was withdrawn."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import JSON, bindparam, func, update
from sqlmodel import Field, Session, SQLModel, col, select

from domain.referrals.consent import KINDS, PURPOSE, RECIPIENTS, ChildrenHeard, Consent, ConsentGiven, ConsentWithdrawn
from domain.referrals.lifecycle import WITHDRAWABLE, WithdrawalReason
from domain.subject import About
from storage.audit.events import write_event
from storage.audit.states import chain_state
from storage.columns import UtcDateTime, id_of, one_of
from storage.locks import hold_case
from storage.questions.answers import has_moved_in
from storage.referrals.referrals import Referral, request_stop


class ConsentRecord(SQLModel, table=True):
    """A family's consent; the newest one of a case counts.

    `how` and `children` are unknown for consents given before we asked for them.
    """

    __tablename__ = "consent"
    __table_args__ = {
        "info": {
            "chained_parts": {
                "consent": (
                    "referral_id",
                    "purpose",
                    "recipients",
                    "kinds",
                    "given_on",
                    "given_to",
                    "how",
                    "children",
                    "ends_on",
                ),
                "consent_ended": ("withdrawn_at", "withdrawn", "withdrawn_by"),
            }
        }
    }

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    purpose: str
    recipients: list[str] = Field(sa_type=JSON)
    kinds: list[str] = Field(sa_type=JSON)
    given_on: date
    given_to: str
    how: ConsentGiven | None = Field(default=None, sa_type=one_of(ConsentGiven, "consent_how"))
    children: ChildrenHeard | None = Field(default=None, sa_type=one_of(ChildrenHeard, "consent_children"))
    ends_on: date
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn: ConsentWithdrawn | None = Field(default=None, sa_type=one_of(ConsentWithdrawn, "consent_withdrawn"))
    withdrawn_by: str | None = None


def record_consent(session: Session, referral_id: int, consent: Consent, *, by: str, now: datetime) -> None:
    """Record that a family has consented, for the first time or anew."""
    record = ConsentRecord(
        referral_id=referral_id,
        purpose=PURPOSE,
        recipients=list(RECIPIENTS),
        kinds=list(KINDS),
        given_on=consent.given_on,
        given_to=consent.given_to,
        how=consent.how,
        children=consent.children,
        ends_on=consent.ends_on,
    )
    session.add(record)
    session.flush()
    chain_state(session, ConsentRecord, record, now=now)
    facts = {"how": consent.how, "children": consent.children, "ends_on": consent.ends_on.isoformat()}
    write_event(session, "consent_given", actor=by, about=About.REFERRAL.of(referral_id), at=now, **facts)


_CONSENTS_OF = select(ConsentRecord).where(ConsentRecord.referral_id == bindparam("of")).order_by(col(ConsentRecord.id))


def consents_of(session: Session, referral_id: int) -> list[ConsentRecord]:
    """A case's consents, the oldest first."""
    return list(session.exec(_CONSENTS_OF, params={"of": referral_id}))


def consent_holds(session: Session, referral_id: int, *, today: date) -> bool:
    """Whether a family's newest consent holds on a day."""
    given = consents_of(session, referral_id)
    return bool(given) and given[-1].withdrawn_at is None and today <= given[-1].ends_on


def may_withdraw(session: Session, referral: Referral) -> bool:
    """Whether a family's consent still holds, and withdrawing it would stop the case."""
    if referral.status not in WITHDRAWABLE or referral.stop_requested is not None or has_moved_in(session, referral):
        return False
    given = consents_of(session, id_of(referral))
    return bool(given) and given[-1].withdrawn_at is None


_STANDING = col(ConsentRecord.withdrawn_at).is_(None)
_WITHDRAW = (
    update(ConsentRecord)
    .where(col(ConsentRecord.referral_id) == bindparam("of"), _STANDING)
    .values(withdrawn_at=bindparam("at"), withdrawn=bindparam("way"), withdrawn_by=bindparam("who"))
    .returning(col(ConsentRecord.id))
)


def end_consent(session: Session, referral_id: int, way: ConsentWithdrawn, *, by: str, now: datetime) -> None:
    """Record that a family's consent no longer holds."""
    values = {"of": referral_id, "at": now, "way": way, "who": by}
    ended = session.exec(_WITHDRAW, params=values).all()
    for (one,) in ended:
        said = {"id": one, "withdrawn_at": now, "withdrawn": way, "withdrawn_by": by}
        chain_state(session, ConsentRecord, said, now=now, parts=("consent_ended",))
    if ended:
        write_event(session, "consent_withdrawn", actor=by, about=About.REFERRAL.of(referral_id), at=now, how=way)


def withdraw_consent(session: Session, referral_id: int, way: ConsentWithdrawn, *, by: str, now: datetime) -> None:
    """End a family's consent and request its case's stop; the path stops it within one run."""
    # Locked in the path's order, case first, or this and the path could wait for each other.
    hold_case(session, referral_id)
    end_consent(session, referral_id, way, by=by, now=now)
    ended = way is ConsentWithdrawn.ENDED
    reason = WithdrawalReason.CONSENT_ENDED if ended else WithdrawalReason.CONSENT_WITHDRAWN
    request_stop(session, referral_id, reason, now=now)


def that_end(session: Session, *, until: date, of: int | None = None) -> Iterator[tuple[Referral, date]]:
    """The stoppable cases whose consent ends by a day, each with its last day; only case `of`, if given."""
    newest = select(func.max(ConsentRecord.id)).where(ConsentRecord.referral_id == Referral.id).correlate(Referral)
    query = (
        select(Referral, col(ConsentRecord.ends_on))
        .where(
            col(ConsentRecord.referral_id) == Referral.id,
            col(ConsentRecord.id) == newest.scalar_subquery(),
            col(ConsentRecord.ends_on) <= until,
            _STANDING,
            col(Referral.status).in_(sorted(WITHDRAWABLE)),
            col(Referral.stop_requested).is_(None),
        )
        .order_by(col(Referral.id))
    )
    yield from session.exec(query if of is None else query.where(Referral.id == of))
