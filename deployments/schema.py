"""What `tilflyt migrate` does: it creates the databases if they do not exist, and brings them to the newest schema."""

from contextlib import closing

from storage.database import Database
from storage.dialect import file_of
from storage.installation import chosen_url, refuse_newer, shown_url
from storage.migrate import migrate, newest_version
from storage.settings import Settings
from storage.vault.entries import take_keys_out
from storage.vault.key_encryption import key_store


def brought_forward(settings: Settings) -> str:
    """Bring both databases to the newest schema; returns the sentence that says where they are."""
    urls = [chosen_url(settings, setting) for setting in ("database_url", "keys_url")]
    new = [shown_url(url) for url in urls if (file := file_of(url)) is not None and not file.exists()]
    with closing(Database(settings.database_url)) as database:
        refuse_newer(database, settings)
        migrate(database)
        keys = key_store(settings, make=True)
        keys.make()
        moved = take_keys_out(database, keys)
        keys.close()
    told = [f"The database is at {newest_version()}."]
    told += [f"New: {one}." for one in new]
    told += [f"{moved} keys were taken out of it."] if moved else []
    return " ".join(told)
