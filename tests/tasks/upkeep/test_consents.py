"""A family's consent as a record: how it was given, when it ends, and that its withdrawal stops everything."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from typer.testing import CliRunner

from deployments.cli.actor import as_known_here
from deployments.cli.main import app
from domain.errors import Invalid
from domain.questions.question import Answer, GivenBy, QuestionKind, Standing
from domain.referrals.consent import WARNED_BEFORE, ConsentStanding, ConsentWithdrawn, standing
from domain.referrals.household import FamilyAnswersBy
from domain.referrals.lifecycle import Status
from storage.attention import open_items
from storage.audit.events import AuditEvent
from storage.privacy.consents import ConsentRecord
from storage.privacy.disclosures import Disclosure
from storage.questions.questions import Question
from tasks.upkeep.consents import follow_consents
from tests.world.families import family
from tests.world.new_world import KEY
from tests.world.world import World

A_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("today", "stands"),
    [
        (date(2026, 1, 1), ConsentStanding.HOLDS),
        (date(2027, 1, 21), ConsentStanding.HOLDS),
        (date(2027, 1, 22), ConsentStanding.ENDS_SOON),
        (date(2027, 2, 20), ConsentStanding.ENDS_SOON),
        (date(2027, 2, 21), ConsentStanding.ENDED),
    ],
)
def test_how_a_consent_stands_on_a_day(today: date, stands: ConsentStanding):
    assert standing(date(2027, 2, 20), today=today) is stands


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(0, 800))
def test_a_consent_that_has_ended_never_holds_again(ends_on: date, later: int):
    stands = [standing(ends_on, today=ends_on + A_DAY * days) for days in range(-60, 60, 7)]
    assert stands == sorted(stands, key=list(ConsentStanding).index)
    assert (standing(ends_on, today=ends_on + A_DAY * later) is ConsentStanding.ENDED) == (later > 0)


def consents(world: World) -> list[ConsentRecord]:
    return world.rows(select(ConsentRecord))


def test_a_consent_is_written_down_with_what_it_is_for_and_the_chain_knows_that_it_was_given(world: World):
    world.flag(family())

    (consent,) = consents(world)
    assert (consent.how, consent.children, consent.ends_on) == ("in_writing", "heard", date(2027, 2, 20))
    assert consent.purpose == "a home in another municipality"
    assert len(consent.recipients) == 2
    (event,) = world.rows(select(AuditEvent).where(AuditEvent.deed == "consent_given"))
    assert event.actor == "municipality:0461/sagsbehandler-1"
    assert event.facts["children"] == "heard"


def test_somebody_is_warned_before_a_consent_ends_and_without_it_the_case_stops(world: World):
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    (ends_on,) = {one.ends_on for one in consents(world)}

    def night_of(day: date):
        world.clock.at = world.clock.at.replace(year=day.year, month=day.month, day=day.day)
        return follow_consents(world.platform)

    assert night_of(ends_on - WARNED_BEFORE).warned == []
    assert night_of(ends_on).warned == ["TF-2026-00001"]
    with world.platform.database.reading() as session:
        (item,) = [one for one in open_items(session) if one.code == "consent_ends_soon"]
    assert item.detail == "2027-02-20"
    assert night_of(ends_on + A_DAY).stopped == ["TF-2026-00001"]
    assert night_of(ends_on + A_DAY).stopped == []
    world.settle()

    assert world.referral().status is Status.WITHDRAWN
    (consent,) = consents(world)
    assert (consent.withdrawn, consent.withdrawn_by) == (ConsentWithdrawn.ENDED, "platform")
    assert world.questions() == []
    with world.platform.database.reading() as session:
        assert [one for one in open_items(session) if one.code == "consent_ends_soon"] == []


@pytest.mark.parametrize(
    ("given_by", "way", "who"),
    [
        (None, ConsentWithdrawn.PAGE, "family"),
        (GivenBy.PHONE, ConsentWithdrawn.PHONE, "municipality:0461/sagsbehandler-1"),
        (GivenBy.LETTER, ConsentWithdrawn.LETTER, "municipality:0461/sagsbehandler-1"),
    ],
)
def test_how_it_was_withdrawn_is_kept_and_everybody_must_forget(
    world: World, given_by: GivenBy | None, way: ConsentWithdrawn, who: str
):
    world.home()
    answers_by = FamilyAnswersBy.CASEWORKER if given_by else FamilyAnswersBy.LETTER
    world.flag(family(answers_by=answers_by))
    world.until(QuestionKind.ACCEPTANCE)
    (asked,) = world.questions(QuestionKind.ACCEPTANCE)
    world.answer(QuestionKind.ACCEPTANCE, Answer.WITHDRAW)
    with world.platform.database.writing() as session:
        question = session.get_one(Question, asked.id)
        question.given_by = given_by
        session.add(question)
    world.settle()

    (consent,) = consents(world)
    assert (consent.withdrawn, consent.withdrawn_by) == (way, who)
    assert world.referral().status is Status.WITHDRAWN
    assert world.questions(standing=Standing.OPEN) == []


@pytest.fixture
def tilflyt(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The command line on the world's database."""
    monkeypatch.chdir(tmp_path)
    for name in ("LINK", "PSEUDONYM", "VAULT"):
        monkeypatch.setenv(f"TILFLYT_{name}_KEY", base64.b64encode(KEY).decode())
    monkeypatch.setenv("TILFLYT_DATABASE_URL", str(sqlite_world.platform.database.engine.url))
    clock = tmp_path / "clock"
    clock.write_text(str((sqlite_world.clock.at - datetime.now(UTC)).total_seconds()))
    monkeypatch.setenv("TILFLYT_WORLD", "demo")
    monkeypatch.setenv("TILFLYT_DEMO_CLOCK_FILE", str(clock))
    return lambda *words: CliRunner().invoke(app, list(words))


