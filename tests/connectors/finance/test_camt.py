"""Account statements of both versions, with whatever prefix; only what is booked, in kroner, with its direction."""

from datetime import date

import pytest

from connectors.finance import camt
from connectors.finance.camt import read_statement
from domain.books.reconciliation import Reported
from domain.errors import Invalid

DAY = date(2026, 3, 31)
NS = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
AMOUNT = '<Amt Ccy="DKK">1234.50</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
BOOKED_02, BOOKED_08 = "<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>"
ON = "<BookgDt><Dt>2026-03-31</Dt></BookgDt>"


def details(*transactions: str) -> str:
    return "".join(f"<NtryDtls><TxDtls>{one}</TxDtls></NtryDtls>" for one in transactions)


NAMED = details(
    "<Refs><EndToEndId>K1</EndToEndId></Refs>"
    "<RmtInf><Ustrd>Faktura 2026-7, tak.</Ustrd>"
    "<Strd><CdtrRefInf><Ref>RF1</Ref></CdtrRefInf><RfrdDocInf><Nb>2026-8</Nb></RfrdDocInf></Strd></RmtInf>"
)
NAMES = ("K1", "Faktura", "2026-7", "tak", "RF1", "2026-8")


def statement(*entries: str, version: str = "02", rest: str = "") -> str:
    told = "".join(f"\n<Ntry>{entry}</Ntry>" for entry in entries)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{NS}{version}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id>{rest}{told}</Stmt></BkToCstmrStmt></Document>"
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param(statement(AMOUNT + BOOKED_02 + ON + NAMED), NAMES, id="001.02"),
        pytest.param(statement(AMOUNT + BOOKED_08 + ON + NAMED, version="08"), NAMES, id="001.08"),
        pytest.param(statement(AMOUNT + BOOKED_02 + ON), (), id="without details"),
        pytest.param(
            statement(AMOUNT + BOOKED_02 + ON + details("<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>")),
            (),
            id="without a name",
        ),
        pytest.param(
            statement(
                AMOUNT + BOOKED_02 + "<BookgDt><DtTm>2026-03-30T22:30:00Z</DtTm></BookgDt>",
                rest='<Bal><Amt Ccy="EUR">1.234</Amt></Bal>',
            ),
            (),
            id="a moment, and a balance that nobody asks for",
        ),
        pytest.param(
            statement(AMOUNT + BOOKED_02 + "<BookgDt><DtTm>2026-03-31T23:59:59</DtTm></BookgDt>"),
            (),
            id="a local moment",
        ),
        pytest.param(statement("<RvslInd>false</RvslInd>" + AMOUNT + BOOKED_02 + ON), (), id="no reversal"),
        pytest.param(statement(AMOUNT + BOOKED_02 + ON, version="04"), (), id="001.04"),
        pytest.param(statement(AMOUNT + BOOKED_08 + ON, version="13"), (), id="001.13"),
        pytest.param(
            statement(AMOUNT + BOOKED_02 + ON).replace(f"{NS}02", "http://bank.example/de/camt.053.001.04.xsd"),
            (),
            id="a country's own namespace",
        ),
        pytest.param(statement(AMOUNT + BOOKED_02 + ON).replace(f' xmlns="{NS}02"', ""), (), id="no namespace"),
    ],
)
def test_an_entry_in_many_forms(text: str, names: tuple[str, ...]):
    assert read_statement(text.encode()) == (Reported(names, -123_450, DAY, "line 2"),)


def test_a_prefix_makes_no_difference_and_what_has_another_is_something_else():
    plain = statement(AMOUNT + BOOKED_02 + ON + NAMED)
    prefixed = plain.replace("</", "<@").replace("<", "<n:").replace("<n:@", "</n:").replace("<n:?", "<?")
    prefixed = prefixed.replace("xmlns=", "xmlns:n=").replace("<n:BookgDt>", '<x:Amt xmlns:x="x">9</x:Amt><n:BookgDt>')
    assert read_statement(prefixed.encode()) == read_statement(plain.encode())


@pytest.mark.parametrize("said", ["true", "1"])
def test_a_reversal_is_told_as_one_with_the_sign_in_which_the_money_went(said: str):
    back = AMOUNT.replace("DBIT", "CRDT") + f"<RvslInd>{said}</RvslInd>" + BOOKED_02 + ON + NAMED
    assert read_statement(statement(back).encode()) == (Reported(NAMES, 123_450, DAY, "line 2", is_reversal=True),)


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR"])
def test_what_is_not_booked_yet_is_left_out(status: str):
    other = f"<Sts>{status}</Sts>"
    read = read_statement(statement(AMOUNT + other, AMOUNT + BOOKED_02 + ON).encode())
    assert [one.place for one in read] == ["line 3"]


def part(name: str, amount: str, more: str = "") -> str:
    told = f'<AmtDtls><TxAmt><Amt Ccy="DKK">{amount}</Amt></TxAmt></AmtDtls>'
    return f"<Refs><EndToEndId>{name}</EndToEndId></Refs>{told}{more}"


