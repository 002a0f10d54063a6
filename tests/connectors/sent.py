"""The data in the stand-ins of the connectors' tests. All persons are invented."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from deployments.standins.world import Sent

TOKENS = {
    party: secrets.token_urlsafe(16)
    for party in (
        "municipality:0461",
        "municipality:0751",
        "association:solsikken",
        "association:havblik",
        "association:skovbrynet",
    )
}
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
FLAG: Sent = {
    "flag_id": "F-1",
    "case_id": "SAG-2026/17",
    "flagged_by": "sagsbehandler-1",
    "from_area": "Opdigtede Park",
    "outside_labour_market": 2,
    "language": "da",
    "answers_by": "letter",
    "need": {
        "persons": 4,
        "rooms_min": 3,
        "rent_max_monthly_ore": 850_000,
        "move_in_from": "2026-06-01",
        "step_free": False,
    },
    "consent": {
        "given_on": "2026-03-02",
        "given_to": "Opdigtet Sagsbehandler",
        "how": "in_writing",
        "children": "heard",
    },
    "identity": {
        "adult_name": "Prøve Opdigtsen",
        "cpr": "999999-0001",
        "email": "proeve.opdigtsen@example.test",
        "phone": "+45 00 00 00 00",
        "address": "Opdigtet Allé 1, 0000 Ingensted",
        "note": "Opdigtet note.",
    },
}
VACANCIES: list[Sent] = [
    {
        "external_id": f"{number}-01",
        "department": "Afdeling Åkanden",
        "municipality": "0751",
        "area": "Engen" if number % 2 else None,
        "rooms": 3,
        "size_m2": 79,
        "rent_monthly_ore": 725_050 + number,
        "available_from": "2026-05-01",
        "step_free": bool(number % 2),
        "letting": ("ordinary", "flexible_letting", "municipal_assignment")[number % 3],
    }
    for number in range(1, 121)
]
