"""The smaller rules: deadlines, waits, bands, pseudonyms, links, money, areas, agreements."""

import base64
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import patience
from domain.anonymity.request import period_of, pseudonym
from domain.anonymity.sending_days import Weekday
from domain.books import compensation
from domain.effect.share import Moves, share_after_pct
from domain.homes.area import AreaStatus, Listing, designations
from domain.parties.addressee import Addressee
from domain.parties.agreement import (
    FEWER_ALIKE,
    ROUTE,
    Agreement,
    CompensationTerms,
    LegalBasis,
    OnSilence,
    Shows,
    Step,
    faults,
)
from domain.questions.question import Answer, GivenBy, QuestionKind, Reply, link_token, token_hash
from domain.questions.question import faults as faults_of
from domain.working_days import end_of_working_day, last_day_of
from tasks.platform import days_offices_are_closed

DENMARK = days_offices_are_closed()
KEY = bytes(32)


@pytest.mark.parametrize(
    ("asked_at", "days", "last_day"),
    [
        ("2026-03-02T09:00+00:00", 1, "2026-03-03"),
        ("2026-03-06T09:00+00:00", 1, "2026-03-09"),  # over a weekend
        ("2026-03-31T09:00+00:00", 2, "2026-04-07"),  # over Easter: Thursday, Friday and Monday are holidays
        ("2027-04-22T09:00+00:00", 1, "2027-04-23"),  # what was Store bededag is a working day again
        ("2026-06-04T09:00+00:00", 1, "2026-06-08"),  # over Grundlovsdag and a weekend
        ("2026-12-23T09:00+00:00", 1, "2026-12-28"),  # over Christmas
        ("2026-03-02T23:30+00:00", 1, "2026-03-04"),  # already 3 March in Copenhagen
    ],
)
def test_deadlines_count_danish_working_days(asked_at: str, days: int, last_day: str):
    answer_by = end_of_working_day(datetime.fromisoformat(asked_at), days, DENMARK)

    assert last_day_of(answer_by) == date.fromisoformat(last_day)


def test_the_last_day_ends_at_midnight_in_copenhagen_in_summer_and_winter():
    winter = end_of_working_day(datetime(2026, 1, 5, 9, tzinfo=UTC), 1, DENMARK)
    summer = end_of_working_day(datetime(2026, 7, 6, 9, tzinfo=UTC), 1, DENMARK)

    assert winter.astimezone(UTC) == datetime(2026, 1, 6, 23, tzinfo=UTC)
    assert summer.astimezone(UTC) == datetime(2026, 7, 7, 22, tzinfo=UTC)


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_waits_grow_are_jittered_and_never_pass_a_quarter_of_an_hour(failures: int, jitter: float):
    wait = patience.wait(failures, jitter=jitter)

    assert timedelta(seconds=1) <= wait <= timedelta(minutes=15)
    assert patience.wait(failures, jitter=0) <= wait <= 2 * patience.wait(failures, jitter=0)
    assert patience.wait(failures + 1, jitter=jitter) >= wait


@pytest.mark.parametrize(("asked_s", "least_s"), [(None, 1), (0, 1), (120, 120), (10**9, 86_400), (-5, 1)])
def test_a_partner_may_ask_for_a_longer_wait_but_not_for_ever(asked_s, least_s):
    assert patience.wait(1, jitter=0, asked_s=asked_s) == timedelta(seconds=least_s)


def test_two_associations_know_a_case_under_different_names_and_each_under_one():
    name = {recipient: pseudonym(KEY, recipient=recipient, period="2026Q1", case_key="ab") for recipient in ("a", "b")}

    assert name["a"] != name["b"]
    assert name["a"] == pseudonym(KEY, recipient="a", period="2026Q1", case_key="ab")
    assert name["a"] != pseudonym(KEY, recipient="a", period="2026Q2", case_key="ab")


@pytest.mark.parametrize(
    ("day", "period"), [("2026-01-01", "2026Q1"), ("2026-03-31", "2026Q1"), ("2026-12-31", "2026Q4")]
)
def test_a_pseudonym_lasts_a_quarter(day: str, period: str):
    assert period_of(date.fromisoformat(day)) == period


