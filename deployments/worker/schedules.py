"""The schedule of each flow, as a Prefect deployment. Times are Copenhagen's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from prefect.flows import Flow

from flows.bookkeeping import mind_the_books
from flows.deadlines import mind_deadlines
from flows.housekeeping import mind_the_house
from flows.intake import take_in_flagged_families
from flows.referral_path import carry_referrals_forward
from flows.returned_mail import mind_returned_mail
from flows.settlement import settle_and_ask
from flows.vacancy_sync import apply_accepted_feeds, sync_vacancies
from storage.settings import Settings

FLOWS: tuple[Flow[..., Any], ...] = (
    carry_referrals_forward,
    take_in_flagged_families,
    sync_vacancies,
    mind_the_house,
    mind_deadlines,
    mind_the_books,
    mind_returned_mail,
    settle_and_ask,
)
# The worker runs these itself, when something is due.
AT_ONCE: tuple[Flow[..., Any], ...] = (carry_referrals_forward, apply_accepted_feeds)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A flow with its deployment's name, its cron line and its parameters."""

    flow: Flow[..., Any]
    deployment: str
    cron: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The deployment's full name in Prefect: `vacancy-sync/night`."""
        return f"{self.flow.name}/{self.deployment}"

    @property
    def limit(self) -> timedelta:
        """How long a run may take."""
        return limit_of(self.flow)


def limit_of(flow: Flow[..., Any]) -> timedelta:
    """How long a run of a flow may take."""
    if not flow.timeout_seconds:
        raise ValueError(f"{flow.name} has no time limit")
    return timedelta(seconds=flow.timeout_seconds)


def schedules(settings: Settings, feeds: Mapping[str, str | None]) -> list[Scheduled]:
    """All schedules.

    `feeds` are the associations with a feed, each with its own cron line or None; one with a line gets a deployment.
    """
    own = [
        Scheduled(sync_vacancies, association, cron, {"association": association})
        for association, cron in feeds.items()
        if cron
    ]
    mailbox = [Scheduled(mind_returned_mail, "mailbox", "2-59/5 * * * *")] if settings.imap_host else []
    # No two in the same minute: with SQLite, a Prefect server refuses one of two runs that start at the same instant.
    return [
        # The worker carries referrals forward at once; this sparse run does so when the worker has missed one.
        Scheduled(carry_referrals_forward, "net", "4-59/10 * * * *"),
        Scheduled(take_in_flagged_families, "poll", f"*/{settings.intake_every_minutes} * * * *"),
        Scheduled(sync_vacancies, "night", "18 2 * * *"),
        Scheduled(mind_the_house, "every-night", "41 3 * * *"),
        Scheduled(mind_deadlines, "hourly", "8 7-17 * * *"),
        # Every morning: the day on which a month is settled is known by its working days, which no cron line knows.
        Scheduled(settle_and_ask, "every-morning", "33 6 * * *"),
        Scheduled(mind_the_books, "every-morning", "11 6 * * *"),
        *mailbox,
        *own,
    ]
