"""Municipalities' case systems on a real port: what they send, and the receipts that they get."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import httpx

from connectors.case_system.json_system import JsonCaseSystem
from connectors.http import PartnerHttp
from deployments.demo.world import families
from deployments.standins.server import in_a_thread
from deployments.standins.world import Sent, StandInWorld
from tasks.intake import intake
from tests.world.world import World

TOKENS = {"municipality:0461": "token-0461", "municipality:0751": "token-0751"}


@dataclass
class CaseSystems:
    """The case systems of two municipalities, and the platform that polls them."""

    world: World
    client: httpx.Client

    def flag(self, *flags: Sent, municipality: str = "0461") -> intake.IntakeReport:
        """Flag families, have them taken in, and deliver the receipts."""
        assert self.client.post(f"/_control/flags/{municipality}", json=list(flags)).is_success
        return self.poll(municipality)

    def withdraw(self, case_id: str, called: str, *, reason: str = "consent_withdrawn") -> None:
        """Flag a withdrawal, and have it taken in."""
        order = {"case_id": case_id, "reason": reason, "withdrawal_id": called}
        assert self.client.post("/_control/withdraw/0461", json=order).is_success
        self.poll("0461")
        self.world.settle()

    def poll(self, municipality: str = "0461") -> intake.IntakeReport:
        report = asyncio.run(intake.take_in(self.world.platform, municipality))
        self.world.deliver()
        return report

    def receipts(self, municipality: str = "0461") -> dict[str, Sent]:
        """The receipt of each flag and withdrawal, by its id."""
        state = self.client.get("/_control/state").json()["case_systems"][municipality]
        return {receipt["flag_id"]: receipt for receipt in state["receipts"]}


@contextmanager
def case_systems(world: World, folder: Path) -> Iterator[CaseSystems]:
    """Two case systems that answer over HTTP; all other partners are in this process."""
    others = world.platform.connect
    standins = StandInWorld(case_systems={code[-4:]: [] for code in TOKENS}, tokens=TOKENS)
    with in_a_thread(standins, folder / "journal.jsonl") as doors, httpx.Client(base_url=doors.url) as client:

        def connect(system: str, at):
            if system != "case_system":
                return others(system, at)
            code = at.url.rstrip("/").rpartition("/")[2]
            token = TOKENS[f"municipality:{code}"]
            return JsonCaseSystem(PartnerHttp(f"{doors.url}/case/{code}", token=token, timeout_s=5))

        world.platform = replace(world.platform, connect=connect)
        yield CaseSystems(world, client)


def sent(number: int = 0, *, municipality: str = "0461", identity: Sent | None = None, **changes: object) -> Sent:
    """A flag of the demo as a case system sends it, with a test's changes."""
    flag = deepcopy(families(date(2026, 3, 2))[municipality][number])
    flag["consent"] = {**dict(flag["consent"]), "given_on": "2026-02-20"}
    flag["identity"] = {**dict(flag["identity"]), **(identity or {})}
    return flag | changes
