"""Staged rows have the values that the contract has validated, whatever fields they have and in whatever order."""

import json
from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session

from domain.feeds.contract import FIELDS, MANDATORY
from domain.feeds.load import LoadKind, LoadStanding
from domain.homes.area_names import AreaNames, Areas
from domain.ports.vacancy_feed import RawVacancy
from storage.database import Database
from storage.dialect import told_plainly
from storage.feeds.bulk_insert import ROWS_AT_ONCE
from storage.feeds.feeds import FeedLoad
from storage.feeds.staging import (
    CARRIED,
    STAGED,
    Ground,
    JudgedRows,
    judge,
    reject_repeated,
    stage,
)
from tests.world.samples.rows import WHOLE


def judged(session: Session, *rows: dict[str, object]) -> JudgedRows:
    names = AreaNames(Areas([("0461", "Vollsmose", 1)]))
    ground = Ground(frozenset({"0461"}), {}, lambda: names, told_plainly(session))
    return judge([RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(rows, 1)], ground)


def load(number: int) -> FeedLoad:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return FeedLoad(
        id=number, association="havblik", kind=LoadKind.NIGHT, standing=LoadStanding.FETCHING, started_at=now
    )


AS_IT_STANDS = WHOLE | {"available_from": date(2026, 4, 1), "area_name": "vollsmose"}
orders = st.permutations(FIELDS).map(lambda names: {name: WHOLE[name] for name in names})
absent = st.sets(st.sampled_from([name for name in FIELDS if name not in MANDATORY]))


def standing(database: Database, load: int) -> list[dict[str, object]]:
    with database.reading() as session:
        rows = session.connection().execute(select(STAGED).where(STAGED.c.load_id == load)).mappings()
        return [dict(row) for row in rows]


@given(orders, absent)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_field_stands_in_its_own_column(database: Database, whole: dict[str, object], absent: set[str]):
    row = {name: value for name, value in whole.items() if name not in absent}

    with database.writing() as session:
        stage(session, load(1), judged(session, row))
        (stands,) = session.connection().execute(select(STAGED)).mappings()
        session.rollback()

    expected = AS_IT_STANDS | dict.fromkeys(absent)
    if "area" in absent:
        expected["area_name"] = None
    if "status" in absent:
        expected["status"] = "vacant"
    assert {name: stands[name] for name in (*CARRIED, "external_id", "status")} == {
        name: expected[name] for name in (*CARRIED, "external_id", "status")
    }


def test_rows_that_fill_different_columns_are_written_together(database: Database):
    bare = {name: WHOLE[name] for name in MANDATORY}
    rows = [
        (WHOLE if number % 7 == 0 else bare) | {"external_id": f"h-{number}"} for number in range(2 * ROWS_AT_ONCE + 3)
    ]

    with database.writing() as session:
        stage(session, load(2), judged(session, *rows))
        stage(session, load(3), judged(session))

    stand = {row["external_id"]: row["unit_number"] for row in standing(database, 2)}
    assert stand == {row["external_id"]: row.get("unit_number") for row in rows}
    assert standing(database, 3) == []


def test_a_load_counts_its_rows_and_takes_an_id_once_whatever_batch_it_comes_in(session: Session):
    counts, first = load(4), judged(session, WHOLE, WHOLE, {"external_id": "bare"})
    stage(session, counts, first)
    again = judged(session, WHOLE, WHOLE | {"external_id": "h-2"})
    reject_repeated(session, counts, again)
    stage(session, counts, again)

    assert [one.external_id for one in (*first.rejected, *again.rejected)] == ["h-1", "bare", "h-1"]
    assert (counts.rows, counts.quarantined, counts.not_kept) == (5, 3, 0)
    assert len(session.connection().execute(select(STAGED).where(STAGED.c.load_id == counts.id)).all()) == 1 + 1
