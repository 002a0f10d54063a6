"""What finance systems and banks report back, with what repeats so that a parser looks again and again."""

from contextlib import suppress

from connectors.finance.camt import LONGEST_TEXT, read_statement
from connectors.finance.reported_csv import read_report
from domain.errors import Invalid

CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
HEADER = "Key;Invoice;Amount;D/K;Date;Currency;X\n"
AMOUNT = '<Amt Ccy="DKK">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
ON = "<BookgDt><Dt>2026-03-31</Dt></BookgDt>"


def in_a_report(text: str) -> None:
    """A text as what a finance system reports, as its header, in every cell of a row, and in as many rows."""
    rows = (text, "+1", "2026-03-31"), ("K", text, "2026-03-31"), ("K", "+1", text)
    for report in (
        text,
        f"Key;Amount;Date;{text}\nK;+1;2026-03-31;x\n",
        *(f"{HEADER}{key};{key};{amount};D;{day};DKK;x\n" for key, amount, day in rows),
        HEADER + "".join(f'K;;+1;;2026-03-31;DKK;"{text[at : at + 99]}"\n' for at in range(0, len(text), 99)),
    ):
        with suppress(Invalid):
            read_report(report.encode("utf-8", "replace"))


def in_a_statement(text: str) -> None:
    """A text as a bank's statement, before one, in what is read of an entry, and in as many entries."""
    pieces = [text[at : at + 400].replace("&", "&amp;").replace("<", "&lt;") for at in range(0, len(text), 400)]
    short = "".join(pieces[: LONGEST_TEXT // 400])
    with suppress(Invalid):
        read_statement(f'<Document xmlns="{CAMT}{short[:200]}"/>'.encode("utf-8", "replace"))
    names = "<NtryDtls><TxDtls><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls>"
    for before, entries in (
        (text, ""),
        ("", text),
        ("", f"<Ntry>{AMOUNT}<BookgDt><DtTm>{short}</DtTm></BookgDt></Ntry>"),
        ("", f"<Ntry>{AMOUNT.replace('>1<', f'>{short}<')}{ON}</Ntry>"),
        ("", "".join(f"<Ntry>{AMOUNT}{ON}{names.format(piece)}</Ntry>" for piece in pieces)),
    ):
        stated = f'{before}<Document xmlns="{CAMT}"><BkToCstmrStmt><Stmt>{entries}</Stmt></BkToCstmrStmt></Document>'
        with suppress(Invalid):
            read_statement(stated.encode("utf-8", "replace"))