def test_a_link_has_256_bits_and_is_bound_to_question_version_and_addressee():
    facts = {"question_key": "q", "version": 1, "addressee": Addressee("municipality:0461", "a")}
    token = link_token(KEY, **facts)

    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert token == link_token(KEY, **facts)
    others = [
        link_token(KEY, **facts | change)
        for change in ({"question_key": "r"}, {"version": 2}, {"addressee": Addressee("municipality:0461", "b")})
    ]
    assert len({token, *others, link_token(bytes(31) + b"x", **facts)}) == 5
    assert token not in token_hash(token)


@pytest.mark.parametrize(
    ("kind", "reply", "fields"),
    [
        (QuestionKind.SIGN_OFF, Reply(Answer.YES), []),
        (QuestionKind.SIGN_OFF, Reply(Answer.NO), ["reason"]),
        (QuestionKind.SIGN_OFF, Reply(Answer.NO, "too_expensive"), ["reason"]),
        (QuestionKind.SIGN_OFF, Reply(Answer.WITHDRAW), ["answer"]),
        (QuestionKind.OFFER, Reply(Answer.YES), ["vacancy"]),
        (QuestionKind.OFFER, Reply(Answer.YES, vacancy_id=9), ["vacancy"]),
        (QuestionKind.OFFER, Reply(Answer.YES, vacancy_id=7), []),
        (QuestionKind.OFFER, Reply(Answer.NO, "no_suitable_home"), []),
        (QuestionKind.ACCEPTANCE, Reply(Answer.WITHDRAW), []),
    ],
)
def test_a_reply_is_complete_or_says_what_is_missing(kind: QuestionKind, reply: Reply, fields: list[str]):
    assert [fault.field for fault in faults_of(kind, reply, suggested=frozenset({7}))] == fields


def test_whoever_answers_for_a_family_says_how_the_family_answered():
    faults_then = faults_of(QuestionKind.ACCEPTANCE, Reply(Answer.YES), on_behalf=True)
    faults_now = faults_of(QuestionKind.ACCEPTANCE, Reply(Answer.YES, given_by=GivenBy.PHONE), on_behalf=True)

    assert ([fault.field for fault in faults_then], faults_now) == (["given_by"], [])


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_booking_and_its_reversal_each_sum_to_zero_and_undo_each_other(municipality: int, department: int):
    terms = CompensationTerms(municipality, department, 180)
    booked = compensation.move_in_entries(terms, sender="s", receiver="r", department="d")
    undone = compensation.reversal_entries(booked)

    assert sum(entry.amount_ore for entry in booked) == 0 == sum(entry.amount_ore for entry in undone)
    assert {entry.account: entry.amount_ore for entry in booked} == {
        entry.account: -entry.amount_ore for entry in undone
    }
    assert all(entry.amount_ore for entry in booked)


@pytest.mark.parametrize(
    ("moved_out_on", "today", "why"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), None),
        (date(2026, 3, 31), date(2026, 4, 1), None),
        # Heard of years later, it is the same day still.
        (date(2026, 3, 31), date(2029, 4, 1), None),
        (date(2026, 4, 1), date(2029, 4, 1), "after the guarantee's last day, 2026-03-31"),
        (date(2026, 3, 1), date(2026, 4, 1), "before the family moved in, on 2026-03-02"),
        (date(2026, 3, 20), date(2026, 3, 19), "in the future"),
    ],
)
def test_a_move_out_reverses_its_booking_from_the_move_in_to_the_guarantees_last_day(moved_out_on, today, why):
    # In Copenhagen it is the second of March, and on the thirty-first the clocks have been put forward.
    moved_in_at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    terms = CompensationTerms(1, 1, 29)

    told = compensation.why_not_reversed(moved_out_on, moved_in_at=moved_in_at, terms=terms, today=today)

    assert (why or "") in (told or "")
    assert (told is None) is (why is None)


