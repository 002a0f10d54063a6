"""Who does something from the command line: what they call themselves, and beside it whom the machine knows them as."""

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
# No brackets of any script: those with the machine's own word are always ours, and there is one pair of them.
_NAME = re.compile(r"[\w .,'’/:@+&-]{1,100}")


def as_known_here(by: str) -> str:
    """`Maria Hansen (os: deploy)`: what somebody calls themselves, and the user whom their process belongs to.

    It stands in the audit chain for ever, so it must hold nobody's CPR number. `Invalid` when it holds one, or signs
    that no name has.
    """
    told = by.strip()
    if holds_cpr_number(told):
        raise Invalid("by", "holds what may be a CPR number")
    if not _NAME.fullmatch(told) or told[0] in " .,":
        raise Invalid("by", "a name of at most 100 letters, digits and spaces")
    return f"{told} (os: {os_user()})"


def os_user() -> str:
    """The user whom this process belongs to: from its real id, and not from what the environment says."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        # In a container there may be no name for it.
        return str(number)


def carry_out(
    database: Database, deed: Callable[Concatenate[Session, Said], Done], /, *said: Said.args, **named: Said.kwargs
) -> Done:
    """Have one deed done in a transaction of its own: all of it, or on a fault nothing."""
    with database.writing() as session:
        return deed(session, *said, **named)
