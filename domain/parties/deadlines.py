"""When a reminder of a question is sent, when an answer is due, and until when it counts: from the moment of asking."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.parties.agreement import OnSilence, Step
from domain.questions.question import QuestionKind
from domain.working_days import end_of_working_day

# How long questions about no case wait, from a day on: no agreement says it. The latest day that has come counts.
OF_NO_CASE: dict[QuestionKind, tuple[tuple[date, Step], ...]] = {
    QuestionKind.MONTH: ((date(2020, 1, 1), Step(QuestionKind.MONTH, 10, 5, OnSilence.KEEP_WAITING)),),
    QuestionKind.CLAIM: ((date(2020, 1, 1), Step(QuestionKind.CLAIM, 10, 5, OnSilence.KEEP_WAITING)),),
    QuestionKind.CLAIM_SECOND: ((date(2020, 1, 1), Step(QuestionKind.CLAIM_SECOND, 10, 5, OnSilence.KEEP_WAITING)),),
}

# How long an answer still counts after the deadline and the grace days.
LATE_ANSWERS_COUNT_FOR = {
    OnSilence.BACK_TO_SEEKING: timedelta(),
    OnSilence.KEEP_WAITING: timedelta(days=60),
    OnSilence.NEVER: timedelta(days=3650),
}


def step_of_no_case(kind: QuestionKind, *, on: date) -> Step:
    """The deadlines on a day of a question that is about no case."""
    return max((one for one in OF_NO_CASE[kind] if one[0] <= on), key=lambda one: one[0])[1]


@dataclass(frozen=True, slots=True)
class Times:
    """A question's moments, as its row has them."""

    remind_at: datetime
    answer_by: datetime
    expires_at: datetime


def times_of(step: Step, *, asked_at: datetime, holidays: Container[date]) -> Times:
    """A question's moments, counted from `asked_at`."""
    closes = end_of_working_day(asked_at, step.answer_within_days + step.grace_days, holidays)
    return Times(
        remind_at=end_of_working_day(asked_at, step.remind_after_days, holidays),
        answer_by=end_of_working_day(asked_at, step.answer_within_days, holidays),
        expires_at=closes + LATE_ANSWERS_COUNT_FOR[step.on_silence],
    )
