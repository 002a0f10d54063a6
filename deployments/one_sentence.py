"""Prints an error as one sentence for the person who started a command or a process and can mend it."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from deployments.cli.output import plain, problems
from domain.errors import TilflytError


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Run the block; on an error that a person can mend, print a sentence and end with exit code 1."""
    try:
        yield
    except TilflytError as error:
        _end(error.code, str(error))
    except DBAPIError as error:
        if isinstance(error, IntegrityError | DataError):
            raise
        _end("database", f"{said_by_driver(error)}; `tilflyt doctor` tells more")
    except ValidationError as error:
        # Errors in our own settings become sentences where they are read; here only Prefect's are left.
        if not error.title.endswith("Settings"):
            raise
        faults = error.errors(include_input=False, include_url=False)
        told = (f"{error.title} {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
        _end("wrong_settings", "; ".join(told))


def said_by_driver(error: DBAPIError) -> str:
    """The first line of a database driver's message; the other lines may hold rows."""
    return str(error.orig).partition("\n")[0].strip().rstrip(".;")


def _end(code: str, told: str) -> None:
    problems.print(f"[red]{code}[/]:", plain(told), highlight=False, soft_wrap=True)
    raise SystemExit(1) from None
