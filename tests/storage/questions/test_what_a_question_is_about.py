"""A question is about a case or another subject; at a party one question of a kind is open about a subject."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from domain.questions.question import QuestionKind, Standing
from domain.subject import About, Subject
from storage.audit.states import ChainedStates
from storage.audit.verdict import verified
from storage.database import Database
from storage.questions.questions import Question, open_question
from tests.world.clock import START
from tests.world.families import family
from tests.world.world import World

# A subject of later questions; no question is about it yet.
MONTH = Subject("municipality", "0450/2026-11")
FIGURES = Subject("figures", "2026-12-01")


def question(about: Subject | None, **differs: object) -> Question:
    facts = {
        "subject": None if about is None else str(about),
        "kind": QuestionKind.APPROVAL,
        "asked_of": "municipality:0450",
        "contact_id": "godkender-1",
        "reference": "november",
        "asked_at": START,
        "remind_at": START + timedelta(days=1),
        "answer_by": START + timedelta(days=2),
        "expires_at": START + timedelta(days=3),
    }
    return Question(**facts | {"token_hash": str(differs or about)} | differs)


def ask(session: Session, about: Subject | None, **differs: object) -> Question:
    asked = question(about, **differs)
    open_question(session, asked)
    session.flush()
    return asked


def test_a_question_about_no_case_is_kept_and_says_what_it_is_about(database: Database):
    with database.writing() as session:
        ask(session, MONTH)
    with database.reading() as session:
        kept = session.exec(select(Question)).one()
        assert kept.about == MONTH
        with pytest.raises(ValueError, match="that must be there is missing"):
            _ = kept.case_id


def test_a_question_about_a_case_says_which(world: World):
    world.flag(family())
    (asked,) = world.rows(select(Question))

    assert asked.about == About.REFERRAL.of(asked.case_id)
    assert asked.case_id == world.referral().id
    assert asked.subject is None


def test_two_of_a_kind_are_never_open_about_one_thing_at_a_party(database: Database):
    with database.writing() as session:
        ask(session, MONTH)
    with pytest.raises(IntegrityError), database.writing() as session:
        ask(session, MONTH, contact_id="godkender-2")


@pytest.mark.parametrize(
    "differs",
    [
        {"subject": str(FIGURES)},
        {"kind": QuestionKind.SIGN_OFF},
        {"asked_of": "municipality:0461"},
        {"standing": Standing.REVOKED},
    ],
    ids=lambda one: next(iter(one)),
)
def test_what_differs_is_another_question(database: Database, differs: dict[str, object]):
    with database.writing() as session:
        ask(session, MONTH)
        ask(session, MONTH, **differs)
    with database.reading() as session:
        assert len(session.exec(select(Question)).all()) == 2


def test_two_of_a_kind_are_never_open_about_one_case(world: World):
    world.flag(family())
    (asked,) = world.rows(select(Question))
    again = asked.model_dump(exclude={"id", "key", "token_hash"}) | {"contact_id": "another"}

    with pytest.raises(IntegrityError), world.platform.database.writing() as session:
        session.add(Question(**again, token_hash="0"))
        session.flush()


def test_a_question_is_about_one_thing(world: World):
    world.flag(family())
    for about, case in ((MONTH, world.referral().id), (None, None)):
        with pytest.raises(IntegrityError), world.platform.database.writing() as session:
            session.add(question(about, referral_id=case))
            session.flush()


def test_the_chain_knows_what_a_question_is_about(database: Database):
    with database.writing() as session:
        ask(session, MONTH)
    with database.writing() as session:
        assert len(session.exec(select(ChainedStates)).all()) == 1
        assert [fault.source for fault in verified(session).faults if fault.source == "question"] == []
        asked = session.exec(select(Question)).one()
        asked.subject = str(FIGURES)
        session.add(asked)
        session.flush()
        assert [fault.source for fault in verified(session).faults if fault.source == "question"] == ["question"]
