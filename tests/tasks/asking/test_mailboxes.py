"""Mailboxes that refuse the login, do not answer or never finish."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import PartnerRefused, PartnerUnavailable
from storage.lanes import claim
from tasks.asking.returned_mail import LANE, read_returned_mail
from tests.tasks.asking.mail_to_us import listed
from tests.world.servers.imap_server import Mailbox
from tests.world.world import World


def test_a_mailbox_that_refuses_us_is_told_of_once_until_it_lets_us_in(asked: World, box: Mailbox):
    box.basic = False
    for _ in range(3):
        with pytest.raises(PartnerRefused, match=r"^imap: login$"):
            read_returned_mail(asked.platform)
    assert listed(asked) == [("mailbox_refused", "", "imap: login")]

    box.basic, box.folder = True, "Andet"
    with pytest.raises(PartnerRefused, match=r"^imap: folder$"):
        read_returned_mail(asked.platform)
    assert len(listed(asked)) == 1

    box.folder = "INBOX"
    read_returned_mail(asked.platform)
    assert listed(asked) == []


def test_a_mailbox_that_is_silent_for_long_is_told_of(asked: World, nobody: int):
    answers = asked.platform.mailbox
    asked.platform = replace(asked.platform, mailbox=replace(answers, port=nobody))
    for times in range(6):
        assert listed(asked) == [], times
        with pytest.raises(PartnerUnavailable):
            read_returned_mail(asked.platform)
    assert [item[0] for item in listed(asked)] == ["partner_unavailable"]
    asked.platform = replace(asked.platform, mailbox=answers)
    read_returned_mail(asked.platform)
    assert listed(asked) == []


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


def test_a_server_that_says_a_little_for_ever_is_left_in_time(asked: World, box: Mailbox):
    box.drips = True
    asked.platform = replace(asked.platform, mailbox=replace(asked.platform.mailbox, within_s=0.5))
    # The server would go on for ever.
    with pytest.raises(PartnerUnavailable):
        read_returned_mail(asked.platform)


def test_one_run_reads_at_a_time_and_one_that_was_killed_keeps_the_next_away_for_a_while(asked: World, box: Mailbox):
    read_returned_mail(asked.platform)
    with asked.platform.database.writing() as session:
        assert claim(session, LANE, worker="killed", now=asked.clock.now(), lease=timedelta(minutes=5))
    before = len(box.asked)
    assert read_returned_mail(asked.platform) == ()
    assert len(box.asked) == before
    asked.clock.move_on(timedelta(minutes=5))
    read_returned_mail(asked.platform)
    assert len(box.asked) > before