RENEWAL = (
    "--given-on=2026-03-01", "--given-to=sagsbehandler-1", "--how=orally", "--children=too_young", "--by=vagt",
)  # fmt: skip


def test_after_the_lease_fell_through_a_letter_withdraws_the_consent_and_all_who_knew_must_delete(
    sqlite_world: World, tilflyt
):
    world = sqlite_world
    world.home()
    world.flag(family())
    world.until(QuestionKind.MOVE_IN)

    done = tilflyt("consent", "withdraw", "TF-2026-00001", "--how=letter", "--by=vagt")
    assert done.exit_code == 0, done.output
    # The clock goes on, as it does between two commands.
    world.clock.move_on(timedelta(hours=1))
    world.settle()

    assert world.referral().status is Status.WITHDRAWN
    told = world.rows(select(Disclosure))
    assert len(told) == 2
    assert all(one.recalled_at and one.deletion_confirmed_at for one in told)
    (shown,) = json.loads(tilflyt("consent", "show", "TF-2026-00001", "--json").stdout)
    assert (shown["withdrawn"], shown["withdrawn_by"]) == ("letter", as_known_here("vagt"))
    again = tilflyt("consent", "withdraw", "TF-2026-00001", "--how=phone")
    assert isinstance(again.exception, Invalid)


def test_a_consent_is_renewed_and_the_warning_passes(sqlite_world: World, tilflyt):
    world = sqlite_world
    world.flag(family())
    done = tilflyt("consent", "renew", "TF-2026-00001", *RENEWAL, "--ends-on=2026-03-20")
    assert done.exit_code == 0, done.output
    assert follow_consents(world.platform).warned == ["TF-2026-00001"]

    assert tilflyt("consent", "renew", "TF-2026-00001", *RENEWAL).exit_code == 0

    assert follow_consents(world.platform).warned == []
    with world.platform.database.reading() as session:
        assert open_items(session) == []
    assert [one.ends_on for one in consents(world)][-1] == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (["--given-on=2026-03-03"], "given_on"),
        (["--ends-on=2026-03-01"], "ends_on"),
        (["--given-to=nobody"], "given_to"),
    ],
)
def test_a_renewal_that_cannot_be_is_refused_by_field(sqlite_world: World, tilflyt, changes: list[str], field: str):
    sqlite_world.flag(family())
    done = tilflyt("consent", "renew", "TF-2026-00001", *RENEWAL, *changes)
    assert isinstance(done.exception, Invalid)
    assert done.exception.field == field
    assert len(consents(sqlite_world)) == 1


def test_a_consent_is_not_withdrawn_by_hand_as_if_the_page_had_done_it(sqlite_world: World, tilflyt):
    sqlite_world.flag(family())
    assert tilflyt("consent", "withdraw", "TF-2026-00001", "--how=page").exit_code == 1
    assert consents(sqlite_world)[0].withdrawn is None
