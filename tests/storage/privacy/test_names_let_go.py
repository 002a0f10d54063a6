"""Migration 0031: answered area names lose the text that was written, and printed letters get rows of their own."""

from dataclasses import replace
from importlib import import_module

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlmodel import select, update

from domain.questions.question import QuestionKind
from storage.areas.area_names import AreaName
from storage.attention import AttentionItem
from storage.outbox import BY_HAND, PRINTED, OutboxRow, OutboxStanding
from storage.referrals.history import write_history
from storage.staff.areas import say_what_area
from tests.world.families import family
from tests.world.world import World


def upgraded(world: World) -> None:
    module = import_module("storage.migrations.versions.0031_names_let_go")
    engine = world.platform.database.engine.execution_options(writing=True)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        module.upgrade()


def test_what_was_said_and_what_was_printed_before(world: World):
    world.platform = replace(world.platform, may_email_families=False)
    now = world.clock.now()
    for number in (1, 2):
        world.home()
        world.flag(family(number, from_area=f"Kvarteret {'ab'[number - 1]}"))
    for kind in (QuestionKind.SIGN_OFF, QuestionKind.OFFER, QuestionKind.APPROVAL):
        world.settle()
        while world.questions(kind):
            world.answer(kind)
            world.settle()
    world.settle()
    with world.platform.database.writing() as session:
        say_what_area(session, "0461", "Kvarteret a", None, by="t", now=now)
        session.execute(update(AreaName).where(AreaName.compared == "kvartereta").values(written="Kvarteret a"))
        first = session.exec(select(OutboxRow).where(OutboxRow.standing == OutboxStanding.BY_HAND)).first()
        write_history(
            session, first.referral_id, at=world.clock.now(), actor="t", deed="letter_printed", reason=first.telling
        )

    upgraded(world)

    assert world.rows(select(AreaName.written).order_by(AreaName.compared)) == ["", "Kvarteret b"]
    lying = world.rows(select(OutboxRow).where(OutboxRow.standing == OutboxStanding.BY_HAND).order_by(OutboxRow.id))
    assert [(row.referral_id == first.referral_id, row.last_error) for row in lying] == [
        (True, PRINTED),
        (False, BY_HAND),
    ]
    items = world.rows(select(AttentionItem).where(AttentionItem.closed_at.is_(None)).order_by(AttentionItem.id))
    codes = {item.subject: item.code for item in items if item.subject.startswith("letter:")}
    assert codes == {f"letter:{lying[0].id}": PRINTED, f"letter:{lying[1].id}": BY_HAND}
