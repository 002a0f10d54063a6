"""A new world on a database, with its vault."""

from datetime import timedelta
from pathlib import Path

from deployments.demo import world as demo
from deployments.parties.importing import import_file, import_reference
from domain.anonymity.measure import AnonymityTerms
from storage.database import Database
from storage.questions.comments import announce_sealing_key
from storage.vault.data_keys import KeyStore
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tasks.platform import Platform, days_offices_are_closed
from tests.world.clock import START, TestClock
from tests.world.in_process import InProcessPartners
from tests.world.world import World

KEY = bytes(range(32))


def world_on(database: Database, folder: Path) -> World:
    """A world on a database in which nothing is."""
    import_reference(database)
    # Identities are disclosed at once; tests/approval_api/undo/test_taking_back.py is about the hour before that.
    parties = demo.parties_file("http://partners.invalid", folder / "parties.toml", disclosed_at_once=True)
    import_file(database, parties, now=START)
    world = world_around(database, folder)
    with database.writing() as session:
        announce_sealing_key(session, world.platform.vault, now=START)
    return world


def keys_in(folder: Path) -> str:
    """The URL of the database with a world's family keys."""
    return f"sqlite:///{folder / 'keys.sqlite'}"


def vault_in(folder: Path) -> Vault:
    """The vault of a world: one key-encryption key, and the families' keys in a folder."""
    return Vault(KeyRing({"k1": KEY}, current="k1"), KeyStore(keys_in(folder)))


def world_around(database: Database, folder: Path) -> World:
    """A world on a database that has the reference facts and the parties already."""
    clock = TestClock()
    partners = InProcessPartners()
    platform = Platform(
        database=database,
        clock=clock,
        link_key=KEY,
        pseudonym_key=KEY[::-1],
        vault=vault_in(folder),
        public_url="http://desk.invalid",
        mail_from="tilflytterstyring@demo.invalid",
        mailer=partners.mail,
        connect=partners.connect,
        holidays=days_offices_are_closed(),
        delivery_lease=timedelta(seconds=30),
        may_email_families=True,
        # Requests wait for no other families; tests/tasks/anonymity/test_releasing.py is about how many are alike.
        anonymity=AnonymityTerms(least=1, wanted=1),
    )
    return World(platform, clock, partners)
