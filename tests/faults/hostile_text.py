"""Everything that meets what others write, and what repeats so that an expression or a parser looks again and again."""

import asyncio
import copy
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_string

import httpx
from starlette.requests import Request

from approval_api.login.provider_calls import LoginFailed, object_in
from approval_api.mangled_links import LONGEST_LOOKED_AT, meant_by
from approval_api.questions.form import FIELDS, read_fields
from approval_api.vacancies.push import KEY, read_rows
from connectors.case_system.reading import read_flag, read_withdrawal
from connectors.held import HeldHomeSent, HeldPostingSent, HeldReceiptSent, NewcomerSent, read
from connectors.http import MARK, TOKEN, Answer
from connectors.mail import access as mail_access
from connectors.retry_after import asked_wait_s
from connectors.vacancy_feed.csv_columns import COLUMNS, day, whole
from connectors.vacancy_feed.csv_table import Table
from connectors.vacancy_feed.csv_text import Text
from connectors.vacancy_feed.json_feed import page_of, rows_of
from connectors.vacancy_feed.kroner import ore
from connectors.vacancy_feed.xml_feed import Export, rounded_down, stamp
from domain.anonymity import screening
from domain.checkpoint_letter import checkpoints_in
from domain.errors import Invalid, PartnerUnavailable
from domain.feeds.contract import FIELDS as NAMES_OF_FIELDS
from domain.feeds.row_names import RowNames
from domain.homes.area_names import AreaNames, Areas, compared
from domain.ports import RawVacancy
from domain.questions import returned_mail
from domain.referrals.household import Identity
from domain.text import folding, names, written
from domain.text.origin import origin_of
from storage.feeds import raw_rows
from storage.feeds.staging import Ground, judge
from storage.referrals.referrals import number_of
from tests.connectors.conftest import FLAG

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WHO = Identity("Åse Præst Ørsted", "0101900001", "aase@eksempel.invalid", "+45 21 43 65 87", "Opdigtet Allé 7")
GROUND = Ground(frozenset({"0450"}), {("rooms", "tre"): "3"}, lambda: AreaNames(Areas([("0450", "Engen", 1)])))
AT_ONCE = 65_536

# Begun and never ended, ended and begun again, what may be the beginning of a number, an address or a sign.
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
    """A page of a feed, judged, its rows kept."""
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
    """The same, cut into rows that are just kept whole."""
    _page(",".join(f'{{"department": {json.dumps(text[at : at + 10_000])}}}' for at in range(0, len(text), 10_000)))


def in_a_push(text: str) -> None:
    """A text as a row that its association sends itself."""
    for row in (json.dumps({"x": text}), text):
        body = ('{"format": "vacancy-feed/1", "vacancies": [' + row + "]}").encode("utf-8", "replace")
        with suppress(Invalid):
            judge(read_rows(body), GROUND)


def in_csv(text: str) -> None:
    """A text as cells, and as whatever it is, of an export."""
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
    """A text in every place of a flag where somebody may write, and as a flag."""
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
    """A text in the heads and in the report of a letter that comes back."""
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
    """A text as what a token endpoint answers, and in it."""
    for told in (text, json.dumps({"access_token": text}), f'{{"error": {text}'):
        mail_access._object_in(told.encode("utf-8", "replace"))  # what it does with an answer
    for expression in (mail_access.CODE, mail_access.TOKEN):
        expression.fullmatch(text)


def in_an_answer(text: str) -> None:
    """A text as the body and as the heads of a partner's answer."""
    head = text.encode("ascii", "ignore").translate(None, b"\r\n\0")
    asked_wait_s(httpx.Headers([(b"retry-after", head), (b"date", head)]), now=NOW)
    with suppress(PartnerUnavailable):
        Answer("GET /", text.encode("utf-8", "replace"), "application/json", measured=True).json()
    with suppress(PartnerUnavailable):
        stamp(text)
    for expression in (MARK, TOKEN, KEY):
        expression.fullmatch(text)


def in_a_form(text: str) -> None:
    """A text as a form, in many pieces; larger ones are not read to their end."""
    body = text.encode("utf-8", "replace")
    parts = [body[at : at + 64] for at in range(0, len(body), 64)] + [b""]
    coming = iter({"type": "http.request", "body": part, "more_body": bool(part)} for part in parts)

    async def receive() -> dict[str, object]:
        return next(coming)

    heads = [(b"content-type", b"application/x-www-form-urlencoded")]
    asyncio.run(read_fields(Request({"type": "http", "method": "POST", "headers": heads}, receive), FIELDS))


