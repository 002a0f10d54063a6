"""The household (husstand): what it needs, in bands; and who it is, which is sealed apart."""

import dataclasses
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.referrals.consent import Consent


class Language(StrEnum):
    """What a person reads."""

    DANISH = "da"
    ENGLISH = "en"


class FamilyAnswersBy(StrEnum):
    """How the family's answer reaches us: by its own letter, or through its caseworker."""

    LETTER = "letter"
    CASEWORKER = "caseworker"


@dataclass(frozen=True, slots=True)
class Need:
    """What a home must offer, and the region that the family wants; None when any region will do.

    `children` is how many of the persons are children: it is told to nobody, and only amounts are worked out from it.
    Rent in øre a month; no ethnicity, nationality or religion, ever.
    """

    persons: int
    rooms_min: int
    rent_max_monthly_ore: int
    move_in_from: date
    step_free: bool = False
    region: str | None = None
    children: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the family is. Sealed in the vault; its fields never show in a repr. `email` and `phone` may be empty."""

    adult_name: str = field(repr=False)
    cpr: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    note: str = field(default="", repr=False)
    # Beskyttet adresse (CPR-loven § 28): nobody may be told the family's address.
    address_protection: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class FlaggedFamily:
    """A family as the sending municipality's case system flags it, validated.

    `flag_id` names the flag and `case_id` the family's case, both in the case system's own numbering;
    `flagged_by` is the contact id of the caseworker, who may not sign the referral off.
    """

    flag_id: str
    case_id: str
    flagged_by: str
    from_area: str | None
    outside_labour_market: int
    language: Language
    answers_by: FamilyAnswersBy
    need: Need
    consent: Consent
    identity: Identity = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefusedFlag:
    """A flag or a withdrawal that cannot be taken in: the field and the rule it breaks, never its value.

    `tells_apart` distinguishes flags without a usable id. It holds what was sent, so only its digest may be kept.
    """

    flag_id: str
    field: str
    reason: str
    withdraws: bool = dataclasses.field(default=False, compare=False)
    tells_apart: str = dataclasses.field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class FlaggedWithdrawal:
    """The case system's message that a case must stop."""

    withdrawal_id: str
    case_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class FlagBatch:
    """What one poll of a case system returned."""

    families: tuple[FlaggedFamily, ...] = ()
    refused: tuple[RefusedFlag, ...] = ()
    withdrawals: tuple[FlaggedWithdrawal, ...] = ()
