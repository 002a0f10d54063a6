"""Which runs are planned, and which of the due runs are started."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.schemas.objects import FlowRun
from prefect.server.schemas.schedules import CronSchedule

from deployments.worker import scheduled_runs
from deployments.worker.cron_lines import COPENHAGEN
from deployments.worker.scheduled_runs import ScheduledRuns, has_room, to_start
from deployments.worker.schedules import AT_ONCE, FLOWS, Scheduled, limit_of, schedules
from flows.vacancy_sync import sync_vacancies
from storage.settings import load_settings


async def test_no_two_flows_start_in_the_same_minute():
    found = schedules(load_settings(_env_file=None, imap_host="mail.example"), {})
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    starts: list[datetime] = []
    for one in found:
        schedule = CronSchedule(cron=one.cron, timezone=COPENHAGEN)
        starts += await schedule.get_dates(n=1000, start=midnight, end=midnight + timedelta(days=1, minutes=-1))
    assert len(starts) > 500
    assert len(found) == 8
    assert max(Counter(starts).values()) == 1


def test_every_flow_has_a_time_limit():
    assert all(timedelta() < limit_of(flow) <= timedelta(hours=3) for flow in (*FLOWS, *AT_ONCE))


def test_an_association_with_a_schedule_of_its_own_has_a_deployment_of_its_own():
    found = schedules(load_settings(_env_file=None), {"a": None, "b": "5 4 * * 1-5"})
    (own,) = [one for one in found if one.deployment == "b"]
    assert own == Scheduled(sync_vacancies, "b", "5 4 * * 1-5", {"association": "b"})


def planned_run(minute: int, deployment: int = 1, *, by_itself: bool = True) -> FlowRun:
    """A run on Prefect's server: planned by its schedule, or started by a person."""
    at = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=minute)
    whose = {"flow_id": UUID(int=1), "deployment_id": UUID(int=deployment)}
    return FlowRun(**whose, next_scheduled_start_time=at, auto_scheduled=by_itself)


def test_of_what_is_due_the_newest_is_started_and_one_that_a_person_started_after_it():
    runs = [planned_run(5), planned_run(20, by_itself=False), planned_run(0), planned_run(10)]
    assert to_start(runs) == ([runs[3], runs[1]], [runs[2], runs[0]])
    more = [planned_run(minute, by_itself=False) for minute in range(3)]
    assert to_start([*more, runs[0]]) == ([runs[0], more[0]], more[1:])
    assert to_start([]) == ([], [])


class Server:
    """The part of Prefect's server that `look` uses: the waiting runs, a page at a time."""

    def __init__(self, *runs: FlowRun) -> None:
        self.waiting = list(runs)

    async def get_scheduled_flow_runs_for_deployments(self, _ids, _before, limit: int) -> list[FlowRun]:
        return sorted(self.waiting, key=scheduled_runs.planned_at)[:limit]

    async def set_flow_run_state(self, run: UUID, _state) -> None:
        self.waiting = [one for one in self.waiting if one.id != run]


async def test_however_many_runs_a_person_starts_the_nights_own_has_its_turn_first(sqlite, monkeypatch):
    night = next(one for one in schedules(load_settings(_env_file=None), {}) if one.deployment == "night")
    own = {
        UUID(int=number): Scheduled(sync_vacancies, str(number), "0 3 * * *", {"association": str(number)})
        for number in range(2, 8)
    }
    nights = planned_run(600)
    by_hand = [planned_run(minute, by_itself=False) for minute in range(450)]
    feeds = [planned_run(1, number, by_itself=number == 7) for number in range(2, 8)]
    server, runs, begun = Server(*by_hand, nights, *feeds), ScheduledRuns(sqlite), []

    async def run(_self, _one: Scheduled, run: FlowRun) -> None:
        begun.append(run)
        await asyncio.sleep(60)

    monkeypatch.setattr(ScheduledRuns, "_run", run)
    for _ in range(4):
        await runs.look(server, {UUID(int=1): night, **own})  # type: ignore[arg-type]  # as much of a client as it asks
        await asyncio.sleep(0)
    monkeypatch.setattr(scheduled_runs, "STOPPED_WITHIN_S", 0)
    await runs.stop()

    # The night, one association's own schedule, and as many of the others as may run at once.
    assert begun[:2] == [feeds[5], nights]
    assert begun[2:] == feeds[:3]
    # Of the runs that a person started the first waits; the others are skipped.
    assert [one for one in server.waiting if one.deployment_id == UUID(int=1)] == [by_hand[0], nights]


def test_each_flow_has_a_place_of_its_own_and_associations_with_own_schedules_share_a_few():
    usual = schedules(load_settings(_env_file=None), {})
    own = [Scheduled(sync_vacancies, str(number), "0 3 * * *", {"association": str(number)}) for number in range(9)]
    night = next(one for one in usual if one.deployment == "night")
    assert not has_room(night, [night])
    assert all(has_room(one, [*(other for other in usual if other != one), *own]) for one in usual)
    assert has_room(own[3], [night, *own[:3]])
    assert not has_room(own[4], [night, *own[:4]])
