"""Forms that are filled in completely."""

from domain.questions.question import QuestionKind
from tests.world.served import (
    Asked,
)

FAMILYS, CASEWORKERS = Asked(QuestionKind.ACCEPTANCE), Asked(QuestionKind.ACCEPTANCE, on_behalf=True)
