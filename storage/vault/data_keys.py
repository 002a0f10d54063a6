"""The families' data keys, in a database of their own: restoring a backup of the rest brings back nobody's data.

Each key is sealed under a key-encryption key (KEK) that never touches a database. To shred a family's data is to
destroy its row here: then nobody can open what the key sealed, wherever a copy of it lies.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from sqlalchemy import (
    bindparam,
    delete,
    insert,
    select,
    text,
)
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from domain.errors import TilflytError
from storage.columns import UtcDateTime
from storage.database import Database
from storage.dialect import placeholder, tidied_up
from storage.vault.destroyed import DestroyedKeys
from storage.vault.keys_database import DATA_KEY, DESTROYED_KEY, opened_keys


class KeysInUse(TilflytError):
    """Somebody is reading the keys' database, so destroyed keys are still in its files."""

    code = "keys_in_use"


class SealedKey(NamedTuple):
    """A data key under the key-encryption key that `key_id` names."""

    key_id: str
    sealed: bytes


# Two keys that belong to no case: with one, persons are recognised (storage/vault/person_digests.py); with the other,
# partners are told what must be done once (domain/told_once.py).
PERSONS, TOLD_ONCE = "persons", "told_once"
OF_NO_CASE = frozenset({PERSONS, TOLD_ONCE})
_LAY = insert(DATA_KEY)
_LAY_IF_NONE = text(
    "INSERT INTO data_key (case_key, key_id, sealed_key, made_at) VALUES (:of, :key_id, :sealed, :at)"
    " ON CONFLICT (case_key) DO NOTHING"
).bindparams(bindparam("at", type_=UtcDateTime()))
_KEY = "SELECT key_id, sealed_key FROM data_key WHERE case_key = "
_NOT_UNDER = select(DATA_KEY.c.case_key, DATA_KEY.c.key_id, DATA_KEY.c.sealed_key).where(
    DATA_KEY.c.key_id != bindparam("current"), DATA_KEY.c.case_key > bindparam("after")
)
# Replaces a key only if it is as it was read: two processes that reseal a key at once must not undo each other.
_REWRAP = text(
    "UPDATE data_key SET key_id = :to, sealed_key = :sealed"
    " WHERE case_key = :of AND key_id = :was AND sealed_key = :was_sealed"
)
_DESTROYED = text(
    "INSERT INTO destroyed_key (case_key, destroyed_at) VALUES (:of, :at) ON CONFLICT (case_key) DO NOTHING"
).bindparams(bindparam("at", type_=UtcDateTime()))


