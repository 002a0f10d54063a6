"""The statement of a month as a file, in the same words as `tilflyt settlement show` writes it."""

import json
from datetime import date

from fastapi import Response
from sqlmodel import Session

from domain.books.statement import as_csv
from storage.operations.month_approvals import month_told
from templates.words.books import STANDINGS


def month_file(session: Session, last_day: date, party: str, *, ending: str) -> Response:
    """The file for a spreadsheet (`csv`), or for a program."""
    told = month_told(session, last_day, party)
    if ending == "csv":
        content, kind = b"".join(as_csv(told, STANDINGS)), "text/csv; charset=utf-8"
    else:
        content, kind = (json.dumps(told, ensure_ascii=False) + "\n").encode(), "application/json"
    name = f'attachment; filename="afregning-{last_day:%Y-%m}.{ending}"'
    return Response(content, media_type=kind, headers={"Content-Disposition": name})
