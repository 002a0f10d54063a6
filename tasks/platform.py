"""What every task needs: database, clock, keys, vault and partners, put together once a process."""

import gc
import os
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import holidays

from connectors.registry import connector
from domain.anonymity.measure import AnonymityTerms
from domain.errors import PartnerRefused
from domain.parties.party import Connection
from domain.ports.mail import Mailbox, Mailer
from domain.referrals.retention import RetentionTerms
from storage.clock import Clock, clock_of
from storage.database import Database
from storage.installation import opened_database
from storage.restored.watermark import Marks, marks_of
from storage.settings import Settings, required_key, settings
from storage.vault.key_checks import check_values, same_keys
from storage.vault.key_encryption import key_ring, key_store
from storage.vault.vault import Vault
from tasks.mail_accounts import mailbox_of, mailer_of


@dataclass(frozen=True, slots=True)
class Platform:
    """The composed platform. `connect` makes the connector to one system of a partner."""

    database: Database
    clock: Clock
    link_key: bytes
    pseudonym_key: bytes
    vault: Vault
    public_url: str
    mail_from: str
    mailer: Mailer
    connect: Callable[[str, Connection], Any]
    holidays: Container[date]
    delivery_lease: timedelta
    mailbox: Mailbox | None = None
    marks: Marks | None = None
    postings_folder: Path | None = None
    may_email_families: bool = False
    support_name: str = "Tilflytterstyring"
    support_phone: str = ""
    anonymity: AnonymityTerms = field(default_factory=AnonymityTerms)
    retention: RetentionTerms = field(default_factory=RetentionTerms)
    settlement_working_day: int = 5

    def now(self) -> datetime:
        """The moment, in UTC."""
        return self.clock.now()

    def check_values(self) -> dict[str, str]:
        """The check values that recognise its keys; the vault's own told-once key is made if there is none yet."""
        self.vault.told_key(now=self.now())
        return check_values({"link_key": self.link_key, "pseudonym_key": self.pseudonym_key}, self.vault)


def connector_of(system: str, connection: Connection, *, timeout_s: float) -> Any:  # noqa: ANN401  # each port is a Protocol
    """The connector to one system of a partner, with the token from the environment."""
    token = os.environ.get(connection.secret)
    if not token:
        raise PartnerRefused(f"the secret {connection.secret} is not set")
    return connector(system, connection, token=token, timeout_s=timeout_s)  # type: ignore[call-overload]  # checked there


def days_offices_are_closed() -> Container[date]:
    """Public holidays, and 1 May, 5 June, 24 and 31 December, when municipal offices are closed too."""
    return holidays.country_holidays("DK", categories=("public", "optional"))


def platform_of(chosen: Settings) -> Platform:
    """The platform that these settings describe; its databases must exist, and its keys must be the same as before."""
    database, vault = opened_database(chosen), Vault(key_ring(chosen), key_store(chosen))
    same_keys(database, vault, chosen)
    return Platform(
        database=database,
        clock=clock_of(chosen),
        link_key=required_key("link_key", chosen.link_key),
        pseudonym_key=required_key("pseudonym_key", chosen.pseudonym_key),
        vault=vault,
        public_url=str(chosen.public_url).rstrip("/"),
        mail_from=chosen.mail_from,
        mailer=mailer_of(chosen),
        connect=lambda system, at: connector_of(system, at, timeout_s=chosen.partner_timeout_s),
        holidays=days_offices_are_closed(),
        delivery_lease=timedelta(seconds=chosen.delivery_lease_s),
        mailbox=mailbox_of(chosen),
        marks=marks_of(chosen),
        postings_folder=chosen.postings_folder,
        # Outside the demo, families are written to through Digital Post or on paper.
        may_email_families=chosen.world == "demo",
        support_name=chosen.support_name,
        support_phone=chosen.support_phone,
        settlement_working_day=chosen.settlement_working_day,
        retention=RetentionTerms(
            closed_days=chosen.retention_closed_days,
            withdrawn_days=chosen.retention_withdrawn_days,
            warn_days=chosen.retention_warn_days,
        ),
        anonymity=AnonymityTerms(
            least=chosen.anonymity_least,
            wanted=chosen.anonymity_wanted,
            window_days=chosen.anonymity_window_days,
            wait_working_days=chosen.anonymity_wait_working_days,
        ),
    )


@lru_cache(maxsize=1)
def current() -> Platform:
    """This process's platform, from its settings.

    All that is loaded by now is kept out of garbage collection, which took a fifth of a night to look through it.
    """
    gc.freeze()
    return platform_of(settings())
