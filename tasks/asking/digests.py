"""One letter a day about all that waits for somebody, where that is much."""

from datetime import date

from sqlalchemy import func
from sqlmodel import col, select

from domain.questions.addressee import Addressee
from domain.questions.question import Standing
from domain.working_days import day_of, is_working_day
from storage.outbox import MAIL_LANE, Telling, put
from storage.questions.questions import FAMILY, Question, first_digest_of_the_day
from tasks.platform import Platform

# A person for whom more questions than this wait gets one letter a day about all of them.
MOST_LETTERS = 3


def send_digests(platform: Platform) -> tuple[str, ...]:
    """One letter a working day to each person for whom more than a few questions wait."""
    today = day_of(platform.now())
    if not is_working_day(today, platform.holidays):
        return ()
    many = (
        select(Question.asked_of, Question.contact_id)
        .where(Question.standing == Standing.OPEN, Question.asked_of != FAMILY)
        .group_by(col(Question.asked_of), col(Question.contact_id))
        .having(func.count() > MOST_LETTERS)
    )
    with platform.database.reading() as session:
        people = [Addressee(of, contact_id) for of, contact_id in session.exec(many)]
    return tuple(str(one) for one in people if _send_digest(platform, one, today))


def _send_digest(platform: Platform, addressee: Addressee, today: date) -> bool:
    with platform.database.writing() as session:
        if not first_digest_of_the_day(session, addressee, today):
            return False
        put(session, Telling.DIGEST, to=addressee, lane=MAIL_LANE, now=platform.now())
        return True
