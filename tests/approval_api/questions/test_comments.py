"""Comments in people's own words: screened for CPR numbers, and sealed before they are stored."""

from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from deployments.cli.actor import carry_out
from domain.questions.question import REASON_CODES, QuestionKind
from domain.text.screening import COMMENT_CHARACTERS, holds_cpr_number, tidied
from storage.questions.comments import CANNOT_BE_READ, Comment, SealingKey
from storage.staff.families.cases import read_comments
from storage.vault.entries import VaultOpening
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from templates.words import questions
from tests.approval_api.questions.forms import complaints
from tests.world.kept import file_of
from tests.world.served import EVERY_QUESTION, Asked, a_no, ask, everything, question_of, send, words

APPROVAL = Asked(QuestionKind.APPROVAL)
SAID = "Skolen er fuld til sommer – ring til os i august."


def read(world, vault=None):
    platform = world.platform
    at = {"purpose": "asked", "by": "vagt", "now": world.clock.now()}
    said = carry_out(platform.database, read_comments, vault or platform.vault, "TF-2026-00001", **at)
    return [{"kind": question.kind, "who": str(question.addressee), "comment": written} for question, written in said]


def decline(http, path, comment, **changed):
    return send(http, path, a_no(http, path) | {"comment": comment} | changed)


@pytest.mark.parametrize("asked", EVERY_QUESTION, ids=str)
def test_a_comment_on_a_no_is_kept_and_read_by_who_holds_the_vaults_key(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)

    sent = decline(http, path, SAID)

    assert sent.status_code == HTTPStatus.SEE_OTHER
    assert [one["comment"] for one in read(sqlite_world)] == [SAID]
    assert sqlite_world.rows(select(VaultOpening.opened_for))[-1] == "vagt: asked"


