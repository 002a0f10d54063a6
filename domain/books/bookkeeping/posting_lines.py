"""A posting as a file of a finance system has it: two lines that balance, debit above zero.

What a party pays (below zero in our books) is its expense: debit on the account of the purpose, credit on the account
against which all of it is settled (mellemregning). What it receives stands the other way round.
"""

from datetime import date

from domain.books.posting_run import PostingLine
from domain.ports.finance import LedgerPosting

AGAINST = "-m"


def both_lines(
    posting: LedgerPosting,
    *,
    key: str,
    account_string: str,
    balance_account: str,
    entry_date: date,
    value_date: date,
    rule: str,
    agreement: str,
) -> tuple[PostingLine, PostingLine]:
    """The lines of a posting, under its key and under that with `AGAINST`. `Invalid` when no form can hold one."""
    amount = -posting.amount_ore

    def line(key: str, account: str, amount_ore: int) -> PostingLine:
        return PostingLine(
            key=key,
            account_string=account,
            amount_ore=amount_ore,
            entry_date=entry_date,
            value_date=value_date,
            text=f"Udligning {posting.reference} {rule}",
            reference=posting.reference,
            rule=rule,
            agreement=agreement,
        )

    return line(key, account_string, amount), line(f"{key}{AGAINST}", balance_account, -amount)
