"""Answers to a case system about a flag or a withdrawal, and what of it a person must look at."""

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from domain.errors import Invalid, NeedsPerson, PartnerRefused, Unexpected
from domain.parties.party import Partner
from domain.referrals.consent import ConsentWithdrawn
from domain.referrals.household import FlaggedWithdrawal, RefusedFlag
from domain.referrals.lifecycle import OVER, WithdrawalReason
from domain.subject import About, Subject
from domain.told_once import receipt_key
from storage.attention import ask_for_attention, close_subject, open_items
from storage.columns import id_of
from storage.outbox import Telling, put_once
from storage.privacy.consents import withdraw_consent
from storage.referrals.flag_receipts import FlagReceipt, decide_alone, receipt_for, receipt_told
from storage.referrals.referrals import Referral, request_stop
from tasks.platform import Platform

WITHDRAWAL_REFUSED = "withdrawal_refused"
FLAG_WITHOUT_ID = "flag_without_id"
# So many hexadecimal digits of a keyed digest distinguish flags that cannot be answered.
TELLS_APART = 12
# Attention codes about a municipality's case system that a later poll closes when it no longer finds them.
FOUND_BY_A_POLL = frozenset({FLAG_WITHOUT_ID, PartnerRefused.code, NeedsPerson.code, Unexpected.code})


def refuse(
    platform: Platform,
    sender: Partner,
    flag_id: str,
    fault: Invalid,
    *,
    withdraws: bool = False,
    was_told: bool = False,
) -> None:
    """Refuse a flag or a withdrawal once, and tell the case system which field and why, unless it was told."""
    with platform.database.writing() as session:
        decide_alone(session, sender.id)
        if receipt_for(session, sender.id, flag_id) is None:
            receipt = FlagReceipt(
                municipality=sender.id,
                flag_id=flag_id,
                field=fault.field,
                reason=fault.reason,
                received_at=platform.now(),
            )
            answer_flag(platform, session, sender, receipt, was_told=was_told)
            if withdraws:
                _tell_of_refused(session, sender, receipt, fault, now=receipt.received_at)


def note_refusal(platform: Platform, sender: Partner, refusal: PartnerRefused) -> None:
    """Ask a person to look at a case system that refuses us."""
    with platform.database.writing() as session:
        ask_for_attention(session, Subject.read(sender.party), refusal.code, now=platform.now(), detail=str(refusal))


def note_unexpected(platform: Platform, municipality: str, error: Exception) -> Unexpected:
    """Record an unforeseen error with one case system, or our data about it: it must not end the others' turn."""
    unexpected = Unexpected.at(error)
    with platform.database.writing() as session:
        about = About.MUNICIPALITY.of(municipality)
        ask_for_attention(session, about, unexpected.code, now=platform.now(), detail=str(unexpected))
    return unexpected


def can_be_answered(flag_id: str) -> bool:
    """Whether the case system knows a flag by this id; a flag without a usable one has a name with a colon."""
    return ":" not in flag_id


def ask_about_unanswered(platform: Platform, sender: Partner, flag: RefusedFlag) -> Subject:
    """Ask a person to look at a flag that cannot be answered, each separately, under a number that reveals nothing."""
    mac = hmac.digest(platform.vault.key_for("what cannot be answered"), flag.tells_apart.encode(), hashlib.sha256)
    kind, code = (About.WITHDRAWAL, WITHDRAWAL_REFUSED) if flag.withdraws else (About.FLAG, FLAG_WITHOUT_ID)
    subject, detail = kind.of(f"{sender.id}-{mac.hex()[:TELLS_APART]}"), f"{sender.party}: {flag.field}: {flag.reason}"
    with platform.database.writing() as session:
        ask_for_attention(session, subject, code, now=platform.now(), detail=detail)
    return subject


