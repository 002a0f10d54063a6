"""All code that reads what others write, and texts whose repetition makes an expression or a parser slow."""

import asyncio
import copy
import json
from contextlib import suppress
from datetime import UTC, date, datetime
from email import message_from_string

import httpx
from starlette.requests import Request

from approval_api.forms import read_fields
from approval_api.login.provider_calls import LoginFailed, object_in
from approval_api.mangled_links import LONGEST_LOOKED_AT, meant_by
from approval_api.questions.form import FIELDS
from approval_api.vacancies.push import KEY, read_rows
from connectors.case_system.reading import read_flag, read_withdrawal
from connectors.finance.application_response import response_in
from connectors.held import (
    AnsweredPostingSent,
    HeldHomeSent,
    HeldPostingSent,
    HeldReceiptSent,
    NewcomerSent,
    answer_in,
    read,
)
from connectors.http import TOKEN
from connectors.http_answers import MARK, Answer
from connectors.mail import access as mail_access
from connectors.retry_after import asked_wait_s
from connectors.vacancy_feed.csv_columns import COLUMNS
from connectors.vacancy_feed.csv_table import Table
from connectors.vacancy_feed.csv_text import Text
from connectors.vacancy_feed.json_feed import page_of, rows_of
from connectors.vacancy_feed.xml_feed import Export, stamp
from domain.checkpoint_letter import checkpoints_in
from domain.errors import Invalid, PartnerUnavailable
from domain.feeds.contract import FIELDS as NAMES_OF_FIELDS
from domain.feeds.row_names import RowNames
from domain.homes.area_names import AreaNames, Areas
from domain.ports.finance import LedgerPosting, PostingVerdict
from domain.questions import returned_mail
from domain.referrals.household import Identity
from domain.text.origin import origin_of
from storage.books.posted_before import booked_as
from storage.feeds.staging import Ground, judge
from storage.referrals.references import number_of
from tests.connectors.finance.responses import a_response
from tests.connectors.sent import FLAG

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WHO = Identity("Åse Præst Ørsted", "0101900001", "aase@eksempel.invalid", "+45 21 43 65 87", "Opdigtet Allé 7")
GROUND = Ground(frozenset({"0450"}), {("rooms", "tre"): "3"}, lambda: AreaNames(Areas([("0450", "Engen", 1)])))
AT_ONCE = 65_536

# Beginnings without an end, ends followed by beginnings, and possible beginnings of a number, an address or a sign.
PIECES = (
    *("<!--", "<!---->", "<?", "<![CDATA[", "]]>", "<a>", "-"),
    *("&", "&#", "&#48;", "\\", "\\u", "\\u0030", '"', ";", ","),
    *("1", "1 ", "1   ", "01 01 ", "0101801234 ", "010180123", "1.", "O1 ", "2026-01-01"),
    *("a", "a.", "@", ".@", "a@a.", "a-", "\u0301\u0323", "\u200b", "①"),
    *('"\n', '"a\n";', "\ufeff", "\n\ufeff"),
    *(" ", "\n", "\r", "\x85", "(", "[", '{"a":', "[1,", "www.", ":/"),
    *("message-id:\n ", "<" + "0" * 32 + "@", "0" * 32, " og ", "ørsted-", "a=&"),
)


def _page(vacancies: str) -> None:
    """Judge a page of a feed, and store its rows."""
    body = ('{"format": "vacancy-feed/1", "vacancies": [' + vacancies + '], "next": null}').encode("utf-8", "replace")
    with suppress(PartnerUnavailable):
        found = judge(rows_of(page_of(Answer("GET /", body, "application/json", measured=True)), body), GROUND)
        RowNames().see(found.kinds)


def in_a_json_row(text: str) -> None:
    """A text as a value, as a name, in every field, as a row, and as the page."""
    told = json.dumps(text)
    for row in (
        json.dumps(dict.fromkeys(NAMES_OF_FIELDS, text)),
        f'{{"x": {told}}}',
        f"{{{told}: 1}}",
        f'{{"external_id": {told}, "department": {told}}}',
        told,
        text,
    ):
        _page(row)


def as_json_rows(text: str) -> None:
    """The same text, cut into the longest rows that are stored whole."""
    _page(",".join(f'{{"department": {json.dumps(text[at : at + 10_000])}}}' for at in range(0, len(text), 10_000)))


def in_a_push(text: str) -> None:
    """A text as a row that its association sends itself."""
    for row in (json.dumps({"x": text}), text):
        body = ('{"format": "vacancy-feed/1", "vacancies": [' + row + "]}").encode("utf-8", "replace")
        with suppress(Invalid):
            judge(read_rows(body), GROUND)


def in_csv(text: str) -> None:
    """A text as the cells of an export, and as the export itself."""
    export = f"{';'.join(COLUMNS)}\n{text[:19_000]}\n{text}\n".encode()
    table, reader = Table(), Text()
    with suppress(PartnerUnavailable):
        for at in range(0, len(export) + 1, AT_ONCE):
            for line in reader.lines(export[at : at + AT_ONCE], last=at + AT_ONCE > len(export)):
                judge(table.take(line, is_spoilt=reader.is_spoilt(line)), GROUND)
        judge(table.end(), GROUND)


