"""What was done is bound into the audit chain within seconds.

The chain is signed each hour that it has grown, and after a person has opened the vault; once a day every party is sent
a checkpoint.
"""

from datetime import datetime

from sqlmodel import Session

import storage.tables  # noqa: F401  # what is chained is read from all tables
from domain.audit import Checkpoint
from domain.questions.addressee import Addressee
from domain.working_days import day_of
from storage.audit.chain import anything_unchained, bind
from storage.audit.checkpoints import bind_and_sign, checkpoint_is_due, sign_if_due
from storage.database import Database
from storage.outbox import MAIL_LANE, Telling, last_put, put
from storage.parties.partners import partners
from storage.vault.vault import Vault
from tasks.platform import Platform


def seal(platform: Platform) -> int:
    """Bind what waits into the chain; returns how many entries. Sign it when due, and tell the parties once a day."""
    bound, now = _bind_all(platform), platform.now()
    with platform.database.reading() as session:
        due = checkpoint_is_due(session, now=now)
    if due:
        with platform.database.writing() as session:
            _tell_once_a_day(session, sign_if_due(session, platform.vault, now=now), now=now)
        bound += _bind_all(platform)
    return bound


def _bind_all(platform: Platform) -> int:
    bound = 0
    with platform.database.reading() as session:
        waits = anything_unchained(session)
    while waits:
        with platform.database.writing() as session:
            some = bind(session)
        bound, waits = bound + some, some > 0
    return bound


def sign_now(database: Database, vault: Vault, *, now: datetime) -> Checkpoint | None:
    """Bind what waits, and sign the chain's end; None when it has nothing new."""
    with database.writing() as session:
        signed = bind_and_sign(session, vault, now=now)
        _tell_once_a_day(session, signed, now=now)
    return signed


def _tell_once_a_day(session: Session, signed: Checkpoint | None, *, now: datetime) -> None:
    """Send every party the day's first checkpoint; without one they have nothing to hold against us."""
    told = last_put(session, Telling.AUDIT_CHECKPOINT)
    today = day_of(now)
    if signed is None or (told is not None and day_of(told) == today):
        return
    # The letters that they keep show when the chain's end is cut off together with our own checkpoints.
    for one in partners(session):
        if (keeper := one.keeper) is not None:
            addressee = Addressee(one.party, keeper.id)
            put(session, Telling.AUDIT_CHECKPOINT, to=addressee, lane=MAIL_LANE, now=now, checkpoint_seq=signed.seq)
