"""Whether an open case can go on under another version of its agreement, and what of a new version it still meets."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.parties.agreement import Agreement, LegalBasis, OnSilence, Step
from domain.parties.agreements.changes import WAITS_FOR, FieldChange, changes, still_met
from domain.parties.agreements.reasons_to_stay import OpenCase, why_left
from domain.parties.compensation.model import CompensationTerms
from domain.parties.route import ROUTE
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status

K = QuestionKind
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = Agreement(
    id="fyn",
    version=1,
    name="Fyn",
    valid_from=date(2026, 1, 1),
    sending=("0461",),
    receiving=("0430", "0450"),
    associations=("havblik", "kloeverlykken"),
    route=tuple(Step(kind, 5, 3, OnSilence.KEEP_WAITING) for kind in ROUTE),
    compensation=CompensationTerms(1, 2, 3),
    legal_basis=LegalBasis("§ 59", "s. 59", "x", date(2026, 1, 1)),
)


def second(*route: QuestionKind, days: int = 5, **changes: object) -> Agreement:
    kinds = route or ROUTE
    steps = tuple(Step(kind, days, 3, OnSilence.KEEP_WAITING) for kind in kinds)
    return replace(FIRST, version=2, route=steps, **changes)


def at(status: Status, **facts: object) -> OpenCase:
    asked = (WAITS_FOR[status],) if status in WAITS_FOR else ()
    return OpenCase("TF-1", status, "0461", **({"asked": asked} | facts))


WITHOUT_SIGN_OFF = ROUTE[1:]
FAMILY_FIRST = (K.SIGN_OFF, K.OFFER, K.ACCEPTANCE, K.APPROVAL, K.MOVE_IN)
HELD = {"receiver": "0450", "associations": frozenset({"havblik"}), "reserved_until": NOW + timedelta(days=42)}


@pytest.mark.parametrize(
    ("case", "new", "why"),
    [
        (at(Status.RECEIVED), second(), []),
        (at(Status.ACCEPTED, **HELD), second(), []),
        (at(Status.HOUSED), second(), ["the family has moved in: what is booked for it rests on version 1"]),
        (
            at(Status.ACCEPTED, moved_in=True),
            second(),
            ["the family has moved in: what is booked for it rests on version 1"],
        ),
        (at(Status.CLOSED), second(), ["it is closed"]),
        (at(Status.SEEKING, stops=True), second(sending=()), ["it is about to be withdrawn"]),
        (at(Status.SEEKING), second(sending=("0751",)), ["version 2 no longer has 0461 as a sending municipality"]),
        (
            at(Status.PROPOSED, **HELD),
            second(receiving=("0430",), associations=("kloeverlykken",)),
            [
                "version 2 no longer has 0450, whose home is put forward",
                "version 2 no longer has havblik, which is asked",
            ],
        ),
        (at(Status.RECEIVED), second(*WITHOUT_SIGN_OFF), ["version 2 has no step sign_off, which is asked now"]),
        (at(Status.RECEIVED, asked=()), second(*WITHOUT_SIGN_OFF), ["version 2 has no step sign_off"]),
        (at(Status.SEEKING), second(*WITHOUT_SIGN_OFF), []),
        (
            at(Status.SEEKING, asked=(K.FEWER_ALIKE,)),
            second(beside=()),
            ["version 2 has no step fewer_alike, which is asked now"],
        ),
        (at(Status.SEEKING), second(*FAMILY_FIRST), []),
        (at(Status.PROPOSED, **HELD), second(*FAMILY_FIRST), ["version 2 asks acceptance first, and nobody was asked"]),
        (at(Status.APPROVED, **HELD), second(*FAMILY_FIRST), ["version 2 would ask approval again"]),
        (at(Status.ACCEPTED, **HELD), second(*FAMILY_FIRST), []),
        (
            at(Status.PROPOSED, **HELD, open_until=NOW + timedelta(days=20)),
            second(days=12),
            ["its home is reserved by the old deadlines, and the new ones could outlast that"],
        ),
        (at(Status.PROPOSED, **HELD, open_until=NOW + timedelta(days=20)), second(days=11), []),
        (at(Status.APPROVED, **HELD, open_until=NOW + timedelta(days=20)), second(days=60), []),
    ],
)
def test_a_case_stays_for_each_reason_that_there_is(case: OpenCase, new: Agreement, why: list[str]):
    assert why_left(case, FIRST, new, now=NOW) == why


def test_a_case_past_the_sign_off_does_not_move_to_a_route_that_asks_for_it():
    old = replace(second(*WITHOUT_SIGN_OFF), version=1)
    assert why_left(at(Status.SEEKING), old, second(), now=NOW) == [
        "version 2 asks sign_off first, and nobody was asked"
    ]


@pytest.mark.parametrize(
    ("field", "met_at"),
    [
        ("sending", ""),
        ("valid_from", ""),
        ("associations", "RECEIVED SEEKING"),
        ("reservation_days", "RECEIVED SEEKING"),
        ("beside.fewer_alike.answer_within_days", "RECEIVED SEEKING"),
        ("approval_shows", "RECEIVED SEEKING PROPOSED"),
        ("disclosure_after_minutes", "RECEIVED SEEKING PROPOSED APPROVED"),
        ("compensation.housing_department_ore", "RECEIVED SEEKING PROPOSED APPROVED ACCEPTED"),
        ("a_field_that_comes_later", "RECEIVED SEEKING PROPOSED APPROVED ACCEPTED"),
        ("route.sign_off.answer_within_days", ""),
        ("route.offer.answer_within_days", "RECEIVED SEEKING"),
        ("route.approval.answer_within_days", "RECEIVED SEEKING"),
        ("route.acceptance.grace_days", "RECEIVED SEEKING PROPOSED"),
        ("route.move_in.answer_within_days", "RECEIVED SEEKING PROPOSED APPROVED ACCEPTED"),
    ],
)
def test_a_case_meets_what_is_still_to_come(field: str, met_at: str):
    change = FieldChange(field, "1", "2")
    met = [status.name for status, kind in WAITS_FOR.items() if still_met(change, kind, FIRST)]
    assert " ".join(met) == met_at


def test_changes_are_told_in_the_words_of_the_file():
    before = {"version": 1, "associations": ["a", "b"], "route": [{"kind": "offer", "days": 5}], "name": "x", "old": 1}
    after = {"version": 2, "associations": ["b", "c"], "route": [{"kind": "offer", "days": 6}], "name": "ø", "new": []}

    assert [*map(str, changes(before, after))] == [
        'associations: ["a"] → ["c"]',
        "route.offer.days: 5 → 6",
        'name: "x" → "ø"',
        "old: 1 → –",
    ]
