"""Invented people are sent to every interface, also with faults; afterwards no byte that was written holds their data.

Only the vault holds the data (sealed), and, once a family has accepted a home, the parties to which it moves.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import MetaData, select, text

from deployments.demo import world as demo
from deployments.demo.browser import browser
from deployments.demo.leaks import Leak, canaries, leaks
from deployments.demo.people import Choice, Form, Mail, People, no, yes
from deployments.demo.play import Play
from deployments.demo.stage import WORKER, Stage, staged
from deployments.standins.world import Sent, StandInWorld
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.database import Database
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from tests.world.servers.prefect_home import MIGRATED, migrated_home

CANARY = {
    "adult_name": "Kanariefugla Zobelskov",
    "cpr": "310299-4321",
    "email": "kanarie@zobelskov.invalid",
    "phone": "+45 97 53 86 42",
    "address": "Kanariestien 77, 9999 Zobelby",
    "note": "Fritekst: Zobelflygel-77.",
}
# A person whose data are only sent in places where such data do not belong.
STRAY: Sent = {"case_id": "stray", "identity": CANARY}
# Requests wait for no other families, because only the interfaces are tested here.
ALONE = {"TILFLYT_ANONYMITY_LEAST": "1", "TILFLYT_ANONYMITY_WANTED": "1"}


def strays() -> list[Sent]:
    """Flags that are refused, with the canary's data in fields that are not meant for them."""
    good = demo.families(datetime.now(UTC).date(), 3)["0461"][0]
    need = dict(good["need"])  # type: ignore[call-overload]  # built by the demo
    who, cpr = CANARY["adult_name"], CANARY["cpr"]
    wrong: list[Sent] = [
        {"case_id": cpr},
        {"case_id": f"sag {who}"},
        {"flagged_by": who},
        {"from_area": CANARY["address"]},
        {"language": who},
        {"need": need | {"persons": who}},
        {"need": need | {who: cpr}},
        {who: CANARY["note"]},
        {"consent": {"given_on": who, "given_to": CANARY["email"], "how": cpr, "children": who}},
        {"identity": CANARY | {"cpr": f"{cpr}{cpr}"}},
        {"identity": CANARY | {"phone": [CANARY["phone"]]}},
        {"identity": who},
    ]
    named = ({"flag_id": f"stray-{n}", "case_id": f"stray-{n}", "identity": CANARY} for n in range(len(wrong)))
    return [good | name | one for name, one in zip(named, wrong, strict=True)]


def peopled() -> StandInWorld:
    """A world with three families of Odense, homes of every association, and the strays."""
    today = datetime.now(UTC).date()
    flags = demo.families(today, 3)["0461"]
    systems: dict[str, list[Sent]] = {"0461": [*flags, *strays()], "0751": [{"flag_id": CANARY["cpr"]}]}
    return replace(demo.demo_world(today), case_systems=systems)


def says_yes_and_tells_too_much(form: Form, _mail: Mail, nth: int) -> Choice:
    """Yes; but the first approver says no, with the family's identity in the comment."""
    told = {"comment": f"Familien {CANARY['adult_name']} kan nås på {CANARY['phone']} eller {CANARY['email']}"}
    refuses = form.kind is QuestionKind.APPROVAL and nth == 1
    return (no(form, "area_under_pressure") if refuses else yes(form)) | told


def visits_of_a_stranger(stage: Stage) -> Iterator[httpx.Response]:
    """Requests with the canary's data in addresses, queries, forms, bodies, headers and cookies."""
    who = CANARY["adult_name"]
    named = {
        "User-Agent": CANARY["email"],
        "Referer": f"{stage.desk_url}/{quote(who)}",
        "Cookie": f"__Host-sitting={CANARY['cpr']}; __Host-attempt={CANARY['cpr']}.{quote(who)}",
        "X-Forwarded-For": CANARY["cpr"],
        "Idempotency-Key": CANARY["cpr"],
    }
    with browser(base_url=stage.desk_url, headers=named) as http:
        asked = {"navn": who, "lang": CANARY["cpr"], "state": CANARY["cpr"], "code": who, "iss": who, "party": who}
        links = (f"/q/{quote(who)}", f"/q/{'A' * 43}")
        for path in (
            *links,
            "/mine",
            "/login/back",
            f"/login/back/{quote(who)}",
            "/mine/login",
            "/drift",
            "/beskyttelse",
        ):
            yield http.get(path, params=asked)
            yield http.post(path, params=asked, data={"answer": who, "comment": CANARY["cpr"], CANARY["cpr"]: who})
        for token in (CANARY["cpr"], demo.PUSH_TOKEN):
            bearer = {"Authorization": f"Bearer {token}"}
            # An association does not know the families, but a CPR number may stand in its export by mistake.
            row = {"external_id": "stray", "department": f"Hos {CANARY['cpr']}", CANARY["cpr"]: 1}
            yield http.post("/api/v1/vacancies", headers=bearer, json={"format": "vacancy-feed/1", "vacancies": [row]})
            yield http.post("/api/v1/vacancies", headers=bearer, content=f'{{"{who}": {CANARY["cpr"]}')


