"""The vault: who a family is, sealed per case. Few doors open it, and each opening is recorded.

AES-256-GCM under a data key of the case, which is sealed under a key-encryption key and kept in a database of its own.
Associated data bind each ciphertext to its table, case, reference and column, so that none can be moved. Older seals
were not bound to the reference: they are sealed anew (storage/privacy/old_seals.py), and the way in which a case's key
is sealed says whether all that it opens is bound to the reference by now.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from sqlmodel import Session

from domain.errors import VaultClosed
from domain.referrals.household import Identity
from storage.audit.states import chain_state
from storage.database import write_at_end
from storage.vault.cipher import new_key, seal, unseal
from storage.vault.data_keys import OF_NO_CASE, PERSONS, TOLD_ONCE, KeyStore, SealedKey
from storage.vault.entries import Door, VaultEntry, VaultOpening, replace_entry, sealed_identity_of
from storage.vault.key_encryption import KeyEncryption
from storage.vault.person_key import PersonKey

_FIELDS = tuple(field.name for field in fields(Identity))


class DataKey(NamedTuple):
    """A case's key: what is sealed with it can be opened until the key is destroyed."""

    case_key: str
    key: bytes


class _Opened(NamedTuple):
    """A data key, and whether all that it opens is bound to the case's reference."""

    key: bytes
    bound: bool


class OfCase(Protocol):
    """The case whose identity is sealed, by its key and its reference."""

    case_key: str
    reference: str


