"""Vacancies from an XML export in the shape of the Huslejeregister."""

import tracemalloc

import pytest

from connectors.vacancy_feed.xml_elements import ELEMENTS
from domain.errors import PartnerUnavailable
from domain.feeds.contract import FIELDS
from domain.feeds.row_judge import Judge
from domain.ports.vacancy_feed import RawVacancy
from storage.feeds.raw_rows import as_bytes
from tests.connectors.vacancy_feed.associations import all_batches, all_rows
from tests.connectors.vacancy_feed.xml_homes import HOME, document, feed

READ = {
    "lbf_number": "9901",
    "department_number": "12",
    "department": "Åkanden",
    "external_id": "12-1-3",
    "municipality": "0751",
    "rooms": "3",
    "size_m2": 78,
    "rent_monthly_ore": 725_050,
    "available_from": "2026-05-01",
    "step_free": "true",
    "letting": "flexible_letting",
}


async def one_home(*changes: tuple[str, str]) -> RawVacancy:
    written = HOME
    for before, after in changes:
        assert before in written
        written = written.replace(before, after)
    (row,) = await all_rows(feed(document(written)))
    return row


async def test_a_home_is_read_with_what_stands_around_it():
    assert (await one_home()).values == READ
    assert Judge({"0751"}).judged((await one_home()).values)[1] == []


@pytest.mark.parametrize(
    ("element", "text", "field", "value"),
    [
        ("EtageBetegnelse", "st", "floor", 0),
        ("EtageBetegnelse", "KL", "floor", -1),
        ("EtageBetegnelse", "4", "floor", "4"),
        ("EtageBetegnelse", "loftet", "floor", "loftet"),
        ("IndskudBeloeb", "21000", "deposit_ore", 2_100_000),
        ("IndskudBeloeb", "21.000,00", "deposit_ore", "21.000,00 kr"),
        ("BoligStatusKode", "Udlejet", "status", "let"),
        ("BoligStatusKode", "Måske", "status", "Måske"),
        ("PersonStoersteAntal", " 4 ", "persons_max", "4"),
        ("HusdyrIndikator", "0", "pets", "0"),
        ("BoligomraadeNavn", "", "area", None),
        ("Solvinkel", "syd", "Solvinkel", "syd"),
    ],
)
async def test_an_element_is_read_by_its_name(element, text, field, value):
    row = await one_home(("</Bolig>", f"<{element}>{text}</{element}></Bolig>"))
    assert row.values.get(field) == value


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999", "en", "-3"])
async def test_a_size_that_is_none_makes_the_contract_reject_that_home_only(text):
    wrong = HOME.replace("78.5", text).replace("12-1-3", "12-1-4")
    rows = await all_rows(feed(document(wrong, HOME)))
    assert [bool(Judge({"0751"}).judged(row.values)[1]) for row in rows] == [True, False]


async def test_what_is_told_twice_cannot_be_read():
    row = await one_home(("<RumAntal>3</RumAntal>", "<RumAntal>3</RumAntal><RumAntal>4</RumAntal>"))
    assert Judge({"0751"}).judged(row.values)[1] == ["rooms: must be a whole number"]


async def test_a_namespace_and_a_comment_change_nothing():
    row = (await all_rows(feed(document("<!-- i dag -->", HOME, root='BoligListe xmlns="urn:x"'))))[0]
    assert row.values == READ
    assert b"12-1-3" in as_bytes(row)


