"""Mailboxes that refuse the login, do not answer or never finish."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.mail.imap import ImapMailbox
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.questions.question import QuestionKind
from storage.lanes import claim
from tasks.asking.returned_mail import LANE, read_returned_mail
from tests.tasks.asking.mail_to_us import listed
from tests.world.families import family
from tests.world.servers.imap_server import Mailbox, imap_server
from tests.world.world import World


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def world(sqlite_world: World, box: Mailbox) -> Iterator[World]:
    """Nyborg is asked whether it approves, and the platform reads its mail."""
    with imap_server(box) as port:
        mailbox = ImapMailbox("127.0.0.1", port, "tilflyt@demo.invalid", "word", "INBOX", tls=False, timeout_s=5)
        sqlite_world.platform = replace(sqlite_world.platform, mailbox=mailbox)
        sqlite_world.home()
        sqlite_world.flag(family())
        sqlite_world.until(QuestionKind.APPROVAL)
        yield sqlite_world


def test_a_mailbox_that_refuses_us_is_told_of_once_until_it_lets_us_in(world: World, box: Mailbox):
    box.basic = False
    for _ in range(3):
        with pytest.raises(PartnerRefused, match=r"^imap: login$"):
            read_returned_mail(world.platform)
    assert listed(world) == [("mailbox_refused", "", "imap: login")]

    box.basic, box.folder = True, "Andet"
    with pytest.raises(PartnerRefused, match=r"^imap: folder$"):
        read_returned_mail(world.platform)
    assert len(listed(world)) == 1

    box.folder = "INBOX"
    read_returned_mail(world.platform)
    assert listed(world) == []


def test_a_mailbox_that_is_silent_for_long_is_told_of(world: World, nobody: int):
    answers = world.platform.mailbox
    world.platform = replace(world.platform, mailbox=replace(answers, port=nobody))
    for times in range(6):
        assert listed(world) == [], times
        with pytest.raises(PartnerUnavailable):
            read_returned_mail(world.platform)
    assert [item[0] for item in listed(world)] == ["partner_unavailable"]
    world.platform = replace(world.platform, mailbox=answers)
    read_returned_mail(world.platform)
    assert listed(world) == []


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def test_a_server_that_says_a_little_for_ever_is_left_in_time(world: World, box: Mailbox):
    box.drips = True
    world.platform = replace(world.platform, mailbox=replace(world.platform.mailbox, within_s=0.5))
    # The server would go on for ever.
    with pytest.raises(PartnerUnavailable):
        read_returned_mail(world.platform)


def test_one_run_reads_at_a_time_and_one_that_was_killed_keeps_the_next_away_for_a_while(world: World, box: Mailbox):
    read_returned_mail(world.platform)
    with world.platform.database.writing() as session:
        assert claim(session, LANE, worker="killed", now=world.clock.now(), lease=timedelta(minutes=5))
    asked = len(box.asked)
    assert read_returned_mail(world.platform) == ()
    assert len(box.asked) == asked
    world.clock.move_on(timedelta(minutes=5))
    read_returned_mail(world.platform)
    assert len(box.asked) > asked
