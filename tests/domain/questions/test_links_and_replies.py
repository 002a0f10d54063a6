"""A link is bound to its question, and a reply is complete."""

import base64

import pytest

from domain.questions.question import Answer, GivenBy, QuestionKind, Reply, link_token, token_hash
from domain.questions.question import faults as faults_of

KEY = bytes(32)


def test_a_link_has_256_bits_and_is_bound_to_question_version_and_addressee():
    facts = {"question_key": "q", "version": 1, "addressee": "municipality:0461/a"}
    token = link_token(KEY, **facts)

    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert token == link_token(KEY, **facts)
    others = [
        link_token(KEY, **facts | change)
        for change in ({"question_key": "r"}, {"version": 2}, {"addressee": "municipality:0461/b"})
    ]
    assert len({token, *others, link_token(bytes(31) + b"x", **facts)}) == 5
    assert token not in token_hash(token)


@pytest.mark.parametrize(
    ("kind", "reply", "fields"),
    [
        (QuestionKind.SIGN_OFF, Reply(Answer.YES), []),
        (QuestionKind.SIGN_OFF, Reply(Answer.NO), ["reason"]),
        (QuestionKind.SIGN_OFF, Reply(Answer.NO, "too_expensive"), ["reason"]),
        (QuestionKind.SIGN_OFF, Reply(Answer.WITHDRAW), ["answer"]),
        (QuestionKind.OFFER, Reply(Answer.YES), ["vacancy"]),
        (QuestionKind.OFFER, Reply(Answer.YES, vacancy_id=9), ["vacancy"]),
        (QuestionKind.OFFER, Reply(Answer.YES, vacancy_id=7), []),
        (QuestionKind.OFFER, Reply(Answer.NO, "no_suitable_home"), []),
        (QuestionKind.ACCEPTANCE, Reply(Answer.WITHDRAW), []),
    ],
)
def test_a_reply_is_complete_or_says_what_is_missing(kind: QuestionKind, reply: Reply, fields: list[str]):
    assert [fault.field for fault in faults_of(kind, reply, suggested=frozenset({7}))] == fields


def test_whoever_answers_for_a_family_says_how_the_family_answered():
    faults_then = faults_of(QuestionKind.ACCEPTANCE, Reply(Answer.YES), on_behalf=True)
    faults_now = faults_of(QuestionKind.ACCEPTANCE, Reply(Answer.YES, given_by=GivenBy.PHONE), on_behalf=True)

    assert ([fault.field for fault in faults_then], faults_now) == (["given_by"], [])
