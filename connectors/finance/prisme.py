"""A run of postings as a file for Prisme, the finance system of many municipalities: transaction type G69.

The records follow "Snitflade til finansposter i Prisme (G69)", version 1.5, which rests on KMD's interface GQ311001Q: a
start header of 24 signs, then fields that each begin with & and their number, in ascending order; ascending
expedition numbers; postings that balance by machine number and posting date. Lengths of fields, and the first and the
last record of the file (Z300, SLUTD), are as two open systems in use write them: tenQ, and OS2BOS in Ballerup.

Not verified against a running Prisme, nor against the later pages of the description: the lengths, the encoding, and
that a posting that is moved into the next year is a supplementary one (SUP) of the year before.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from connectors.finance.encoding import Encoding, must_be_encodable
from domain.books.posting_run import PostingLine, PostingRun, banking_day
from domain.errors import Invalid

END = "\r\n"
# Five digits for the number of a record, twelve for an amount: 9,999,999,999.99 kr.
MOST_RECORDS = 99_999
MOST_ORE = 10**12 - 1
LONGEST_TEXT = 35
LONGEST_ACCOUNT = 15
NORMAL, SUPPLEMENTARY = "NOR", "SUP"
BETWEEN = "&"


@dataclass(frozen=True, slots=True)
class PrismeTerms:
    """What a municipality's Prisme is told of us: set there first, and the same in every file.

    `organisation` is the municipality's number. `account_digits` is to how many digits an account is filled up with
    zeros: 10 in older installations, 15 in newer ones.
    """

    organisation: int
    machine: int
    account_digits: int = 10
    encoding: Encoding = Encoding.WINDOWS_1252

    def __post_init__(self) -> None:
        for field, most in (("organisation", 9_999), ("machine", 99_999), ("account_digits", LONGEST_ACCOUNT)):
            if not 0 < getattr(self, field) <= most:
                raise Invalid(field, f"must be 1 to {most}")


def g69_file(run: PostingRun, terms: PrismeTerms, *, closed_days: Container[date]) -> bytes:
    """The file: a first record, one for each line by its key, a last one with their count. The same for the same run.

    A date on which banks are closed is moved to the next banking day. `Invalid` by the key of a line, and its field.
    """
    lines = run.in_order()
    if len(lines) > MOST_RECORDS:
        raise Invalid("lines", f"are more than {MOST_RECORDS}: make several runs of them")
    records = [_record(number, line, terms, closed_days) for number, line in enumerate(lines, start=1)]
    first = _first(terms, banking_day(run.entry_date, closed_days))
    return "".join(f"{record}{END}" for record in (first, *records, f"SLUTD{len(records):05d}")).encode(terms.encoding)


def _first(terms: PrismeTerms, day: date) -> str:
    """Z300, a blank, the organisation, medium 6, six blanks, the day of the year, and 1 for mixed transactions."""
    return f"Z300 {terms.organisation:04d}6{'':6}{day.timetuple().tm_yday:03d}1"


def _record(number: int, line: PostingLine, terms: PrismeTerms, closed_days: Container[date]) -> str:
    posted_on = banking_day(line.entry_date, closed_days)
    kind = NORMAL if posted_on.year == line.entry_date.year else SUPPLEMENTARY
    # Place of registration, interface, record, organisation, its kind, kind of posting, format.
    header = f"000G69{number:05d}{terms.organisation:04d}01{kind}FLYD"
    fields = {
        103: f"{terms.machine:05d}",
        104: f"{number:07d}",
        110: f"{posted_on:%Y%m%d}",
        111: _account(line, terms),
        112: _amount(line),
        113: "D" if line.amount_ore > 0 else "K",
        114: f"{line.entry_date:%Y}",
        116: line.key,
        118: f"{banking_day(line.value_date, closed_days):%Y%m%d}",
        153: _text(line, terms),
        202: f"{line.rule} {line.agreement}",
        250: line.reference,
    }
    return header + "".join(f"{BETWEEN}{field}{fields[field]}" for field in sorted(fields))


def _account(line: PostingLine, terms: PrismeTerms) -> str:
    """The account in digits. One written otherwise is refused: to leave its signs out could make it another's."""
    account = line.account_string
    if not (account.isascii() and account.isdigit() and len(account) <= terms.account_digits):
        raise Invalid(f"{line.key}.account_string", f"must be at most {terms.account_digits} digits for Prisme")
    return account.zfill(terms.account_digits)


def _amount(line: PostingLine) -> str:
    """Twelve digits and a blank for plus: field 113 says whether it is debit or credit."""
    if abs(line.amount_ore) > MOST_ORE:
        raise Invalid(f"{line.key}.amount_ore", f"is more than Prisme takes in one posting, {MOST_ORE} øre")
    return f"{abs(line.amount_ore):012d} "


def _text(line: PostingLine, terms: PrismeTerms) -> str:
    """What fits of the text. It is there to be read: the key and the reference, which stand whole, say what it is."""
    if BETWEEN in line.text:
        raise Invalid(f"{line.key}.text", f"holds the sign that separates fields for Prisme, {BETWEEN}")
    must_be_encodable(f"{line.key}.text", line.text, terms.encoding)
    return line.text[:LONGEST_TEXT].rstrip()
