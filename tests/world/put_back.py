"""A world whose database is restored from a backup, while its partners go on."""

import asyncio

from storage.attention import open_items
from storage.restored.watermark import refuse_if_gone_back
from tasks.restored.asked_at_start import look_whether_it_went_back
from tasks.restored.restoration import restored
from tasks.restored.restored import Restored
from tasks.upkeep.chain import seal
from tests.world.clock import START
from tests.world.kept import Kept
from tests.world.world import World


def backed_up(world: World) -> Kept:
    seal(world.platform)
    return Kept(world)


def put_back(world: World, kept: Kept) -> None:
    """Restore the rows and keys; the partners and the clock have gone on."""
    partners, at, platform = world.partners, world.clock.at, world.platform
    kept.into(world)
    world.partners, world.clock.at, world.platform = partners, at, platform


def restore(world: World, **how: object) -> Restored:
    return asyncio.run(restored(world.platform, by="x", **how))


def told_key(world: World) -> bytes:
    """The vault's key from which the idempotency keys of calls to partners are made; no partner has it."""
    return world.platform.vault.told_key(now=START)


def open_at(world: World) -> set[tuple[str, str]]:
    with world.platform.database.reading() as session:
        return {(item.subject, item.code) for item in open_items(session)}


def may_go_on(world: World) -> None:
    asyncio.run(look_whether_it_went_back(world.platform))
    refuse_if_gone_back(world.platform.database, world.platform.marks)
