"""Flags, and case systems that answer with them."""

import json
import secrets
from typing import Any

import httpx

from connectors.case_system.json_system import JsonCaseSystem
from connectors.http import PartnerHttp
from deployments.standins.world import Sent
from domain.referrals.household import FlagBatch

WRONG = "Hemmelig-Værdi-4711"


def answering(body: object) -> JsonCaseSystem:
    """A case system that always answers the same."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=json.dumps(body), headers=JSON))
    return JsonCaseSystem(PartnerHttp("https://case.test", token=secrets.token_hex(), timeout_s=5, transport=transport))


JSON = {"content-type": "application/json"}


async def polled(*flags: object, withdrawals: tuple[object, ...] = ()) -> FlagBatch:
    """The result of one poll."""
    return await answering({"flags": list(flags), "withdrawals": list(withdrawals)}).flagged()


def spoiled(flag: Sent, path: str, value: object) -> Sent:
    """The flag with one field set to something else."""
    *outer, last = path.split(".")
    inner: Any = flag
    for name in outer:
        inner = inner[name]
    inner[last] = value
    return flag