def test_it_stands_nowhere_in_the_clear_and_is_not_shown_again(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    decline(http, path, SAID)
    sqlite_world.settle()

    assert SAID not in words(http.get(path))
    assert "Gemt. Den vises ikke her." in words(http.get(path))
    with open(file_of(sqlite_world), "rb") as file:  # noqa: PTH123  # the bytes on disk
        assert b"Skolen er fuld" not in file.read()
    assert not any(SAID in text for text in sqlite_world.texts())
    assert not any(SAID in repr(rows) for rows in everything(sqlite_world).values())


def test_another_key_does_not_open_it(sqlite_world, http):
    decline(http, ask(sqlite_world, APPROVAL), SAID)

    keys = sqlite_world.platform.vault.keys
    for ring in (KeyRing({"k1": b"x" * 32}, current="k1"), KeyRing({"k2": bytes(range(32))}, current="k2")):
        other = Vault(ring, keys)
        (found,) = read(sqlite_world, other)
        assert found["comment"] == CANNOT_BE_READ


def test_a_comment_that_was_moved_to_another_question_does_not_open(sqlite_world, http):
    decline(http, ask(sqlite_world, APPROVAL), SAID)
    with sqlite_world.platform.database.writing() as session:
        kept = session.exec(select(Comment)).one()
        other = session.exec(select(Comment.question_id)).one() - 1
        session.add(Comment(question_id=other, key_id=kept.key_id, sealed=kept.sealed, written_at=kept.written_at))

    assert sorted(one["comment"] for one in read(sqlite_world)) == sorted([CANNOT_BE_READ, SAID])


@pytest.mark.parametrize(
    "number", ["010190-1234", "0101901234", "Hun er 01 01 90 1234 og", "610190‑1234", "０１０１９０１２３４"]
)
def test_a_cpr_number_is_neither_kept_nor_sent_back(sqlite_world, http, number):
    path = ask(sqlite_world, APPROVAL)

    page = decline(http, path, f"Det er {number}")

    assert complaints(page) == {"comment": questions.ERRORS["holds_cpr_number"]}
    assert number not in page.text
    assert sqlite_world.rows(select(Comment)) == []
    soup = BeautifulSoup(page.text, "html.parser")
    assert soup.select_one("#answer-no").has_attr("checked")
    assert question_of(sqlite_world, path).answer is None


def test_too_long_a_comment_stays_to_be_shortened(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    long = "å" * (COMMENT_CHARACTERS + 1)

    page = decline(http, path, long)

    assert complaints(page) == {"comment": questions.ERRORS["too_long"]}
    assert BeautifulSoup(page.text, "html.parser").textarea.get_text().strip() == long


def test_a_comment_of_a_megabyte_is_not_read(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)

    page = decline(http, path, "å" * 1_000_000)

    assert complaints(page) == {"answer": questions.ERRORS["not_read"]}


@pytest.mark.parametrize(
    "written", ["<script>alert(1)</script>", "</textarea><script>x</script>", "{{ 7*7 }}", "%(a)s"]
)
def test_script_in_a_comment_is_text(sqlite_world, http, written):
    path = ask(sqlite_world, APPROVAL)

    page = decline(http, path, written, reason="")

    soup = BeautifulSoup(page.text, "html.parser")
    assert soup.select("script") == []
    assert soup.textarea.get_text().strip() == written
    decline(http, path, written)
    assert read(sqlite_world)[0]["comment"] == written


def test_beside_a_yes_and_without_words_nothing_is_kept(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    send(http, path, {"answer": "yes", "comment": SAID})
    assert sqlite_world.rows(select(Comment)) == []


def test_nobody_is_asked_for_a_comment_before_a_key_is_there(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL)
    with sqlite_world.platform.database.writing() as session:
        session.delete(session.exec(select(SealingKey)).one())

    assert "<textarea" not in http.get(path).text
    assert decline(http, path, SAID).status_code == HTTPStatus.SEE_OTHER
    assert sqlite_world.rows(select(Comment)) == []


@given(
    st.dates().map(lambda day: day.strftime("%d%m%y")),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    st.sampled_from(["", "-", " ", " - ", "\u2011", "\u200b", ".", "\t\t\t\t", "     ", "\n \n \n", "\x01-", "\ue000"]),
    st.text(st.characters(exclude_categories=["N", "P", "Z", "C", "L"])),
)
def test_every_way_to_write_a_cpr_number_is_seen(day, four, between, around):
    assert holds_cpr_number(f"{around}{day}{between}{four}{around}")


@pytest.mark.parametrize(
    "text",
    [
        "Ring på 66 13 13 72",
        "TF-2026-00042",
        "7.425 kr. om måneden",
        "990190-1234",
        "011390-1234",
        "12345678901234",
        "",
    ],
)
def test_other_numbers_may_be_written(text):
    assert not holds_cpr_number(text)


@given(st.text())
def test_what_is_kept_holds_nothing_that_cannot_be_read(text):
    kept = tidied(text)
    assert kept == tidied(kept)
    assert "\r" not in kept
    assert "\x00" not in kept


def test_every_reason_can_be_commented(shared_desk):
    for asked, path in shared_desk.links.items():
        page = BeautifulSoup(shared_desk.http.get(path).text, "html.parser")
        assert page.select_one("textarea[name=comment]"), asked
        assert REASON_CODES[asked.kind]


REACHED = "ring på +45 97 53 86 42"


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("sign_off", False),
        ("fewer_alike", False),
        ("acceptance on behalf", False),
        ("offer", True),
        ("acceptance", True),
    ],
)
def test_whoever_knows_the_family_does_not_write_how_it_is_reached(sqlite_world, http, asked, kept):
    path = ask(sqlite_world, next(one for one in EVERY_QUESTION if str(one) == asked))

    page = decline(http, path, REACHED)

    assert [one["comment"] for one in read(sqlite_world)] == ([REACHED] if kept else [])
    if not kept:
        assert complaints(page) == {"comment": questions.ERRORS["holds_how_to_reach"]}
        assert "97 53" not in page.text
