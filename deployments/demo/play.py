"""The demo: 24 invented families go the whole path, on real interfaces."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound
from rich.console import Console
from rich.table import Table

from deployments.demo.audit import SOON, Now, audited, counted
from deployments.demo.bookkeeping import claim_repairs, correct_postings, reject_one_posting, until_claims_are_answered
from deployments.demo.browser import browser
from deployments.demo.people import Choice, Form, Mail, People, no, to_a_colleague, yes
from deployments.demo.stage import Stage, folder_for_a_demo, staged
from deployments.progress import Standstill, until
from domain.books.months import last_day_of_month, settled_by_itself_on
from domain.errors import TilflytError
from domain.parties.sending_days import USUAL_DAYS, USUAL_HOUR, next_sending
from domain.questions.question import QuestionKind
from domain.working_days import COPENHAGEN, day_of
from tasks.platform import days_offices_are_closed

LATE_APPROVER = "bolig@favrskov.invalid"
WORKING_DAY, OFFICES_OPEN = 5, time_of_day(9)

# Which question of its kind, counted from 1, is answered with a no, and why.
REFUSALS: dict[tuple[QuestionKind, int], str] = {
    (QuestionKind.SIGN_OFF, 11): "other_solution_found",
    (QuestionKind.OFFER, 4): "no_suitable_home",
    (QuestionKind.APPROVAL, 6): "area_under_pressure",
    (QuestionKind.ACCEPTANCE, 3): "home_does_not_suit",
    (QuestionKind.ACCEPTANCE, 8): "not_now",
    (QuestionKind.MOVE_IN, 5): "lease_not_signed",
}
WITHDRAWS_AT = 5
PASSES_ON = "anvisning@nyborg.invalid"


class NotQuiet(TilflytError):
    """The demo cannot come to rest: a process ended, or a flow failed."""

    code = "not_quiet"


class Script:
    """What the people do: most say yes, some decline, one withdraws consent, one approver is late, one passes on."""

    def __init__(self) -> None:
        self.late: str | None = None
        self.withdrawn = False
        self.passed_on = False

    def __call__(self, form: Form, mail: Mail, nth: int) -> Choice | None:
        """The choice on a form; None when the letter is not answered."""
        if form.kind is QuestionKind.APPROVAL and mail.to == LATE_APPROVER and self.late in (None, mail.link):
            self.late = mail.link
            return None
        if form.kind is QuestionKind.ACCEPTANCE and nth >= WITHDRAWS_AT and not self.withdrawn:
            self.withdrawn = True
            return yes(form) | {"answer": "withdraw"}
        if form.kind is QuestionKind.APPROVAL and mail.to == PASSES_ON and not self.passed_on:
            self.passed_on = True
            return to_a_colleague(form)
        reason = REFUSALS.get((form.kind, nth))
        return no(form, reason) if reason else yes(form)


class Play:
    """The demo's course of events on a running stage."""

    def __init__(self, stage: Stage, tell: Callable[[str], None]) -> None:
        self.stage = stage
        self.tell = tell
        self.http = browser()
        self.people = People(stage.inbox_url, Script())
        self._told = ""

    def run_deployment(self, name: str) -> str:
        """Have Prefect run a deployment as its schedule would, and wait for its end; returns its state's message."""
        with self._prefect() as prefect:
            deployment = self._deployment(prefect, name)
            run = prefect.create_flow_run_from_deployment(deployment.id)
            standstill = Standstill()
            while not ((state := prefect.read_flow_run(run.id).state) and state.is_final()):
                standstill.look((name, state, self._now()))
                # Prefect's API has to be asked for the state.
                time.sleep(0.2)
        self.tell(f"{name}: {state.message or state.name}")
        return str(state.name)

    def _deployment(self, prefect: Any, name: str) -> Any:  # noqa: ANN401  # Prefect's own client and answer
        def found() -> Any:  # noqa: ANN401  # the same
            # The worker registers its deployments when it starts.
            with suppress(ObjectNotFound):
                return prefect.read_deployment_by_name(name)
            return None

        return until(found, moves=lambda: f"the worker does not register {name}")

    def until_quiet(self) -> None:
        """Let the people read and answer until nobody has anything left to do, and nothing is due soon."""
        self._until_nobody_acts()
        while (now := self._now()).due_soon or now.undisclosed:
            # A case whose requests could not be sent is tried again after a minute.
            self.stage.clock.move_on(SOON if now.due_soon else timedelta(hours=1))
            if not now.due_soon:
                self.tell("An hour passes in which families may take their yes back …")
            self._until_nobody_acts()

    def _until_nobody_acts(self) -> None:
        standstill, quiet = Standstill(), 0
        while quiet < 3:
            if died := self.stage.processes.ended():
                raise NotQuiet(f"{', '.join(died)} ended; see {self.stage.processes.logs}")
            read = self.people.read_and_answer(self.http)
            now = self._now()
            standstill.look((now, self.people.read))
            quiet = 0 if read or now.busy or self._a_flow_runs() else quiet + 1
            self._progress()
            # The platform gets time to work, as people do not answer within a millisecond.
            time.sleep(0.1)

    def _a_flow_runs(self) -> bool:
        with self._prefect() as prefect:
            acting = FlowRunFilter(state={"type": {"any_": [StateType.RUNNING, StateType.PENDING]}})
            return bool(prefect.read_flow_runs(flow_run_filter=acting, limit=1))

    def _prefect(self) -> SyncPrefectClient:
        return SyncPrefectClient(f"{self.stage.prefect_url}/api", httpx_settings={"trust_env": False})

    def _now(self) -> Now:
        return counted(self.stage.database, now=self.stage.clock.now())

    def _status(self) -> str:
        now = self._now()
        where = ", ".join(f"{count} {status}" for status, count in now.statuses.items())
        return f"{where}; {now.delivered} told, {now.waiting} waiting to be told"

    def _progress(self) -> None:
        status = self._status().partition(";")[0]
        if status != self._told:
            self._told = status
            self.tell(f"  {status}")

    def days_pass(self, days: int) -> None:
        """Move the shared clock forward, and run the flow that acts on deadlines."""
        self.stage.clock.move_on(timedelta(days=days))
        self.tell(f"{days} days pass …")
        self.run_deployment("deadlines/hourly")
        self.until_quiet()

    def sending_day_comes(self) -> None:
        """Move the shared clock to the next day on which requests are sent to associations."""
        now = self.stage.clock.now()
        then = next_sending(now, USUAL_DAYS, USUAL_HOUR, days_offices_are_closed())
        self.stage.clock.move_on(then - now)
        self.tell(f"It is {then:%A %H:%M}: requests to associations go out together.")

    def month_is_settled(self) -> None:
        """Move the shared clock to the day on which this month is settled; the finance people answer their letters."""
        now = self.stage.clock.now()
        day = settled_by_itself_on(last_day_of_month(day_of(now)), WORKING_DAY, days_offices_are_closed())
        self.stage.clock.move_on(datetime.combine(day, OFFICES_OPEN, tzinfo=COPENHAGEN) - now)
        self.tell(f"It is {day:%A %d %B}: the month before is settled, and both sides are asked to approve it.")
        self.until_quiet()
        if self.run_deployment("settlement/every-morning") != "Completed":
            raise NotQuiet("the month was not settled")
        self.until_quiet()

    def whole(self) -> None:
        """The whole demo, from the first flag to the last deadline."""
        reject_one_posting(self.stage)
        self.run_deployment("vacancy-sync/night")
        self.run_deployment("intake/poll")
        self.until_quiet()
        self.tell("The association Havblik does not answer for a while …")
        self.stage.order("outage", {"prefix": "/association/havblik", "seconds": 6, "status": 503})
        self.sending_day_comes()
        self.until_quiet()
        claim_repairs(self.stage, self.tell)
        self.tell("One approver has not answered: a reminder goes out, then the deadline passes.")
        self.days_pass(8)
        self.days_pass(5)
        self.tell("Families who were not ready are asked again when their time has come.")
        self.days_pass(31)
        correct_postings(self.stage, self.tell)
        self.run_deployment("bookkeeping/every-morning")
        self.until_quiet()
        self.tell("At night the vault is looked through.")
        if self.run_deployment("housekeeping/every-night") != "Completed":
            raise NotQuiet("something is wrong with the vault")
        until_claims_are_answered(self.stage, self._until_nobody_acts)
        self.month_is_settled()


