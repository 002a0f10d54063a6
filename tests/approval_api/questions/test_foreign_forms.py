"""Forms that are not ours, or that this browser was not shown."""

import re
from http import HTTPStatus
from urllib.parse import urlencode

import pytest

from deployments.demo import people
from domain.questions.question import REASON_CODES
from tests.approval_api.questions.refusals import ACCEPTANCE, APPROVAL, MOVE_IN, refused
from tests.world.served import (
    EVERY_QUESTION,
    FORM,
    Opened,
    ask,
    digits_of,
    opened,
    send,
)

UNREADABLE = {
    "JSON": ({"Content-Type": "application/json"}, b'{"answer": "yes"}'),
    "plain text": ({"Content-Type": "text/plain"}, b"answer=yes"),
    "several parts": (
        {"Content-Type": "multipart/form-data; boundary=x"},
        b'--x\r\nContent-Disposition: form-data; name="answer"\r\n\r\nyes\r\n--x--\r\n',
    ),
    "no type": ({}, b"answer=yes"),
    "a megabyte": (FORM, b"answer=yes&x=" + b"x" * 1_000_000),
    "a byte too many": (FORM, b"answer=yes&x=" + b"x" * (16_384 - 12)),
    "not UTF-8": (FORM, b"answer=yes&x=\xff\xfe"),
    "thousands of fields": (FORM, b"answer=yes" + b"&a=b" * 4_000),
    "21 fields": (FORM, b"answer=yes" + b"&a=b" * 20),
}


@pytest.mark.parametrize(("headers", "body"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_form_of_ours_is_not_read(shared_desk, headers, body):
    http = shared_desk.http
    refused(
        shared_desk,
        APPROVAL,
        lambda path: http.post(path, content=body, headers=opened(http, path).headers | headers),
        {"answer": "not_read"},
    )


# An empty value stands for a header that the browser does not send.
FOREIGN = {
    "another origin": {"Origin": "https://evil.invalid", "Sec-Fetch-Site": ""},
    "another port": {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": ""},
    "our name under https": {"Origin": "https://127.0.0.1", "Sec-Fetch-Site": ""},
    "no origin to speak of": {"Origin": "null", "Sec-Fetch-Site": ""},
    "from another site": {"Sec-Fetch-Site": "cross-site", "Origin": ""},
    "from a neighbouring site": {"Sec-Fetch-Site": "same-site", "Origin": ""},
    "ours by origin and another's by site": {"Sec-Fetch-Site": "cross-site"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("asked", [APPROVAL, ACCEPTANCE], ids=str)
def test_a_form_on_another_site_decides_nothing(shared_desk, asked, headers):
    http = shared_desk.http

    def sent(path):
        ours = opened(http, path)
        said = {name: value for name, value in (ours.headers | headers).items() if value}
        return http.post(path, data=ours.hidden | {"answer": "yes"}, headers=said)

    refused(shared_desk, asked, sent, {"answer": "not_from_our_page"})


def another_mac(nonce):
    return nonce.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))


# The cookie and the nonce that are sent; "the other page" is the same question's in another browser.
UNBOUND = {
    "no cookie": lambda own, _: (None, own[1]),
    "no nonce": lambda own, _: (own[0], None),
    "neither": lambda _own, _other: (None, None),
    "an empty cookie": lambda own, _: (own[0].partition("=")[0] + "=", own[1]),
    "an empty nonce": lambda own, _: (own[0], ""),
    "another browser's nonce": lambda own, other: (own[0], other[1]),
    "another browser's cookie": lambda own, other: (other[0], own[1]),
    "a nonce of one's own making": lambda own, _: (own[0], another_mac(own[1])),
    "a nonce that is no text of ours": lambda own, _: (own[0], "ærø"),
    "the cookie as nonce": lambda own, _: (own[0], own[0].partition("=")[2]),
}


@pytest.mark.parametrize("brought", UNBOUND.values(), ids=UNBOUND.keys())
@pytest.mark.parametrize("asked", EVERY_QUESTION, ids=str)
def test_a_form_that_this_browser_was_not_shown_decides_nothing(shared_desk, asked, brought):
    http = shared_desk.http

    def sent(path):
        own, other = (
            (page.headers["Cookie"], page.hidden["nonce"]) for page in (opened(http, path), opened(http, path))
        )
        cookie, nonce = brought(own, other)
        headers = opened(http, path).headers | FORM | {"Cookie": cookie or ""}
        form = {"answer": "no", "reason": REASON_CODES[asked.kind][0], "given_by": "phone"}
        return http.post(path, data=form | ({} if nonce is None else {"nonce": nonce}), headers=headers)

    page = refused(shared_desk, asked, sent, {"answer": "opened_elsewhere"})
    assert "checked" not in page.text, "whoever was led here finds nothing chosen"


def test_a_form_of_another_question_decides_nothing(shared_desk):
    http = shared_desk.http
    other = opened(http, shared_desk.links[MOVE_IN])

    def sent(path):
        cookie = "; ".join((opened(http, path).headers["Cookie"], other.headers["Cookie"]))
        return http.post(path, data=other.hidden | {"answer": "yes"}, headers=other.headers | {"Cookie": cookie})

    refused(shared_desk, APPROVAL, sent, {"answer": "opened_elsewhere"})


def test_the_cookie_is_this_hosts_alone_and_lasts_until_the_answer(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    first = http.get(path)
    name, *attributes = re.split("[=;] ?", first.headers["set-cookie"])
    assert name.startswith("__Host-")
    assert {"HttpOnly", "Secure", "Path", "SameSite", "lax"} <= set(attributes)
    assert not {"Domain", "Expires", "Max-Age"} & set(attributes)
    assert path.removeprefix("/q/") not in first.headers["set-cookie"]

    before = Opened(people.same_origin(first), people.read_form(first.text).hidden)
    again = http.get(path, headers=before.headers)
    assert "set-cookie" not in again.headers
    assert people.read_form(again.text).hidden == before.hidden, "a second window must not shut out the first"

    receipt = send(http, path, {"answer": "yes"}, before=before)
    assert receipt.status_code == HTTPStatus.SEE_OTHER
    assert receipt.headers["set-cookie"].startswith(f"{name}=")
    assert "Max-Age=0" in receipt.headers["set-cookie"]


def test_a_browser_that_says_nothing_of_where_it_comes_from_can_answer(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    before = opened(http, path)
    headers = {"Cookie": before.headers["Cookie"]}
    answer = http.post(path, data=before.hidden | {"answer": "yes", "digits": digits_of(path)}, headers=headers)
    assert answer.status_code == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded; charset=UTF-8", FORM["Content-Type"].upper()]
)
def test_a_form_is_a_form_however_its_type_is_written(sqlite_world, http, content_type):
    path = ask(sqlite_world, APPROVAL)
    before = opened(http, path)
    form = urlencode(before.hidden | {"answer": "yes", "digits": digits_of(path)})
    headers = before.headers | {"Content-Type": content_type}
    assert http.post(path, content=form, headers=headers).status_code == HTTPStatus.SEE_OTHER
