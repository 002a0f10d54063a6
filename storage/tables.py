"""All tables together, for migrations and for tests that look at the whole."""

from sqlmodel import SQLModel

from storage import attention, limits, outbox, schedules
from storage.areas import area_names, places
from storage.audit import chain, checkpoints, events, states
from storage.books import ledger, posted_before
from storage.feeds import feeds, quarantine, staging
from storage.parties import agreements, deputies, logins, partners
from storage.privacy import consents, disclosures, releases, retention, shredding
from storage.questions import comments, mailboxes, questions
from storage.referrals import flag_receipts as intake
from storage.referrals import referrals
from storage.vacancies import vacancies
from storage.vault import key_checks, person_digests, vault

ROOMS = (
    agreements,
    area_names,
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
    key_checks,
    ledger,
    limits,
    logins,
    mailboxes,
    outbox,
    partners,
    person_digests,
    places,
    posted_before,
    quarantine,
    questions,
    referrals,
    releases,
    retention,
    schedules,
    shredding,
    staging,
    states,
    vacancies,
    vault,
)
METADATA = SQLModel.metadata
