"""Pushes that are refused, for their content or their token."""

import json
from http import HTTPStatus

import pytest
from sqlmodel import select

from approval_api.vacancies.push import LARGEST_BODY_BYTES
from storage.attention import open_items
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import QuarantinedRow
from tests.world.feed_nights import ROW
from tests.world.pushed_vacancies import TOKEN, body, sent
from tests.world.served import browsing, serving


@pytest.fixture(autouse=True)
def havblik_may_send(monkeypatch):
    monkeypatch.setenv("DEMO_SECRET_HAVBLIK_PUSH", TOKEN)


@pytest.mark.parametrize(
    ("what", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b'{"format": "vacancy-feed/1", "vacancies": [\xff]}', "body"),
        (b'{"format": "vacancy-feed/1", "vacancies": [' + b"[" * 5_000, "body"),
        (b'{"format": "vacancy-feed/1", "vacancies": [{"rooms": NaN}]}', "body"),
        ([], "format"),
        ("vacancy-feed/1", "format"),
        (body(ROW, format="vacancy-feed/2"), "format"),
        ({"vacancies": [ROW]}, "format"),
        ({"format": "vacancy-feed/1"}, "vacancies"),
        (body(), "vacancies"),
        (body(vacancies={"1": ROW}), "vacancies"),
        (body(*[ROW] * 1001), "vacancies"),
        (b" " * (LARGEST_BODY_BYTES + 1), "body"),
    ],
)
def test_what_is_not_a_list_of_vacancies_is_refused_with_the_name_of_what_is_wrong(sqlite_world, http, what, field):
    refused = sent(http, what)
    assert (refused.status_code, refused.json()["field"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, field)
    assert refused.headers["content-type"] == "application/problem+json"
    assert sqlite_world.rows(select(FeedLoad)) == []


@pytest.mark.parametrize("key", ["", "a b", "å", "k" * 201])
def test_every_sending_needs_a_key(http, key):
    refused = sent(http, body(ROW), key=key.encode() if key else "")
    assert (refused.status_code, refused.json()["field"]) == (HTTPStatus.BAD_REQUEST, "Idempotency-Key")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_read(http, kind):
    assert sent(http, body(ROW), **{"Content-Type": kind}).json()["field"] == "Content-Type"


@pytest.mark.parametrize("header", ["", "Bearer", "Basic dG9rZW4=", f"bearer {TOKEN}x", f"Bearer {TOKEN} x"])
def test_a_token_that_is_nobodys_is_refused(http, header):
    refused = sent(http, body(ROW), Authorization=header)
    assert refused.status_code == HTTPStatus.UNAUTHORIZED
    assert refused.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "Bearer   ", "bEARER \t"])
def test_the_case_of_the_scheme_and_more_spaces_do_not_matter(http, scheme):
    assert sent(http, body(ROW), Authorization=f"{scheme}{TOKEN}").status_code == HTTPStatus.ACCEPTED


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON ;CHARSET=UTF-8"])
def test_a_byte_order_mark_and_a_media_types_parameters_do_not_matter(http, kind):
    content = "\ufeff".encode() * 2 + json.dumps(body(ROW)).encode()
    assert sent(http, content, **{"Content-Type": kind}).status_code == HTTPStatus.ACCEPTED


def test_an_unknown_area_is_asked_about_when_it_is_sent(sqlite_world, http):
    row = ROW | {"municipality": "0461", "area": "Vollsmoze"}
    sent(http, body(row, row | {"external_id": "2", "area": "VOLLSMOZE"}))
    with sqlite_world.platform.database.reading() as session:
        assert [item.code for item in open_items(session)] == ["unknown_area"]


def test_an_association_whose_token_is_not_set_cannot_be_spoken_for(http, monkeypatch):
    monkeypatch.setenv("DEMO_SECRET_HAVBLIK_PUSH", "")
    assert sent(http, body(ROW), Authorization="Bearer").status_code == HTTPStatus.UNAUTHORIZED


def test_whoever_tries_tokens_is_made_to_wait(sqlite_world):
    with serving(sqlite_world, failed_links_at_most=3) as origin, browsing(origin) as http:
        tried = [sent(http, body(ROW), token=f"t{number}") for number in range(4)]
        assert [one.status_code for one in tried] == [HTTPStatus.UNAUTHORIZED] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]
        assert sent(http, body(ROW)).status_code == HTTPStatus.ACCEPTED, "others may share the address"
        assert int(tried[-1].headers["retry-after"]) > 0


def test_what_was_sent_is_kept_as_it_came(sqlite_world, http):
    wrong = b'{"external_id" : "x",\n "floor":"kl", "floor": "stuen", "rooms": 3.0}'
    sent(http, b'{"format": "vacancy-feed/1", "vacancies": [%s, 7, %s]}' % (json.dumps(ROW).encode(), wrong))
    kept = sqlite_world.rows(select(QuarantinedRow).order_by(QuarantinedRow.line))
    assert [row.raw for row in kept] == [b"7", wrong]