def in_xml(text: str) -> None:
    """A text in a home, unescaped and escaped, of an export."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;")
    for before, told in (("", text), ("", plain), (text, "")):
        whole_export = f"{before}<BoligListe><Afdeling><Bolig><X>{told}</X></Bolig></Afdeling></BoligListe>".encode(
            "utf-8", "replace"
        )
        export = Export()
        with suppress(PartnerUnavailable):
            for at in range(0, len(whole_export), AT_ONCE):
                judge(export.homes(whole_export[at : at + AT_ONCE]), GROUND)


def in_a_flag(text: str) -> None:
    """A text in every text field of a flag, and as a flag."""
    for *within, field in (
        *(
            ("flag_id",),
            ("case_id",),
            ("flagged_by",),
            ("from_area",),
            ("consent", "given_to"),
            ("consent", "given_on"),
        ),
        *(("need", "region"), *(("identity", name) for name in FLAG["identity"])),
    ):
        flag = copy.deepcopy(FLAG)
        place = flag[within[0]] if within else flag
        place[field] = text
        read_flag(1, flag)
    read_flag(1, {text: text})
    read_withdrawal(1, {"withdrawal_id": text, "case_id": text, "reason": text})


def in_returned_mail(text: str) -> None:
    """A text in the headers and in the report of a returned letter."""
    one_line = " ".join(text.split()) or "x"
    answered = (
        f"Auto-Submitted: auto-replied; {one_line}\nReferences: {one_line}\nIn-Reply-To: {one_line}\n"
        f"Subject: {one_line}\nFrom: {one_line}\nX-Failed-Recipients: {one_line}\n\n{text}"
    )
    report = (
        'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: message/delivery-status\n\n'
        f"Action: failed\n{text}\n--b\nContent-Type: text/rfc822-headers\n\n{text}\n--b\n\n{text}\n--b\n"
        f"Content-Type: message/global-delivery-status\n\n{text}\n\n{text}\n--b--\n"
    )
    for message in (answered, report):
        returned_mail.returned_mail(message_from_string(message))


def in_a_token_answer(text: str) -> None:
    """A text as the answer of a token endpoint, and inside its answer."""
    for told in (text, json.dumps({"access_token": text}), f'{{"error": {text}'):
        mail_access._object_in(told.encode("utf-8", "replace"))  # how an answer is read
    for expression in (mail_access.CODE, mail_access.TOKEN):
        expression.fullmatch(text)


def in_an_answer(text: str) -> None:
    """A text as the body and as the headers of a partner's answer."""
    head = text.encode("ascii", "ignore").translate(None, b"\r\n\0")
    asked_wait_s(httpx.Headers([(b"retry-after", head), (b"date", head)]), now=NOW)
    with suppress(PartnerUnavailable):
        Answer("GET /", text.encode("utf-8", "replace"), "application/json", measured=True).json()
    with suppress(PartnerUnavailable):
        stamp(text)
    for expression in (MARK, TOKEN, KEY):
        expression.fullmatch(text)


def in_a_form(text: str) -> None:
    """A text as a form, in many pieces; a form that is too large is not read to its end."""
    body = text.encode("utf-8", "replace")
    parts = [body[at : at + 64] for at in range(0, len(body), 64)] + [b""]
    coming = iter({"type": "http.request", "body": part, "more_body": bool(part)} for part in parts)

    async def receive() -> dict[str, object]:
        return next(coming)

    heads = [(b"content-type", b"application/x-www-form-urlencoded")]
    asyncio.run(read_fields(Request({"type": "http", "method": "POST", "headers": heads}, receive), FIELDS))


def in_a_providers_answer(text: str) -> None:
    """A text as the answer of a login provider, and as an address in its answer."""
    for written_so in (text, json.dumps({"issuer": text}), f'{{"keys": {text}'):
        with suppress(LoginFailed):
            object_in(written_so.encode("utf-8", "replace"))
    origin_of(text)


def in_what_a_partner_holds(text: str) -> None:
    """A text as a case's number, and in every field of a partner's list of what it holds."""
    number_of(text)
    number_of(f"TF-2026-{text}")
    answer = Answer("GET /", b"", "application/json", measured=True)
    for kind in (HeldReceiptSent, HeldPostingSent, AnsweredPostingSent, HeldHomeSent, NewcomerSent):
        with suppress(PartnerUnavailable):
            list(read(kind, [dict.fromkeys(kind.model_fields, text)], answer))
    answer_in({"rejected": text, "accepted": text, "amount_ore": text}, unsaid=PostingVerdict.SENT)
    booked_as(LedgerPosting(text, text, text, 1, date(2026, 3, 2), text))


def in_the_address_of_a_link(text: str) -> None:
    """A text as an address, after the beginning of a link and of a page's address, as far as addresses are read."""
    for at in range(0, len(text), LONGEST_LOOKED_AT):
        piece = text[at : at + LONGEST_LOOKED_AT]
        for path in (piece, f"/q/{piece}", f"/mine{piece}", f"/mine/1{piece}"):
            meant_by(path)


def in_a_checkpoints_letter(text: str) -> None:
    """A text as a checkpoint's letter, and in a letter with everything that it must hold."""
    whole = f"12:{'0' * 64} 2026-03-02T07:00:00.000000+00:00 {'A' * 86}== {text}"
    for letter in (text, whole):
        with suppress(Invalid):
            list(checkpoints_in(letter))


def in_an_application_response(text: str) -> None:
    """A text as the whole, as why an invoice is refused, unescaped and escaped, and before and behind the answer."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;")
    for told in (
        text,
        a_response(why=f"<cbc:Description>{text}</cbc:Description>"),
        a_response(why=f"<cbc:Description>{plain}</cbc:Description>"),
        a_response(begin=text),
        a_response(more=text),
    ):
        with suppress(Invalid):
            response_in(told.encode("utf-8", "replace"))
