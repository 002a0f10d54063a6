"""Passes on the questions of people who are away, or have left."""

import structlog
from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from domain.errors import NeedsPerson, TilflytError
from domain.parties.colleagues import absence
from domain.questions.question import PassedOnBy, QuestionKind
from domain.working_days import day_of
from storage.parties.deputies import Deputy
from storage.parties.partners import partner_of
from storage.questions.answers import pass_on
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from storage.staff.leavers import pass_on_from_leavers
from tasks.asking.asking import at_work
from tasks.attention import ask_about
from tasks.matter import Asker
from tasks.platform import Platform

log = structlog.get_logger()


def of_people_who_left(platform: Platform) -> tuple[str, ...]:
    """Pass questions of people who left on to colleagues, if the import of their party's file has not done so."""
    try:
        with platform.database.writing() as session:
            return tuple(pass_on_from_leavers(session, now=platform.now()))
    except (TilflytError, SQLAlchemyError) as error:
        # All other deadlines are still handled, and the next run tries again.
        log.warning("could not ask colleagues of who has left", error=type(error).__name__)
        return ()


def of_people_away(platform: Platform) -> ColumnElement[bool]:
    """Questions of people who are away, or who are now deputies of the person who flagged the family."""
    today = day_of(platform.now())
    now_deputy = exists().where(
        col(Deputy.party) == Question.asked_of, col(Deputy.from_day) <= today, col(Deputy.until_day) >= today
    )
    away = now_deputy.where(col(Deputy.contact_id) == Question.contact_id)
    barred = and_(
        col(Question.kind) == QuestionKind.SIGN_OFF,
        now_deputy.where(
            col(Deputy.deputy_id) == Question.contact_id,
            exists().where(col(Referral.id) == Question.referral_id, col(Referral.flagged_by) == Deputy.contact_id),
        ),
    )
    return or_(away, barred)


def have_deputy_asked(case: Asker, question: Question) -> bool:
    """Pass a question on to the deputy of a person who is away; if the deputy is away too, a person decides."""
    partner = partner_of(case.session, question.asked_of)
    named = partner.contact(question.contact_id)
    if named is None:
        return False
    away = absence(named, on=case.today) is not None
    try:
        deputy = None if away and question.deputy_for else at_work(case, question.kind, partner, named)
    except NeedsPerson:
        deputy = None
    if deputy is None:
        ask_about(case, question, "nobody_at_work")
        return False
    if deputy.id == named.id:
        return False
    return pass_on(case.session, question, to=deputy.id, by=PassedOnBy.DEPUTY_RULE, now=case.now)
