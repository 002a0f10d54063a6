"""What a finance system reports back as CSV: postings or payments, one a row.

Generous in form: semicolon or comma, decimal comma or point, UTF-8 with or without a byte order mark or Windows-1252,
Danish or English headers in any case and order, other columns beside them. Strict in meaning: an amount says itself
whether it is debit or credit, has at most two decimals, and is in Danish kroner. An error names the line and the
column, and never what stands there.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date

from domain.books.reconciliation import Reported
from domain.errors import Invalid
from domain.text.folded_text import folded

LARGEST_BYTES = 20_000_000
MOST_ROWS = 200_000
DELIMITERS = (";", ",")
KEY, NUMBER, AMOUNT, SIDE, DAY, CURRENCY = "key", "number", "amount", "debit/credit", "date", "currency"
COLUMNS = {
    KEY: ("nøgle", "linjenøgle", "ekstern reference", "key", "external reference"),
    NUMBER: ("fakturanr", "fakturanr.", "fakturanummer", "invoice", "invoice no", "invoice no.", "invoice number"),
    AMOUNT: ("beløb", "amount"),
    SIDE: ("debet/kredit", "d/k", "debit/credit", "d/c"),
    DAY: ("posteringsdato", "bogføringsdato", "dato", "posting date", "booking date", "date"),
    CURRENCY: ("valuta", "currency"),
}
_COLUMN_CALLED = {name: column for column, names in COLUMNS.items() for name in names}
_DEBIT = {"d": 1, "debet": 1, "debit": 1, "k": -1, "kredit": -1, "c": -1, "credit": -1}
_SIGNS = {"+": 1, "-": -1, "−": -1}
# Thousands are read only where decimals follow: 1.234 alone may be either.
_AMOUNT = re.compile(
    r"(?P<plain>[0-9]{1,13})(?:[.,](?P<few>[0-9]{1,2}))?"
    r"|(?P<grouped>[0-9]{1,3}(?:(?:\.[0-9]{3}){1,4}(?=,)|(?:,[0-9]{3}){1,4}(?=\.)|(?:[ \u00a0][0-9]{3}){1,4}(?=[.,])))"
    r"[.,](?P<more>[0-9]{1,2})"
)
_DAY = re.compile(r"(20[0-9]{2})-?([0-9]{2})-?([0-9]{2})|([0-9]{2})[-.]([0-9]{2})[-.](20[0-9]{2})")


def read_report(body: bytes) -> tuple[Reported, ...]:
    """Every row of the report; debit above zero. `Invalid` names the first line and column that is wrong."""
    text = _decoded(body)
    delimiter, header = _header(text.partition("\n")[0].rstrip("\r"))
    found = list[Reported]()
    for line, cells in _rows(text, delimiter):
        if line == 1 or not any(cells):
            continue
        if len(cells) != len(header):
            raise Invalid(f"line {line}", "must have as many cells as the header")
        if len(found) == MOST_ROWS:
            raise Invalid(f"line {line}", f"is one of more than {MOST_ROWS} rows")
        found.append(_reported(line, {column: cell for column, cell in zip(header, cells, strict=True) if column}))
    return tuple(found)


def _decoded(body: bytes) -> str:
    """UTF-8, or else Windows-1252, whose signs beyond ASCII are hardly ever valid UTF-8."""
    if len(body) > LARGEST_BYTES:
        raise Invalid("file", f"must be at most {LARGEST_BYTES} bytes")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("file", "must be in UTF-8 or Windows-1252")


def _header(line: str) -> tuple[str, list[str | None]]:
    """The delimiter, and for each column what it tells; None for one that is not asked for."""
    for delimiter in DELIMITERS:
        names = [folded(name.strip('"')) for name in line.split(delimiter)]
        columns = [_COLUMN_CALLED.get(name) for name in names]
        known = [column for column in columns if column]
        if {AMOUNT, DAY} <= set(known) and {KEY, NUMBER} & set(known):
            if twice := sorted({column for column in known if known.count(column) > 1}):
                raise Invalid("line 1", f"must have one column for {twice[0]}")
            return delimiter, columns
    raise Invalid("line 1", "must name a column for the amount, for the date, and for the key or invoice number")


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(rows, None)
        except csv.Error:
            raise Invalid(f"line {begins}", "must be cells, with quotation marks in pairs") from None
        if cells is None:
            return
        yield begins, [cell.strip() for cell in cells]
        begins = rows.line_num + 1


def _reported(line: int, told: Mapping[str, str]) -> Reported:
    if told.get(CURRENCY, "DKK").upper() != "DKK":
        raise Invalid(f"line {line}, {CURRENCY}", "must be DKK")
    names = tuple(name for column in (KEY, NUMBER) if (name := told.get(column)))
    return Reported(names, _amount(line, told), _day(line, told[DAY]), f"line {line}")


def _amount(line: int, told: Mapping[str, str]) -> int:
    """An amount in øre, whose sign stands before or behind it, or in a column of its own; in both, they agree."""
    text, signs = told[AMOUNT], set[int]()
    if text[:1] in _SIGNS:
        text, signs = text[1:].lstrip(), {_SIGNS[text[0]]}
    elif text[-1:] in _SIGNS:
        text, signs = text[:-1].rstrip(), {_SIGNS[text[-1]]}
    if side := told.get(SIDE, "").lower():
        if side not in _DEBIT:
            raise Invalid(f"line {line}, {SIDE}", "must say D or K, debit or credit")
        signs.add(_DEBIT[side])
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise Invalid(
            f"line {line}, {AMOUNT}", "must be kroner with two decimals, and thousands apart only before them"
        )
    if len(signs) != 1:
        raise Invalid(f"line {line}, {AMOUNT}", "must have one sign: + or -, or debit or credit beside it")
    kroner = "".join(sign for sign in found["plain"] or found["grouped"] if sign.isdigit())
    return signs.pop() * (int(kroner) * 100 + int((found["few"] or found["more"] or "").ljust(2, "0")))


def _day(line: int, text: str) -> date:
    """A day as 2026-03-31, 20260331, 31-03-2026 or 31.03.2026. With slashes, day and month could change places."""
    if found := _DAY.fullmatch(text):
        year, month, day = found[1] or found[6], found[2] or found[5], found[3] or found[4]
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            pass  # the 31st of February, refused below without its text
    raise Invalid(f"line {line}, {DAY}", "must be a day as 2026-03-31 or 31-03-2026")
