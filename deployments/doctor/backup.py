"""Whether an older backup of the database was put back: checked by `doctor`, and before the endpoint is served."""

import os
from contextlib import closing

from sqlalchemy.exc import SQLAlchemyError

from storage.installation import opened_database
from storage.restored.watermark import marks_of, refuse_if_gone_back
from storage.settings import Settings


def went_back(settings: Settings) -> str:
    """Whether a backup was put back and `tilflyt restored` has not been run since."""
    marks = marks_of(settings)
    with closing(opened_database(settings)) as database:
        refuse_if_gone_back(database, marks)
    if marks.folder.exists() and not os.access(marks.folder, os.W_OK):
        raise LookupError(f"{marks.folder} cannot be written to: without a mark there nobody sees a backup put back")
    if not any(marks.folder.glob("chain-end-*")):
        return f"no mark in {marks.folder} yet: a worker writes it"
    return f"as far as its mark in {marks.folder} says, which must be in no backup that is put back"


def refuse_to_serve_what_went_back(settings: Settings) -> None:
    """Raise `WentBack` when a backup was put back. Other errors are left to the check that meets them next."""
    try:
        with closing(opened_database(settings)) as database:
            refuse_if_gone_back(database, marks_of(settings))
    except SQLAlchemyError:
        return