@pytest.mark.parametrize("piece", [1, 7, 1000])
async def test_an_export_may_be_cut_anywhere_on_its_way(piece):
    rows = await all_rows(feed(document(HOME, HOME), piece=piece))
    assert [(row.line, row.values) for row in rows] == [(1, READ), (2, READ)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
async def test_the_encoding_is_the_one_declared(encoding):
    text = document(HOME, head=f'<?xml version="1.0" encoding="{encoding}"?>')
    assert (await all_rows(feed(text.encode(encoding))))[0].values == READ


async def test_a_byte_of_another_encoding_spoils_its_own_home():
    text = document(HOME.replace("12-1-3", "Æ-1"), HOME).encode().replace("Æ".encode(), b"\xc6")
    rows = await all_rows(feed(text))
    assert [bool(Judge({"0751"}).judged(row.values)[1]) for row in rows] == [True, False]


@pytest.mark.parametrize("before", ["\n ", "\ufeff", "\ufeff\ufeff\r\n"])
async def test_what_serialisers_put_before_the_declaration_is_left_out(before):
    (row,) = await all_rows(feed(before + document(HOME)))
    assert (row.values, as_bytes(row)) == (READ, HOME.encode())


async def test_two_departments_do_not_mix():
    other = document(HOME).partition("<Afdeling>")[2].replace("Åkanden", "Engen").partition("</Afdeling>")[0]
    text = document(HOME).replace("</Afdeling>", f"</Afdeling><Afdeling>{other}</Afdeling>")
    assert [row.values["department"] for row in await all_rows(feed(text))] == ["Åkanden", "Engen"]


async def test_a_large_export_comes_in_batches_and_a_stamp_is_told_on():
    told = document(*[HOME] * 2500, root='BoligListe DannetDatoTid="2026-03-01T01:00:00+01:00"')
    batches = await all_batches(feed(told, piece=65_536))
    assert len(batches) > 2
    assert sum(len(batch.rows) for batch in batches) == 2500
    assert batches[-1].rows[-1].line == 2500
    assert {str(batch.head.mark.generated_at) for batch in batches} == {"2026-03-01 00:00:00+00:00"}


async def test_an_export_with_nothing_vacant_is_empty_and_no_fault():
    assert await all_rows(feed(document())) == []


def test_every_field_of_the_contract_has_its_element():
    assert {ours for ours, _ in ELEMENTS.values()} == set(FIELDS)


@pytest.mark.parametrize("between", ["", "\n "])
@pytest.mark.parametrize("piece", [1, 7, 11, 100, 0])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "windows-1252"])
async def test_a_home_is_kept_byte_for_byte(encoding, piece, between):
    homes = [
        HOME,
        "<Bolig  note='a > b &amp; c' ><!-- kun i dag --><RumAntal><![CDATA[3]]></RumAntal>\n</Bolig >",
        "<Bolig/>",
        "<Bolig navn='/>'></Bolig>",
        "<Bolig><RumAntal/></Bolig>",
        "<Bolig navn='Åkanden' />",
    ]
    declared = encoding.removesuffix("-be")
    # The first character is a byte order mark.
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    head = f'{mark}<?xml version="1.0" encoding="{declared}"?>'
    rows = await all_rows(feed(document(between.join(homes), head=head).encode(encoding), piece=piece))
    kept_in = "utf-8" if encoding.startswith("utf-16") else encoding
    assert [as_bytes(row).decode(kept_in) for row in rows] == homes


async def test_a_home_with_a_namespace_is_kept_as_it_is_written():
    written = "<h:Bolig><h:BoligIdentifikator>12-1-3</h:BoligIdentifikator></h:Bolig>"
    text = f'<h:BoligListe xmlns:h="urn:x">{written}\n</h:BoligListe>'
    (row,) = await all_rows(feed(text))
    assert (row.values, as_bytes(row)) == ({"external_id": "12-1-3"}, written.encode())


async def test_names_cost_no_more_than_they_are_long():
    names = " ".join(f'p:a{number}=""' for number in range(900))
    text = f'<BoligListe xmlns:p="{"u" * 50_000}"><Bolig {names}/></BoligListe>'
    tracemalloc.start()
    try:
        assert len(await all_rows(feed(text))) == 1
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("written", ["<a{}/>", '<a b{}=""/>'])
async def test_too_many_names_are_no_export(written):
    with pytest.raises(PartnerUnavailable, match="too many names"):
        await all_rows(feed(document(*(written.format(number) for number in range(1_000)))))