def let_go_of_what_has_passed(platform: Platform, sender: Partner, *, found: Collection[tuple[Subject, str]]) -> None:
    """Take items off the list, each a subject and its code, that earlier polls found and this one did not."""
    with platform.database.reading() as session:
        passed = [
            (one.about, one.code)
            for one in open_items(session)
            if one.code in FOUND_BY_A_POLL and _is_of(sender, one.about) and (one.about, one.code) not in found
        ]
    if passed:
        with platform.database.writing() as session:
            for subject, code in passed:
                close_subject(session, subject, now=platform.now(), by="a later poll", codes={code})


def _is_of(sender: Partner, about: Subject) -> bool:
    """Whether an item is about a municipality, or about a flag of its case system."""
    its_flag = about.kind == About.FLAG and (about.name or "").startswith(f"{sender.id}-")
    return its_flag or about == Subject.read(sender.party)


def _tell_of_refused(
    session: Session,
    sender: Partner,
    receipt: FlagReceipt,
    fault: Invalid,
    *,
    now: datetime,
    of: Referral | None = None,
) -> None:
    """A withdrawal was refused, so a case may go on without consent: ask a person, whatever else is on the list."""
    subject, detail, case = About.WITHDRAWAL.of(id_of(receipt)), f"{sender.party}: {fault}", of.id if of else None
    ask_for_attention(session, subject, WITHDRAWAL_REFUSED, now=now, detail=detail, referral_id=case)


def stop(platform: Platform, sender: Partner, withdrawal: FlaggedWithdrawal, *, was_told: bool = False) -> bool:
    """Ask for the family's open referral to be stopped; the path does it within one run."""
    with platform.database.writing() as session:
        decide_alone(session, sender.id)
        now = platform.now()
        query = select(Referral).where(
            Referral.sending_municipality == sender.id,
            Referral.case_id == withdrawal.case_id,
            col(Referral.status).not_in(OVER),
        )
        referral = session.exec(query).one_or_none()
        if (answered := receipt_for(session, sender.id, withdrawal.withdrawal_id)) is not None:
            was = session.get(Referral, answered.referral_id) if answered.referral_id else None
            if was is not None and was.flag_id == answered.flag_id:
                # A flag has this id and its receipt, so the withdrawal can have none.
                fault = Invalid("withdrawal_id", "is_a_flags")
                _tell_of_refused(session, sender, answered, fault, now=now, of=referral)
            return False
        receipt = FlagReceipt(municipality=sender.id, flag_id=withdrawal.withdrawal_id, received_at=now)
        if referral is None:
            receipt.field, receipt.reason = "case_id", "no_open_referral"
        elif withdrawal.reason not in tuple(WithdrawalReason):
            receipt.field, receipt.reason = "reason", "unknown"
        else:
            receipt.referral_id = referral.id
            if withdrawal.reason == WithdrawalReason.CONSENT_WITHDRAWN:
                way = ConsentWithdrawn.CASE_SYSTEM
                withdraw_consent(session, id_of(referral), way, by=sender.party, now=now)
            else:
                request_stop(session, id_of(referral), WithdrawalReason(withdrawal.reason), now=now)
        answer_flag(platform, session, sender, receipt, was_told=was_told)
        if receipt.reason is not None:
            fault = Invalid(receipt.field or "", receipt.reason)
            _tell_of_refused(session, sender, receipt, fault, now=now, of=referral)
        return receipt.reason is None


def answer_flag(
    platform: Platform, session: Session, sender: Partner, receipt: FlagReceipt, *, was_told: bool = False
) -> None:
    """Store the answer to a flag or a withdrawal, and tell it, unless it was told before a backup was put back."""
    session.add(receipt)
    session.flush()
    if was_told:
        return
    about = {"referral_id": receipt.referral_id, "receipt_id": receipt.id}
    told_key = platform.vault.told_key(now=receipt.received_at)
    key = receipt_key(told_key, sender.id, receipt_told(session, receipt))
    put_once(session, Telling.RECEIPT, key=key, to=sender.party, lane=sender.party, now=receipt.received_at, **about)
