"""All tables together, for migrations and for tests that look at the whole."""

from sqlmodel import SQLModel

from storage import (
    attention,
    audit,
    comments,
    consents,
    deputies,
    feeds,
    intake,
    ledger,
    limits,
    logins,
    outbox,
    parties,
    places,
    quarantine,
    questions,
    referrals,
    releases,
    retention,
    shredding,
    staging,
    vacancies,
    vault,
)

ROOMS = (
    attention,
    audit,
    comments,
    consents,
    deputies,
    feeds,
    intake,
    ledger,
    limits,
    logins,
    outbox,
    parties,
    places,
    quarantine,
    questions,
    referrals,
    releases,
    retention,
    shredding,
    staging,
    vacancies,
    vault,
)
METADATA = SQLModel.metadata
