"""A month's run of postings, with Danish letters and a month's end on a closed day."""

from dataclasses import replace
from datetime import date

from domain.books.posting_run import PostingLine, PostingRun

# Good Friday, Easter Monday, Ascension Day and the Friday after it, Whit Monday; and at the end of another year.
CLOSED = frozenset(
    {date(2024, 3, 28), date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 9), date(2024, 5, 10), date(2024, 5, 20)}
    | {date(2026, 12, day) for day in (24, 25, 26, 31)}
    | {date(2027, 1, 1)}
)
# A Sunday, and Easter Day; banks open on Tuesday, 2 April.
MARCH = date(2024, 3, 31)
FRIDAY = date(2024, 3, 1)


def line(key: str, account: str, amount_ore: int, **more: object) -> PostingLine:
    """A line of the reception amount, but for what is said otherwise."""
    usual = PostingLine(
        key=f"TF-2024-00042/{key}",
        account_string=account,
        amount_ore=amount_ore,
        entry_date=MARCH,
        value_date=MARCH,
        text="Modtagebeløb",
        reference="TF-2024-00042",
        rule="reception",
        agreement="hovedstaden/3",
    )
    return replace(usual, **more)  # type: ignore[arg-type]


RUN = PostingRun(
    "2024-03/0461",
    "municipality:0461",
    MARCH,
    (
        line("reception/d", "0546600101", 5_000_005, text="Modtagebeløb: én familie på Ærø, æøå ÆØÅ"),
        line("reception/k", "0952590180", -5_000_005),
        line("rent/d", "0546600102", 1_234, entry_date=FRIDAY, value_date=FRIDAY, rule="vacancy_rent", text="Tomgang"),
        line("rent/k1", "0952590180", -1_000, entry_date=FRIDAY, value_date=MARCH, rule="vacancy_rent", text="Tomgang"),
        line("rent/k2", "952590181", -234, entry_date=FRIDAY, value_date=FRIDAY, rule="vacancy_rent", text="Tomgang"),
    ),
)
