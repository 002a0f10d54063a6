"""Claims under an agreement's guarantees: what was claimed by which evidence, and what was answered. Append-only.

A document stays at its claimant: here stand its number there and its digest. Nothing here says anything of a family.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import BigInteger, CheckConstraint, exists, or_
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.books.charges import Charge, MovedIn
from domain.books.claims import (
    COUNTED,
    ClaimAnswer,
    ClaimNo,
    ClaimStanding,
    Evidence,
    GuaranteeClaim,
    charge_of_claim,
    standing_of,
)
from domain.parties.compensation.model import Compensation
from domain.questions.addressee import Addressee
from domain.working_days import day_of
from storage.columns import UtcDateTime, id_of, one_of


class Claim(SQLModel, table=True):
    """What a party claims under a guarantee for one family, in øre; `number` among those of its case and rule.

    `key` is the claimant's own: the same key is the same claim, and never another one.
    """

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("claimant", "key"),
        UniqueConstraint("referral_id", "rule", "number"),
        CheckConstraint("amount_ore > 0", name="claim_above_zero"),
        {"info": {"chained_as": "claim"}},
    )

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id")
    offer_id: int = Field(foreign_key="offer.id")
    # The agreement's version on which it rests: that of its case.
    agreement_version_id: int = Field(foreign_key="agreement_version.id")
    claimant: str
    key: str
    rule: str
    number: int
    amount_ore: int = Field(sa_type=BigInteger)
    evidence_number: str
    evidence_digest: str = Field(max_length=64)
    evidence_on: date
    claimed_at: datetime = Field(sa_type=UtcDateTime)
    claimed_by: str

    @property
    def claimed(self) -> GuaranteeClaim:
        """What is claimed."""
        evidence = Evidence(self.evidence_number, self.evidence_digest, self.evidence_on)
        return GuaranteeClaim(self.claimant, self.rule, self.amount_ore, evidence, self.key)


class ClaimAnswered(SQLModel, table=True):
    """An answer to a claim: the first, or the second after a first yes. Append-only.

    Whoever writes the same number at the same moment is refused; by trigger a second answer follows a yes of another
    person. A withdrawal by the claimant takes the place of the first answer, so that only one of them is written.
    """

    __tablename__ = "claim_answered"
    __table_args__ = (
        UniqueConstraint("claim_id", "number"),
        UniqueConstraint("claim_id", "answered_by"),
        CheckConstraint("number IN (1, 2)", name="claim_answered_twice"),
        CheckConstraint("(answer = 'no') = (reason IS NOT NULL)", name="claim_no_has_a_reason"),
        {"info": {"chained_as": "claim_answered"}},
    )

    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id")
    number: int
    answer: ClaimAnswer = Field(sa_type=one_of(ClaimAnswer, "claim_answer"))
    reason: ClaimNo | None = Field(default=None, sa_type=one_of(ClaimNo, "claim_no"))
    answered_by: str
    answered_at: datetime = Field(sa_type=UtcDateTime)


SECOND = 2


def claims_of(session: Session, referral_id: int) -> list[Claim]:
    """Every claim for a case's family, in the order in which they were made."""
    return list(session.exec(select(Claim).where(Claim.referral_id == referral_id).order_by(col(Claim.id))))


def claims_that_wait(session: Session) -> list[Claim]:
    """The claims that wait for an answer, a first or a second one, in the order in which they were made."""
    of_it = col(ClaimAnswered.claim_id) == col(Claim.id)
    over = exists().where(of_it, or_(col(ClaimAnswered.answer) != ClaimAnswer.YES, col(ClaimAnswered.number) == SECOND))
    return list(session.exec(select(Claim).where(~over).order_by(col(Claim.id))))


def claim_with_key(session: Session, claimant: str, key: str) -> Claim | None:
    """The claim that a claimant made under a key."""
    return session.exec(select(Claim).where(Claim.claimant == claimant, Claim.key == key)).one_or_none()


def answers_to_claim(session: Session, claim: Claim) -> list[ClaimAnswered]:
    """What was answered to a claim, the first answer first."""
    query = select(ClaimAnswered).where(ClaimAnswered.claim_id == claim.id).order_by(col(ClaimAnswered.number))
    return list(session.exec(query))


def first_yes(session: Session, claim: Claim) -> str | None:
    """The contact of the paying municipality who has said yes first; None while nobody has answered."""
    answers = answers_to_claim(session, claim)
    return Addressee.read(answers[0].answered_by).contact_id if answers else None


def standing_of_claim(session: Session, claim: Claim) -> ClaimStanding:
    """Where a claim rests."""
    return standing_of([one.answer for one in answers_to_claim(session, claim)])


def counted_claims(session: Session, referral_id: int) -> list[GuaranteeClaim]:
    """The claims for a case's family that are accepted or may still be: they are held against the cap."""
    found = _answered_claims(session, referral_id)
    return [claim.claimed for claim, answers in found if _standing(answers) in COUNTED]


def write_answer(
    session: Session, claim: Claim, answer: ClaimAnswer, *, reason: ClaimNo | None = None, by: str, now: datetime
) -> ClaimAnswered:
    """Write the next answer to a claim, whose case is held."""
    number = len(answers_to_claim(session, claim)) + 1
    row = ClaimAnswered(
        claim_id=id_of(claim), number=number, answer=answer, reason=reason, answered_by=by, answered_at=now
    )
    session.add(row)
    session.flush()
    return row


def accepted_charges(session: Session, referral_id: int, terms: Compensation, moved_in: MovedIn) -> tuple[Charge, ...]:
    """What the accepted claims for a case's family book: each is due on the day on which its second yes was said."""
    found: list[Charge] = []
    for claim, answers in _answered_claims(session, referral_id):
        if _standing(answers) is ClaimStanding.ACCEPTED:
            accepted_on = day_of(answers[-1].answered_at)
            found.append(charge_of_claim(claim.claimed, claim.number, terms, moved_in, accepted_on=accepted_on))
    return tuple(found)


def _answered_claims(session: Session, referral_id: int) -> Iterator[tuple[Claim, list[ClaimAnswered]]]:
    """Every claim for a case's family with its answers, in their order; one statement, however many there are."""
    answers = col(ClaimAnswered.claim_id) == col(Claim.id)
    query = select(Claim, ClaimAnswered).join(ClaimAnswered, answers, isouter=True)
    in_order = query.order_by(col(Claim.id), col(ClaimAnswered.number))
    rows = session.exec(in_order.where(Claim.referral_id == referral_id))
    for claim, of_it in groupby(rows, key=itemgetter(0)):
        yield claim, [answered for _, answered in of_it if answered is not None]


def _standing(answers: Sequence[ClaimAnswered]) -> ClaimStanding:
    return standing_of([one.answer for one in answers])
