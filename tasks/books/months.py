"""A month is settled by itself, and every party that has a statement in it is asked whether it approves it.

No finance system is asked anything here: one that is down delays no settlement and no letter.
"""

from datetime import date

from sqlalchemy.exc import SQLAlchemyError

from domain.books.months import last_day_before, month_name, month_subject, settled_by_itself_on
from domain.errors import NeedsPerson, TilflytError
from domain.questions.question import Answer, QuestionKind
from domain.subject import About
from domain.working_days import day_of
from storage.attention import ask_for_attention, close_subject
from storage.books.settlements import parties_of_month, settle_month, settled_months, statement_of
from storage.locks import hold_subject
from storage.parties.partners import partner_of
from storage.questions.months import month_question, parties_asked
from storage.questions.questions import Question
from tasks.asking.asking import Matter, ask_party
from tasks.attention import ask_person
from tasks.case import PLATFORM
from tasks.matter import PartyMatter
from tasks.platform import Platform

# Whoever could not be asked about an older month is on the attention list.
MONTHS_LOOKED_AT = 12


def settle_last_month(platform: Platform) -> date | None:
    """Settle the month before today's when its day has come; returns its last day the first time, else None.

    Months before it that were not settled are settled with it.
    """
    now = platform.now()
    last_day = last_day_before(day_of(now))
    by_itself = platform.settlement_working_day
    if not by_itself or day_of(now) < settled_by_itself_on(last_day, by_itself, platform.holidays):
        return None
    with platform.database.writing() as session:
        return last_day if settle_month(session, last_day, by=PLATFORM, now=now) else None


def ask_parties(platform: Platform, *, flow_run_id: str | None = None) -> tuple[str, ...]:
    """Ask every party whether it approves its statement of a settled month, once; returns who was asked about which."""
    with platform.database.reading() as session:
        months = settled_months(session)[-MONTHS_LOOKED_AT:]
        missing = [
            (one, party)
            for one in months
            for party in sorted(parties_of_month(session, one) - parties_asked(session, one))
        ]
    return tuple(
        f"{month_name(last_day)} {party}"
        for last_day, party in missing
        if _tried_to_ask(platform, last_day, party, flow_run_id)
    )


def _tried_to_ask(platform: Platform, last_day: date, party: str, flow_run_id: str | None) -> bool:
    """Ask one party; whoever cannot be asked needs a person, and delays no other party."""
    about = About.MONTH.of(month_name(last_day), party)
    try:
        with platform.database.writing() as session:
            now, name = platform.now(), month_name(last_day)
            matter = PartyMatter(platform, session, month_subject(last_day), name, now, flow_run_id)
            asked = _ask(matter, last_day, party)
            close_subject(session, about, now=now, by=PLATFORM, codes=("month_asks_nobody",))
            return asked
    except (TilflytError, SQLAlchemyError) as error:
        why = str(error) if isinstance(error, NeedsPerson) else type(error).__name__
    with platform.database.writing() as session:
        ask_for_attention(session, about, "month_asks_nobody", now=platform.now(), detail=f"{party}: {why}")
    return False


def _ask(matter: PartyMatter, last_day: date, party: str) -> bool:
    hold_subject(matter.session, str(matter.subject))
    if month_question(matter.session, last_day, party) is not None:
        return False
    statement = statement_of(matter.session, last_day, party)
    if not statement.lines:
        return False
    seen = Matter(matter.reference, request={"total_ore": statement.total_ore})
    ask_party(matter, QuestionKind.MONTH, partner_of(matter.session, party), seen)
    return True


def hear_month(matter: PartyMatter, question: Question) -> None:
    """A party has answered: after a no, the operator must have the month put right and the party asked anew."""
    about = About.MONTH.of(matter.reference, question.asked_of)
    if question.answer is Answer.NO:
        ask_person(matter, "month_rejected", detail=f"{question.asked_of}: {question.reason}", about=about)
    else:
        close_subject(matter.session, about, now=matter.now, by=str(question.answerer))
