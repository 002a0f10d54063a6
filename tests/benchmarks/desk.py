"""How long people wait at the desk: from the click on "Send svar" to the next party's letter, and for a page.

`python -m tests.benchmarks.desk`; exit 1 when a limit is missed. Everything runs as in `make up`: the real endpoint,
worker, deliverer, Prefect server and SMTP server, each a process of its own. A wait ends when the letter's last byte
has reached the mail server. A page is asked for by a few visitors at once, and in turns with it the same template
filled with facts that never change, so that both meet the same machine.
"""

import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.table import Table

from deployments.demo.people import LINK, digits_after, read_form, same_origin, yes
from deployments.demo.play import Play
from deployments.demo.stage import Stage, staged
from deployments.processes import LOOPBACK, free_port
from tests.benchmarks.figures import machine
from tests.benchmarks.stages import AT_ONCE, FROM_THE_SENDING_MOMENT, outside_world

FAMILIES, DECISIONS = 16, 60
WITHIN_S, SHARE_WITHIN, NEVER_ABOVE_S = 0.5, 0.95, 2.0
VISITORS, PAGES_EACH, ROUNDS = 4, 100, 5
QUIET_S = 0.4
GIVE_UP_AFTER_S = 30.0


def decisions(stage: Stage, http: httpx.Client, chance: random.Random) -> Iterator[float]:
    """Answer whatever is asked, one at a time; each wait for the next party's letter, in seconds."""
    read = 0
    _quiet(stage, http)
    while letters := _letters(stage, http, read):
        for letter in letters:
            read = letter["n"]
            link = LINK.search(letter["text"])
            page = http.get(link[0]) if link else None
            form = read_form(page.text) if page is not None else None
            if page is None or form is None:
                continue
            _quiet(stage, http)
            known = len(_letters(stage, http, 0))
            time.sleep(chance.uniform(0, 0.1))  # or every click would fall between the same two looks of the worker
            clicked = datetime.now(UTC)
            typed = {"digits": digits_after(letter["text"], link[0]) or ""} if link else {}
            told = http.post(page.url, data=form.hidden | yes(form) | typed, headers=same_origin(page))
            if told.status_code != httpx.codes.SEE_OTHER:
                raise RuntimeError(f"the answer was not recorded: {told.status_code}")
            yield _next_letter(stage, http, known, clicked)


def _letters(stage: Stage, http: httpx.Client, after: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = http.get(f"{stage.inbox_url}/messages", params={"after": after}).json()
    return found


def _next_letter(stage: Stage, http: httpx.Client, known: int, clicked: datetime) -> float:
    end = time.monotonic() + GIVE_UP_AFTER_S
    while time.monotonic() < end:
        for letter in _letters(stage, http, known):
            if "/q/" in letter["text"] or "flyttet ind" in letter["text"]:
                return (datetime.fromisoformat(letter["received_at"]) - clicked).total_seconds()
        time.sleep(0.01)
    raise RuntimeError("no letter came")


def _quiet(stage: Stage, http: httpx.Client) -> None:
    """Wait until no letter is under way, so that none of another decision is taken for the next one's."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_S:
        if (now := len(_letters(stage, http, 0))) != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.02)


def pages(url: str) -> tuple[float, list[float]]:
    """Ask for a page again and again: how long that took in all, and each of them."""
    waits: list[float] = []
    parts = urlsplit(url)

    def visit() -> None:
        connection = HTTPConnection(parts.hostname or "", parts.port)
        for _ in range(PAGES_EACH):
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
    if len(waits) != VISITORS * PAGES_EACH:
        raise RuntimeError(f"{url}: only {len(waits)} pages came")
    return took, waits


def in_turns(urls: dict[str, str]) -> dict[str, tuple[float, float]]:
    """Pages a second and the 99th percentile in ms, for each address; round after round, each after the other."""
    took = dict.fromkeys(urls, 0.0)
    waits: dict[str, list[float]] = {name: [] for name in urls}
    for _ in range(ROUNDS):
        for name, url in urls.items():
            seconds, found = pages(url)
            took[name] += seconds
            waits[name] += found
    return {name: (len(waits[name]) / took[name], 1000 * quantiles(waits[name], n=100)[98]) for name in urls}


def show(waits_s: list[float], served: dict[str, tuple[float, float]], console: Console) -> bool:
    """Print everything; tells whether every limit was held."""
    console.print(f"\n[bold]The desk[/] on {machine('not used')}")
    share = sum(wait <= WITHIN_S for wait in waits_s) / len(waits_s)
    table = Table("click → next party's letter", "decisions", "median ms", "95 % ms", "longest ms")
    p95 = quantiles(waits_s, n=100)[94]
    table.add_row("", str(len(waits_s)), *(f"{1000 * wait:.0f}" for wait in (median(waits_s), p95, max(waits_s))))
    console.print(table)
    console.print(FROM_THE_SENDING_MOMENT)
    beside = Table(f"a page, {VISITORS} visitors at once", "pages/s", "p99 ms", "of the static one")
    static = served["static template"][0]
    for name, (a_second, p99) in served.items():
        beside.add_row(name, f"{a_second:.0f}", f"{p99:.1f}", f"{a_second / static:.2f}")
    console.print(beside)
    verdicts = [
        (f"{share:.1%} of letters within {1000 * WITHIN_S:.0f} ms, at least {SHARE_WITHIN:.0%}", share >= SHARE_WITHIN),
        (f"the longest took {max(waits_s):.2f} s, at most {NEVER_ABOVE_S:.0f} s", max(waits_s) <= NEVER_ABOVE_S),
        (f"{len(waits_s)} decisions, at least 50", len(waits_s) >= 50),
    ]
    for told, held in verdicts:
        console.print(f"{'[green]held[/]  ' if held else '[red]missed[/]'} {told}", highlight=False)
    return all(held for _, held in verdicts)


def open_page(stage: Stage, http: httpx.Client) -> str:
    """The link of a letter whose question is still open."""
    links = (LINK.search(letter["text"]) for letter in _letters(stage, http, 0))
    return next(link[0] for link in links if link and read_form(http.get(link[0]).text))


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    console = Console()
    tell: Callable[[str], None] = lambda what: console.print(f"[dim]{what}[/]")  # noqa: E731  # it is handed on
    # A home for each family, so that there is always a next party.
    peopled = outside_world({"desk": FAMILIES})
    with (
        tempfile.TemporaryDirectory(prefix="tilflyt-bench-") as folder,
        staged(Path(folder), peopled=peopled, tell=tell, more_settings=AT_ONCE, disclosed_at_once=True) as stage,
    ):
        first = Play(stage, tell)
        first.run_deployment("vacancy-sync/night")
        first.run_deployment("intake/poll")
        with httpx.Client(timeout=30, trust_env=False) as http:
            made = decisions(stage, http, random.Random(20260101))
            tell(f"{DECISIONS} decisions, one at a time …")
            waits_s = [wait for wait, _ in zip(made, range(DECISIONS), strict=False)]
            link = open_page(stage, http)
        port = free_port()
        stage.processes.start("static-desk", "-m", "tests.benchmarks.static_desk", str(port))
        static = f"http://{LOOPBACK}:{port}/q/static"
        stage.processes.wait_for("static-desk", static)
        tell(f"{ROUNDS} rounds of {VISITORS * PAGES_EACH} pages, from the desk and from a static template in turns …")
        served = in_turns({"the desk": link, "static template": static})
    return 0 if show(waits_s, served, console) else 1


if __name__ == "__main__":
    sys.exit(main())
