"""Text that reveals who a family is, however it is written, is reported by its kind and never repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.referrals.household import Identity
from domain.text.folded_text import as_read
from domain.text.screening import holds_cpr_number, tells_how_to_reach, tells_who, without_cpr_numbers

WHO = Identity(
    adult_name="Åse Præst Ørsted",
    cpr="0101900001",
    email="aase@eksempel.invalid",
    phone="+45 21 43 65 87",
    address="Opdigtet Allé 7, 2. th., 9999 Ingensteds",
)


# No character with a higher code is read as a digit.
WITH_DIGITS = 0x20000


def test_a_number_is_found_whichever_sign_is_read_as_a_digit():
    """A faster check first looks whether there are ten digits, and must miss none."""
    read = {sign: as_read(sign) for sign in map(chr, range(WITH_DIGITS))}
    digits = [sign for sign, seen in read.items() if seen in set("01oOIl")]
    written = (f"01{sign}1900001" if read[sign] in "0oO" else f"0{sign}01900001" for sign in digits)
    assert len(digits) > len("01oOIl")
    assert [text for text in written if not holds_cpr_number(text)] == []


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("sag-0101900001", "holds_cpr"),
        ("010190-0001", "holds_cpr"),
        ("01 01 90 00 01", "holds_cpr"),
        ("nr. 010190 - 0001 i dag", "holds_cpr"),
        ("0\u200b10190-0001", "holds_cpr"),
        ("０１０１９０－０００１", "holds_cpr"),
        ("99010190000199", "holds_cpr"),
        ("010190·0001", "holds_cpr"),
        ("010190 • 0001", "holds_cpr"),
        ("01:01:90:0001", "holds_cpr"),
        ("(010190) [0001]", "holds_cpr"),
        ("⁰¹⁰¹⁹⁰⁻⁰⁰⁰¹", "holds_cpr"),
        ("₀₁₀₁₉₀0001", "holds_cpr"),
        ("O1O19O-OOO1", "holds_cpr"),
        ("0l0l90-000I", "holds_cpr"),
        ("①②①②⑨⓪0001", "holds_cpr"),
        ("0\ufe0f\u20e31\ufe0f\u20e30190-0001", "holds_cpr"),
        ("010190,0001", "holds_cpr"),
        ("99 99 310590-1234", "holds_cpr"),
        ("12 010190 - 0001", "holds_cpr"),
        ("310590-1234", "holds_cpr"),
        ("ring 21436587", "holds_phone"),
        ("21 43 65 87", "holds_phone"),
        ("0045-21-43-65-87", "holds_phone"),
        ("２１４３６５８７", "holds_phone"),
        ("skriv til AASE@eksempel.invalid", "holds_email"),
        ("samtykke fra åse  præst\u00a0ørsted", "holds_name"),
        ("ÅSE PRÆST ØRSTED", "holds_name"),
        ("A\u030ase Præst Ørsted", "holds_name"),
        ("bor Opdigtet allé 7, 2. th., 9999 Ingensteds", "holds_address"),
        ("", None),
        ("SAG-2026/17", None),
        ("sagsbehandler Åse", None),
        ("Vollsmose", None),
        ("20260317", None),
        ("2143658", None),
        ("0a3f507a-0000-4000-8000-0112345678ab", None),
        ("sag a0101901234b0101901234c12345678f", None),
        ("kl. 10-12, 13-15:30", None),
        ("Oslo 12 34 56 7", None),
        ("sag 120345678 og mere", None),
    ],
)
def test_what_a_text_tells(text: str, tells: str | None):
    assert tells_who(text, WHO) == tells


@pytest.mark.parametrize("whole", ["12010190-0001-4000-8000-0112345678ab", "0a0101901234b0101901234c12345678"])
def test_a_uuid_is_no_number_and_half_of_one_may_hold_one(whole: str):
    assert not holds_cpr_number(whole)
    assert without_cpr_numbers(f"<{whole}>") == f"<{whole}>"
    assert holds_cpr_number(whole[:-1])


noise = st.text(st.characters(categories=("Lu", "Ll", "Zs", "Po")), max_size=10)


@given(noise, st.sampled_from(["", "-", " ", ".", "/"]), noise)
def test_a_number_is_found_between_whatever_else(before: str, between: str, after: str):
    assert tells_who(f"{before}010190{between}0001{after}", WHO) == "holds_cpr"


@given(st.text(max_size=60))
def test_any_text_at_all_can_be_looked_through(text: str):
    assert tells_who(text, WHO) in (None, "holds_cpr", "holds_phone", "holds_email", "holds_name", "holds_address")


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("ring 97538642", True),
        ("ring på +45 97 53 86 42 i dag", True),
        ("0045 97538642", True),
        ("９７ ５３ ８６ ４２", True),
        ("97-53-86-42", True),
        ("skriv til mor@post.dk", True),
        ("den 01.04.2026, senest 2026-05-01", False),
        ("højst 7.500 kr. om måneden", False),
        ("sag 12345678", False),
        ("3 værelser, 79 m2, 2. sal", False),
        ("", False),
    ],
)
def test_how_somebody_is_reached(text: str, tells: bool):
    assert tells_how_to_reach(text) is tells
