"""The demo world, running until a person ends it."""

import select
import sys

from rich.console import Console

from deployments.demo.play import Play
from deployments.demo.stage import folder_for_a_demo, staged


def stay() -> None:
    """Start everything, flag the families, say where to look, and stay until Ctrl-C."""
    console = Console(highlight=False)
    with staged(folder_for_a_demo(), tell=console.print) as stage:
        first = Play(stage, console.print)
        first.run_deployment("vacancy-sync/night")
        first.run_deployment("intake/poll")
        console.print(f"\n[bold]Inbox[/]              {stage.inbox_url}   (start here: every letter has a link)")
        console.print(f"[bold]Approval endpoint[/]  {stage.desk_url}")
        console.print(f"[bold]My questions[/]       {stage.desk_url}/mine   (log in at Nyborg as anvisning-1)")
        console.print(f"[bold]Operations[/]         {stage.desk_url}/drift   (log in as vagt)")
        console.print(f"[bold]Prefect[/]            {stage.prefect_url}")
        console.print(f"[bold]Command line[/]       . {stage.folder}/env && .venv/bin/tilflyt attention")
        console.print("\nRequests to associations wait for their sending day: Enter brings the next one.")
        console.print("Ctrl-C stops everything.")
        listens = [sys.stdin]
        try:
            while not (ended := stage.processes.ended()):
                # Only wait; without a terminal, stdin has ended already.
                if select.select(listens, [], [], 1)[0]:
                    if sys.stdin.readline():
                        first.sending_day_comes()
                    else:
                        listens = []
            console.print(f"[red]{', '.join(ended)} ended; see {stage.processes.logs}[/]")
        except KeyboardInterrupt:
            console.print("\nStopping …")
