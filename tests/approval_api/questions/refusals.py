"""Forms that are refused."""

from http import HTTPStatus

from bs4 import BeautifulSoup

from domain.questions.question import QuestionKind
from templates.words import questions
from tests.approval_api.questions.forms import complaints
from tests.world.served import (
    OF_CASES,
    Asked,
    everything,
    heading,
)

SIGN_OFF, FEWER_ALIKE, OFFER, APPROVAL, ACCEPTANCE, MOVE_IN = map(Asked, OF_CASES)


def refused(desk, asked, sent, expected):
    path = desk.links[asked]
    rows = everything(desk.world)
    page = sent(path)
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert heading(page) == questions.asked(asked.kind, on_behalf=asked.on_behalf)
    assert complaints(page) == {field: questions.ERRORS[code] for field, code in expected.items()}
    soup = BeautifulSoup(page.text, "html.parser")
    assert all(soup.select_one(f"form [id={field}]") for field in expected), "the link leads to nothing"
    assert everything(desk.world) == rows
    return page