class Vault:
    """Seals and opens with a data key for each case; the data keys are kept in their own store, sealed too."""

    def __init__(self, encryption: KeyEncryption, keys: KeyStore) -> None:
        self.encryption = encryption
        self.keys = keys

    @property
    def key_id(self) -> str:
        """The name of the key-encryption key that seals now."""
        return self.encryption.key_id

    @property
    def key_ids(self) -> Collection[str]:
        """The names of all key-encryption keys that are at hand."""
        return self.encryption.key_ids

    def key_for(self, purpose: str, *, key_id: str | None = None) -> bytes:
        """A key of 32 bytes for another purpose, derived from the vault's own."""
        return self.encryption.derived(purpose, key_id=key_id)

    def new_keys(self, count: int, *, now: datetime) -> list[DataKey]:
        """Keys for new cases, stored before they seal anything: a crash leaves a key too many, never one too few."""
        made = [DataKey(uuid4().hex, new_key()) for _ in range(count)]
        wrapped = {one.case_key: self._wrapped(one, bound=True) for one in made}
        self.keys.lay(wrapped, now=now)
        return made

    def person_key(self, *, now: datetime) -> PersonKey:
        """The key with which persons are recognised, made when it is first asked for.

        It is kept and resealed like the families' keys, so that a rotation changes nothing of what it has made.
        """
        return PersonKey(self._made_once(PERSONS, now=now))

    def told_key(self, *, now: datetime) -> bytes:
        """The key under which partners are told what must be done once (domain/told_once.py).

        It is made when it is first asked for, and kept like the persons' key: neither a rotation nor a restored backup
        changes it.
        """
        return self._made_once(TOLD_ONCE, now=now)

    def told_key_at_hand(self) -> bytes | None:
        """The same key; None when none was made or it cannot be opened."""
        with suppress(VaultClosed):
            return self._unwrapped(TOLD_ONCE, kept).key if (kept := self.keys.key(TOLD_ONCE)) else None
        return None

    def _made_once(self, name: str, *, now: datetime) -> bytes:
        if (kept := self.keys.key(name)) is None:
            self.keys.lay_if_none(name, self._wrapped(DataKey(name, new_key()), bound=True), now=now)
            kept = self.keys.key(name)
        if kept is None:
            raise VaultClosed(f"the key {name} cannot be kept")
        return self._unwrapped(name, kept).key

    def seal(self, session: Session, data_key: DataKey, identity: Identity, *, reference: str, now: datetime) -> None:
        """Store an identity in the vault, under a key from `new_keys`."""
        case_key, bound_to = data_key.case_key, identity_of(data_key.case_key, reference)
        sealed = {"sealed_identity": seal(data_key.key, _written(identity), bound_to), "sealed_at": now}
        entry = {"case_key": case_key, **sealed, "bound_to_reference": True}
        write_at_end(session, VaultEntry, entry)
        chain_state(session, VaultEntry, entry, now=now)

    def seal_again(self, session: Session, case_key: str, identity: Identity, *, reference: str, now: datetime) -> None:
        """Replace an identity with the corrected one, under the same key."""
        sealed = self.sealed(case_key, _written(identity), identity_of(case_key, reference))
        replace_entry(session, case_key, sealed, now=now)

    def open(
        self, session: Session, case_key: str, door: Door, *, reference: str, opened_for: str, now: datetime
    ) -> Identity:
        """Who the family is; the opening is recorded in the same transaction. `VaultClosed` when it cannot be."""
        identity = Identity(**json.loads(self.looked_at(session, case_key, reference=reference)))
        opening = {"case_key": case_key, "door": door, "opened_for": opened_for, "at": now}
        write_at_end(session, VaultOpening, opening)
        return identity

    def identity(self, session: Session, case: OfCase, door: Door, *, opened_for: str, now: datetime) -> Identity:
        """Who the family of a case is, opened as `open` does."""
        return self.open(session, case.case_key, door, reference=case.reference, opened_for=opened_for, now=now)

    def looked_at(self, session: Session, case_key: str, *, reference: str) -> bytes:
        """An entry's content, for resealing only: nobody is shown it, and no opening is recorded."""
        sealed = sealed_identity_of(session, case_key)
        if sealed is None:
            raise VaultClosed(f"case {case_key} has no entry")
        return self.unsealed(case_key, sealed, identity_of(case_key, reference), before=_identity_before(case_key))

    def sealed(self, case_key: str, written: bytes, bound_to: str) -> bytes:
        """Another text of a case, sealed under its key; `bound_to` holds the case's reference."""
        return seal(self._data_key(case_key).key, written, bound_to)

    def unsealed(self, case_key: str, sealed: bytes, bound_to: str, *, before: str) -> bytes:
        """A text that was sealed under a case's key. `VaultClosed` names the case, never the text.

        `before` is the older binding, without the reference. It stops counting once all that the key opens was
        resealed, whatever the entry says: an old copy could be put back, and moved to another family.
        """
        key, bound = self._data_key(case_key)
        for one in (bound_to,) if bound else (bound_to, before):
            with suppress(InvalidTag):
                return unseal(key, sealed, one)
        raise VaultClosed(f"case {case_key}: not sealed with its key and for its reference, or changed")

    def _data_key(self, case_key: str) -> _Opened:
        key = self.keys.key(case_key)
        if key is None:
            raise VaultClosed(f"case {case_key} has no key: its data were shredded, or `tilflyt migrate` has not run")
        return self._unwrapped(case_key, key)

    def _unwrapped(self, case_key: str, key: SealedKey) -> _Opened:
        with suppress(VaultClosed):
            return _Opened(self.encryption.unwrap(key, bound_to=_key_of(case_key, bound=True)), bound=True)
        return _Opened(self.encryption.unwrap(key, bound_to=_key_of(case_key, bound=False)), bound=False)

    def _wrapped(self, key: DataKey, *, bound: bool) -> SealedKey:
        return self.encryption.wrap(key.key, bound_to=_key_of(key.case_key, bound=bound))

    def trust_the_reference_alone(self, case_keys: Iterable[str]) -> None:
        """From now on, let keys open only what is bound to the reference. Repeating it changes nothing."""
        rewrapped = {}
        for case_key in case_keys:
            # A case whose data were shredded meanwhile has no key.
            if (was := self.keys.key(case_key)) is not None and not (opened := self._unwrapped(case_key, was)).bound:
                rewrapped[case_key] = (was, self._wrapped(DataKey(case_key, opened.key), bound=True))
        if rewrapped:
            self.keys.rewrap(rewrapped)

    def opens_nothing(self, *, known_to_be_new: bool) -> str | None:
        """Why the key-encryption keys at hand cannot be this vault's; None when one sealed key opens.

        A key known to be new may find everything sealed under a key that is lost.
        """
        at_hand = self.encryption.key_ids
        for key_id in at_hand:
            some = self.keys.some_under([key_id])
            # A single failure means a changed entry; when all fail, the key-encryption key is another.
            if some and not any(self._opens(case_key, key) for case_key, key in some.items()):
                return f"the key {key_id} is not the one under which the families' keys are sealed: put that one back"
        if not known_to_be_new and not self.keys.some_under(at_hand):
            for key in self.keys.some_under(at_hand, others=True).values():
                return f"the families' keys are sealed under {key.key_id}, which is not at hand: put it back"
        return None

    def _opens(self, case_key: str, key: SealedKey) -> bool:
        with suppress(VaultClosed):
            self._unwrapped(case_key, key)
            return True
        return False

    def rotate(self, *, some: int = 500) -> Iterator[int]:
        """Reseal every data key under the current key, some at a time; yields how many of the families' keys were done.

        What the data keys sealed stays as it is, and can be opened all the time. `VaultClosed` at the end when some
        keys could not be opened; the others are done by then.
        """
        after, closed = "", 0
        while keys := self.keys.not_under(self.key_id, most=some, after=after):
            after, rewrapped = max(keys), {}
            for case_key, was in keys.items():
                try:
                    key, bound = self._unwrapped(case_key, was)
                except VaultClosed:
                    closed += 1
                else:
                    rewrapped[case_key] = (was, self._wrapped(DataKey(case_key, key), bound=bound))
            self.keys.rewrap(rewrapped)
            if families := len(rewrapped.keys() - OF_NO_CASE):
                yield families
        if closed:
            raise VaultClosed(f"{closed} keys are sealed under a key that is not at hand, or were changed")


def _written(identity: Identity) -> bytes:
    return json.dumps({name: getattr(identity, name) for name in _FIELDS}, ensure_ascii=False).encode()


def _key_of(case_key: str, *, bound: bool) -> str:
    return f"vault_entry|{case_key}|sealed_key" + ("|opens what is bound to the reference" if bound else "")


def identity_of(case_key: str, reference: str) -> str:
    """The place that an entry's identity is bound to."""
    return f"vault_entry|{case_key}|{reference}|sealed_identity"


def _identity_before(case_key: str) -> str:
    return f"vault_entry|{case_key}|sealed_identity"
