"""All tables together, for migrations and for tests that look at the whole."""

from sqlmodel import SQLModel

from storage import attention, lanes, limits, outbox
from storage.areas import area_names, places
from storage.audit import chain, checkpoints, events, states
from storage.books import claims, ledger, move_ins, periods, posted_before, settlements
from storage.books.bookkeeping import corrections, invoice_rows, runs
from storage.books.bookkeeping import states as posting_states
from storage.feeds import feeds, quarantine, staging
from storage.operations import schedules
from storage.parties import agreement_migrations, agreements, deputies, logins, partners
from storage.privacy import consents, disclosures, releases, retention, shredding
from storage.questions import comments, mailboxes, questions
from storage.referrals import exclusions, history, references, referrals
from storage.referrals import flag_receipts as intake
from storage.vacancies import offers, vacancies
from storage.vault import entries, key_checks, person_digests

ROOMS = (
    agreement_migrations,
    agreements,
    area_names,
    attention,
    chain,
    checkpoints,
    claims,
    comments,
    consents,
    corrections,
    deputies,
    disclosures,
    entries,
    events,
    exclusions,
    feeds,
    history,
    intake,
    invoice_rows,
    key_checks,
    lanes,
    ledger,
    limits,
    logins,
    mailboxes,
    move_ins,
    offers,
    outbox,
    partners,
    person_digests,
    places,
    periods,
    posted_before,
    posting_states,
    quarantine,
    questions,
    references,
    referrals,
    releases,
    retention,
    runs,
    schedules,
    settlements,
    shredding,
    staging,
    states,
    vacancies,
)
METADATA = SQLModel.metadata