def rows_of(database: Database) -> Iterator[tuple[str, str]]:
    """Every row of every table, as text."""
    tables = MetaData()
    with database.engine.connect() as connection:
        tables.reflect(connection)
        for table in tables.tables.values():
            for row in connection.execute(select(table)):
                yield table.name, repr(tuple(row))


def in_the_server(database: Database) -> list[Leak]:
    """The stray's data in PostgreSQL's own files: tables, write-ahead log and server log."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        mine = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    # Only the stray is searched for: other tests have written the families' data to the same server.
    wanted = canaries([STRAY])
    files = [*(folder / "base" / str(mine)).iterdir(), *(folder / "pg_wal").iterdir(), *folder.glob("*log*")]
    read = ((path.name, path.read_bytes()) for path in files if path.is_file())
    return [Leak(name, kind) for name, content in read for _, kind, value in wanted if value in content]


def found(stage: Stage, flags: list[Sent], *, accepted: frozenset[str]) -> list[Leak]:
    """The leaks in the files, the partners' journal and the database."""
    world = stage.folder / "world.json"
    wanted = [(kind, value.decode()) for _, kind, value in canaries(flags)]
    told = [Leak(table, kind) for table, row in rows_of(stage.database) for kind, value in wanted if value in row]
    return [*told, *leaks(stage.folder, flags, accepted=accepted, skip=frozenset({world}))]


def may_be_known(database: Database) -> frozenset[str]:
    """The cases whose families have accepted a home."""
    with database.reading() as session:
        accepted = select(HistoryLine.referral_id).where(HistoryLine.to_status == Status.ACCEPTED)
        return frozenset(session.execute(select(Referral.case_id).where(Referral.id.in_(accepted))).scalars())  # type: ignore[union-attr]  # a column


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_identity_stands_outside_the_vault(kind: str, tmp_path: Path, request: pytest.FixtureRequest):
    url = request.getfixturevalue("new_postgres_url")() if kind == "postgresql" else None
    world = peopled()
    migrated_home(tmp_path / "prefect")
    flags = [*world.case_systems["0461"][:2], STRAY]
    with staged(tmp_path, database_url=url, peopled=world, more_settings=ALONE | MIGRATED) as stage:
        play = Play(stage, lambda _: None)
        play.people = People(stage.inbox_url, says_yes_and_tells_too_much)
        with play.http:
            play.run_deployment("vacancy-sync/night")
            stage.order("outage", {"prefix": "/case", "seconds": 2, "status": 500})
            play.run_deployment("intake/poll")
            statuses = [answer.status_code for answer in visits_of_a_stranger(stage)]
            stage.order("outage", {"prefix": "/association", "seconds": 3, "status": "hang"})
            play.run_deployment("intake/poll")
            # While everything runs, so that the databases' logs are searched too.
            assert found(stage, flags, accepted=may_be_known(stage.database)) == []
            stage.processes.kill(WORKER, with_children=True)
            stage.start_worker()
            stage.order("outage", {"prefix": "/handover", "seconds": 3, "status": 422})
            play.until_quiet()
            play.run_deployment("housekeeping/every-night")
        refused = answers_to_flags(stage)
    with closing(stage.database):
        assert HTTPStatus.INTERNAL_SERVER_ERROR not in statuses
        assert len(refused) == len(strays())
        assert all(one["field"] and not one["accepted"] for one in refused)
        known = may_be_known(stage.database)
        assert len(known) >= 2
        assert any(table == "comment" for table, _ in rows_of(stage.database))
        assert found(stage, flags, accepted=known) == []
        if kind == "postgresql":
            assert in_the_server(stage.database) == []
            with stage.database.engine.execution_options(writing=True).begin() as connection:
                connection.execute(text("UPDATE feed SET etag = :who"), {"who": CANARY["adult_name"]})
            assert {leak.what for leak in in_the_server(stage.database)} == {"adult_name", "surname"}
        shutil.copyfile(tmp_path / "world.json", tmp_path / "planted.log")
        assert {leak.what for leak in found(stage, flags, accepted=known)} >= {"adult_name", "cpr", "address"}


def answers_to_flags(stage: Stage) -> list[dict[str, Any]]:
    """The receipts that the case system got for the strays."""
    state = httpx.get(f"{stage.partners_url}/_control/state", trust_env=False).json()
    receipts = state["case_systems"]["0461"]["receipts"]
    told = receipts.values() if isinstance(receipts, dict) else receipts
    return [one for one in told if not one["accepted"]]
