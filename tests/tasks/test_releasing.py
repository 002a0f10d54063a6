"""A request waits until enough families are like it; what is sent is one of many, and written down with how many."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from deployments.looking import reassign, send_with_fewer
from domain.errors import TilflytError
from domain.household import Need
from domain.lifecycle import Status, WithdrawalReason
from domain.party import Role
from domain.question import Answer, QuestionKind
from domain.release import AnonymityTerms
from storage.attention import AttentionItem
from storage.parties import partner, remember_partner
from storage.privacy import privacy_report
from storage.referrals import HistoryLine, request_stop
from storage.releases import FEWER_ALIKE_ALLOWED, SENT_WITH_FEWER_ALIKE, Release, ReleaseWait
from storage.scopes import Viewer
from tasks.deadlines import remind_and_close
from tests.world import World, family

LIKE = Need(3, 3, 900_000, date(2026, 4, 1))
UNLIKE = replace(LIKE, rent_max_monthly_ore=840_000, move_in_from=date(2026, 5, 1))


@pytest.fixture
def crowded(world: World) -> World:
    """A world in which three must be alike, and eleven are wanted."""
    world.platform = replace(world.platform, anonymity=AnonymityTerms(least=3, wanted=11))
    for association in ("havblik", "kloeverlykken"):
        for _ in range(4):
            world.home(association)
    return world


def seek(world: World, *needs: Need, first: int = 1) -> None:
    """Flag families with these needs and have them signed off."""
    world.flag(*(family(number, need=need) for number, need in enumerate(needs, first)))
    world.settle()
    while world.questions(QuestionKind.SIGN_OFF):
        world.answer(QuestionKind.SIGN_OFF)
        world.settle()


def deeds(world: World, deed: str) -> list[str | None]:
    """What the history says of a deed, each time that it was done."""
    return world.rows(select(HistoryLine.reason).where(HistoryLine.deed == deed).order_by(HistoryLine.id))


def test_the_first_two_wait_for_a_third_and_then_all_are_asked_about(crowded: World):
    seek(crowded, LIKE, LIKE)
    assert crowded.questions(QuestionKind.OFFER) == []
    assert len(crowded.rows(select(ReleaseWait))) == 2
    assert all(crowded.referral(f"TF-2026-0000{n}").status is Status.SEEKING for n in (1, 2))

    seek(crowded, LIKE, first=3)

    asked_about = {question.referral_id for question in crowded.questions(QuestionKind.OFFER)}
    assert asked_about == {crowded.referral(f"TF-2026-0000{n}").id for n in (1, 2, 3)}
    assert crowded.rows(select(ReleaseWait)) == []
    releases = crowded.rows(select(Release).order_by(Release.id))
    assert {(one.alike_seeking, one.crowd, one.loss, one.least, one.wanted) for one in releases} == {(3, 3, 0, 3, 11)}
    assert {one.referral_id for one in releases} == asked_about
    for recipient in {one.recipient for one in releases}:
        assert [one.alike_released for one in releases if one.recipient == recipient] == [1, 2, 3]
    waits = crowded.rows(select(HistoryLine).where(HistoryLine.deed == "waits_for_others"))
    assert len(waits) == 2


def test_what_tells_them_apart_is_left_out_of_all_that_is_sent(crowded: World):
    seek(crowded, LIKE, UNLIKE, LIKE)

    requests = [question.request or {} for question in crowded.questions(QuestionKind.OFFER)]
    assert requests
    assert {(one["rent_from_ore"], one["move_in_year"], one["rooms_from"]) for one in requests} == {(800_000, 2026, 3)}
    assert {(one["rent_to_ore"], one["move_in_month"], one["move_in_months"]) for one in requests} == {
        (1_000_000, 4, 3)
    }
    assert {tuple(sorted(one.steps.items())) for one in crowded.rows(select(Release))} == {
        (("move_in", "quarter"), ("rent_ore", "2000_kr"))
    }
    letters = "\n".join(text for text in crowded.texts() if "B-" in text)
    assert "8.000 kr. og 10.000 kr." in letters
    assert "2. kvartal 2026" in letters


def test_those_who_were_seeking_lately_still_count_and_after_the_window_no_more(crowded: World):
    seek(crowded, LIKE, LIKE, LIKE)
    for number in (1, 2, 3):
        reference = f"TF-2026-0000{number}"
        with crowded.platform.database.writing() as session:
            request_stop(
                session,
                crowded.referral(reference).id or 0,
                WithdrawalReason.CONSENT_WITHDRAWN,
                now=crowded.clock.now(),
            )
    crowded.settle()

    crowded.clock.move_on(timedelta(days=60))
    seek(crowded, LIKE, first=4)
    assert len(crowded.questions(QuestionKind.OFFER)) > 0

    crowded.clock.move_on(timedelta(days=91))
    seek(crowded, LIKE, first=5)
    fifth = crowded.referral("TF-2026-00005").id
    assert [row.referral_id for row in crowded.rows(select(ReleaseWait))] == [fifth]


def test_its_caseworker_is_asked_after_ten_working_days_and_not_before(crowded: World):
    seek(crowded, LIKE)
    for days, asked in ((13, 0), (2, 1), (5, 1)):
        crowded.clock.move_on(timedelta(days=days))
        crowded.settle()
        assert len(crowded.questions(QuestionKind.FEWER_ALIKE)) == asked
    (question,) = crowded.questions(QuestionKind.FEWER_ALIKE)
    assert (question.addressee, question.request) == (
        "municipality:0461/sagsbehandler-1",
        {"alike": 1, "usual": 3, "since": "2026-03-02"},
    )
    (letter,) = [text for text in crowded.texts() if "selv om familien skiller sig ud" in text]
    assert "To: sagsbehandler1@odense.invalid" in letter
    assert "ingen andre søger en lignende bolig" in letter


def test_a_yes_has_it_sent_with_as_many_as_were_told_of_and_is_history(crowded: World):
    seek(crowded, LIKE, UNLIKE)
    crowded.wait_for_others()
    crowded.answer(QuestionKind.FEWER_ALIKE)
    crowded.settle()

    asked_about = {question.referral_id for question in crowded.questions(QuestionKind.OFFER)}
    (line,) = crowded.rows(select(HistoryLine).where(HistoryLine.deed == FEWER_ALIKE_ALLOWED))
    assert asked_about == {line.referral_id}
    assert (line.actor, line.reason) == ("municipality:0461/sagsbehandler-1", "least 2")
    assert deeds(crowded, SENT_WITH_FEWER_ALIKE) == ["2 alike"]
    releases = crowded.rows(select(Release))
    assert {(one.least, one.alike_seeking, one.steps["move_in"]) for one in releases} == {(2, 2, "quarter")}
    # The other was not chosen for: it still waits, and its caseworker is still asked.
    assert [row.least for row in crowded.rows(select(ReleaseWait))] == [None]
    assert len(crowded.questions(QuestionKind.FEWER_ALIKE)) == 1


def allow_two_of_whom_one_is_gone(crowded: World) -> None:
    """A yes to two is no yes to one: it is not sent, and its caseworker is asked anew."""
    crowded.platform = replace(crowded.platform, anonymity=AnonymityTerms(least=3, window_days=30))
    seek(crowded, LIKE, LIKE)
    with crowded.platform.database.writing() as session:
        other = crowded.referral("TF-2026-00002").id or 0
        request_stop(session, other, WithdrawalReason.CONSENT_WITHDRAWN, now=crowded.clock.now())
    crowded.settle()
    crowded.clock.move_on(timedelta(days=16))
    crowded.settle()
    crowded.clock.move_on(timedelta(days=16))
    assert crowded.answer(QuestionKind.FEWER_ALIKE)
    crowded.settle()
    assert crowded.questions(QuestionKind.OFFER) == []

    crowded.clock.move_on(timedelta(days=20))
    crowded.settle()


def test_a_yes_to_two_is_no_yes_to_one(crowded: World):
    allow_two_of_whom_one_is_gone(crowded)
    (asked_anew,) = crowded.questions(QuestionKind.FEWER_ALIKE)
    assert (asked_anew.request or {})["alike"] == 1
    # It was allowed and not done.
    assert (deeds(crowded, FEWER_ALIKE_ALLOWED), deeds(crowded, SENT_WITH_FEWER_ALIKE)) == (["least 2"], [])


def test_a_newer_no_counts_more_than_an_older_yes(crowded: World):
    allow_two_of_whom_one_is_gone(crowded)
    crowded.answer(QuestionKind.FEWER_ALIKE, Answer.NO, "wait_for_others_alike")
    crowded.settle()
    seek(crowded, LIKE, first=3)
    assert crowded.questions(QuestionKind.OFFER) == []


def test_what_was_allowed_and_not_needed_is_not_counted(crowded: World):
    seek(crowded, LIKE, LIKE)
    crowded.wait_for_others()
    crowded.flag(family(3, need=LIKE))
    crowded.settle()
    crowded.answer(QuestionKind.FEWER_ALIKE)
    crowded.answer(QuestionKind.SIGN_OFF)
    crowded.settle()
    assert crowded.questions(QuestionKind.OFFER) != []
    assert deeds(crowded, SENT_WITH_FEWER_ALIKE) == []


def test_a_question_that_nobody_can_answer_any_more_is_asked_anew(crowded: World):
    seek(crowded, LIKE)
    crowded.wait_for_others()
    (first,) = crowded.questions(QuestionKind.FEWER_ALIKE)
    crowded.clock.at = first.expires_at + timedelta(hours=1)
    remind_and_close(crowded.platform)
    with pytest.raises(TilflytError, match="the time to answer has passed"):
        reassign(crowded.platform.database, "TF-2026-00001", to="sagsbehandler-2", now=crowded.clock.now())
    crowded.settle()
    (anew,) = crowded.questions(QuestionKind.FEWER_ALIKE)
    assert anew.id != first.id
    assert anew.expires_at > crowded.clock.now()


def test_where_its_caseworker_has_left_a_colleague_is_asked(crowded: World):
    seek(crowded, LIKE)
    with crowded.platform.database.writing() as session:
        known = partner(session, "municipality:0461")
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
    for days, asked in ((13, 0), (3, 1)):
        crowded.clock.move_on(timedelta(days=days))
        crowded.settle()
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
    assert crowded.rows(select(ReleaseWait)) == []
    assert crowded.questions() == []
    assert "Vi har søgt en bolig til jer" in crowded.texts()[-1]
    assert "Vi har fundet en anden løsning til jer." in crowded.texts()[-1]
    # It has sought all the same, and counts among those who did.
    seek(crowded, LIKE, LIKE, first=2)
    assert len(crowded.questions(QuestionKind.OFFER)) > 0


def test_when_others_come_the_question_is_withdrawn_and_all_are_asked_about(crowded: World):
    seek(crowded, LIKE)
    crowded.wait_for_others()
    seek(crowded, LIKE, LIKE, first=2)
    assert crowded.questions(QuestionKind.FEWER_ALIKE) == []
    assert {question.referral_id for question in crowded.questions(QuestionKind.OFFER)} == {1, 2, 3}


def test_a_case_that_is_stopped_waits_no_more(crowded: World):
    seek(crowded, LIKE)
    with crowded.platform.database.writing() as session:
        id_ = crowded.referral().id or 0
        request_stop(session, id_, WithdrawalReason.CONSENT_WITHDRAWN, now=crowded.clock.now())
    crowded.settle()

    assert crowded.referral().status is Status.WITHDRAWN
    assert crowded.rows(select(ReleaseWait)) == []


def test_a_person_may_have_it_sent_with_fewer_alike_and_that_is_history(crowded: World):
    seek(crowded, LIKE)
    crowded.clock.move_on(timedelta(days=15))
    crowded.settle()
    database, terms, now = crowded.platform.database, crowded.platform.anonymity, crowded.clock.now()

    def choose(least: int, reference: str = "TF-2026-00001") -> None:
        send_with_fewer(database, reference, least=least, terms=terms, by="municipality:0461/leder", now=now)

    for wrong in (0, terms.least, terms.least + 1):
        with pytest.raises(TilflytError, match=f"from 1 to {terms.least - 1}"):
            choose(wrong)
    choose(1)
    crowded.settle()

    (release,) = {(row.least, row.alike_seeking) for row in crowded.rows(select(Release))}
    assert release == (1, 1)
    lines = [line for line in crowded.rows(select(HistoryLine)) if line.deed == FEWER_ALIKE_ALLOWED]
    assert [(line.actor, line.reason) for line in lines] == [("municipality:0461/leder", "least 1")]
    assert crowded.questions(QuestionKind.FEWER_ALIKE) == []
    with database.reading() as session:
        viewer, day = Viewer("operator:drift", Role.AUDITOR), timedelta(days=1)
        assert privacy_report(session, viewer, since=now - day, until=now + day).overrides == 1
    # It was chosen for this request: nobody else's is sent, and it waits no more.
    with pytest.raises(TilflytError, match="does not wait"):
        choose(1)