def test_an_area_is_what_the_newest_list_of_each_kind_says():
    newest = {AreaStatus.VULNERABLE: date(2024, 12, 1), AreaStatus.PARALLEL_SOCIETY: date(2020, 12, 1)}
    listings = [
        Listing(AreaStatus.VULNERABLE, date(2022, 12, 1)),
        Listing(AreaStatus.PARALLEL_SOCIETY, date(2020, 12, 1)),
    ]

    assert designations(listings, on=date(2026, 1, 1), newest=newest) == {AreaStatus.PARALLEL_SOCIETY}


@pytest.mark.parametrize(
    ("residents", "share", "moves", "after"),
    [
        (1000, 40.0, Moves(), 40.0),
        (1000, 40.0, Moves(-10, -10), pytest.approx(39.39, abs=0.01)),
        (1000, 40.0, Moves(10, 0), pytest.approx(39.60, abs=0.01)),
        (None, 40.0, Moves(-10, -10), None),
        (1000, None, Moves(-10, -10), None),
        (5, 40.0, Moves(-5, -2), None),
    ],
)
def test_the_effect_on_an_area_is_known_or_unknown_but_never_zero(residents, share, moves, after):
    assert share_after_pct(residents, share, moves) == after


AGREEMENT = Agreement(
    id="a",
    version=1,
    name="A",
    valid_from=date(2026, 1, 1),
    sending=("0461",),
    receiving=("0450",),
    associations=("havblik",),
    route=tuple(
        Step(kind, 5, 3, OnSilence.KEEP_WAITING if kind in ("sign_off", "move_in") else OnSilence.BACK_TO_SEEKING)
        for kind in ROUTE
    ),
    compensation=CompensationTerms(1, 1, 180),
    legal_basis=LegalBasis("da", "en", "jurist", date(2026, 1, 1)),
)


def test_the_route_is_five_questions_in_their_order_and_a_new_kind_lies_beside_it():
    assert ROUTE == ("sign_off", "offer", "approval", "acceptance", "move_in")
    assert [AGREEMENT.place(kind) for kind in ROUTE] == [(step, 5) for step in (1, 2, 3, 4, 5)]
    assert AGREEMENT.place(QuestionKind.FEWER_ALIKE) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, []),
        ({"route": AGREEMENT.route[:4]}, ["route"]),
        ({"route": tuple(reversed(AGREEMENT.route))}, ["route"]),
        ({"route": (replace(AGREEMENT.route[0], remind_after_days=5), *AGREEMENT.route[1:])}, ["route.sign_off"]),
        (
            {"route": (replace(AGREEMENT.route[0], on_silence=OnSilence.BACK_TO_SEEKING), *AGREEMENT.route[1:])},
            ["route.sign_off"],
        ),
        ({"beside": ()}, ["beside"]),
        ({"beside": (replace(FEWER_ALIKE, on_silence=OnSilence.BACK_TO_SEEKING),)}, ["beside.fewer_alike"]),
        ({"beside": (replace(FEWER_ALIKE, remind_after_days=10),)}, ["beside.fewer_alike"]),
        ({"receiving": ()}, ["sending, receiving, associations"]),
        ({"compensation": CompensationTerms(-1, 1, 180)}, ["compensation"]),
        ({"reservation_days": 19}, ["reservation_days"]),
        ({"sending_days": ()}, ["sending_days"]),
        ({"sending_days": (Weekday.MONDAY, Weekday.MONDAY)}, ["sending_days"]),
        ({"sending_hour": 24}, ["sending_hour"]),
        ({"approval_shows": (Shows.SENDER, Shows.SENDER)}, ["approval_shows"]),
    ],
)
def test_an_agreement_says_everything_that_is_wrong_with_it(change, says):
    assert [fault.partition(":")[0] for fault in faults(replace(AGREEMENT, **change))] == says


def test_an_agreement_that_says_nothing_of_it_sends_twice_a_week_and_tells_no_municipality_more_than_it_must():
    assert (AGREEMENT.sending_days, AGREEMENT.sending_hour) == ((Weekday.TUESDAY, Weekday.FRIDAY), 10)
    assert AGREEMENT.approval_shows == ()
