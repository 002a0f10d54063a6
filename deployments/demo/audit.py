"""Checks the demo's invariants, from the database, the partners and every byte that was written."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, func, select

import storage.tables  # noqa: F401  # what is chained is read from all tables
from deployments.demo.bookkeeping import claim_is_settled
from deployments.demo.leaks import leaks
from deployments.demo.stage import Stage
from deployments.standins.world import load
from domain.anonymity.newcomer import NEWCOMER_LADDERS
from domain.audit import Fault
from domain.books.booking import BookingKind
from domain.parties.party import PartyKind, is_a
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.attention import open_items
from storage.audit.verdict import verified
from storage.books.bookkeeping.accepted import accepted_bookings
from storage.books.bookkeeping.corrections import PostingCorrection
from storage.books.ledger import Booking, LedgerEntry, sum_ore
from storage.books.settlements import settled_months, statements_of
from storage.books.verdict import book_differences
from storage.database import Database
from storage.effect.effects import effects
from storage.feeds.quarantine import QuarantinedRow
from storage.operations.month_approvals import is_payable, month_answers
from storage.outbox import MAIL_LANE, WAITS_FOR_A_PERSON, OutboxRow, OutboxStanding, Telling, count_by_standing
from storage.privacy.disclosures import Disclosure
from storage.privacy.releases import Release
from storage.questions.questions import FAMILY, Question
from storage.referrals.flag_receipts import FlagReceipt
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral, anything_due
from storage.vacancies.offers import Offer, OfferStanding
from storage.vacancies.vacancies import Vacancy

HOUSED_AT_LEAST = 12
# A case whose next look is this soon is still being moved; one that rests longer waits for a day or a person.
SOON = timedelta(minutes=2)
NOTHING_TOLD = tuple(ladder[-1] for ladder in NEWCOMER_LADDERS.values())


@dataclass(frozen=True, slots=True)
class Now:
    """How far the demo has come."""

    statuses: dict[str, int]
    delivered: int
    waiting: int
    due: bool
    due_soon: bool
    undisclosed: int

    @property
    def busy(self) -> bool:
        """Whether the platform still has work that needs no person."""
        return self.due or self.waiting > 0


def counted(database: Database, *, now: datetime) -> Now:
    """How far the demo has come."""
    with database.reading() as session:
        query = select(Referral.status, func.count()).group_by(col(Referral.status))
        found = {Status(status): count for status, count in session.exec(query)}
        outbox = count_by_standing(session)
        return Now(
            {status.value: found[status] for status in Status if status in found},
            outbox.get(OutboxStanding.DELIVERED, 0),
            outbox.get(OutboxStanding.WAITING, 0),
            anything_due(session, now=now),
            anything_due(session, now=now + SOON),
            _count(session, Referral, col(Referral.disclosure_due_at).is_not(None)),
        )


def audited(stage: Stage, partners: dict[str, Any]) -> dict[str, Any]:
    """The summary of a finished demo, from our database, the partners' state and every byte that was written."""
    flags = [flag for flags in load(stage.folder / "world.json").case_systems.values() for flag in flags]
    with stage.database.reading() as session:
        referrals = list(session.exec(select(Referral)))
        summary = _counts(session, referrals)
        accepted = set(session.exec(select(HistoryLine.referral_id).where(HistoryLine.to_status == Status.ACCEPTED)))
        found = leaks(
            stage.folder,
            flags,
            accepted=frozenset(referral.case_id for referral in referrals if referral.id in accepted),
            skip=frozenset({stage.folder / "world.json"}),
        )
        summary["personal_data_leaks"] = len(found)
        summary["leaks"] = sorted({f"{leak.what} in {leak.where}" for leak in found})
        summary["invariants"] = {
            f"at least {HOUSED_AT_LEAST} families are housed": summary["housed"] >= HOUSED_AT_LEAST,
            **_our_books(session, referrals, now=stage.clock.now()),
            **_partners_and_we_agree(session, partners, flags=len(flags), housed=summary["housed"]),
            "everything was delivered": summary["undelivered"] == 0,
            "every request was one of many alike": _every_request_is_measured(session),
            "every request went out with others alike": _every_sending_was_large_enough(session),
            "every approval was about one of many alike": _every_approval_is_measured(session),
            "every row says what the audit chain knows of it": not _by_hand(session),
            "nobody was exposed": not found,
        }
    summary["invariants_held"] = all(summary["invariants"].values())
    summary["where_to_look"] = {
        "Folder": str(stage.folder),
        "Logs": str(stage.processes.logs),
        "What the partners received": str(stage.journal),
        "A case": f". {stage.folder}/env && .venv/bin/tilflyt referral show {referrals[0].reference}",
    }
    return summary


def _by_hand(session: Session) -> set[Fault]:
    """The faults of the audit chain, except for rows that the worker has not chained yet."""
    return {fault.fault for fault in verified(session).faults} - {Fault.LEFT_OUT}


def _count(session: Session, table: type[SQLModel], *where: ColumnElement[bool] | bool) -> int:
    return session.exec(select(func.count()).select_from(table).where(*where)).one()


