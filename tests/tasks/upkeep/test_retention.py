"""Housekeeping at night, and a family's rights: access, correction, and erasure where the law allows it."""

import base64
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from deployments.cli.actor import as_known_here
from deployments.cli.main import app
from domain.errors import Invalid, VaultClosed
from domain.questions.question import Answer, QuestionKind
from domain.referrals.lifecycle import Status
from domain.working_days import COPENHAGEN
from storage.attention import AttentionItem
from storage.audit.events import AuditEvent
from storage.audit.verdict import verified
from storage.privacy.access import held_about
from storage.privacy.erasure import why_not_erased
from storage.privacy.retention import record_receipt
from storage.privacy.rights import corrected
from storage.privacy.shredding import Shredding
from storage.settings import settings
from storage.vault.entries import Door, VaultEntry, VaultOpening
from tasks.platform import current
from tasks.upkeep.chain import seal
from tasks.upkeep.retention import HouseKept, keep_house
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.new_world import KEY, keys_in
from tests.world.world import World

FIRST = "TF-2026-00001"


over = world_after(World.withdrawn)


def archived(world: World) -> None:
    with world.platform.database.writing() as session:
        record_receipt(session, world.referral(), "AK-1", by="archive", now=world.clock.now())


def asked_for(world: World) -> list[str]:
    return [item.code for item in world.rows(select(AttentionItem)) if item.closed_at is None]


def night(world: World, day: int) -> HouseKept:
    since = world.referral().status_since
    world.clock.at = since + timedelta(days=day)
    return keep_house(world.platform)


def test_a_case_is_warned_of_then_waits_for_the_archive_then_is_shredded_and_shown_to_be(over: World):
    assert night(over, 100) == HouseKept()
    assert night(over, 1800).warned == [FIRST]
    assert night(over, 1826).waiting == [FIRST]
    assert sorted(asked_for(over)) == ["archive_before_shredding", "archive_receipt_missing"]
    assert over.rows(select(VaultEntry.case_key)) == [over.referral().case_key]
    archived(over)

    found = night(over, 1827)

    assert (found.shredded, found.not_gone) == ([FIRST], [])
    assert asked_for(over) == []
    assert over.rows(select(VaultEntry)) == []
    assert [row.why for row in over.rows(select(Shredding))] == ["retention"]
    assert night(over, 1828) == HouseKept()
    seal(over.platform)
    with over.platform.database.reading() as session:
        assert verified(session).holds


def test_a_case_that_the_archive_has_needs_nobody_before_its_time(over: World):
    archived(over)

    assert night(over, 1800).warned == []
    assert asked_for(over) == []


def test_a_receipt_is_recorded_once_and_for_what_is_over(over: World):
    archived(over)
    with pytest.raises(Invalid, match="already_recorded"):
        archived(over)
    over.flag(family(2))
    with pytest.raises(Invalid, match="still_open"), over.platform.database.writing() as session:
        record_receipt(session, over.referral("TF-2026-00002"), "AK-2", by="archive", now=over.clock.now())


def test_what_is_held_about_a_family_is_told_whole_and_that_it_was_is_written_down(over: World):
    referral = over.referral()
    with over.platform.database.writing() as session:
        held = held_about(session, over.platform.vault, referral, opened_for="dpo", now=over.clock.now())

    assert held["identity"]["adult_name"] == family().identity.adult_name
    assert held["consents"][0]["given_to"] == "sagsbehandler"
    assert {line["deed"] for line in held["history"]} >= {"received", "offered", "approved"}
    assert held["questions"][0]["kind"] is QuestionKind.SIGN_OFF
    assert held["requests_sent"][0]["recipient"] == "association:havblik"
    assert held["homes"][0]["department"] == "Strandvænget"
    assert "token" not in json.dumps(held, default=str)
    openings = [(row.door, row.opened_for) for row in over.rows(select(VaultOpening))]
    assert (Door.RIGHT_OF_ACCESS, "dpo") in openings


def test_what_is_wrong_is_put_right_and_nothing_else_changes(over: World):
    before, at = family().identity, {"opened_for": "dpo", "now": over.clock.now()}
    with over.platform.database.writing() as session:
        corrected(session, over.platform.vault, over.referral(), "phone", "11 22 33 44", **at)
    with over.platform.database.writing() as session:
        found = held_about(session, over.platform.vault, over.referral(), opened_for="dpo", now=over.clock.now())

    assert (found["identity"]["phone"], found["identity"]["cpr"]) == ("11 22 33 44", before.cpr)
    with pytest.raises(Invalid, match="one of adult_name"), over.platform.database.writing() as session:
        corrected(
            session, over.platform.vault, over.referral(), "shoe_size", "44", opened_for="dpo", now=over.clock.now()
        )


