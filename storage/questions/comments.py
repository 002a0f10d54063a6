"""What people added to an answer in their own words: sealed as soon as written, opened with the vault's key alone.

The endpoint seals with a public key (HPKE, RFC 9180) that the worker has left in the database: it can write comments
and read none, not even those that it has just sealed.
"""

from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import bindparam, delete, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from domain.errors import VaultClosed
from domain.subject import About
from storage.attention import ask_for_attention, close_subject
from storage.columns import UtcDateTime, id_of
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from storage.vault.entries import Door, VaultOpening
from storage.vault.vault import Vault

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PURPOSE = "comments"


class SealingKey(SQLModel, table=True):
    """The public half of a vault key, with which comments are sealed; the newest is used."""

    __tablename__ = "sealing_key"

    key_id: str = Field(primary_key=True)
    public_key: bytes
    announced_at: datetime = Field(sa_type=UtcDateTime)


class Comment(SQLModel, table=True):
    """A sealed comment on the answer to a question."""

    __tablename__ = "comment"

    question_id: int = Field(foreign_key="question.id", primary_key=True)
    # None once it is sealed under its case's own key.
    key_id: str | None = Field(foreign_key="sealing_key.key_id")
    sealed: bytes
    written_at: datetime = Field(sa_type=UtcDateTime)


def _private_key(vault: Vault, key_id: str | None = None) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(vault.key_for(PURPOSE, key_id=key_id))


def _bound_to(question: Question, key_id: str) -> bytes:
    return f"comment|{question.key}|{key_id}".encode()


def at_rest(question: Question, reference: str) -> str:
    """What a comment's seal under its case's own key is bound to."""
    return f"comment|{question.key}|{reference}|sealed"


def _before(question: Question) -> str:
    return f"comment|{question.key}|sealed"


CANNOT_BE_READ = "(cannot be opened with the keys there are)"
_ANNOUNCE = text(
    "INSERT INTO sealing_key (key_id, public_key, announced_at) VALUES (:key_id, :public_key, :announced_at)"
    # A key that was replaced and is used again becomes the newest again.
    " ON CONFLICT (key_id) DO UPDATE SET announced_at = excluded.announced_at"
).bindparams(bindparam("announced_at", type_=UtcDateTime()))


def announce_sealing_key(session: Session, vault: Vault, *, now: datetime) -> None:
    """Leave the public half of the vault's key where the endpoint finds it."""
    public = _private_key(vault).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    # Two workers may start at the same instant.
    session.execute(_ANNOUNCE, {"key_id": vault.key_id, "public_key": public, "announced_at": now})


def sealing_key(session: Session) -> SealingKey | None:
    """The key to seal with; None before a worker has run: until then no page asks for a comment."""
    return session.exec(select(SealingKey).order_by(col(SealingKey.announced_at).desc())).first()


def keep_comment(session: Session, question: Question, written: str, *, key: SealingKey, now: datetime) -> None:
    """Seal a comment, bound to its question, and keep it."""
    public = X25519PublicKey.from_public_bytes(key.public_key)
    sealed = SUITE.encrypt(written.encode(), public, _bound_to(question, key.key_id))
    session.add(Comment(question_id=id_of(question), key_id=key.key_id, sealed=sealed, written_at=now))


def comments_on(
    session: Session, vault: Vault, referral: Referral, *, opened_for: str, now: datetime
) -> list[tuple[Question, str]]:
    """A case's comments with their questions; the reading is recorded. `VaultClosed` when they cannot be opened."""
    query = select(Question, Comment).where(
        col(Comment.question_id) == Question.id, Question.referral_id == referral.id
    )
    found = session.exec(query.order_by(col(Comment.question_id))).all()
    if found:
        session.add(VaultOpening(case_key=referral.case_key, door=Door.SENDERS_OWN_VIEW, opened_for=opened_for, at=now))
    return [(question, _readable(vault, referral, question, comment)) for question, comment in found]


def _readable(vault: Vault, of: Referral, question: Question, comment: Comment) -> str:
    """A comment's text, or a note that it cannot be opened, so that the others can still be read."""
    try:
        return opened(vault, of.case_key, of.reference, question, comment)
    except VaultClosed:
        return CANNOT_BE_READ


def opened(vault: Vault, case_key: str, reference: str, question: Question, comment: Comment) -> str:
    """What a comment says, under whichever key it is sealed. `VaultClosed` when it cannot be opened."""
    if comment.key_id is None:
        bound_to, before = at_rest(question, reference), _before(question)
        return vault.unsealed(case_key, comment.sealed, bound_to, before=before).decode()
    private = _private_key(vault, comment.key_id)
    try:
        return SUITE.decrypt(comment.sealed, private, _bound_to(question, comment.key_id)).decode()
    except InvalidTag:
        raise VaultClosed("a comment that is not ours") from None


AT_ONCE = 100
_FRESH = (
    select(Question, Comment, Referral.case_key, Referral.reference)
    .where(
        col(Comment.question_id) == Question.id,
        col(Question.referral_id) == Referral.id,
        col(Comment.key_id).is_not(None),
        col(Comment.question_id) > bindparam("after"),
    )
    .order_by(col(Comment.question_id))
)


def lay_to_rest(session: Session, vault: Vault, *, after: int, now: datetime) -> int | None:
    """Seal new comments under their cases' own keys, so that they end with the case; returns the last question done.

    A comment that cannot be opened stays as it is, and a person is asked; the others go on. None when there is none
    left.
    """
    some = session.exec(_FRESH.limit(AT_ONCE), params={"after": after}).all()
    for question, comment, case_key, reference in some:
        try:
            written = opened(vault, case_key, reference, question, comment).encode()
            sealed = vault.sealed(case_key, written, at_rest(question, reference))
        except VaultClosed as closed:
            subject, case = About.COMMENT.of(id_of(question)), question.referral_id
            ask_for_attention(session, subject, closed.code, now=now, detail=str(closed), referral_id=case)
            continue
        # By a statement: if the case's data are shredded at this moment, it changes nothing.
        this_one = update(Comment).where(col(Comment.question_id) == question.id)
        session.exec(this_one.values(sealed=sealed, key_id=None))
        close_subject(session, About.COMMENT.of(id_of(question)), now=now, by="it can be opened again")
    return some[-1][0].id if some else None


def anything_fresh(session: Session) -> bool:
    """Whether a comment is not yet sealed under its case's own key."""
    return session.exec(_FRESH.limit(1), params={"after": 0}).first() is not None


def forget_comments(session: Session, referral_id: int) -> None:
    """Delete what people wrote in a case."""
    of_case = select(Question.id).where(Question.referral_id == referral_id)
    session.exec(delete(Comment).where(col(Comment.question_id).in_(of_case)))
