"""Every code that a person may meet has a name, in both languages."""

import importlib
import pkgutil
from enum import StrEnum

import pytest

import domain
from approval_api.questions.digits import NO_DIGITS, WRONG_DIGITS
from approval_api.questions.form import FAULTS_OF_SENDING
from domain.parties.deadlines import OF_NO_CASE
from domain.questions.question import REASON_CODES, Answer, QuestionKind, Reply, answers_to, faults
from domain.referrals.household import Language
from domain.referrals.lifecycle import CEILING_REACHED, DECLINE_REASONS, HOME_GONE, NO_ANSWER, Side
from domain.subject import About
from templates import environment
from templates.words import names, questions, referrals

MODULES = [importlib.import_module(module.name) for module in pkgutil.walk_packages(domain.__path__, "domain.")]
# The words of `About` are not shown to people: they stand in stored texts, and pages show the subject's name.
ENUMS = sorted(
    {
        word
        for module in MODULES
        for word in vars(module).values()
        if isinstance(word, type) and issubclass(word, StrEnum) and word not in (StrEnum, About)
    },
    key=lambda enum: enum.__name__,
)
GIVEN = [(kind, answer) for kind in QuestionKind for answer in answers_to(kind)]


def in_english(text):
    return environment(Language.ENGLISH).from_string("{{ _(text) }}").render(text=text)


@pytest.mark.parametrize("enum", ENUMS)
def test_every_code_of_the_domain_has_a_name_of_its_own_in_both_languages(enum):
    danish = [names.name(code) for code in enum]
    english = [in_english(name) for name in danish]
    assert len(set(danish)) == len(set(english)) == len(enum)
    assert not set(danish) & set(english)


def test_no_name_is_kept_for_a_code_that_is_gone():
    assert set(names.NAMES) == set(ENUMS)
    assert all(set(names.NAMES[enum]) == set(enum) for enum in ENUMS)


def test_every_reason_for_a_no_has_a_label_and_no_label_is_left_over():
    silence = {reason.code for reason in NO_ANSWER.values()} | {HOME_GONE.code, CEILING_REACHED.code}
    of_no_case = {code for kind in OF_NO_CASE for code in REASON_CODES[kind]}
    assert set(referrals.REASONS) == set(DECLINE_REASONS) | silence | of_no_case


def test_every_refusal_can_be_explained_to_the_family():
    refused = {*REASON_CODES[QuestionKind.SIGN_OFF], *REASON_CODES[QuestionKind.APPROVAL]}
    assert set(referrals.REASONS_TO_FAMILY) == refused | {NO_ANSWER[Side.MUNICIPALITY].code}


@pytest.mark.parametrize(("kind", "answer"), GIVEN)
def test_every_answer_has_its_words_and_what_follows(kind, answer):
    assert questions.answer(kind, answer)
    assert questions.what_next(kind, answer)


@pytest.mark.parametrize("answer", answers_to(QuestionKind.ACCEPTANCE))
def test_an_answer_given_for_the_family_is_not_in_the_familys_own_voice(answer):
    kind = QuestionKind.ACCEPTANCE
    assert questions.answer(kind, answer, on_behalf=True) != questions.answer(kind, answer)
    assert questions.what_next(kind, answer, on_behalf=True) != questions.what_next(kind, answer)
    assert questions.asked(kind, on_behalf=True) != questions.asked(kind)


def test_every_fault_of_a_reply_can_be_told():
    replies = [
        faults(QuestionKind.OFFER, Reply(Answer.WITHDRAW)),
        faults(QuestionKind.OFFER, Reply(Answer.YES)),
        faults(QuestionKind.APPROVAL, Reply(Answer.NO)),
        faults(QuestionKind.ACCEPTANCE, Reply(Answer.YES), on_behalf=True),
    ]
    of_replies = {fault.reason for found in replies for fault in found}
    of_sending = {fault.reason for fault in (*FAULTS_OF_SENDING, NO_DIGITS, WRONG_DIGITS)}
    assert of_replies | of_sending == set(questions.ERRORS)
