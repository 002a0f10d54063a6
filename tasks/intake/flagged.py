"""A family that a case system has flagged, with what its case begins with."""

from dataclasses import dataclass

from domain.parties.party import Partner
from domain.referrals.household import FlaggedFamily
from storage.vault.person_key import PersonMark
from storage.vault.vault import DataKey


@dataclass(frozen=True, slots=True)
class Flagged:
    """Who flagged which family, the key that is to seal it, and the mark by which its person is known again."""

    sender: Partner
    family: FlaggedFamily
    key: DataKey
    mark: PersonMark
