"""What a finance system (CSV) or a bank (camt.053) reports back: one kind of rows, in whichever form they come."""

from collections.abc import Callable

from connectors.finance.camt import read_statement
from connectors.finance.reported_csv import read_report
from connectors.first_look import without_white
from domain.books.reconciliation import Reported
from domain.errors import Invalid

CSV, CAMT = "csv", "camt"
READERS: dict[str, Callable[[bytes], tuple[Reported, ...]]] = {CSV: read_report, CAMT: read_statement}


def form_of(body: bytes) -> str:
    """The form of a report, by its first sign: no header of a table begins as XML does."""
    return CAMT if without_white(body[:100]).startswith(b"<") else CSV


def read_reported(body: bytes, form: str | None = None) -> tuple[tuple[Reported, ...], str]:
    """What a report says, and its form; the one that it looks like where none is named. `Invalid` as its reader says.

    Amounts of a table are those of an account, debit above zero; a bank's are its customer's, credit above zero.
    """
    form = form or form_of(body)
    if form not in READERS:
        raise Invalid("form", f"one of {', '.join(READERS)}")
    return READERS[form](body), form
