"""All tables together, for migrations and for tests that look at the whole."""

from sqlmodel import SQLModel

from storage import (
    attention,
    comments,
    consents,
    deputies,
    disclosures,
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
from storage.audit import chain, checkpoints, events, states

ROOMS = (
    attention,
    chain,
    checkpoints,
    comments,
    consents,
    deputies,
    disclosures,
    events,
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
    states,
    vacancies,
    vault,
)
METADATA = SQLModel.metadata
