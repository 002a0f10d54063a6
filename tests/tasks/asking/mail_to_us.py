"""Mail that comes into our mailbox, and the items that it gives."""

from email.message import EmailMessage

from sqlmodel import select

from deployments.cli.families.looking import attention_list
from storage.outbox import OutboxRow, Telling
from tests.world.samples.returned_mail import mail
from tests.world.world import World

ASKED, CHIEF = "anvisning@nyborg.invalid", "boligchef@nyborg.invalid"
CASE = "TF-2026-00001"

WORDS = "Vi kan ikke godkende, skolen er fuld."


def letter(world: World, to: str = ASKED) -> EmailMessage:
    """The last letter to an address."""
    return [found for found in world.mail.letters if found["To"] == to][-1]


def listed(world: World) -> list[tuple[str, str, str]]:
    return [(item["why"], item["case"], item["detail"]) for item in attention_list(world.platform.database)]


def letters_put(world: World, telling: Telling) -> list[OutboxRow]:
    return world.rows(select(OutboxRow).where(OutboxRow.telling == telling))


def reply(world: World, *heads: str, to: str = ASKED, sender: str = ASKED) -> str:
    """A person's reply to the last letter to an address."""
    answered = letter(world, to)
    named = f"In-Reply-To: {answered['Message-ID']}"
    return mail(named, *heads, subject=f"SV: {answered['Subject'].strip()}", sender=sender, body=WORDS)
