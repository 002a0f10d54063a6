"""Fields that stand in more than one contract with partners: an id, and a day."""

import re
from datetime import date
from typing import Annotated

from pydantic import PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

USABLE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ISO_DATE = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


def iso_date(value: object) -> date:
    """A day of this century as YYYY-MM-DD: pydantic alone would also take seconds since 1970."""
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # the 31st of February, refused below without its text
    raise PydanticCustomError("iso_date", "must be a day as YYYY-MM-DD")


Day = Annotated[date, PlainValidator(iso_date)]
Id = Annotated[str, StringConstraints(pattern=rf"^{USABLE_ID.pattern}$")]