class KeyStore:
    """The data keys' database, opened when it is first needed.

    Missing tables are created; with `must_be_there`, a missing database raises an error instead.
    """

    def __init__(
        self, url: str, destroyed: DestroyedKeys | None = None, *, must_be_there: Callable[[], object] | None = None
    ) -> None:
        self.url = url
        self._destroyed = destroyed
        self._must_be_there = must_be_there
        self._opening = Lock()
        self._opened: Database | None = None

    @property
    def _database(self) -> Database:
        if self._opened is None:
            # A lock of this store's alone: of its own threads, one opens it.
            with self._opening:
                if self._opened is None:
                    self._opened = opened_keys(self.url, must_be_there=self._must_be_there)
        return self._opened

    def make(self) -> None:
        """Open the database and create its tables now, not when it is first needed."""
        self._database.engine  # noqa: B018  # opened by being looked at

    def lay(self, keys: Mapping[str, SealedKey], *, now: datetime) -> None:
        """Store new keys, by case, before anything is sealed with them."""
        rows = [
            {"case_key": case_key, "key_id": key.key_id, "sealed_key": key.sealed, "made_at": now}
            for case_key, key in keys.items()
        ]
        if rows:
            with self._database.writing() as session:
                session.connection().execute(_LAY, rows)

    def lay_if_none(self, name: str, key: SealedKey, *, now: datetime) -> None:
        """Store a key that belongs to no case; of two processes that do so at once, the first one's key stays."""
        row = {"of": name, "key_id": key.key_id, "sealed": key.sealed, "at": now}
        with self._database.writing() as session:
            session.connection().execute(_LAY_IF_NONE, row)

    def key(self, case_key: str) -> SealedKey | None:
        """A case's key; None when it was destroyed, or never existed here."""
        if self._destroyed is not None and case_key in self._destroyed.all():
            return None
        # Without SQLAlchemy's statements: every opening asks for a key, and they cost ten times what the query does.
        connection = self._database.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(_KEY + placeholder(self._database.engine), (case_key,))
            row = cursor.fetchone()
            cursor.close()
        finally:
            connection.close()
        return SealedKey(*row) if row else None

    def some_under(self, key_ids: Collection[str], *, others: bool = False, most: int = 3) -> dict[str, SealedKey]:
        """A few keys that are sealed under some key-encryption keys, or, with `others`, under any but those."""
        under = DATA_KEY.c.key_id.not_in(key_ids) if others else DATA_KEY.c.key_id.in_(key_ids)
        query = select(DATA_KEY.c.case_key, DATA_KEY.c.key_id, DATA_KEY.c.sealed_key).where(under).limit(most)
        with self._database.at_once() as connection:
            return {case_key: SealedKey(*key) for case_key, *key in connection.execute(query).all()}

    def not_under(self, key_id: str, *, most: int, after: str = "") -> dict[str, SealedKey]:
        """Keys that are not sealed under a key-encryption key, by case, in order, after a given case."""
        with self._database.at_once() as connection:
            some = _NOT_UNDER.order_by(DATA_KEY.c.case_key).limit(most)
            rows = connection.execute(some, {"current": key_id, "after": after}).all()
        return {case_key: SealedKey(*key) for case_key, *key in rows}

    def rewrap(self, keys: Mapping[str, tuple[SealedKey, SealedKey]]) -> None:
        """Replace keys with their resealed forms; a key that was destroyed meanwhile stays destroyed."""
        with self._database.writing() as session:
            for case_key, (was, now) in keys.items():
                before = {"of": case_key, "was": was.key_id, "was_sealed": was.sealed}
                values = before | {"to": now.key_id, "sealed": now.sealed}
                session.connection().execute(_REWRAP, values)
        self.leave_no_trace()

    def destroy(self, case_keys: Iterable[str], *, now: datetime) -> None:
        """Destroy keys and record it, first in the file that no backup holds."""
        case_keys = list(case_keys)
        if self._destroyed is not None:
            self._destroyed.add(dict.fromkeys(case_keys, now))
        with self._database.writing() as session:
            for case_key in case_keys:
                session.connection().execute(_DESTROYED, {"of": case_key, "at": now})
                session.connection().execute(delete(DATA_KEY).where(DATA_KEY.c.case_key == case_key))
        self.leave_no_trace()

    def brought_back(self) -> list[str]:
        """The destroyed keys that an old backup has brought back.

        From here on, the file and the table of destroyed keys both list every destroyed key.
        """
        if self._destroyed is None:
            return []
        with self._database.at_once() as connection:
            here = connection.execute(select(DESTROYED_KEY.c.case_key, DESTROYED_KEY.c.destroyed_at)).all()
            keys = set(connection.execute(select(DATA_KEY.c.case_key)).scalars())
        self._destroyed.add(dict(map(tuple, here)))
        return sorted(keys & self._destroyed.all().keys())

    def forget(self, case_keys: Collection[str]) -> None:
        """Delete keys that have sealed nothing."""
        if case_keys:
            with self._database.writing() as session:
                session.connection().execute(delete(DATA_KEY).where(DATA_KEY.c.case_key.in_(case_keys)))

    def destroyed_at(self, case_key: str) -> datetime | None:
        """When a case's key was destroyed; the first time, if it came back and was destroyed again."""
        if self._destroyed is not None and (first := self._destroyed.all().get(case_key)) is not None:
            return first
        with self._database.at_once() as connection:
            query = select(DESTROYED_KEY.c.destroyed_at).where(DESTROYED_KEY.c.case_key == case_key)
            found: datetime | None = connection.execute(query).scalar_one_or_none()
            return found

    def made_before(self, moment: datetime) -> Iterator[str]:
        """The cases whose key is older than a moment."""
        with self._database.at_once() as connection:
            query = select(DATA_KEY.c.case_key).where(
                DATA_KEY.c.made_at < moment, DATA_KEY.c.case_key.not_in(OF_NO_CASE)
            )
            query = query.order_by(DATA_KEY.c.case_key)
            yield from connection.execute(query).scalars().all()

    # Two processes that destroy keys at once block each other for a moment; readers were waited for already.
    @retry(retry=retry_if_exception_type(KeysInUse), wait=wait_fixed(0.05), stop=stop_after_delay(5), reraise=True)
    def leave_no_trace(self) -> None:
        """Remove the bytes of destroyed keys from the database's files too, not only from its tables.

        `KeysInUse` when a reader of the database keeps them there: then it must be done again.
        """
        if not tidied_up(self._database.engine, DATA_KEY.name):
            raise KeysInUse("somebody reads the keys' database, and destroyed keys stay in its log: do it again")

    def close(self) -> None:
        """Close every connection."""
        self._database.close()
