"""What migrations do to the rows of an earlier schema."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from domain.feeds.load import LoadKind, LoadStanding
from domain.questions.question import QuestionKind, Standing
from storage.attention import open_items
from storage.audit.chain import bind, chain
from storage.audit.verdict import verified
from storage.database import Database
from storage.feeds.feeds import FeedLoad, feed_of
from storage.feeds.quarantine import QuarantinedRow
from storage.migrate import migrate
from storage.outbox import OutboxRow, Telling
from storage.privacy.consents import ConsentRecord
from storage.privacy.releases import ReleaseWait
from storage.questions.questions import Question
from storage.vacancies.vacancies import Vacancy
from tests.storage.filled import RELEASED, fill, written_again
from tests.world.clock import START


def test_from_0001_every_question_knows_the_offer_that_it_is_about(empty: Database):
    rows = json.loads((Path(__file__).parent / "released" / "0001.json").read_text())
    migrate(empty, to="0001")
    fill(empty, rows)
    migrate(empty)

    with empty.reading() as session:
        about = {(one.referral_id, one.kind, one.id): one.offer_id for one in session.exec(select(Question))}
        waiting = session.exec(select(Question).where(Question.standing == Standing.OPEN)).all()
    offers = [offer for (referral, kind, _), offer in sorted(about.items()) if kind is QuestionKind.APPROVAL]
    assert offers == [1, 2, 3]
    assert [offer for (_, kind, _), offer in sorted(about.items()) if kind is QuestionKind.ACCEPTANCE] == [1, 2, 3]
    assert {offer for (_, kind, _), offer in about.items() if kind is QuestionKind.SIGN_OFF} == {None}
    assert len(waiting) == 2


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_every_question_is_still_about_its_case_and_another_may_be_about_none(empty: Database, released: Path):
    rows = json.loads(released.read_text())
    migrate(empty, to=released.stem)
    fill(empty, rows)
    migrate(empty)

    with empty.writing() as session:
        asked = session.exec(select(Question).order_by(col(Question.id))).all()
        assert {(one.id, one.case_id) for one in asked} == {(one["id"], one["referral_id"]) for one in rows["question"]}
        assert {one.subject for one in asked} == {None}
        about = {"referral_id": None, "subject": "figures:2026-12-01", "standing": Standing.OPEN}
        other = asked[0].model_dump(exclude={"id", "key", "token_hash"}) | about
        session.add(Question(**other, token_hash="0" * 64))
        session.flush()
    for twice in (other, other | {"subject": None}, other | {"referral_id": asked[0].referral_id}):
        with pytest.raises(IntegrityError), empty.writing() as session:
            session.add(Question(**twice, token_hash="1" * 64))
            session.flush()


def test_from_0001_the_outbox_takes_the_new_letters(empty: Database):
    rows = json.loads((Path(__file__).parent / "released" / "0001.json").read_text())
    migrate(empty, to="0001")
    fill(empty, rows)
    migrate(empty)

    with empty.writing() as session:
        session.add(OutboxRow(telling=Telling.DIGEST, lane="mail", addressee="municipality:0450/x", created_at=START))
        session.flush()
        assert len(session.exec(select(OutboxRow.id)).all()) == len(rows["outbox"]) + len(written_again(rows)) + 1


def test_from_0002_nights_rows_and_what_was_missing_are_remembered(empty: Database):
    rows = json.loads((Path(__file__).parent / "released" / "0002.json").read_text())
    migrate(empty, to="0002")
    fill(empty, rows)
    migrate(empty)

    with empty.writing() as session:
        loads = session.exec(select(FeedLoad).order_by(col(FeedLoad.id))).all()
        assert [(load.standing, load.rows, load.quarantined, load.why) for load in loads] == [
            (LoadStanding.APPLIED, 3, 1, []),
            (LoadStanding.APPLIED, 2, 1, []),
        ]
        assert feed_of(session, "kloeverlykken").last_good_at == START + timedelta(days=1)
        (row,) = session.exec(select(QuarantinedRow)).all()
        assert b"kl-3" in row.raw
        assert row.reasons[0].startswith("rooms: ")
        missing = session.exec(select(Vacancy).where(col(Vacancy.missing_since).is_not(None))).all()
        assert [(home.external_id, home.missing_since) for home in missing] == [("kl-2", START)]
        session.add(FeedLoad(association="x", kind=LoadKind.NIGHT, standing=LoadStanding.FAILED, started_at=START))
        session.flush()


def test_from_0003_a_vacancy_still_stands_and_is_let_by_known_words_only(empty: Database):
    rows = json.loads((Path(__file__).parent / "released" / "0003.json").read_text())
    migrate(empty, to="0003")
    fill(empty, rows)
    migrate(empty)

    for change in ("standing = 'sold'", "letting = 'by lot'"):
        with pytest.raises(IntegrityError), empty.writing() as session:
            session.execute(text(f"UPDATE vacancy SET {change}"))  # noqa: S608  # the words above
    with empty.writing() as session:
        session.execute(text("UPDATE vacancy SET letting = 'flexible_letting'"))
        assert {home.letting for home in session.exec(select(Vacancy))} == {"flexible_letting"}


def test_from_0003_a_consent_that_was_withdrawn_stays_so_and_an_old_one_ends_with_a_warning(empty: Database):
    rows = json.loads((Path(__file__).parent / "released" / "0003.json").read_text())
    open_still = [one for one in rows["referral"] if one["status"] not in ("closed", "withdrawn")]
    open_still[0]["consent_given_on"] = "2020-01-01"
    stopped = next(one for one in rows["referral"] if one["id"] != open_still[0]["id"])
    stopped |= {"status": "withdrawn", "stop_requested": "consent_withdrawn"}
    migrate(empty, to="0003")
    fill(empty, rows)
    migrate(empty)

    with empty.reading() as session:
        found = {one.referral_id: one for one in session.exec(select(ConsentRecord))}
    assert len(found) == len(rows["referral"])
    assert found[stopped["id"]].withdrawn_at is not None
    # A month from the day of the migration.
    assert found[open_still[0]["id"]].ends_on >= datetime.now(UTC).date() + timedelta(days=30)
    assert found[open_still[0]["id"]].withdrawn_at is None
    assert found[open_still[0]["id"]].children is None
    with empty.writing() as session:
        session.execute(text("UPDATE referral SET stop_requested = 'consent_ended' WHERE id = 1"))
        # The table no longer checks the municipality, which is judged before staging.
        session.execute(text("UPDATE vacancy SET municipality = '9999' WHERE id = 1"))


def test_from_0016_a_request_that_waits_is_asked_about_by_a_question_and_no_longer_by_the_list(empty: Database):
    rows = json.loads((Path(__file__).parent / "released" / "0016.json").read_text())
    assert [item["code"] for item in rows["attention_item"] if item["closed_at"] is None] == ["too_few_alike"]
    migrate(empty, to="0016")
    fill(empty, rows)
    migrate(empty)

    with empty.writing() as session:
        assert open_items(session) == []
        waits = session.exec(select(ReleaseWait)).one()
        asked = session.exec(select(Question).where(Question.standing == Standing.OPEN)).first()
        other = asked.model_dump(exclude={"id", "key", "token_hash"}) | {"referral_id": waits.referral_id}
        session.add(Question(**other | {"kind": QuestionKind.FEWER_ALIKE, "token_hash": "0" * 64}))
        session.flush()


def test_from_0016_what_may_be_a_cpr_number_leaves_the_quarantine_and_the_rest_stays(empty: Database):
    rows = json.loads((Path(__file__).parent / "released" / "0016.json").read_text())
    (harmless,) = rows["quarantined_row"]
    in_raw = {"id": 2, "digest": "2", "raw": {"base64": base64.b64encode("310299·1234".encode()).decode()}}
    in_told = {"id": 3, "digest": "3", "told": '{"rooms":"310299 1234"}', "external_id": "3102991234"}
    rows["quarantined_row"] += [harmless | in_raw, harmless | in_told]
    migrate(empty, to="0016")
    fill(empty, rows)
    migrate(empty)

    with empty.reading() as session:
        kept = {row.id: row for row in session.exec(select(QuarantinedRow))}
        loads = session.exec(select(FeedLoad.not_kept)).all()
    assert (kept[1].raw, kept[1].told["floor"], kept[1].external_id) == (
        base64.b64decode(harmless["raw"]["base64"]),
        "stuen",
        "h-99",
    )
    assert [(kept[number].raw, kept[number].told) for number in (2, 3)] == [(b"", {})] * 2
    assert (kept[2].external_id, kept[3].external_id) == ("h-99", None)
    assert set(loads) == {0}


def test_from_0032_the_chain_of_before_holds_and_goes_on(empty: Database):
    rows = json.loads((Path(__file__).parent / "released" / "0032.json").read_text())
    migrate(empty, to="0032")
    fill(empty, rows)
    migrate(empty)

    with empty.writing() as session:
        bind(session)
    with empty.reading() as session:
        verdict = verified(session)
        links = [(link.seq, link.hash) for link, _ in chain(session)]
    assert verdict.holds
    assert verdict.checkpoints == len(rows["audit_checkpoint"]) == 4
    assert links[: len(rows["audit_link"])] == [(link["seq"], link["hash"]) for link in rows["audit_link"]]
