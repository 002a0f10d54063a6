"""All tables together, for migrations and for tests that look at the whole."""

from sqlmodel import SQLModel

from storage import (
    attention,
    comments,
    deputies,
    intake,
    ledger,
    limits,
    logins,
    outbox,
    parties,
    places,
    questions,
    referrals,
    vacancies,
    vault,
)

ROOMS = (
    attention,
    comments,
    deputies,
    intake,
    ledger,
    limits,
    logins,
    outbox,
    parties,
    places,
    questions,
    referrals,
    vacancies,
    vault,
)
METADATA = SQLModel.metadata
