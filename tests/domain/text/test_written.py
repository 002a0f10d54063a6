"""No mail program can make a link of a name in a letter, and real names are accepted."""

import re

import pytest
from jsonschema import Draft202012Validator

from domain.feeds.contract import published_schema
from domain.feeds.row_judge import MAY_BE_A_CPR_NUMBER, NOT_WRITTEN, Judge
from domain.text.written import ID, NAME, is_line
from tests.world.samples.rows import WHOLE

CODES = {WHOLE["municipality"]}
NAMES = (
    "Afd. 12", "Afd.12", "Bo-Vest", "C.F. Møllers Allé", "H.C. Ørsteds Vej 3-5", "A. P. Møller", "a.m.b.a.",
    "Boligforeningen 3B a.m.b.a", "Sct. Jørgens Gård (vest)", "Skt. Hans, 2. etape", "A/S Bo", "1/2", "Bo/Vest",
    "Afdeling 3: Nord", "Åen & Søen", "»Lunden«", "O'Lunden", "Vollsmose – Bøgeparken", "V.", "W", "www", "Lunden...",
    "Havblik 12-14, st. th.", "Müllers Eng", "50+ bo", "Høje-Taastrup", "12-1-3",
)  # fmt: skip
IDS = ("2.tv", "st.th", "0461:12", "12//3", "a:b:c", "urn:x:/y", "1.2.3", "ww.1", "A\\B", "a_b#c", ":x", "www")
ADDRESSES = (
    "http://evil.example", "Se https://evil.example/a nu", "HTTPS://EVIL.EXAMPLE", "a://b", "www.evil.example",
    "WWW.4711", "se wwww.x", "mig@evil.example", "@evil",
)  # fmt: skip
LOOKING_LIKE_ONE = (
    "evil.dk", "EVIL.DK", "Bolig på evil.dk/sti", "(evil.dk)", "bit.ly/x", "4711.dk", "t.co/x", "evil.dk.",
    "evil.dk:80", "a.b.dk", "mailto:mig", "x:/evil", "\\\\evil\\del", "evil.åa",
)  # fmt: skip
UNSEEN = tuple(
    f"Lun{sign}den" for sign in "\u2028\u2029\x85\x0b\x0c\n\r\t\x00\x1b\u200b\u200d\u2060\u202e\u2066\xad\ufeff"
)
DISGUISED = (
    "evil\u3002dk",
    "evil\uff0edk",
    "evil\u2024dk",
    "evil\uff61dk",
    "a\uff20b",
    "a\ufe6bb",
    "x:\uff0f\uff0fevil",
)
FIELDS = ("external_id", "unit_number", "department", "area")


def faults(field: str, text: str) -> list[str]:
    return Judge(CODES).judged(WHOLE | {field: text})[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_name(name: str):
    assert [faults(field, name) for field in FIELDS] == [[]] * len(FIELDS)


@pytest.mark.parametrize("given", IDS)
def test_an_id_is_an_id(given: str):
    assert faults("external_id", given) == faults("unit_number", given) == []


@pytest.mark.parametrize("text", [*ADDRESSES, *UNSEEN, *DISGUISED], ids=ascii)
def test_an_address_or_a_second_line_is_refused_wherever_it_stands(text: str):
    for field in FIELDS:
        rule = NOT_WRITTEN[NAME if field in ("department", "area") else ID]
        assert faults(field, text) == [f"{field}: {rule}"], field


@pytest.mark.parametrize("text", LOOKING_LIKE_ONE)
def test_what_a_mail_program_makes_a_link_of_is_no_name(text: str):
    assert faults("department", text) == [f"department: {NOT_WRITTEN[NAME]}"]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("number", ["0101801234", "010180-1234", "hus 71 01 80 · 1234", "O1O18O-1234"])
def test_what_may_be_a_cpr_number_is_refused_by_its_field(field: str, number: str):
    assert faults(field, number) == [f"{field}: {MAY_BE_A_CPR_NUMBER}"]


def test_ten_digits_that_begin_with_no_day_are_an_id():
    for given in ("0461000123", "0112-0123-0045", "0a3f507a-0000-4000-8000-0112345678ab", "9912345678"):
        assert faults("external_id", given) == []


def test_the_published_schema_judges_names_alike():
    page = published_schema()
    row = {"$ref": "#/$defs/VacancyRow", "$defs": page["$defs"]}
    validator = Draft202012Validator(row)
    for name in NAMES:
        assert validator.is_valid(WHOLE | {"department": name, "external_id": name}), name
    for text in (*ADDRESSES, *UNSEEN, *DISGUISED):
        assert not validator.is_valid(WHOLE | {"external_id": text}), ascii(text)
    for text in (*ADDRESSES, *UNSEEN, *DISGUISED, *LOOKING_LIKE_ONE):
        assert not validator.is_valid(WHOLE | {"department": text}), ascii(text)


@pytest.mark.parametrize("text", [*NAMES, "João Ãlvares", "domea.dk", "c/o Lund, 2.tv"])
def test_a_line_of_a_party_or_a_case_system_may_hold_more(text: str):
    assert is_line(text)


@pytest.mark.parametrize("text", [*ADDRESSES, *UNSEEN, *DISGUISED, "", "x" * 201], ids=ascii)
def test_but_no_address_and_no_second_line(text: str):
    assert not is_line(text)


def test_the_patterns_are_read_alike_by_the_engines():
    """Python's `re`, for parties' names, and the contract's engine, for feeds."""
    for text in (*NAMES, *IDS, *ADDRESSES, *LOOKING_LIKE_ONE, *UNSEEN, *DISGUISED):
        assert bool(re.fullmatch(ID, text)) is (faults("external_id", text) == []), ascii(text)
