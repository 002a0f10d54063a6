"""Letters on paper: every letter to a family, in both languages, readable by people and by screen readers."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from domain.referrals.household import Language
from templates import letter
from templates.paper import CannotBePrinted, Sheet, on_paper
from tests.world.samples.letters import LETTERS

SHEET = Sheet("Åse Bøgely", "Opdigtvej 2, 3. tv., 5000 Prøveby", "Odense Kommune", date(2026, 3, 2))
TO_FAMILIES = (
    "acceptance_requested",
    "acceptance_recorded",
    "answer_reminder_acceptance",
    "not_referred",
    "home_not_approved",
)


def read(made: bytes) -> tuple[PdfReader, str]:
    reader = PdfReader(BytesIO(made))
    return reader, " ".join("".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("sample", TO_FAMILIES)
def test_all_that_a_letter_says_stands_on_the_paper(sample: str, language: Language):
    written = letter(LETTERS[sample], language)

    reader, said = read(on_paper(written, language, SHEET))

    assert "".join(written.text.split()) in said.replace(" ", "")
    assert "Åse Bøgely Opdigtvej 2, 3. tv. 5000 Prøveby" in said
    assert reader.trailer["/Root"]["/Lang"] == language
    assert reader.metadata.title == written.subject
    assert b"pdfuaid" in reader.trailer["/Root"]["/Metadata"].get_data()


def test_a_link_can_be_clicked_and_a_question_can_be_answered_below():
    asked = letter(LETTERS["acceptance_requested"], Language.DANISH)
    sheet = Sheet(
        SHEET.name, SHEET.address, SHEET.sender, SHEET.written, phone="66 13 13 72", reference="TF-2026-00042"
    )

    reader, said = read(on_paper(asked, Language.DANISH, sheet))

    links = [one.get_object()["/A"]["/URI"] for page in reader.pages for one in page.get("/Annots", ())]
    assert set(links) == {LETTERS["acceptance_requested"].link}
    assert len(reader.pages) == 1
    assert "send arket til Odense Kommune. Eller ring på 66 13 13 72. (TF-2026-00042)" in said


@pytest.mark.parametrize(
    "name", ["Šárka Łukasz Đặng", "Δημήτρης", "Дмитрий", '#let x = "y"', "*fed* _skrå_ $x$ \\ @her <b>"]
)
def test_a_name_stands_as_it_is_whatever_its_signs_mean_to_the_typesetter(name: str):
    sheet = replace(SHEET, name=name)

    _, said = read(on_paper(letter(LETTERS["not_referred"], Language.DANISH), Language.DANISH, sheet))

    assert name in said


@pytest.mark.parametrize("name", ["张伟", "Bøgely 🙂", "Bø\x00gely"])
def test_signs_that_cannot_be_printed_are_said_without_the_name(name: str):
    sheet = replace(SHEET, name=name)

    with pytest.raises(CannotBePrinted, match="holds signs") as refused:
        on_paper(letter(LETTERS["not_referred"], Language.DANISH), Language.DANISH, sheet)

    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
