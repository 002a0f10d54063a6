"""Who does something from the command line: what they call themselves, and beside it whom the machine knows them as."""

import os
import pwd
import re

from domain.errors import Invalid
from domain.screening import holds_cpr_number

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
