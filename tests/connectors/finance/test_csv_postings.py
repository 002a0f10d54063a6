"""The generic CSV: Danish, exact, the same for the same run, and nothing in it is a formula."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.finance.csv_postings import FORMULA, HEADER, csv_postings, kroner
from connectors.finance.encoding import Encoding
from domain.books.posting_run import MOST_ORE, PostingRun
from domain.errors import Invalid
from tests.connectors.finance.runs import MARCH, RUN, line

EXPECTED = """\
Kørsel;Nøgle;Konto;Beløb;Debet/Kredit;Posteringsdato;Valørdato;Tekst;Reference;Regel;Aftale\r
2024-03/0461;TF-2024-00042/reception/d;0546600101;50000,05;D;2024-03-31;2024-03-31;\
Modtagebeløb: én familie på Ærø, æøå ÆØÅ;TF-2024-00042;reception;hovedstaden/3\r
2024-03/0461;TF-2024-00042/reception/k;0952590180;-50000,05;K;2024-03-31;2024-03-31;\
Modtagebeløb;TF-2024-00042;reception;hovedstaden/3\r
2024-03/0461;TF-2024-00042/rent/d;0546600102;12,34;D;2024-03-01;2024-03-01;\
Tomgang;TF-2024-00042;vacancy_rent;hovedstaden/3\r
2024-03/0461;TF-2024-00042/rent/k1;0952590180;-10,00;K;2024-03-01;2024-03-31;\
Tomgang;TF-2024-00042;vacancy_rent;hovedstaden/3\r
2024-03/0461;TF-2024-00042/rent/k2;952590181;-2,34;K;2024-03-01;2024-03-01;\
Tomgang;TF-2024-00042;vacancy_rent;hovedstaden/3\r
"""


@pytest.mark.parametrize("encoding", Encoding)
def test_the_file_stands_as_the_party_wants_it_encoded(encoding: Encoding):
    assert csv_postings(RUN, encoding) == EXPECTED.encode(encoding.value)
    assert csv_postings(replace(RUN, lines=RUN.lines[::-1]), encoding) == EXPECTED.encode(encoding.value)


def with_text(text: str) -> PostingRun:
    return PostingRun("r", "p", MARCH, (line("a", "1", 7, text=text), line("b", "2", -7)))


def test_a_sign_that_windows_1252_lacks_is_refused_by_its_field_and_without_the_text():
    run = with_text("Łódź")
    with pytest.raises(Invalid) as refused:
        csv_postings(run, Encoding.WINDOWS_1252)
    assert refused.value.field == "TF-2024-00042/a.text"
    assert "cp1252" in refused.value.reason
    assert "Ł" not in str(refused.value)
    assert "Łódź" in csv_postings(run, Encoding.UTF_8).decode()


TEXTS = st.text(st.sampled_from("ab;\",'=+-@ æøå"), min_size=1).map(str.strip).filter(bool)


@given(TEXTS)
def test_no_cell_is_a_formula_and_the_text_is_found_again(text: str):
    cells = read(csv_postings(with_text(text), Encoding.UTF_8))[1]
    told = dict(zip(HEADER, cells, strict=True))
    assert not any(cell.startswith(FORMULA) for name, cell in told.items() if name != "Beløb")
    assert told["Tekst"].removeprefix("'" if text.startswith(FORMULA) else "") == text


@given(st.integers(-MOST_ORE, MOST_ORE))
def test_an_amount_is_exact(amount_ore: int):
    assert Decimal(kroner(amount_ore).replace(",", ".")) * 100 == amount_ore


def read(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode(), newline=""), delimiter=";", strict=True))
