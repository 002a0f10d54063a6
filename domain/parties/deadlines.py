"""When a question is reminded of, is due, and can be answered no more: counted from when it was asked."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.parties.agreement import OnSilence, Step
from domain.working_days import end_of_working_day

# How long an answer counts after its deadline and its grace.
LATE_ANSWERS_COUNT_FOR = {
    OnSilence.BACK_TO_SEEKING: timedelta(),
    OnSilence.KEEP_WAITING: timedelta(days=60),
    OnSilence.NEVER: timedelta(days=3650),
}


@dataclass(frozen=True, slots=True)
class Times:
    """A question's moments, as its row has them."""

    remind_at: datetime
    answer_by: datetime
    expires_at: datetime


def times_of(step: Step, *, asked_at: datetime, holidays: Container[date]) -> Times:
    """The moments of a question that was asked at a moment."""
    closes = end_of_working_day(asked_at, step.answer_within_days + step.grace_days, holidays)
    return Times(
        remind_at=end_of_working_day(asked_at, step.remind_after_days, holidays),
        answer_by=end_of_working_day(asked_at, step.answer_within_days, holidays),
        expires_at=closes + LATE_ANSWERS_COUNT_FOR[step.on_silence],
    )