def test_whoever_was_told_what_is_wrong_is_told_what_is_right_and_nobody_else(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.MOVE_IN)
    platform = world.platform

    def put_right(field: str, value: str) -> list[str]:
        with platform.database.writing() as session:
            referral, now = world.referral(), world.clock.now()
            return corrected(session, platform.vault, referral, field, value, opened_for="dpo", now=now)

    assert put_right("phone", "11 22 33 44") == ["association:havblik", "municipality:0450"]
    assert put_right("cpr", "0102030405") == ["municipality:0450"]
    assert put_right("note", "Rettet") == []
    world.deliver()

    (tenant,), newcomers = world.desk().tenants.values(), world.partners.of("handover", "0450").newcomers
    assert tenant.phone == newcomers["TF-2026-00001"].phone == "11 22 33 44"
    assert newcomers["TF-2026-00001"].cpr == "0102030405"
    world.answer(QuestionKind.MOVE_IN, Answer.NO, "home_not_ready")
    world.settle()
    assert put_right("phone", "55 66 77 88") == []


def test_who_may_not_be_erased_is_told_every_reason(over: World):
    def reasons(reference: str = FIRST) -> list[str]:
        today = over.clock.now().astimezone(COPENHAGEN).date()
        with over.platform.database.reading() as session:
            return why_not_erased(session, over.referral(reference), over.platform.retention, today=today)

    over.flag(family(2))
    assert len(reasons("TF-2026-00002")) == 1
    assert [
        reason.endswith(f"(GDPR art. 17(3)({ground}))") for reason, ground in zip(reasons(), "bd", strict=True)
    ] == [
        True,
        True,
    ]
    archived(over)
    assert len(reasons()) == 1
    over.clock.move_on(timedelta(days=1826))
    assert reasons() == []


def test_from_the_command_line(sqlite_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    sqlite_world.flag(family())
    for name, value in {
        "WORLD": "demo",
        "DATABASE_URL": str(sqlite_world.platform.database.engine.url),
        "KEYS_URL": keys_in(tmp_path),
        **{f"{name}_KEY": base64.b64encode(KEY).decode() for name in ("LINK", "PSEUDONYM", "VAULT")},
    }.items():
        monkeypatch.setenv(f"TILFLYT_{name}", value)
    settings.cache_clear()
    current.cache_clear()
    run, folder = CliRunner(), tmp_path / "held"
    why = ["--purpose", "the family has asked", "--by", "dpo"]

    told = run.invoke(app, ["rights", "access", FIRST, "--to", str(folder), *why])
    assert told.exit_code == 0, told.output
    assert family().identity.adult_name not in told.output
    page, file = folder / "access.html", folder / "access.json"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, page, file)] == [0o700, 0o600, 0o600]
    assert json.loads(file.read_text())["identity"]["cpr"] == family().identity.cpr
    assert family().identity.cpr in page.read_text()
    (opened,) = sqlite_world.rows(select(VaultOpening.opened_for))
    assert opened == f"{as_known_here('dpo')}: the family has asked"
    assert run.invoke(app, ["rights", "access", FIRST, "--to", str(folder), *why]).exit_code == 1
    for purpose in ("", "x", "about 010203-4567", "x" * 201):
        elsewhere = ["--to", str(tmp_path / "elsewhere"), "--purpose", purpose]
        assert run.invoke(app, ["rights", "access", FIRST, *elsewhere]).exit_code != 0
    field = ["--field", "phone", *why]
    put_right = run.invoke(app, ["rights", "correct", FIRST, *field], input="11 22 33 44\n11 22 33 44\n")
    assert put_right.exit_code == 0
    assert "11 22" not in put_right.output
    protected = ["rights", "correct", FIRST, "--field", "address_protection", *why]
    assert isinstance(run.invoke(app, protected, input="ja\nja\n").exception, Invalid)
    assert run.invoke(app, protected, input="yes\nyes\n").exit_code == 0
    refused = run.invoke(app, ["rights", "erase", FIRST, "--json"])
    assert (refused.exit_code, json.loads(refused.stdout)["erased"]) == (1, False)
    assert run.invoke(app, ["rights", "archived", FIRST, "--receipt", "AK-1"]).exit_code == 1
    with sqlite_world.platform.database.writing() as session:
        of = sqlite_world.referral()
        of.status = Status.WITHDRAWN
        session.add(of)
    assert run.invoke(app, ["rights", "archived", FIRST, "--receipt", "AK-1"]).exit_code == 0
    sqlite_world.clock.move_on(timedelta(days=1))
    deeds = [event.deed for event in sqlite_world.rows(select(AuditEvent))]
    assert [deed for deed in deeds if deed in ("access_given", "corrected", "erasure_refused")] == [
        "access_given",
        "corrected",
        "corrected",
        "erasure_refused",
    ]
    with pytest.raises(VaultClosed), sqlite_world.platform.database.writing() as session:
        sqlite_world.platform.vault.keys.destroy([of.case_key], now=sqlite_world.clock.now())
        held_about(session, sqlite_world.platform.vault, of, opened_for="dpo", now=sqlite_world.clock.now())
    settings.cache_clear()
    current.cache_clear()
