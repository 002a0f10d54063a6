"""How long people wait at the desk: from the click on "Send svar" to the next party's letter, and for a page.

`python -m tests.benchmarks.desk [--small]`; exit 1 when a limit is missed. Everything runs as in `make up`: the real
endpoint, worker, deliverer, Prefect server and SMTP server, each in a process of its own. A wait ends when the letter's
last byte has reached the mail server. After each decision a bare letter is measured: a form posted to a server that
commits one row and answers, and a letter sent to the same mail server. A decision's wait, less one look of the worker,
is counted in bare letters. A few visitors at once ask for a page, and in turns for the same template with facts that
never change, so that both are measured on an equally busy machine.
"""

import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.table import Table

from deployments.demo.browser import browser
from deployments.demo.people import LINK, digits_after, read_form, same_origin, yes
from deployments.demo.stage import Stage, staged
from deployments.processes import LOOPBACK, free_port
from deployments.progress import until
from tests.benchmarks.desk_letters import bare_letter, letters_of, next_letter, until_quiet
from tests.benchmarks.figures import machine
from tests.benchmarks.people import everything_told
from tests.benchmarks.stages import AT_ONCE, FROM_THE_SENDING_MOMENT, outside_world, taken_in
from tests.benchmarks.verdicts import LOOK_S, Verdict, at_least, at_most, judged, small_form
from tests.world.servers.prefect_home import MIGRATED, migrated_home

# In bare letters, beyond one look of the worker: the limit for 95 of 100 decisions, and the limit for all.
BARE_LETTERS, BARE_LETTERS_EVER, SHARE_WITHIN = 28, 135, 0.95
VISITORS = 4


@dataclass(frozen=True, slots=True)
class Size:
    """The number of families, of decisions at least and at most, of pages for each visitor, and of rounds."""

    families: int = 16
    decisions_at_least: int = 50
    decisions: int = 60
    pages_each: int = 100
    rounds: int = 5


SMALL = Size(families=1, decisions_at_least=3, decisions=3, pages_each=3, rounds=1)


def decisions(stage: Stage, http: httpx.Client, chance: random.Random) -> Generator[float]:
    """Answer the open questions one at a time; yields each wait for the next party's letter, in seconds."""
    read = 0
    everything_told(stage.database)
    until_quiet(stage, http)
    while letters := letters_of(stage, http, read):
        for letter in letters:
            read = letter["n"]
            link = LINK.search(letter["text"])
            page = http.get(link[0]) if link else None
            form = read_form(page.text) if page is not None else None
            if page is None or form is None:
                continue
            until_quiet(stage, http)
            known = len(letters_of(stage, http, 0))
            time.sleep(chance.uniform(0, 0.1))  # so that clicks fall at random moments between two looks of the worker
            clicked = datetime.now(UTC)
            typed = {"digits": digits_after(letter["text"], link[0]) or ""} if link else {}
            told = http.post(page.url, data=form.hidden | yes(form) | typed, headers=same_origin(page))
            if told.status_code != httpx.codes.SEE_OTHER:
                raise RuntimeError(f"the answer was not recorded: {told.status_code}")
            yield next_letter(stage, http, known, clicked)


