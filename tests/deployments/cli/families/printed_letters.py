"""What the database, the history and the attention list hold of a letter that is posted by hand."""

from sqlmodel import select

from deployments.cli.actor import os_user
from deployments.cli.families.looking import attention_list
from domain.questions.question import QuestionKind
from storage.audit.verdict import verified
from storage.outbox import OutboxRow, Telling
from storage.questions.questions import Question
from storage.referrals.history import HistoryLine
from tasks.upkeep.chain import seal
from tests.world.world import World

REF = "TF-2026-00001"
MARIA = f"Maria Hansen (os: {os_user()})"
BY = ("--by", "Maria Hansen")


def waits(world: World) -> Question:
    return world.questions(QuestionKind.ACCEPTANCE)[0]


def row_of(world: World, telling: Telling = Telling.ACCEPTANCE_REQUESTED) -> OutboxRow:
    return [row for row in world.rows(select(OutboxRow).order_by(OutboxRow.id)) if row.telling is telling][-1]


def why(world: World) -> list[str]:
    return [item["why"] for item in attention_list(world.platform.database)]


def deeds(world: World) -> list[tuple[str, str, str | None]]:
    return [(line.deed, line.actor, line.reason) for line in world.rows(select(HistoryLine).order_by(HistoryLine.id))]


def chain_holds(world: World) -> bool:
    seal(world.platform)
    with world.platform.database.reading() as session:
        return verified(session).holds
