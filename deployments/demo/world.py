"""The families and vacancies of the demo world: plainly invented, and the same every time."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from deployments.standins.world import Sent, StandInAssociation, StandInWorld
from domain.parties.party import party_id

HERE = Path(__file__).parent
# The assurance level of most municipal logins (NSIS).
SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/loa/Substantial"
PEOPLE_WHO_LOG_IN = ("anvisning-1", "anvisning-2", "chef", "vagt")
# The token with which an association sends vacancies itself.
PUSH_TOKEN = "demo-token-havblik-push"  # noqa: S105  # of the demo world
SEED = 20260101
FAMILIES = 24

# The published averages of 2026: 79 m² and 960 kr a square metre a year.
RENT_YEARLY_ORE_A_M2 = 96_000
RENT_SPREAD_ORE_A_M2 = 7_000
SIZE_M2 = {2: 62, 3: 79, 4: 96, 5: 112}
ROOMS = (2, 2, 3, 3, 3, 3, 4, 4, 4, 5)

FIRST_NAMES = ("Abelonia", "Bodilka", "Ceciliane", "Dagmarie", "Egonius", "Fridolina", "Gudrunella", "Hjalmaro")
FIRST_HALVES = ("Opdigt", "Attrap", "Paahit", "Fiktiv", "Eksempel", "Proeve")
SECOND_HALVES = ("bjerg", "strøm", "lund", "holm")


@dataclass(frozen=True, slots=True)
class Vacant:
    """Where an association has homes: department, municipality, and the listed area when there is one."""

    department: str
    municipality: str
    area: str | None = None


DEPARTMENTS: dict[str, tuple[Vacant, ...]] = {
    "havblik": (Vacant("Strandvænget", "0450"), Vacant("Fyrparken", "0450"), Vacant("Møllebakken", "0430")),
    "kloeverlykken": (Vacant("Kløvergården", "0430"), Vacant("Engparken", "0430"), Vacant("Byporten", "0450")),
    # One department stands in a listed area, in a municipality outside the agreements: nobody is sent there.
    "skovbrynet": (
        Vacant("Bøgelunden", "0710"),
        Vacant("Søvangen", "0710"),
        Vacant("Ringgården", "0740", "Resedavej/Nørrevang II"),
    ),
}
FEEDS: dict[str, Literal["json", "csv", "xml"]] = {"havblik": "json", "kloeverlykken": "csv", "skovbrynet": "xml"}
SENDERS: dict[str, tuple[str, ...]] = {
    "0461": ("Vollsmose", "Korsløkkeparken Øst", "Solbakken mv."),
    "0751": ("Gellerupparken/Toveshøj", "Bispehaven", "Skovgårdsparken"),
}
RECEIVERS = ("0430", "0450", "0710")
# The numbers of the families with address protection.
PROTECTED = (8, 16)


def secret_of(party_id: str) -> str:
    """The name of the environment variable that holds a partner's token."""
    return f"DEMO_SECRET_{party_id.upper()}"


def vacancies(today: date, homes_each: int = 20) -> dict[str, list[Sent]]:
    """About 60 vacancies, 20 an association, and two rows that break the contract."""
    chance = random.Random(SEED)  # noqa: S311  # the world is the same every time
    found = {
        association: [_vacancy(chance, association, number, departments, today) for number in range(1, homes_each + 1)]
        for association, departments in DEPARTMENTS.items()
    }
    for association, fault in (("havblik", {"rooms": 0}), ("kloeverlykken", {"available_from": "snart"})):
        found[association].append(found[association][0] | {"external_id": f"{association}-fejl-1"} | fault)
    return found


def _vacancy(chance: random.Random, association: str, number: int, where: Sequence[Vacant], today: date) -> Sent:
    rooms = chance.choice(ROOMS)
    size_m2 = SIZE_M2[rooms] + chance.randint(-6, 6)
    home = where[number % len(where)]
    yearly_ore = size_m2 * round(chance.gauss(RENT_YEARLY_ORE_A_M2, RENT_SPREAD_ORE_A_M2))
    return {
        "external_id": f"{association}-{number:03d}",
        "department": home.department,
        "municipality": home.municipality,
        "area": home.area,
        "rooms": rooms,
        "size_m2": size_m2,
        "rent_monthly_ore": yearly_ore // 12 // 100 * 100,
        "available_from": (today + timedelta(days=chance.randint(10, 75))).isoformat(),
        "step_free": chance.random() < 0.4,
        "letting": "ordinary" if number % 10 == 0 else chance.choice(("municipal_assignment", "flexible_letting")),
    }


def families(today: date, count: int = FAMILIES) -> dict[str, list[Sent]]:
    """The families, seven of twelve flagged by Odense and the others by Aarhus."""
    chance = random.Random(SEED + 1)  # noqa: S311  # the world is the same every time
    flags: dict[str, list[Sent]] = {code: [] for code in SENDERS}
    for number in range(count):
        code = "0461" if number % 12 < 7 else "0751"
        flags[code].append(_family(chance, code, number, today))
    return flags