def play(*, quiet: bool = False, folder: Path | None = None, database_url: str | None = None) -> dict[str, Any]:
    """Play the demo and return its summary; `invariants_held` says whether every invariant held."""
    console = Console(stderr=True, quiet=quiet, highlight=False)
    began = time.monotonic()

    def tell(what: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.1f} s[/]  {what}")

    folder = folder or folder_for_a_demo()
    with staged(folder, database_url=database_url, tell=tell) as stage:
        whole = Play(stage, tell)
        with whole.http:
            whole.whole()
            state = httpx.get(f"{stage.partners_url}/_control/state", trust_env=False).json()
    # After every process has ended and has written its last bytes.
    tell("Searching everything that was written for anything personal …")
    summary = audited(stage, state)
    summary["seconds"] = round(time.monotonic() - began, 1)
    (folder / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2))
    _show(console, summary)
    return summary


def _show(console: Console, summary: dict[str, Any]) -> None:
    table = Table(title="The demo", show_header=False)
    for name in (
        "families", "housed", "seeking", "closed", "withdrawn", "letters_sent", "postings_acknowledged",
        "ledger_sum_ore", "undelivered", "personal_data_leaks", "attention", "seconds",
    ):  # fmt: skip  # a list of names
        table.add_row(name.replace("_", " "), str(summary[name]))
    console.print(table)
    effects = Table("area", "households moved", "outside labour market, published", "after", title="Effect")
    for effect in summary["effects"]:
        effects.add_row(
            effect["area"], str(effect["households"]), _pct(effect["published_pct"]), _pct(effect["after_pct"])
        )
    console.print(effects)
    for name, held in summary["invariants"].items():
        console.print(f"{'[green]✓[/]' if held else '[red]✗[/]'} {name}")
    for what, where in summary["where_to_look"].items():
        console.print(f"{what}: {where}")


def _pct(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.2f} %"