def in_a_providers_answer(text: str) -> None:
    """A text as what a login provider answers, and as an address in it."""
    for written_so in (text, json.dumps({"issuer": text}), f'{{"keys": {text}'):
        with suppress(LoginFailed):
            object_in(written_so.encode("utf-8", "replace"))
    origin_of(text)


def in_what_a_partner_holds(text: str) -> None:
    """A text as the number of a case, and in every field of what a partner says that it holds."""
    number_of(text)
    number_of(f"TF-2026-{text}")
    answer = Answer("GET /", b"", "application/json", measured=True)
    for kind in (HeldReceiptSent, HeldPostingSent, HeldHomeSent, NewcomerSent):
        with suppress(PartnerUnavailable):
            list(read(kind, [dict.fromkeys(kind.model_fields, text)], answer))


def in_the_address_of_a_link(text: str) -> None:
    """A text as the address, behind a link's beginning, and behind a page's; looked through as far as any is."""
    for at in range(0, len(text), LONGEST_LOOKED_AT):
        piece = text[at : at + LONGEST_LOOKED_AT]
        for path in (piece, f"/q/{piece}", f"/mine{piece}", f"/mine/1{piece}"):
            meant_by(path)


def in_a_checkpoints_letter(text: str) -> None:
    """Alone, and with all that the letter of a checkpoint must hold."""
    whole = f"12:{'0' * 64} 2026-03-02T07:00:00.000000+00:00 {'A' * 86}== {text}"
    for letter in (text, whole):
        with suppress(Invalid):
            list(checkpoints_in(letter))


LOOKS: dict[str, Callable[[str], object]] = {
    "in_a_checkpoints_letter": in_a_checkpoints_letter,
    "in_the_address_of_a_link": in_the_address_of_a_link,
    "holds_cpr_number": screening.holds_cpr_number,
    "without_cpr_numbers": screening.without_cpr_numbers,
    "tells_how_to_reach": screening.tells_how_to_reach,
    "tells_who": lambda text: screening.tells_who(text, WHO),
    "tells_whose": lambda text: screening.tells_whose(text, WHO),
    "is_called_like": lambda text: screening.is_called_like(text, WHO),
    "whose name it is": lambda text: names.holds_name_of("Åse Ørsted", text),
    "tidied": screening.tidied,
    "folded": folding.folded,
    "a name of an area": compared.__wrapped__,
    "is_line": written.is_line,
    "a row of any size": lambda text: raw_rows.without_numbers(text.encode("utf-8", "replace")),
    "a row that is kept": lambda text: raw_rows.to_keep(RawVacancy(1, {}, text)),
    "kroner": lambda text: [read(text) for read in (ore, whole, day, rounded_down)],
    "in_a_json_row": in_a_json_row,
    "as_json_rows": as_json_rows,
    "in_a_push": in_a_push,
    "in_csv": in_csv,
    "in_xml": in_xml,
    "in_a_flag": in_a_flag,
    "in_returned_mail": in_returned_mail,
    "in_a_token_answer": in_a_token_answer,
    "in_an_answer": in_an_answer,
    "in_a_form": in_a_form,
    "in_a_providers_answer": in_a_providers_answer,
    "in_what_a_partner_holds": in_what_a_partner_holds,
}

