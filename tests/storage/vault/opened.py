"""Opens families' identities in the vault."""

from storage.vault.entries import Door
from storage.vault.vault import Vault
from tests.world.world import World

NEXT_KEY = bytes(reversed(range(32)))


def opened(world: World, vault: Vault | None = None, reference: str = "TF-2026-00001") -> str:
    of = world.referral(reference).case_key
    with world.platform.database.writing() as session:
        who = (vault or world.platform.vault).open(
            session, of, Door.RIGHT_OF_ACCESS, reference=reference, opened_for="a test", now=world.clock.now()
        )
        return who.adult_name
