"""Returned letters are read from a real IMAP server, and the chief is told at once instead of after the deadline."""

import imaplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from imap_tools import BaseMailBox
from sqlmodel import select

from connectors.mail.imap import ImapMailbox
from deployments.cli.families.looking import attention_list
from deployments.processes import free_port
from deployments.progress import until
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.questions.question import QuestionKind
from domain.questions.returned_mail import Unreached
from storage.referrals.history import HistoryLine
from tasks.asking.deadlines import remind_and_close
from tasks.asking.returned_mail import read_returned_mail
from tests.world.families import family
from tests.world.world import World

KEY = "0123456789abcdef" * 2
CHIEF = "boligchef@nyborg.invalid"


def report(key: str = KEY, *, action: str = "failed", as_head: bool = False) -> str:
    """A mail server's report on a letter that it could not deliver (RFC 3464)."""
    kind = "text/rfc822-headers" if as_head else "message/rfc822"
    return f"""From: MAILER-DAEMON@nyborg.invalid
To: tilflytterstyring@demo.invalid
Subject: Undeliverable
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mailbox does not exist.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.nyborg.invalid

Final-Recipient: rfc822; anvisning@nyborg.invalid
Action: {action}
Status: 5.1.1
--b
Content-Type: {kind}

Message-ID: <{key}@demo.invalid>
Subject: Svar senest

--b--
"""


def away(key: str = KEY, sign: str = "Auto-Submitted: auto-replied") -> str:
    """A mail program's automatic answer while a person is away (RFC 3834)."""
    return f"""From: anvisning@nyborg.invalid
Subject: Autosvar: ferie
{sign}
In-Reply-To: <{key}@demo.invalid>

Jeg er tilbage mandag.
"""


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.fixture(scope="module")
def imap() -> Iterator[int]:
    """A real IMAP server with one mailbox; its port."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "pymap"), "--host", "127.0.0.1", "--port", str(port)]
    services = ["--no-service", "managesieve", "--no-service", "admin"]
    with subprocess.Popen([*command, *services, "dict", "--demo-data"]) as process:  # noqa: S603  # our own arguments
        try:
            until(lambda: listens(port))
            yield port
        finally:
            process.terminate()


@pytest.fixture
def mailbox(imap: int) -> ImapMailbox:
    found = ImapMailbox("127.0.0.1", imap, "demouser", "demopass", "INBOX", tls=False, timeout_s=5)
    with found.opened() as opened:
        for number in opened.numbers(above=0, unread=True):
            assert opened.mark_read(number)
    return found


def put(mailbox: ImapMailbox, *messages: str) -> None:
    connection = imaplib.IMAP4(mailbox.host, mailbox.port)
    connection.login(mailbox.username, mailbox.password)
    for text in messages:
        connection.append("INBOX", None, None, text.replace("\n", "\r\n").encode())  # type: ignore[arg-type]  # as the library documents it
    connection.logout()


def letter_key(world: World) -> str:
    return str(world.mail.letters[-1]["Message-ID"]).strip("<>").partition("@")[0]


def letters_to_the_chief(world: World) -> list[EmailMessage]:
    world.deliver()
    return [letter for letter in world.mail.letters if letter["To"] == CHIEF]


@pytest.mark.parametrize(("message", "why"), [(report, "bounced"), (away, "away")])
def test_the_chief_is_told_at_once_and_a_person_is_asked(asked: World, mailbox: ImapMailbox, message, why: str):
    put(mailbox, message(letter_key(asked)))

    assert read_returned_mail(asked.platform) == ("TF-2026-00001",)
    assert read_returned_mail(asked.platform) == ()

    assert len(letters_to_the_chief(asked)) == 1
    assert [(item["why"], item["case"]) for item in attention_list(asked.platform.database)] == [(why, "TF-2026-00001")]
    assert len(asked.rows(select(HistoryLine).where(HistoryLine.deed == f"{why}_approval"))) == 1
    assert asked.questions()[0].unreached is Unreached(why)


def test_it_is_told_once_however_often_it_comes_back(asked: World, mailbox: ImapMailbox):
    key = letter_key(asked)
    put(mailbox, report(key), report(key), away(key))

    assert read_returned_mail(asked.platform) == ("TF-2026-00001",)
    assert len(letters_to_the_chief(asked)) == 1


def test_what_comes_back_after_the_answer_says_nothing_any_more(asked: World, mailbox: ImapMailbox):
    key = letter_key(asked)
    asked.answer(QuestionKind.APPROVAL)
    put(mailbox, report(key), report("f" * 32), "Subject: hej\n\nEt menneske har skrevet.")

    assert read_returned_mail(asked.platform) == ()
    assert attention_list(asked.platform.database) == []


def test_the_deadline_is_told_of_all_the_same(asked: World, mailbox: ImapMailbox):
    put(mailbox, away(letter_key(asked)))
    read_returned_mail(asked.platform)
    asked.clock.at = asked.questions()[0].answer_by
    remind_and_close(asked.platform)

    subjects = [letter["Subject"].strip() for letter in letters_to_the_chief(asked)]
    assert [subject.partition(" ")[0] for subject in subjects] == ["Ikke", "Mangler"]


def test_a_mailbox_that_is_silent_or_does_not_let_us_in_says_so_without_a_name(mailbox: ImapMailbox):
    with pytest.raises(PartnerUnavailable, match=r"^imap: "), replace(mailbox, port=1).opened():
        pass
    with pytest.raises(PartnerRefused, match=r"^imap: login$"), replace(mailbox, password="wrong").opened():
        pass


def test_a_message_that_breaks_its_reader_keeps_no_other_waiting(asked: World, mailbox: ImapMailbox, monkeypatch):
    key = letter_key(asked)
    put(mailbox, "Subject: nested\n\nA thousandfold.", report(key))
    fetch = BaseMailBox.fetch
    read = []

    def fetched(box, **how):
        for message in fetch(box, **how):
            read.append(message.subject)
            if message.subject == "nested":
                raise RecursionError
            yield message

    monkeypatch.setattr(BaseMailBox, "fetch", fetched)

    assert read_returned_mail(asked.platform) == ("TF-2026-00001",)
    assert [(item["about"], item["why"]) for item in attention_list(asked.platform.database)] == [
        ("mailbox:unread", "mail_to_read"),
        ("question:3", "bounced"),
    ]
    read.clear()
    assert read_returned_mail(asked.platform) == ()
    assert read == []


def test_two_runs_at_the_same_instant_are_one(world: World, mailbox: ImapMailbox):
    world.platform = replace(world.platform, mailbox=mailbox)
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    key = letter_key(world)
    put(mailbox, away(key), report(key), away(key, sign="X-A-Person: yes"))

    with ThreadPoolExecutor(4) as at_once:
        found = list(at_once.map(lambda _: read_returned_mail(world.platform), range(4)))
    found.append(read_returned_mail(world.platform))

    assert max(found, key=len) == ("TF-2026-00001",)
    assert sum(map(len, found)) == 1
    assert [item["why"] for item in attention_list(world.platform.database)] == ["away", "replied_by_mail"]
    before = len(world.mail.letters)
    world.deliver()
    told = world.mail.letters[before:]
    assert sorted(letter["To"] for letter in told) == ["anvisning@nyborg.invalid", CHIEF]


def test_without_a_mailbox_nothing_is_read(sqlite_world: World):
    assert read_returned_mail(sqlite_world.platform) == ()
