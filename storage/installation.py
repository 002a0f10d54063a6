"""Opens an installation's existing databases: it creates none, and their schema must be the code's own."""

from sqlalchemy import URL, make_url

from domain.errors import TilflytError
from storage.database import Database
from storage.dialect import file_of
from storage.migrate import knows, newest_version, version_of
from storage.settings import Settings, WrongSettings, env_looked_for


class NotInstalled(TilflytError):
    """The database of the settings is missing, or holds nothing of ours, or not the schema that this code needs."""

    code = "not_installed"


def opened_database(settings: Settings) -> Database:
    """The platform's database with the schema that this code needs; `NotInstalled` says what to do when it has another.

    The driver's errors, when it cannot be reached, are passed on.
    """
    named(settings, "database_url")
    database = Database(settings.database_url)
    try:
        _has_our_schema(database, settings)
    except BaseException:
        database.close()
        raise
    return database


def named(settings: Settings, setting: str) -> URL:
    """The address of a database that may be opened: set where it must be set, and existing."""
    url = chosen_url(settings, setting)
    if (file := file_of(url)) is not None and not file.exists():
        raise NotInstalled(
            f"there is no database at {file.absolute()}: a new installation makes it with `tilflyt migrate`; for one "
            f"that is there, go to its folder: {env_looked_for()}"
        )
    return url


def chosen_url(settings: Settings, setting: str) -> URL:
    """Where a database is. In production it must be set: the default is a file in the current folder."""
    if settings.world == "production" and setting not in settings.model_fields_set:
        raise WrongSettings(
            f"TILFLYT_{setting.upper()} is not set, and in production no database is used that nobody named: "
            f"{env_looked_for()}"
        )
    return make_url(str(getattr(settings, setting)))


def _has_our_schema(database: Database, settings: Settings) -> None:
    here, needed = version_of(database), newest_version()
    if here == needed:
        return
    address = shown_url(make_url(settings.database_url))
    if here is None:
        raise NotInstalled(
            f"the database {address} has no schema of ours: run `tilflyt migrate`, or look where it should be"
        )
    refuse_newer(database, settings)
    raise NotInstalled(f"the database {address} is at {here}, and this code needs {needed}: run `tilflyt migrate`")


def refuse_newer(database: Database, settings: Settings) -> None:
    """`NotInstalled` when a newer version of the code has migrated the database beyond what this one knows."""
    here = version_of(database)
    if here is not None and not knows(here):
        address = shown_url(make_url(settings.database_url))
        raise NotInstalled(
            f"the database {address} is at {here}, which is newer than this code ({newest_version()}): use the version "
            "of the code that ran `tilflyt migrate` last"
        )


def shown_url(url: URL) -> str:
    """Where a database is, in words, without any password."""
    if (file := file_of(url)) is not None:
        return str(file.absolute())
    address = url.host or url.query.get("host", "this machine")
    return f"{url.database} at {address}{f':{url.port}' if url.port else ''}"
