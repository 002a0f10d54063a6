"""The record of processing activities (GDPR art. 30), generated from the code, so that the two cannot differ."""

from collections.abc import Iterator
from dataclasses import fields

from domain.referrals.household import Identity
from storage.outbox import Telling
from storage.privacy.classification import COLUMNS, MEANS, Holds
from storage.settings import Settings
from storage.vault.entries import Door

WHERE = "docs/record-of-processing.md"

HEAD = """# Record of processing activities

Written by `tilflyt privacy record`; a test fails when it is not what the code does. GDPR art. 30.

| | |
|---|---|
| Controllers | each municipality for its own families; an association from the moment it is told who its tenant is |
| Processor | whoever runs the platform (`operator` in the parties' file) |
| Purpose | to house families who would be better off outside a vulnerable area, and to account for it |
| Legal basis | public task (art. 6(1)(e)); the family's consent is a safeguard, and its withdrawal stops the case |
| Whose data | families that social services have flagged; people at work with the parties |
| Never processed | ethnicity, nationality, religion, citizenship |
| Transfers to third countries | none |
"""
TOLD: dict[Telling, str] = {
    Telling.RECEIPT: "the sending municipality's case system: that a flag was taken in, or which field is wrong",
    Telling.RESERVE: "the association: its own unit, until when, under a name that only it knows",
    Telling.RELEASE: "the association: that its unit is free again",
    Telling.DISCLOSE: "the association that the family has accepted: name, e-mail and phone of the adult who signs, "
    "and whether its address is protected",
    Telling.HAND_OVER: "the municipality that the family moves to: the same, and the CPR number",
    Telling.RECALL: "the association: that it must delete what it was told, and confirm it",
    Telling.TAKE_BACK: "the municipality that the family was to move to: the same",
    Telling.POSTING: "a municipality's finance system: reference, account, amount and day",
}
MEASURES = """
## How it is protected

Sealing, keys, shredding, how anonymous requests are measured, and the audit chain: [protecting the
families](protecting-families.md). Login, forms and links: [ASVS](asvs.md).
"""


def record() -> str:
    """The whole record, as Markdown."""
    return "\n".join([HEAD, *_identity(), *_recipients(), *_retention(), *_columns(), MEASURES])


def _identity() -> Iterator[str]:
    yield "## Who a family is\n"
    sealed = ", ".join(f"`{field.name}`" for field in fields(Identity))
    yield f"Sealed, for each case: {sealed}; and comments on answers."
    doors = ", ".join(f"`{door}`" for door in Door)
    yield f"Opened only through these doors, each opening an entry in the audit chain: {doors}.\n"


def _recipients() -> Iterator[str]:
    yield "## Who is told what\n"
    yield "| what goes out | to whom, and what it holds |\n|---|---|"
    yield from (f"| `{telling}` | {holds} |" for telling, holds in TOLD.items())
    letters = ", ".join(f"`{telling}`" for telling in Telling if telling not in TOLD)
    yield f"\nBesides these letters, in which no family is named: {letters}.\n"


def _retention() -> Iterator[str]:
    terms = Settings.model_fields
    yield "## For how long\n"
    for status in ("closed", "withdrawn"):
        days = terms[f"retention_{status}_days"].default
        setting = f"`TILFLYT_RETENTION_{status.upper()}_DAYS`"
        yield f"- {status}: {days} days ({setting}), and not before the archive's receipt"
    yield "- after that the family's key is destroyed; bands, history and bookings stay, under the case's reference\n"


def _columns() -> Iterator[str]:
    yield "## Every column of every table\n"
    for holds in Holds:
        yield f"**{holds.capitalize()}**: {MEANS[holds]}.\n"
        yield "| table | columns |\n|---|---|"
        yield from (f"| `{table}` | {kinds[holds]} |" for table, kinds in sorted(COLUMNS.items()) if holds in kinds)
        yield ""
