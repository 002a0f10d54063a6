"""A real Chromium, the endpoint on a real port, and a letter with each kind of question."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email.message import Message

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from connectors.mail.smtp import SmtpMailer, SmtpSession
from deployments.standins.server import in_a_thread
from deployments.standins.world import StandInWorld
from storage.database import Database
from tests.browser.chromium import FLAGS, Letters
from tests.world.databases.copied import migrated_sqlite
from tests.world.in_process import InProcessMail
from tests.world.kept import Kept
from tests.world.new_world import world_on
from tests.world.served import ask_all, serving


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Chromium's path. Without it these tests are skipped, except in CI, where they fail."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        missing = "no chromium or google-chrome on PATH: run `make browser`; nothing was tried in a browser"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@dataclass(frozen=True)
class SmtpAndKept:
    """Sends letters to a mail server over SMTP, and keeps each for the world."""

    smtp: SmtpMailer
    kept: InProcessMail

    @asynccontextmanager
    async def session(self) -> AsyncIterator["Session"]:
        async with self.smtp.session() as opened:
            yield Session(opened, self.kept)


@dataclass(frozen=True)
class Session:
    smtp: SmtpSession
    kept: InProcessMail

    async def send(self, message: Message) -> None:
        await self.smtp.send(message)
        await self.kept.send(message)


@pytest.fixture(scope="session")
def kept_letters(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Letters, Kept]]:
    folder = tmp_path_factory.mktemp("browser")
    database = Database(migrated_sqlite(folder))
    world = world_on(database, folder)
    with in_a_thread(StandInWorld(), folder / "journal.jsonl") as standins, serving(world) as origin:
        by_smtp = SmtpMailer(standins.host, standins.smtp_port, starttls=False)
        world.platform = replace(world.platform, mailer=SmtpAndKept(by_smtp, world.mail))
        # In another thread, as the path runs an event loop, and the browser's driver runs one in this thread.
        with ThreadPoolExecutor(1) as elsewhere:
            paths = elsewhere.submit(ask_all, world).result()
        links = {asked: origin + path for asked, path in paths.items()}
        yield Letters(world, origin, links, f"{standins.url}/inbox"), Kept(world)
    database.close()


@pytest.fixture
def letters(kept_letters: tuple[Letters, Kept]) -> Letters:
    """Letters that nobody has answered yet."""
    found, kept = kept_letters
    kept.into(found.world)
    return found


@pytest.fixture(scope="module")
def chromium(chromium_path: str, kept_letters: tuple[Letters, Kept]) -> Iterator[Browser]:
    """A running browser; it depends on the letters so that it is closed before their endpoint.

    For one module only: while its driver runs, no other test of this process could run an event loop.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A visitor on an ordinary screen."""
    context = chromium.new_context(viewport={"width": 1000, "height": 800}, locale="da-DK")
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def page_without_scripts(chromium: Browser) -> Iterator[Page]:
    """A visitor whose browser runs no scripts."""
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()
