"""Whose feed is synced, by which schedule, and what is known of it before the night."""

from collections.abc import Collection

from sqlmodel import col, select

from domain.parties import party
from storage.feeds.feeds import earlier_rows
from storage.operations.schedules import all_schedules
from storage.parties.partners import partner_of, partners
from storage.vacancies.vacancies import Vacancy
from tasks.platform import Platform


def associations_with_a_feed(platform: Platform) -> list[str]:
    """The ids of the associations whose feed is synced."""
    return list(feed_schedules(platform))


def feed_schedules(platform: Platform) -> dict[str, str | None]:
    """Each association whose feed is synced, with its own cron line; None for the night with the others."""
    with platform.database.reading() as session:
        return {known.id: known.feed.schedule for known in partners(session) if "vacancy_feed" in known.systems}


def feeds_of_the_night(platform: Platform) -> list[str]:
    """The associations whose feed has no schedule of its own, or one that could not be set up."""
    feeds = feed_schedules(platform)
    with platform.database.reading() as session:
        set_up = {schedule.name: schedule.cron for schedule in all_schedules(session)}
    return [one for one, own in feeds.items() if own is None or set_up.get(own_schedule(one)) != own]


def own_schedule(association: str) -> str:
    """The name of an association's own schedule."""
    return f"vacancy-sync/{association}"


def where_homes_lie(platform: Platform, associations: Collection[str]) -> list[str]:
    """The municipalities in which some associations have homes, by code."""
    with platform.database.reading() as session:
        query = select(Vacancy.municipality).where(col(Vacancy.association).in_(associations)).distinct()
        return sorted(session.exec(query))


def usual_rows(platform: Platform, association: str) -> int | None:
    """How many rows a feed had last, or how many were announced before its first load."""
    with platform.database.reading() as session:
        expected = partner_of(session, party.association(association)).feed.expected_rows
        return next(iter(earlier_rows(session, association)), expected)