@pytest.mark.parametrize(
    ("transactions", "expected"),
    [
        ([part("a", "1000"), part("b", "234.50")], [(("a",), -100_000), (("b",), -23_450)]),
        (
            [part("a", "1235"), part("b", "0.5", "<CdtDbtInd>CRDT</CdtDbtInd>")],
            [(("a",), -123_500), (("b",), 50)],
        ),
        ([part("a", "1000"), part("b", "200")], [(("a", "b"), -123_450)]),
        ([part("a", "1000"), part("b", "234.500")], [(("a", "b"), -123_450)]),
        ([part("a", "1000"), "<Refs><EndToEndId>b</EndToEndId></Refs>"], [(("a", "b"), -123_450)]),
        ([part("a", "1000").replace("DKK", "EUR"), part("b", "234.50")], [(("a", "b"), -123_450)]),
        ([part("a", "9")], [(("a",), -123_450)]),
    ],
)
def test_a_batch_is_told_in_its_parts_only_when_they_sum_to_it(transactions, expected):
    read = read_statement(statement(AMOUNT + BOOKED_02 + ON + details(*transactions)).encode())
    assert [(one.names, one.amount_ore) for one in read] == expected


DOCTYPE = '<!DOCTYPE Document [<!ENTITY e "Hemmelig">]>'


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (statement(AMOUNT.replace("DKK", "EUR") + BOOKED_02 + ON), "line 2, Ntry/Amt", "in DKK"),
        (statement(AMOUNT.replace(' Ccy="DKK"', "") + BOOKED_02 + ON), "line 2, Ntry/Amt", "in DKK"),
        (statement(AMOUNT.replace("1234.50", "1234.505") + BOOKED_02 + ON), "line 2, Ntry/Amt", "two decimals"),
        (statement(AMOUNT.replace("1234.50", "-1234.50") + BOOKED_02 + ON), "line 2, Ntry/Amt", "two decimals"),
        (statement(AMOUNT.replace("1234.50", "12345678901234") + BOOKED_02 + ON), "line 2, Ntry/Amt", "two decimals"),
        (statement(AMOUNT.replace("1234.50", "Hemmelig") + BOOKED_02 + ON), "line 2, Ntry/Amt", "two decimals"),
        (statement(AMOUNT + AMOUNT + BOOKED_02 + ON), "line 2, Ntry/Amt", "must stand once"),
        (statement('<Amt Ccy="DKK">1</Amt>' + BOOKED_02 + ON), "line 2, Ntry/CdtDbtInd", "CRDT or DBIT"),
        (statement(AMOUNT.replace("DBIT", "Hemmelig") + BOOKED_02 + ON), "line 2, Ntry/CdtDbtInd", "CRDT or DBIT"),
        (statement(AMOUNT + ON), "line 2, Ntry/Sts", "BOOK, PDNG"),
        (statement(AMOUNT + "<Sts>Hemmelig</Sts>" + ON), "line 2, Ntry/Sts", "BOOK, PDNG"),
        (statement(AMOUNT + BOOKED_02), "line 2, Ntry/BookgDt", "a day"),
        (statement(AMOUNT + BOOKED_02 + ON.replace("03-31", "02-31")), "line 2, Ntry/BookgDt", "a day"),
        (statement(AMOUNT + BOOKED_02 + ON.replace("-31<", "-31+02:00<")), "line 2, Ntry/BookgDt", "a day"),
        (statement("<RvslInd>Hemmelig</RvslInd>" + AMOUNT + BOOKED_02 + ON), "line 2, Ntry/RvslInd", "true or false"),
        (statement(version="01"), "file", "camt.053.001.02 or a later"),
        (statement(version="023"), "file", "camt.053.001.02 or"),
        (statement().replace("camt.053", "camt.054"), "file", "camt.053.001.02 or"),
        (
            statement()
            .replace(f' xmlns="{NS}02"', "")
            .replace("Document>", "x:Document>")
            .replace("<Document", "<x:Document"),
            "file",
            "camt.053.001.02 or",
        ),
        (f'<Document xmlns="{NS}02"><BkToCstmrAcctRpt/></Document>', "file", "camt.053.001.02 or"),
        (statement().replace("<Document", DOCTYPE + "<Document", 1), "line 1", "must be a camt.053"),
        (statement(AMOUNT + "&e;"), "line 2", "well-formed"),
        (statement("<Hemmelig>"), "line 2", "well-formed"),
        (statement() + "x", "line 1", "well-formed"),
        ("", "line 1", "well-formed"),
        (statement("<a>" * 40 + "</a>" * 40), "line 2", "must be a camt.053"),
        (statement(f"<{'a' * 65}/>"), "line 2", "must be a camt.053"),
        (statement(f"<x>{'a' * 2001}</x>"), "line 2", "2000 signs"),
        (
            statement(details("".join(f"<RmtInf><Ustrd>{'a ' * 70}</Ustrd></RmtInf>" for _ in range(3)))),
            "line 2, Ntry/NtryDtls/TxDtls/RmtInf/Ustrd",
            "200 words",
        ),
    ],
)
def test_what_is_wrong_is_said_by_line_and_element_and_never_repeated(text: str, field: str, reason: str):
    with pytest.raises(Invalid) as caught:
        read_statement(text.encode())
    assert caught.value.field == field
    assert reason in caught.value.reason
    assert "Hemmelig" not in str(caught.value)


def test_a_statement_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(camt, "LARGEST_BYTES", 10)
    with pytest.raises(Invalid, match="file: must be at most 10 bytes"):
        read_statement(statement().encode())


def test_a_month_without_an_entry_is_no_error():
    assert read_statement(statement().encode()) == ()
