"""`/metrics` and `/readyz`; and that alert rules and dashboard use only metrics that exist."""

import json
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from domain.questions.question import QuestionKind
from storage.operations.schedules import remember_schedule
from storage.restored.watermark import Marks, note_numbers
from tasks.upkeep.chain import seal
from tests.world.families import family
from tests.world.feed_nights import feed, homes, night
from tests.world.operators import hold_back
from tests.world.served import ask_all, browsing, serving

TOKEN = "a-token-of-some-length"
MONITORING = Path("deployments/monitoring")


def figures(world):
    """Each figure by its name and labels."""
    with serving(world, metrics_token=TOKEN) as origin, browsing(origin) as http:
        told = http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert told.status_code == HTTPStatus.OK
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for metric in text_string_to_metric_families(told.text)
        for sample in metric.samples
    }


def test_the_figures_are_those_of_the_database(world):
    hold_back(world)
    world.flag(family())
    world.carry(1)
    world.clock.move_on(timedelta(hours=5))
    found = figures(world)

    hour = 3600
    expected = {
        ("tilflyt_feed_age_seconds", "havblik"): 29 * hour,
        ("tilflyt_feed_age_seconds", "kloeverlykken"): float("inf"),
        ("tilflyt_feed_held", "havblik"): 1,
        ("tilflyt_feed_held", "kloeverlykken"): 0,
        ("tilflyt_vacancies_available", "havblik"): 20,
        ("tilflyt_quarantine_rows", "havblik"): 1,
        ("tilflyt_feed_rows", "good", "havblik"): 5,
        ("tilflyt_feed_rows", "havblik", "quarantined"): 1,
        ("tilflyt_feed_changes", "appeared", "havblik"): 0,
        ("tilflyt_outbox_waiting",): 2,
        ("tilflyt_outbox_age_seconds",): 5 * hour,
        ("tilflyt_questions_waiting", "sign_off", "up to 1 day"): 1,
        ("tilflyt_questions_waiting", "older", "sign_off"): 0,
        ("tilflyt_questions_overdue", "sign_off"): 0,
        ("tilflyt_referrals", "received"): 1,
        ("tilflyt_referrals", "housed"): 0,
        ("tilflyt_attention_items",): 2,
    }
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(("days", "age"), [(0, "up to 1 day"), (2, "up to 3 days"), (5, "up to 7 days"), (8, "older")])
def test_a_question_is_counted_by_how_long_it_has_waited(sqlite_world, days, age):
    sqlite_world.flag(family())
    sqlite_world.carry(1)
    sqlite_world.clock.move_on(timedelta(days=days, hours=1))
    found = figures(sqlite_world)
    waiting = [value for name, value in found.items() if name[0] == "tilflyt_questions_waiting"]
    assert sum(waiting) == 1
    assert found["tilflyt_questions_waiting", *sorted((QuestionKind.SIGN_OFF, age))] == 1


@pytest.mark.parametrize("authorization", ["", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}"])
def test_figures_are_for_whoever_shows_the_token(sqlite_world, authorization):
    with serving(sqlite_world, metrics_token=TOKEN) as origin, browsing(origin) as http:
        refused = http.get("/metrics", headers={"Authorization": authorization})
        assert refused.status_code == HTTPStatus.UNAUTHORIZED
        assert "tilflyt_" not in refused.text
        assert http.get("/metrics", headers={"Authorization": f"bearer  {TOKEN}"}).status_code == HTTPStatus.OK


def test_without_a_token_there_are_no_figures(http):
    assert http.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == HTTPStatus.NOT_FOUND


def test_nothing_of_a_family_is_told(sqlite_world):
    ask_all(sqlite_world)
    assert not any("TF-" in part for name in figures(sqlite_world) for part in name)


def test_ready_is_who_finds_the_schema_that_it_needs(sqlite_world, http):
    assert (http.get("/readyz").status_code, http.get("/readyz").text) == (HTTPStatus.OK, "ok")
    with sqlite_world.platform.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    behind = http.get("/readyz")
    assert behind.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert behind.text.startswith("migrations: at 0001")


def test_nobody_is_ready_whose_database_went_back(sqlite_world, tmp_path):
    sqlite_world.flag(family())
    seal(sqlite_world.platform)
    marks = Marks(tmp_path / "apart")
    with serving(sqlite_world, destroyed_file=marks.folder / "destroyed") as origin, browsing(origin) as http:
        assert http.get("/readyz").text == "ok"
        with sqlite_world.platform.database.reading() as session:
            note_numbers(session, marks, {2026: 7}, now=sqlite_world.clock.now())
        behind = http.get("/readyz")
    assert behind.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert behind.text == "went_back: run `tilflyt restored`"


def expressions():
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text())
    alerts = {rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}
    board = json.loads((MONITORING / "dashboard.json").read_text())
    panels = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in board["panels"]
        for target in panel["targets"]
    }
    return alerts | panels


def names_in(node):
    """The metrics that an expression uses."""
    if isinstance(node, promql_parser.VectorSelector):
        return {node.name}
    children = [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "args", "param")]
    flat = [one for child in children for one in (child if isinstance(child, list) else [child]) if one is not None]
    return set().union(*map(names_in, flat))


def test_every_alert_and_panel_asks_for_figures_that_there_are(sqlite_world):
    feed(sqlite_world, *homes(3))
    night(sqlite_world)
    sqlite_world.flag(family())
    sqlite_world.carry(1)
    with sqlite_world.platform.database.writing() as session:
        remember_schedule(session, "vacancy-sync/night", "18 2 * * *", due_by=sqlite_world.clock.now())
    there_are = {name[0] for name in figures(sqlite_world)}
    asked = {what: names_in(promql_parser.parse(expression)) for what, expression in expressions().items()}
    assert len(asked) > 15
    assert {what: names - there_are for what, names in asked.items() if not names or names - there_are} == {}
    assert there_are == set().union(*asked.values()), "what nobody looks at need not be counted"
