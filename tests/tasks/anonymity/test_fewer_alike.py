"""A caseworker's decision when too few families are alike."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from deployments.cli.actor import carry_out
from domain.errors import TilflytError
from domain.parties.party import Role
from domain.questions.question import Answer, QuestionKind
from domain.referrals.lifecycle import Status
from storage.attention import AttentionItem
from storage.operations.scopes import Viewer
from storage.parties.partners import partner_of, remember_partner
from storage.privacy.releases import FEWER_ALIKE_ALLOWED, SENT_WITH_FEWER_ALIKE, LinedUp, Release, ReleaseWait
from storage.privacy.report import privacy_report
from storage.referrals.history import HistoryLine
from storage.staff.families.reassignment import reassign
from storage.staff.families.requests import send_with_fewer
from tasks.asking.deadlines import remind_and_close
from tests.tasks.anonymity.choices import UNLIKE, deeds
from tests.tasks.anonymity.crowd import LIKE, asked_about, seek, stop, three_must_be_alike
from tests.world.world import World


@pytest.fixture
def crowded(world: World) -> World:
    return three_must_be_alike(world)


def choose(world: World, least: int, reference: str = "TF-2026-00001") -> None:
    """Have staff record that a request is to be sent with only so many alike."""
    platform = world.platform
    terms, now = platform.anonymity, world.clock.now()
    carry_out(
        platform.database, send_with_fewer, reference, least=least, terms=terms, by="municipality:0461/leder", now=now
    )
    world.settle()


def test_its_caseworker_is_asked_after_two_sending_days_and_not_before(crowded: World):
    seek(crowded, LIKE)
    for asked in (0, 1, 1):
        crowded.sending_day()
        assert len(crowded.questions(QuestionKind.FEWER_ALIKE)) == asked
    (question,) = crowded.questions(QuestionKind.FEWER_ALIKE)
    assert (str(question.addressee), question.request) == (
        "municipality:0461/sagsbehandler-1",
        {"alike": 1, "usual": 3, "since": "2026-03-03"},
    )
    (letter,) = [text for text in crowded.texts() if "selv om familien skiller sig ud" in text]
    assert "To: sagsbehandler1@odense.invalid" in letter
    assert "ingen anden forespørgsel" in letter


def test_it_is_asked_too_where_enough_are_seeking_and_only_its_sending_is_too_small(crowded: World):
    seek(crowded, LIKE, LIKE, LIKE)
    crowded.sending_day()
    seek(crowded, LIKE, first=4)
    crowded.sending_day(2)

    (question,) = crowded.questions(QuestionKind.FEWER_ALIKE)
    assert (question.referral_id, (question.request or {})["alike"]) == (4, 1)


def test_a_yes_has_it_sent_on_the_next_sending_day_and_is_history(crowded: World):
    seek(crowded, LIKE, UNLIKE)
    crowded.sending_day(2)
    crowded.answer(QuestionKind.FEWER_ALIKE)
    crowded.settle()
    assert asked_about(crowded) == set()
    crowded.sending_day()

    (line,) = crowded.rows(select(HistoryLine).where(HistoryLine.deed == FEWER_ALIKE_ALLOWED))
    assert asked_about(crowded) == {line.referral_id}
    assert (line.actor, line.reason) == ("municipality:0461/sagsbehandler-1", "least 1")
    assert set(deeds(crowded, SENT_WITH_FEWER_ALIKE)) == {"1 alike"}
    # Among all families that seek, it is one of two alike.
    releases = crowded.rows(select(Release))
    assert {(one.least, one.alike_seeking, one.steps["move_in"]) for one in releases} == {(1, 2, "quarter")}
    # Nobody has decided about the other: it still waits, and its caseworker is still asked.
    assert [row.least for row in crowded.rows(select(ReleaseWait))] == [None]
    assert len(crowded.questions(QuestionKind.FEWER_ALIKE)) == 1


def test_a_yes_to_two_is_no_yes_to_one(crowded: World):
    seek(crowded, LIKE, LIKE)
    crowded.sending_day()
    choose(crowded, 2)
    crowded.sending_day()
    # Allowed, but not sent, because nobody has decided about the other.
    assert asked_about(crowded) == set()
    assert (deeds(crowded, FEWER_ALIKE_ALLOWED), deeds(crowded, SENT_WITH_FEWER_ALIKE)) == (["least 2"], [])

    choose(crowded, 2, "TF-2026-00002")
    crowded.sending_day()
    assert asked_about(crowded) == {1, 2}
    assert set(deeds(crowded, SENT_WITH_FEWER_ALIKE)) == {"2 alike"}


def test_a_newer_no_counts_more_than_an_older_yes(crowded: World):
    seek(crowded, LIKE, LIKE)
    crowded.sending_day()
    choose(crowded, 2)
    crowded.sending_day()
    crowded.answer(QuestionKind.FEWER_ALIKE, Answer.NO, "wait_for_others_alike")
    crowded.settle()
    choose(crowded, 2, "TF-2026-00002")
    crowded.sending_day()
    assert crowded.questions(QuestionKind.OFFER) == []


def test_what_was_allowed_and_not_needed_is_not_counted(crowded: World):
    seek(crowded, LIKE, LIKE)
    crowded.sending_day(2)
    crowded.answer(QuestionKind.FEWER_ALIKE)
    seek(crowded, LIKE, first=3)
    crowded.sending_day()
    assert asked_about(crowded) == {1, 2, 3}
    assert deeds(crowded, SENT_WITH_FEWER_ALIKE) == []


def test_a_question_that_nobody_can_answer_any_more_is_asked_anew(crowded: World):
    seek(crowded, LIKE)
    crowded.wait_for_others()
    (first,) = crowded.questions(QuestionKind.FEWER_ALIKE)
    crowded.clock.at = first.expires_at + timedelta(hours=1)
    remind_and_close(crowded.platform)
    with pytest.raises(TilflytError, match="the time to answer has passed"):
        carry_out(
            crowded.platform.database,
            reassign,
            "TF-2026-00001",
            to="sagsbehandler-2",
            by="vagt",
            now=crowded.clock.now(),
        )
    crowded.sending_day()
    (anew,) = crowded.questions(QuestionKind.FEWER_ALIKE)
    assert anew.id != first.id
    assert anew.expires_at > crowded.clock.now()


def test_where_its_caseworker_has_left_a_colleague_is_asked(crowded: World):
    seek(crowded, LIKE)
    with crowded.platform.database.writing() as session:
        known = partner_of(session, "municipality:0461")
        rest = tuple(one for one in known.contacts if one.id != "sagsbehandler-1")
        remember_partner(session, replace(known, contacts=rest), now=crowded.clock.now())
    crowded.wait_for_others()
    assert [question.contact_id for question in crowded.questions(QuestionKind.FEWER_ALIKE)] == ["sagsbehandler-2"]


def test_whoever_would_rather_wait_is_asked_again_after_as_long_and_no_sooner(crowded: World):
    seek(crowded, LIKE)
    crowded.wait_for_others()
    crowded.answer(QuestionKind.FEWER_ALIKE, Answer.NO, "wait_for_others_alike")
    crowded.settle()
    assert crowded.referral().status is Status.SEEKING
    # Answered on Monday the 2nd: the tenth working day after is the 16th.
    for day, asked in ((3, 0), (6, 0), (10, 0), (13, 0), (17, 1)):
        crowded.sending_day()
        assert crowded.clock.now().date() == date(2026, 3, day)
        assert len(crowded.questions(QuestionKind.FEWER_ALIKE)) == asked


def test_another_solution_ends_the_case_and_the_family_is_told(crowded: World):
    seek(crowded, LIKE)
    crowded.wait_for_others()
    crowded.clock.move_on(timedelta(days=21))
    remind_and_close(crowded.platform)
    assert crowded.rows(select(AttentionItem.closed_at)) == [None]
    crowded.answer(QuestionKind.FEWER_ALIKE, Answer.NO, "other_solution_found")
    crowded.settle()
    assert crowded.referral().status is Status.CLOSED
    assert None not in crowded.rows(select(AttentionItem.closed_at))
    assert (crowded.rows(select(ReleaseWait)), crowded.rows(select(LinedUp))) == ([], [])
    assert crowded.questions() == []
    assert "Vi har søgt en bolig til jer" in crowded.texts()[-1]
    assert "Vi har fundet en anden løsning til jer." in crowded.texts()[-1]
    # It counts among those who were seeking lately.
    seek(crowded, LIKE, LIKE, LIKE, first=2)
    crowded.sending_day()
    assert {one.alike_seeking for one in crowded.rows(select(Release))} == {4}


def test_when_others_come_the_question_is_withdrawn_and_all_are_asked_about(crowded: World):
    seek(crowded, LIKE)
    crowded.wait_for_others()
    seek(crowded, LIKE, LIKE, first=2)
    crowded.sending_day()
    assert crowded.questions(QuestionKind.FEWER_ALIKE) == []
    assert asked_about(crowded) == {1, 2, 3}


def test_a_case_that_is_stopped_waits_no_more(crowded: World):
    seek(crowded, LIKE)
    crowded.sending_day()
    stop(crowded, "TF-2026-00001")

    assert crowded.referral().status is Status.WITHDRAWN
    assert (crowded.rows(select(ReleaseWait)), crowded.rows(select(LinedUp))) == ([], [])


def test_a_person_may_have_it_sent_with_fewer_alike_and_that_is_history(crowded: World):
    seek(crowded, LIKE)
    crowded.sending_day(2)
    terms = crowded.platform.anonymity
    for wrong in (0, terms.least, terms.least + 1):
        with pytest.raises(TilflytError, match=f"from 1 to {terms.least - 1}"):
            choose(crowded, wrong)
    choose(crowded, 1)
    crowded.sending_day()

    (release,) = {(row.least, row.alike_seeking) for row in crowded.rows(select(Release))}
    assert release == (1, 1)
    lines = [line for line in crowded.rows(select(HistoryLine)) if line.deed == FEWER_ALIKE_ALLOWED]
    assert [(line.actor, line.reason) for line in lines] == [("municipality:0461/leder", "least 1")]
    assert crowded.questions(QuestionKind.FEWER_ALIKE) == []
    now = crowded.clock.now()
    with crowded.platform.database.reading() as session:
        viewer, day = Viewer("operator:drift", Role.AUDITOR), timedelta(days=1)
        report = privacy_report(session, viewer, since=now - day, until=now + day)
    assert report.overrides == len(crowded.questions(QuestionKind.OFFER)) == 2
    # It was alone in its sending, so somebody who knows the day can tell whose request it is.
    assert (report.alike_in_sending, report.right_at_most_pct) == ({1: 2}, 100.0)
    assert report.two_right_at_most_pct == 100.0
    # The decision was about this request only: no other is sent, and this one waits no more.
    with pytest.raises(TilflytError, match="does not wait"):
        choose(crowded, 1)