def pages(url: str, each: int) -> tuple[float, list[float]]:
    """Ask for a page again and again; returns the time of all requests together and of each."""
    waits: list[float] = []
    parts = urlsplit(url)

    def visit() -> None:
        connection = HTTPConnection(parts.hostname or "", parts.port)
        for _ in range(each):
            begun = time.perf_counter()
            connection.request("GET", parts.path)
            answer = connection.getresponse()
            answer.read()
            waits.append(time.perf_counter() - begun)
            if answer.status != httpx.codes.OK:
                raise RuntimeError(f"{url} answered {answer.status}")
        connection.close()

    threads = [threading.Thread(target=visit) for _ in range(VISITORS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    if len(waits) != VISITORS * each:
        raise RuntimeError(f"{url}: only {len(waits)} pages came")
    return took, waits


def in_turns(urls: dict[str, str], size: Size) -> dict[str, tuple[float, float]]:
    """Pages a second and the 99th percentile in ms for each address, measured in turns for some rounds."""
    took = dict.fromkeys(urls, 0.0)
    waits: dict[str, list[float]] = {name: [] for name in urls}
    for _ in range(size.rounds):
        for name, url in urls.items():
            seconds, found = pages(url, size.pages_each)
            took[name] += seconds
            waits[name] += found
    return {name: (len(waits[name]) / took[name], 1000 * quantiles(waits[name], n=100)[98]) for name in urls}


@dataclass(frozen=True, slots=True)
class Waits:
    """The seconds until each decision's letter, and until each bare letter."""

    decisions_s: list[float]
    bare_s: list[float]

    @property
    def in_bare_letters(self) -> list[float]:
        """Each decision's wait beyond one look of the worker."""
        bare = median(self.bare_s)
        return [(wait - LOOK_S) / bare for wait in self.decisions_s]

    def verdicts(self, size: Size) -> list[Verdict]:
        """Each limit, and whether it was held."""
        found = self.in_bare_letters
        share = sum(one <= BARE_LETTERS for one in found) / len(found)
        within = f"letters within a look of {1000 * LOOK_S:.0f} ms and {BARE_LETTERS} bare letters"
        return [
            at_least(within, 100 * share, 100 * SHARE_WITHIN, "%"),
            at_most("the longest beyond a look", max(found), BARE_LETTERS_EVER, "bare letters"),
            at_least("decisions", len(found), size.decisions_at_least, "in all"),
        ]


def show(waits: Waits, served: dict[str, tuple[float, float]], console: Console) -> None:
    """Print what was measured."""
    console.print(f"\n[bold]The desk[/] on {machine('not used')}")
    table = Table("to the letter's last byte", "", "median ms", "95 % ms", "longest ms", "95 % beyond a look")
    for what, some in (("click → next party's letter", waits.decisions_s), ("a bare letter", waits.bare_s)):
        seen = (f"{1000 * wait:.0f}" for wait in (median(some), quantiles(some, n=100)[94], max(some)))
        beyond = f"{quantiles(waits.in_bare_letters, n=100)[94]:.1f} bare" if some is waits.decisions_s else ""
        table.add_row(what, str(len(some)), *seen, beyond)
    console.print(table)
    console.print(FROM_THE_SENDING_MOMENT)
    beside = Table(f"a page, {VISITORS} visitors at once", "pages/s", "p99 ms", "of the static one")
    static = served["static template"][0]
    for name, (a_second, p99) in served.items():
        beside.add_row(name, f"{a_second:.0f}", f"{p99:.1f}", f"{a_second / static:.2f}")
    console.print(beside)


def open_page(stage: Stage, http: httpx.Client) -> str:
    """The link of a letter whose question is still open; waits for one, as the last letter may be on its way."""

    def there() -> str | None:
        links = (LINK.search(letter["text"]) for letter in letters_of(stage, http, 0))
        return next((link[0] for link in links if link and read_form(http.get(link[0]).text)), None)

    return until(there, moves=lambda: len(letters_of(stage, http, 0)))


def decided(stage: Stage, static: str, size: Size) -> tuple[Waits, str]:
    """The waits of decisions, each followed by a bare letter, and a link that is still open."""
    with browser() as http:
        made = decisions(stage, http, random.Random(20260101))
        waits = Waits([], [])
        for wait, _ in zip(made, range(size.decisions), strict=False):
            waits.decisions_s.append(wait)
            waits.bare_s.append(bare_letter(stage, http, static))
        made.close()
        return waits, open_page(stage, http)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and return 1 when a limit is missed."""
    small = small_form(arguments, "desk")
    size = SMALL if small else Size()
    console = Console()
    tell: Callable[[str], None] = lambda what: console.print(f"[dim]{what}[/]")  # noqa: E731  # it is handed on
    with tempfile.TemporaryDirectory(prefix="tilflyt-bench-") as folder:
        waits, served = measured(Path(folder), size, tell)
    show(waits, served, console)
    return 0 if judged(waits.verdicts(size), console, small=small) else 1


def measured(folder: Path, size: Size, tell: Callable[[str], None]) -> tuple[Waits, dict[str, tuple[float, float]]]:
    """The waits and the pages, measured on a stage of their own."""
    migrated_home(folder / "prefect")
    # A home for each family, so that there is always a next party.
    peopled = outside_world({"desk": size.families})
    with staged(folder, peopled=peopled, tell=tell, more_settings=AT_ONCE | MIGRATED, disclosed_at_once=True) as stage:
        taken_in(stage)
        port = free_port()
        stage.processes.start("static-desk", "-m", "tests.benchmarks.static_desk", str(port), f"{folder}/bare.sqlite")
        static = f"http://{LOOPBACK}:{port}/q/static"
        stage.processes.wait_for("static-desk", static)
        tell(f"{size.decisions} decisions, one at a time, and a bare letter after each …")
        waits, link = decided(stage, static, size)
        tell(f"{size.rounds} rounds of pages, from the desk and from a static template in turns …")
        return waits, in_turns({"the desk": link, "static template": static}, size)


if __name__ == "__main__":
    sys.exit(main())
