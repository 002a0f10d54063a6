"""Reseals what was sealed before seals were bound to the case's reference, some cases at a time.

Before, two cases' `case_key`s could be swapped, and each case then opened the other family. First everything that a
case's key opens is resealed, then the key itself, so that it no longer opens the old seals, and last the entry is
marked: after a crash in between, it is done again.
"""

from datetime import datetime

from sqlalchemy import bindparam, func, update
from sqlmodel import Session, col, select

from domain.errors import VaultClosed
from domain.subject import About
from storage.attention import ask_for_attention, close_subject
from storage.database import Database
from storage.locks import hold_cases
from storage.questions.comments import Comment, at_rest, opened
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from storage.vault.entries import VaultEntry, replace_entry
from storage.vault.vault import Vault, identity_of

AT_ONCE = 50
_NOT_YET = col(VaultEntry.bound_to_reference).is_(False)


def not_bound(session: Session) -> int:
    """How many entries are not yet bound to their case's reference."""
    return session.exec(select(func.count()).select_from(VaultEntry).where(_NOT_YET)).one()


_SOME = (
    select(Referral)
    .where(col(Referral.case_key) == VaultEntry.case_key, _NOT_YET, col(VaultEntry.case_key) > bindparam("after"))
    .order_by(col(VaultEntry.case_key))
    .limit(AT_ONCE)
)


def bind_some(database: Database, vault: Vault, *, after: str, now: datetime) -> str | None:
    """Reseal some cases, bound to their references; returns the last case key. None when there is none left.

    A case that cannot be opened stays as it is, and a person is asked; the others go on.
    """
    with database.writing() as session:
        some = session.exec(_SOME, params={"after": after}).all()
        # Waits for a correction or a shredding of the same case that is under way.
        hold_cases(session, [one.id for one in some])
        sealed = [one.case_key for one in some if _sealed_anew(session, vault, one, now=now)]
    vault.trust_the_reference_alone(sealed)
    with database.writing() as session:
        these = update(VaultEntry).where(col(VaultEntry.case_key).in_(sealed))
        session.exec(these.values(bound_to_reference=True))
    return some[-1].case_key if some else None


def _sealed_anew(session: Session, vault: Vault, of: Referral, *, now: datetime) -> bool:
    subject, key = About.VAULT.of(of.reference), of.case_key
    query = select(Question, Comment).where(
        Question.referral_id == of.id, Comment.question_id == Question.id, col(Comment.key_id).is_(None)
    )
    comments = session.exec(query).all()
    try:
        identity = vault.sealed(
            key, vault.looked_at(session, key, reference=of.reference), identity_of(key, of.reference)
        )
        anew = {
            question.id: vault.sealed(
                key, opened(vault, key, of.reference, question, comment).encode(), at_rest(question, of.reference)
            )
            for question, comment in comments
        }
    except VaultClosed as closed:
        ask_for_attention(session, subject, closed.code, now=now, detail=str(closed), referral_id=of.id)
        return False
    replace_entry(session, key, identity, now=now)
    for question_id, sealed in anew.items():
        this_one = update(Comment).where(col(Comment.question_id) == question_id)
        session.exec(this_one.values(sealed=sealed))
    close_subject(session, subject, now=now, by="it is bound to its reference")
    return True
