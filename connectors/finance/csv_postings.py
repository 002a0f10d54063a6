"""A run of postings as a generic CSV file, for a finance system that reads any, and for people with a spreadsheet.

Rows after RFC 4180 (lines end with CRLF, quotation marks are doubled), but with the semicolon and the decimal comma of
Danish spreadsheets; days as ISO 8601, which is read in one way only. The same run gives the same bytes.
"""

import csv
import io

from connectors.finance.encoding import Encoding, must_be_encodable
from domain.books import shares
from domain.books.posting_run import PostingLine, PostingRun

HEADER = (
    "Kørsel",
    "Nøgle",
    "Konto",
    "Beløb",
    "Debet/Kredit",
    "Posteringsdato",
    "Valørdato",
    "Tekst",
    "Reference",
    "Regel",
    "Aftale",
)
# OWASP, CSV injection: what begins with one of these is a formula to a spreadsheet. Tab, carriage return and full-width
# signs are on its list too: no text of a posting line may hold them.
FORMULA = ("=", "+", "-", "@")


def csv_postings(run: PostingRun, encoding: Encoding) -> bytes:
    """The file: a header, and a row for each line by its key. `Invalid` for a text that the encoding cannot hold."""
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";", lineterminator="\r\n")
    rows.writerow(HEADER)
    for line in run.in_order():
        # The other cells hold no signs but ASCII and æøå.
        must_be_encodable(f"{line.key}.text", line.text, encoding)
        rows.writerow(_row(run, line))
    return written.getvalue().encode(encoding)


def kroner(amount_ore: int) -> str:
    """An amount in øre as kroner with a decimal comma, -1234,50; exact, and without separators of thousands."""
    return shares.kroner(amount_ore).replace(".", ",")


def _row(run: PostingRun, line: PostingLine) -> tuple[str, ...]:
    return (
        run.id,
        line.key,
        line.account_string,
        kroner(line.amount_ore),
        "D" if line.amount_ore > 0 else "K",
        line.entry_date.isoformat(),
        line.value_date.isoformat(),
        _plain(line.text),
        line.reference,
        line.rule,
        line.agreement,
    )


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before it, as OWASP advises.

    The only free cell: the others begin with a letter or a digit, and amounts are numbers.
    """
    return f"'{text}" if text.startswith(FORMULA) else text