def _counts(session: Session, referrals: list[Referral]) -> dict[str, Any]:
    statuses = Counter(referral.status for referral in referrals)
    outbox = count_by_standing(session)
    delivered = OutboxRow.standing == OutboxStanding.DELIVERED
    mailed = (col(OutboxRow.lane) == MAIL_LANE) | (col(OutboxRow.addressee) == FAMILY)
    return {
        "families": len(referrals),
        "housed": statuses[Status.HOUSED],
        "seeking": statuses[Status.SEEKING],
        "closed": statuses[Status.CLOSED],
        "withdrawn": statuses[Status.WITHDRAWN],
        "refused_flags": _count(session, FlagReceipt, col(FlagReceipt.reason).is_not(None)),
        "vacancies": _count(session, Vacancy),
        "rows_in_quarantine": _count(session, QuarantinedRow),
        "letters_sent": _count(session, OutboxRow, mailed, delivered),
        "postings_acknowledged": _count(session, OutboxRow, OutboxRow.telling == Telling.POSTING, delivered),
        "ledger_sum_ore": sum_ore(session),
        "undelivered": sum(outbox.get(one, 0) for one in (OutboxStanding.WAITING, *WAITS_FOR_A_PERSON)),
        "attention": len(open_items(session)),
        "effects": [asdict(effect) for effect in effects(session)],
    }


def _our_books(session: Session, referrals: list[Referral], *, now: datetime) -> dict[str, bool]:
    bookings = session.exec(select(Booking.referral_id).where(Booking.kind == BookingKind.MOVE_IN)).all()
    housed = [referral.id for referral in referrals if referral.status is Status.HOUSED]
    unconfirmed = _count(
        session,
        Disclosure,
        col(Disclosure.recalled_at).is_not(None),
        col(Disclosure.deletion_confirmed_at).is_(None),
    )
    return {
        "each housed family has moved in in the books, and nobody else": {*bookings} == {*housed},
        "the books are what the agreements say": not list(book_differences(session, now=now)),
        "the books sum to zero": sum_ore(session) == 0,
        "the month is approved by both sides": _month_is_approved(session),
        "a claim with evidence was accepted by two people, and is settled with the month": claim_is_settled(session),
        "every recall was confirmed": unconfirmed == 0,
    }


def _month_is_approved(session: Session) -> bool:
    """Whether a month is settled, and both sides of each of its payments have approved it."""
    months = settled_months(session)
    if not months:
        return False
    answers, found = month_answers(session, months[-1]), statements_of(session, months[-1])
    payments = [payment for one in found.values() for payment in one.payments]
    return bool(payments) and answers.keys() == found.keys() and all(is_payable(one, answers) for one in payments)


def _every_request_is_measured(session: Session) -> bool:
    requests = _count(session, Question, Question.kind == QuestionKind.OFFER, col(Question.deputy_for).is_(None))
    releases = [release for release in session.exec(select(Release)) if _is_to(release, PartyKind.ASSOCIATION)]
    enough = all(release.alike_seeking >= release.least for release in releases)
    return len(releases) == requests > 0 and enough


def _every_sending_was_large_enough(session: Session) -> bool:
    releases = [release for release in session.exec(select(Release)) if _is_to(release, PartyKind.ASSOCIATION)]
    together = Counter((release.recipient, release.released_at, release.seen) for release in releases)
    return all(together[release.recipient, release.released_at, release.seen] >= release.least for release in releases)


def _every_approval_is_measured(session: Session) -> bool:
    releases = [release for release in session.exec(select(Release)) if _is_to(release, PartyKind.MUNICIPALITY)]
    of_nothing = sum(rung.loss for rung in NOTHING_TOLD)
    enough = all(release.alike_seeking >= release.least or release.loss == of_nothing for release in releases)
    return len(releases) == _count(session, Offer) > 0 and enough


def _is_to(release: Release, kind: PartyKind) -> bool:
    return is_a(release.recipient, kind)


def _partners_and_we_agree(session: Session, partners: dict[str, Any], *, flags: int, housed: int) -> dict[str, bool]:
    associations = partners["associations"].values()
    held = {held["external_id"] for system in associations for held in system["reservations"]}
    binding = session.exec(
        select(Vacancy.external_id)
        .join(Offer, col(Offer.vacancy_id) == col(Vacancy.id))
        .where(col(Offer.standing).in_((OfferStanding.LIVE, OfferStanding.TAKEN)))
    )
    postings = [posting["amount_ore"] for system in partners["finance"].values() for posting in system["postings"]]
    receipts = sum(len(system["receipts"]) for system in partners["case_systems"].values())
    return {
        "every flag was answered": receipts == flags,
        "every entry is posted once, and the postings sum to zero": len(postings) == _count(session, LedgerEntry)
        and sum(postings) == 0,
        "every booking is accepted by both sides": len(accepted_bookings(session)) == _count(session, Booking),
        "a posting was rejected, corrected, and then accepted": partners["finance"]["0450"]["rejected"] == 1
        and _count(session, PostingCorrection) == 1,
        "associations hold the homes that are promised, and no other": held == set(binding),
        "associations know the families that moved in, and no other": housed
        == sum(len(system["tenants"]) for system in associations),
        "municipalities know the families that moved to them, and no other": housed
        == sum(len(desk["newcomers"]) for desk in partners["handover"].values()),
    }
