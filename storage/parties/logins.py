"""Logins: an attempt under way at a provider, and the sitting that follows. Only hashes of keys are stored."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col

from storage.columns import UtcDateTime

KEY_BYTES = 32


class LoginAttempt(SQLModel, table=True):
    """A browser sent to a party's identity provider, and what must come back with it, at which path."""

    __tablename__ = "login_attempt"

    state_hash: str = Field(primary_key=True, max_length=64)
    party: str
    nonce: str
    verifier: str
    back: str
    until: datetime = Field(sa_type=UtcDateTime)


class Sitting(SQLModel, table=True):
    """A contact of a party, logged in from a browser, until a moment."""

    __tablename__ = "sitting"

    key_hash: str = Field(primary_key=True, max_length=64)
    party: str
    contact_id: str
    until: datetime = Field(sa_type=UtcDateTime)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def begin_login(session: Session, party: str, *, back: str, until: datetime) -> tuple[str, LoginAttempt]:
    """A new attempt, and the state that the browser has to bring back."""
    state = secrets.token_urlsafe(KEY_BYTES)
    attempt = LoginAttempt(
        state_hash=_hashed(state),
        party=party,
        nonce=secrets.token_urlsafe(KEY_BYTES),
        verifier=secrets.token_urlsafe(KEY_BYTES),
        back=back,
        until=until,
    )
    session.add(attempt)
    return state, attempt


def take_attempt(session: Session, state: str, *, now: datetime) -> LoginAttempt | None:
    """The attempt of a state, which can be taken once; expired attempts are deleted."""
    attempt = session.get(LoginAttempt, _hashed(state))
    found = LoginAttempt(**attempt.model_dump()) if attempt is not None and attempt.until > now else None
    session.execute(
        delete(LoginAttempt).where((col(LoginAttempt.until) <= now) | (col(LoginAttempt.state_hash) == _hashed(state)))
    )
    return found


def open_sitting(session: Session, party: str, contact_id: str, *, now: datetime, until: datetime) -> str:
    """Open a sitting; returns the key that the browser keeps."""
    session.execute(delete(Sitting).where(col(Sitting.until) <= now))
    key = secrets.token_urlsafe(KEY_BYTES)
    session.add(Sitting(key_hash=_hashed(key), party=party, contact_id=contact_id, until=until))
    return key


def sitting(session: Session, key: str | None, *, now: datetime) -> Sitting | None:
    """The sitting of a browser's key, while it lasts."""
    found = session.get(Sitting, _hashed(key)) if key else None
    return found if found is not None and found.until > now else None


def end_sitting(session: Session, key: str) -> None:
    """Log out."""
    session.execute(delete(Sitting).where(col(Sitting.key_hash) == _hashed(key)))