# Each expression and each parser, by where it stands, and a look that goes through it.
GOES_THROUGH: dict[str, str] = {
    "approval_api.questions.form.read_fields": "in_a_form",
    "approval_api.mangled_links._BEFORE": "in_the_address_of_a_link",
    "approval_api.mangled_links._PAGE": "in_the_address_of_a_link",
    "approval_api.mangled_links._WHOLE": "in_the_address_of_a_link",
    "approval_api.login.provider_calls.object_in": "in_a_providers_answer",
    "approval_api.vacancies.push.KEY": "in_an_answer",
    "approval_api.vacancies.push.read_rows": "in_a_push",
    "connectors.vacancy_feed.first_look._MARKS": "in_an_answer",
    "connectors.vacancy_feed.first_look._MARKS_AND_WHITE": "in_xml",
    "connectors.case_system.contract.ISO_DATE": "in_a_flag",
    "domain.text.mail_address._DOMAIN": "in_a_flag",
    "domain.text.mail_address.mail_address": "in_a_flag",
    "domain.text.mail_address.in_ascii": "in_a_flag",
    "domain.text.mail_address.mailbox_of": "in_a_flag",
    "connectors.case_system.contract.USABLE_ID": "in_a_flag",
    "connectors.case_system.reading.FIELD_NAME": "in_a_flag",
    "connectors.case_system.reading._tells_who": "in_a_flag",
    "connectors.case_system.reading.holds_cpr": "in_a_flag",
    "connectors.case_system.reading.read_flag": "in_a_flag",
    "connectors.case_system.reading.read_withdrawal": "in_a_flag",
    "connectors.http.Answer": "in_an_answer",
    "connectors.http.MARK": "in_an_answer",
    "connectors.http.TOKEN": "in_an_answer",
    "connectors.mail.access.CODE": "in_a_token_answer",
    "connectors.mail.access.TOKEN": "in_a_token_answer",
    "connectors.mail.access._object_in": "in_a_token_answer",
    "connectors.vacancy_feed.kroner.PLAIN_NUMBER": "kroner",
    "connectors.retry_after.asked_wait_s": "in_an_answer",
    "connectors.retry_after.http_date": "in_an_answer",
    "connectors.vacancy_feed.csv_columns.DAY": "kroner",
    "connectors.vacancy_feed.csv_columns.NUMBER": "kroner",
    "connectors.vacancy_feed.csv_table.Table": "in_csv",
    "connectors.vacancy_feed.csv_text._LINE_END": "in_csv",
    "connectors.vacancy_feed.csv_text._STRANGE": "in_csv",
    "connectors.vacancy_feed.csv_text._encoding_of": "in_csv",
    "connectors.vacancy_feed.json_feed.as_serialised": "in_a_json_row",
    "connectors.vacancy_feed.xml_feed.Export": "in_xml",
    "connectors.vacancy_feed.xml_text._ENCODING": "in_xml",
    "domain.homes.area_names._BETWEEN": "a name of an area",
    "domain.homes.area_names._WORD": "a name of an area",
    "domain.checkpoint_letter._BETWEEN": "in_a_checkpoints_letter",
    "domain.checkpoint_letter._END": "in_a_checkpoints_letter",
    "domain.checkpoint_letter._MOMENT": "in_a_checkpoints_letter",
    "domain.checkpoint_letter._SIGNATURE": "in_a_checkpoints_letter",
    "domain.text.folding._as_it_stands": "holds_cpr_number",
    "domain.text.folding._read": "holds_cpr_number",
    "domain.text.folding.folded": "folded",
    "domain.text.names._AND": "whose name it is",
    "domain.text.names._WORD": "tells_whose",
    "domain.text.names._words": "tells_whose",
    "domain.text.origin._ADDRESS": "in_a_providers_answer",
    "domain.questions.returned_mail._OUR_KEY": "in_returned_mail",
    "domain.questions.returned_mail._REFERENCE": "in_returned_mail",
    "domain.anonymity.screening._DAY": "tells_how_to_reach",
    "domain.anonymity.screening._MAIL_ADDRESS": "tells_how_to_reach",
    "domain.anonymity.screening._NOT_A_DIGIT": "tells_how_to_reach",
    "domain.anonymity.screening._NUMBER": "tells_how_to_reach",
    "domain.anonymity.screening._UUID": "holds_cpr_number",
    "domain.anonymity.screening._may_hold_ten_digits": "holds_cpr_number",
    "domain.anonymity.screening._ten_digits": "holds_cpr_number",
    "domain.text.written._is_line": "is_line",
    "storage.feeds.raw_rows._BEGINS": "a row of any size",
    "storage.feeds.raw_rows._ESCAPES": "a row of any size",
    "storage.feeds.raw_rows._ODD_PAGE": "in_a_json_row",
    "storage.feeds.raw_rows._PAGE": "in_a_json_row",
    "storage.feeds.raw_rows._ROWS": "in_a_json_row",
    "storage.feeds.raw_rows._WHITE": "a row of any size",
    "storage.feeds.raw_rows._unescaped": "a row of any size",
    "storage.referrals.referrals._REFERENCE": "in_what_a_partner_holds",
}
# What never meets anything but our own words, and why.
OURS: dict[str, str] = {
    "domain.letters.Letter": "the name of a class",
    "storage.vault.destroyed._LINE": "the file that we write",
    "storage.staff.parties._paths": "the documents that we write",
    "storage.vault.vault.Vault": "what we sealed",
}
