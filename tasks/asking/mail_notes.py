"""Acts on a returned message: the chief is told, a person is asked, and a person who wrote by mail is answered.

None of it closes or answers a question: a forged message only has somebody called for nothing.
"""

from sqlmodel import Session

from domain.questions.question import Standing
from domain.questions.returned_mail import ReturnedMail, Said, Unreached
from domain.subject import About
from storage.attention import ask_for_attention
from storage.columns import id_of
from storage.outbox import Telling, last_about, lies_aside
from storage.questions.mail_matter import MailMatter, is_contact, matter_of
from storage.questions.questions import FAMILY, Question
from storage.questions.matters import hold_matter
from storage.referrals.referrals import Referral, lock
from tasks.asking.chief import tell_chief
from tasks.attention import ask_about, ask_person
from tasks.case import Case
from tasks.matter import Asker, asker_of
from tasks.platform import Platform

WHY = {Said.BOUNCED: Unreached.BOUNCED, Said.AWAY: Unreached.AWAY}
# What stays unread in the mailbox, for a person.
LEFT_UNREAD = (Said.REPLIED, Said.UNCLEAR)


def note_mail(platform: Platform, mail: ReturnedMail, *, flow_run_id: str | None = None) -> str | None:
    """Act on a message; returns the case in which somebody was not reached, the first time only."""
    if mail.said is Said.NOTHING:
        return None
    with platform.database.writing() as session:
        about = matter_of(session, mail)
        if about is None:
            if mail.said is Said.REPLIED and is_contact(session, mail):
                ask_to_read(platform, session)
            return None
        if mail.said is Said.UNCLEAR:
            ask_to_read(platform, session)
            return None
        case = _asker(platform, session, about, flow_run_id)
        if case is None:
            _note_of_nothing_asked(platform, about, mail.said, session)
            return None
        if mail.said is Said.REPLIED:
            note_reply(case, about)
            return None
        return case.reference if _note_undelivered(case, about, WHY[mail.said]) else None


def _asker(platform: Platform, session: Session, about: MailMatter, flow_run_id: str | None) -> Asker | None:
    """What asks the question that a message is about, held; without a question its case; None when it names neither."""
    if about.question is not None:
        hold_matter(session, about.question)
        session.refresh(about.question)
        return asker_of(platform, session, about.question, flow_run_id=flow_run_id)
    if about.referral_id is None:
        return None
    lock(session, about.referral_id)
    return Case(platform, session, session.get_one(Referral, about.referral_id), platform.now(), flow_run_id)


def ask_to_read(platform: Platform, session: Session, written_to: str = "") -> None:
    """Ask a person to look into the mailbox, once, however many messages lie there."""
    ask_for_attention(session, About.MAILBOX.of("unread"), "mail_to_read", now=platform.now(), detail=written_to)


def _note_undelivered(case: Asker, about: MailMatter, why: Unreached) -> bool:
    question = about.question
    asked = about.letter is None or about.letter.telling.asks
    if question is not None and asked and about.written_to == str(question.addressee):
        return question.standing is Standing.OPEN and note_unreached(case, question, why)
    if why is Unreached.BOUNCED:
        _ask_about_address(case.platform, about, case.session)
    return False


def note_unreached(case: Asker, question: Question, why: Unreached) -> bool:
    """Tell the chief and ask a person, once for each question."""
    if question.unreached is not None:
        return False
    question.unreached, question.unreached_at = why, case.now
    case.session.add(question)
    case.note(f"{why}_{question.kind}", reason=str(question.addressee))
    tell_chief(case, question)
    ask_about(case, question, why)
    return True


def note_reply(case: Asker, about: MailMatter) -> None:
    """Ask a person to read an answer by mail, and tell its writer, once for each question, where to answer."""
    question = about.question
    code = "replied_by_mail"
    if question is not None:
        is_new = ask_about(case, question, code, detail=f"{question.kind}: {about.written_to}")
    else:
        is_new = ask_person(case, code, detail=about.written_to)
    if is_new:
        case.note(f"{code}_{question.kind}" if question else code, reason=about.written_to or None)
    if question is not None and about.written_to == str(question.addressee) and _may_be_answered(case, question):
        # To the address that the letter went to, whatever sender the message names.
        case.write(Telling.ANSWER_ON_PAGE, to=question.addressee, question=question)


def _may_be_answered(case: Asker, question: Question) -> bool:
    """Whether a question's link may be sent again after an answer by mail: once, while the link still works."""
    about = {"question_id": id_of(question)}
    return (
        question.standing is Standing.OPEN
        and question.expires_at > case.now
        and last_about(case.session, Telling.ANSWER_ON_PAGE, **about) is None
        and not lies_aside(case.session, Telling(f"{question.kind}_requested"), **about)
    )


def _note_of_nothing_asked(platform: Platform, about: MailMatter, said: Said, session: Session) -> None:
    """A day's list or a checkpoint came back, or somebody answered one."""
    if said is Said.BOUNCED:
        _ask_about_address(platform, about, session)
    elif said is Said.REPLIED:
        ask_to_read(platform, session, about.written_to)


def _ask_about_address(platform: Platform, about: MailMatter, session: Session) -> None:
    """A letter that asks nothing came back: a person is asked about the address, once, however many letters return."""
    letter = about.letter
    if letter is None:
        return
    subject = About.RETURNED.of(id_of(letter)) if letter.addressee == FAMILY else About.CONTACT.of(letter.addressee)
    ask_for_attention(
        session,
        subject,
        Unreached.BOUNCED,
        now=platform.now(),
        detail=f"{letter.telling}: {letter.addressee}",
        referral_id=letter.referral_id if letter.addressee == FAMILY else None,
    )
