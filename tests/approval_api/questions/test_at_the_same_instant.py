"""Many people with the same link, at the same instant, on both databases and through two endpoints."""

from collections import Counter
from functools import partial
from http import HTTPStatus

import pytest
from sqlmodel import select

from domain.questions.question import Answer, QuestionKind, Standing
from storage.referrals.history import HistoryLine
from tests.world.at_once import all_at_once
from tests.world.served import Asked, a_no, a_yes, ask, browsing, opened, question_of, send, serving

THREADS = 100


@pytest.mark.parametrize("kind", [QuestionKind.OFFER, QuestionKind.ACCEPTANCE])
def test_half_say_yes_and_half_say_no_and_exactly_one_answer_counts(world, kind):
    path = ask(world, Asked(kind))
    with serving(world) as one, serving(world) as other, browsing(one) as http:
        forms = [a_yes(http, path), a_no(http, path)]
        visitors = [(browsing((one, other)[turn // 2 % 2]), forms[turn % 2]) for turn in range(THREADS)]
        sent = [partial(send, who, path, form, before=opened(who, path)) for who, form in visitors]

        answers = all_at_once(sent)
        receipts = Counter(http.get(path).text for _ in range(3))
        for who, _ in visitors:
            who.close()

    question = question_of(world, path)
    assert question.standing is Standing.ANSWERED
    for (_, form), answer in zip(visitors, answers, strict=True):
        same = form["answer"] == question.answer
        assert answer.status_code == (HTTPStatus.SEE_OTHER if same else HTTPStatus.CONFLICT)
    assert question.vacancy_id == (
        int(forms[0]["vacancy"]) if "vacancy" in forms[0] and question.answer == "yes" else None
    )
    assert question.reason == (forms[1]["reason"] if question.answer is Answer.NO else None)
    assert len(receipts) == 1

    version = world.referral().version
    world.carry(1)
    deeds = world.rows(select(HistoryLine.deed).where(HistoryLine.reason != str(question.addressee)))
    assert world.referral().version == version + (kind is QuestionKind.ACCEPTANCE or question.answer is Answer.YES)
    assert sum(deed.startswith(("accepted", "declined", "offered")) for deed in deeds) <= 2


def test_an_answer_and_the_path_at_the_same_instant_do_not_miss_each_other(world):
    path = ask(world, Asked(QuestionKind.APPROVAL))
    with serving(world) as origin, browsing(origin) as http:
        answer = partial(send, http, path, a_yes(http, path), before=opened(http, path))
        others = [lambda: world.carry(1) for _ in range(3)]

        told, *_ = all_at_once([answer, *others])

    world.settle()
    assert told.status_code == HTTPStatus.SEE_OTHER
    assert [question.kind for question in world.questions()] == [QuestionKind.ACCEPTANCE]
