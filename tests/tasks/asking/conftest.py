"""What the tests of mail to us stand on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.mail.imap import ImapMailbox
from domain.questions.question import QuestionKind
from tests.world.families import family
from tests.world.servers.imap_server import Mailbox, imap_server
from tests.world.world import World


@pytest.fixture
def box() -> Mailbox:
    """Our mailbox, as its server has it."""
    return Mailbox()


@pytest.fixture
def mailbox(box: Mailbox) -> Iterator[ImapMailbox]:
    """Our mailbox, as the platform reads it."""
    with imap_server(box) as port:
        yield ImapMailbox("127.0.0.1", port, "tilflyt@demo.invalid", "word", "INBOX", tls=False, timeout_s=5)


@pytest.fixture
def asked(sqlite_world: World, mailbox: ImapMailbox) -> World:
    """Nyborg is asked whether it approves, and the platform reads its mail."""
    sqlite_world.platform = replace(sqlite_world.platform, mailbox=mailbox)
    sqlite_world.home()
    sqlite_world.flag(family())
    sqlite_world.until(QuestionKind.APPROVAL)
    return sqlite_world
