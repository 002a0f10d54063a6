"""The person at the command line: the name that they give, and the operating system's user."""

import os
import pwd
import re
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlmodel import Session

from domain.errors import Invalid
from domain.text.screening import holds_cpr_number
from storage.database import Database

Said = ParamSpec("Said")
Done = TypeVar("Done")
COMMAND_LINE = "command line"
# No brackets of any script: the one pair of brackets, with the operating system's user, is always ours.
_NAME = re.compile(r"[\w .,'’/:@+&-]{1,100}")


def as_known_here(by: str) -> str:
    """`Maria Hansen (os: deploy)`: the name that a person gives, and the user to whom their process belongs.

    It stays in the audit chain for ever, so it must hold no CPR number. `Invalid` when it holds one, or signs that no
    name has.
    """
    told = by.strip()
    if holds_cpr_number(told):
        raise Invalid("by", "holds what may be a CPR number")
    if not _NAME.fullmatch(told) or told[0] in " .,":
        raise Invalid("by", "a name of at most 100 letters, digits and spaces")
    return f"{told} (os: {os_user()})"


def os_user() -> str:
    """The user to whom this process belongs, by its real id and not by the environment's variables."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        # In a container the id may have no name.
        return str(number)


def carry_out(
    database: Database, deed: Callable[Concatenate[Session, Said], Done], /, *said: Said.args, **named: Said.kwargs
) -> Done:
    """Carry out one deed in a transaction of its own: all of it, or on an error nothing."""
    with database.writing() as session:
        return deed(session, *said, **named)
