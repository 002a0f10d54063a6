"""Letters that came back: the chief is told and a person is asked at once, without waiting for the deadline."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from uuid import uuid4

import structlog
from sqlalchemy.exc import OperationalError

from domain.errors import Invalid, PartnerRefused, PartnerUnavailable, TilflytError, Unexpected
from domain.ports.mail import OpenMailbox
from domain.questions.returned_mail import ReturnedMail, returned_mail
from domain.subject import About
from storage.attention import ask_for_attention, close_subject
from storage.lanes import Lane, answered, claim, give_back, open_lane, rest
from storage.questions.mailboxes import MailboxMark, mark_of, remember_mark
from tasks.asking.mail_notes import LEFT_UNREAD, ask_to_read, note_mail
from tasks.platform import Platform

# A run ends by itself long before the next one, which continues where it ended.
MOST_AT_ONCE, WITHIN_S = 1_000, 150.0
SILENCES_BEFORE_A_PERSON = 6
# A killed run blocks the others for no longer than this.
ONE_AT_A_TIME_FOR = timedelta(minutes=5)
LANE = "mailbox"
ACCESS, MARKS, BROKEN = About.MAILBOX.of("access"), About.MAILBOX.of("marks"), About.MAILBOX.of("message")
log = structlog.get_logger()


@dataclass(slots=True)
class Looked:
    """What a run has read: the cases in which somebody was not reached, what was marked, and what could not be."""

    unreached: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    not_marked: list[str] = field(default_factory=list)


def read_returned_mail(platform: Platform, *, flow_run_id: str | None = None) -> tuple[str, ...]:
    """Read the mail that came back to our address; returns the cases in which somebody was not reached, each once.

    Each message is read once; after a crash again, with the same effect. People's own messages stay unread.
    """
    if platform.mailbox is None:
        return ()
    us = uuid4().hex
    with platform.database.writing() as session:
        open_lane(session, LANE)
        if not claim(session, LANE, worker=us, now=platform.now(), lease=ONE_AT_A_TIME_FOR):
            return ()  # another run reads
    try:
        with _told_when_it_refuses(platform):
            return tuple(_look_through(platform, flow_run_id).unreached)
    finally:
        with platform.database.writing() as session:
            give_back(session, LANE, worker=us)


@contextmanager
def _told_when_it_refuses(platform: Platform) -> Iterator[None]:
    """Tell a person about a mailbox that refuses us, or is long silent, until it lets us in again."""
    try:
        yield
    except (PartnerRefused, PartnerUnavailable) as error:
        with platform.database.writing() as session:
            now = platform.now()
            rest(session, LANE, until=now)
            refused = isinstance(error, PartnerRefused)
            silences = session.get_one(Lane, LANE, populate_existing=True).failures
            if refused or silences >= SILENCES_BEFORE_A_PERSON:
                code = "mailbox_refused" if refused else error.code
                ask_for_attention(session, ACCESS, code, now=now, detail=str(error))
        raise
    with platform.database.writing() as session:
        answered(session, LANE)
        close_subject(session, ACCESS, now=platform.now(), by="the mailbox let us in")


def _look_through(platform: Platform, flow_run_id: str | None) -> Looked:
    """Read each message that came since the last run, once."""
    until, looked = time.monotonic() + WITHIN_S, Looked()
    if platform.mailbox is None:
        return looked
    with platform.mailbox.opened() as mailbox:
        mark = _mark(platform, mailbox)
        try:
            for number in _to_look_at(mailbox, mark):
                if time.monotonic() > until:
                    break
                _look_at(platform, mailbox, number, looked, flow_run_id)
                mark.last = int(number)
        finally:
            with platform.database.writing() as session:
                remember_mark(session, mark)
        _tell_what_cannot_be_marked(platform, mailbox, looked)
    return looked


def _mark(platform: Platform, mailbox: OpenMailbox) -> MailboxMark:
    with platform.database.reading() as session:
        known = mark_of(session, mailbox.name)
        if known is not None:
            return MailboxMark(**known.model_dump())
    return MailboxMark(mailbox=mailbox.name, there_before=mailbox.newest(), last=0)


def _to_look_at(mailbox: OpenMailbox, mark: MailboxMark) -> list[str]:
    """The messages that were unread when we first came, and all that came since, even if people have read them."""
    old = (
        mailbox.numbers(above=mark.last, up_to=mark.there_before, unread=True) if mark.last < mark.there_before else []
    )
    return [*old, *mailbox.numbers(above=max(mark.last, mark.there_before))][:MOST_AT_ONCE]


def _look_at(platform: Platform, mailbox: OpenMailbox, number: str, looked: Looked, flow_run_id: str | None) -> None:
    """Do what a message calls for. People's messages and unreadable ones are left unread."""
    try:
        message = mailbox.message(number)
        if message is None:
            return  # a person has removed it
        mail = _understood(message)
    except Invalid:
        mail = None
    if mail is None:
        with platform.database.writing() as session:
            ask_to_read(platform, session)
        return
    reference = _noted(platform, mail, flow_run_id)
    looked.unreached += [reference] if reference else []
    if mail.said not in LEFT_UNREAD:
        done = not mailbox.read_only and mailbox.mark_read(number)
        (looked.marked if done else looked.not_marked).append(number)


def _noted(platform: Platform, mail: ReturnedMail, flow_run_id: str | None) -> str | None:
    """Act on a message; an error of our own code on it delays no other message."""
    try:
        return note_mail(platform, mail, flow_run_id=flow_run_id)
    except OperationalError:
        raise  # a database error: the next run reads it again
    except Exception as error:  # whatever the error is, the next message must be read
        trouble = error if isinstance(error, TilflytError) else Unexpected.at(error)
    with platform.database.writing() as session:
        ask_for_attention(session, BROKEN, trouble.code, now=platform.now(), detail=str(trouble))
    log.warning("a message could not be acted on", code=trouble.code)
    return None


def _understood(message: Message) -> ReturnedMail | None:
    """What a message says; None when its parts cannot be parsed."""
    try:
        return returned_mail(message)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _tell_what_cannot_be_marked(platform: Platform, mailbox: OpenMailbox, looked: Looked) -> None:
    """Tell a person once that messages stay unread although we have read them, until that is over."""
    not_kept = set(looked.not_marked)
    if looked.marked:
        oldest = min(int(number) for number in looked.marked)
        not_kept |= set(looked.marked) & set(mailbox.numbers(above=oldest - 1, unread=True))
    if not not_kept and not looked.marked:
        return
    with platform.database.writing() as session:
        if not_kept:
            why = "the folder is read-only" if mailbox.read_only else "the server keeps them unread"
            ask_for_attention(session, MARKS, "mail_not_marked", now=platform.now(), detail=why)
        else:
            close_subject(session, MARKS, now=platform.now(), by="messages can be marked as read")