def _family(chance: random.Random, code: str, number: int, today: date) -> Sent:
    persons = chance.randint(1, 6)
    rooms = min(4, max(2, (persons + 1) // 2 + 1))
    return {
        "flag_id": f"flag-{code}-{number:02d}",
        "case_id": f"sag-{code}-{number:02d}",
        "flagged_by": "sagsbehandler-2" if code == "0461" and number % 3 == 0 else "sagsbehandler-1",
        "from_area": chance.choice(SENDERS[code]),
        "outside_labour_market": min(persons, chance.randint(0, 2)),
        "language": "en" if number % 6 == 5 else "da",
        "answers_by": "caseworker" if number % 4 == 3 else "letter",
        "need": {
            "persons": persons,
            "children": max(persons - 1 - number % 2, 0),
            "rooms_min": rooms,
            "rent_max_monthly_ore": 700_000 + rooms * 80_000 + chance.randint(0, 5) * 10_000,
            "move_in_from": (today + timedelta(days=30)).isoformat(),
            "step_free": number % 8 == 6,
            "region": "Region Midtjylland" if code == "0751" and number % 12 == 8 else None,
        },
        "consent": {
            "given_on": (today - timedelta(days=chance.randint(1, 20))).isoformat(),
            "given_to": "sagsbehandler",
            "how": "in_writing",
            "children": "heard" if persons > 2 else "no_children",
        },
        "identity": identity(number) | ({"address_protection": True} if number in PROTECTED else {}),
    }


def identity(number: int) -> dict[str, str]:
    """A family's identity: invented, and easy to search for. CPR numbers with days 61-84 belong to nobody."""
    surname = FIRST_HALVES[number % 6] + SECOND_HALVES[number // 6 % 4] + ("gård" if number >= FAMILIES else "")
    return {
        "adult_name": f"{FIRST_NAMES[number % 8]} {surname}",
        "cpr": f"{61 + number:02d}0180-{4001 + number}",
        "email": f"familie{number:02d}@opdigtet.invalid",
        "phone": f"+45 00 55 {number:02d} {97 - number:02d}",
        "address": f"Opdigtvej {number + 1}, 5000 Prøveby",
        "note": f"Fritekst om familie {number:02d}: Zebraflygel-{number:02d}.",
    }


def malformed_flags() -> dict[str, list[Sent]]:
    """Flags that must be refused, each naming its field: no consent, an impossible date, an unknown contact."""
    today = date(2026, 1, 1)
    chance = random.Random(SEED + 2)  # noqa: S311  # the world is the same every time
    good = [_family(chance, "0751", number, today) for number in range(FAMILIES, FAMILIES + 3)]
    good[0]["consent"] = None
    good[1]["need"] = {**dict(good[1]["need"]), "move_in_from": "2026-02-30"}  # type: ignore[call-overload]  # built above
    good[2]["flagged_by"] = "sagsbehandler-9"
    return {"0751": good}


def demo_world(today: date) -> StandInWorld:
    """The whole world for the stand-ins, with a token for every partner."""
    flags = families(today)
    for code, bad in malformed_flags().items():
        flags[code] += bad
    homes = vacancies(today)
    parties = [*RECEIVERS, *SENDERS]
    return StandInWorld(
        case_systems=flags,
        associations={name: StandInAssociation(feed=FEEDS[name], vacancies=rows) for name, rows in homes.items()},
        finance=sorted(parties),
        handover=list(RECEIVERS),
        tokens={
            **{f"municipality:{code}": f"demo-token-{code}" for code in parties},
            **{f"association:{name}": f"demo-token-{name}" for name in homes},
        },
    )


def secrets(world: StandInWorld) -> dict[str, str]:
    """The environment with our tokens at the partners, theirs at us, and our password at the OpenID provider."""
    tokens = {secret_of(party_id(party)): token for party, token in world.tokens.items()}
    return tokens | {secret_of("login"): "demo-token-login", secret_of("havblik_push"): PUSH_TOKEN}


def people_who_log_in() -> list[str]:
    """The people whom the stand-in OpenID provider knows, as JSON for its command line."""
    return [json.dumps({"sub": subject, "acr": SUBSTANTIAL}) for subject in PEOPLE_WHO_LOG_IN]


def parties_file(
    partners_url: str, path: Path, *, login_url: str = "https://login.invalid", disclosed_at_once: bool = False
) -> Path:
    """Write the demo's agreements and partners to a file, with the stand-ins' addresses."""
    partners = (HERE / "partners.toml").read_text(encoding="utf-8")
    partners = partners.replace("${PARTNERS}", partners_url).replace("${LOGIN}", login_url)
    agreements = (HERE / "agreements.toml").read_text(encoding="utf-8")
    if disclosed_at_once:
        agreements = agreements.replace("disclosure_after_minutes = 60", "disclosure_after_minutes = 0")
    path.write_text(agreements + partners, encoding="utf-8")
    return path
