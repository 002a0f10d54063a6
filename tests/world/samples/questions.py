"""Samples of the page of each question."""

from dataclasses import replace
from datetime import UTC, date, datetime

from approval_api.questions.pages.page import (
    AskingParty,
    Colleague,
    Filled,
    HomeChoice,
    QuestionPage,
)
from approval_api.questions.pages.statement_facts import ShownStatement
from domain.anonymity.request import FamilyBands
from domain.books.booking import BookingKind
from domain.books.netting import Payment
from domain.books.statement import StatementLine
from domain.errors import Invalid
from domain.parties.agreement import LegalBasis
from domain.questions.question import ASK_A_COLLEAGUE, QuestionKind
from tests.world.samples.facts import (
    ANONYMISED,
    CASE,
    CLAIM,
    DEADLINE,
    FEW,
    HOME,
    MONTH,
    NEED,
    REQUEST,
    SMALLER_HOME,
    TARIFFS,
)

ASKING = AskingParty(name="Hvidovre Kommune", call_name="Opdigtet Sagsbehandler", call_phone="00 00 01 67")
# An association is not told which municipality a family comes from.
NEUTRAL = AskingParty(name="Boligpartnerskabet", call_name="Opdigtet Sagsbehandler", call_phone="00 00 01 67")
BASIS = LegalBasis(
    text_da="Almenboligloven § 59 og parternes aftale af 1. marts 2026.",
    text_en="Social Housing Act section 59 and the parties’ agreement of 1 March 2026.",
    verified_by="Anne Lund",
    verified_on=date(2026, 3, 12),
)
ALWAYS = {"asking": ASKING, "answer_by": DEADLINE, "legal_basis": BASIS, "nonce": "0" * 64, "asks_digits": True}
ASKED_NEUTRALLY = {**ALWAYS, "asking": NEUTRAL}
COLLEAGUES = (Colleague("anvisning-2", "Boliganviser To (opdigtet)"), Colleague("anvisning-3", "Bo Opdigtet"))
HOMES = (HomeChoice(7, HOME), HomeChoice(8, SMALLER_HOME))
ODENSE, NYBORG, HAVBLIK = "municipality:0461", "municipality:0450", "association:havblik"


def line(number: int, kind: BookingKind, rule: str, amount_ore: int) -> StatementLine:
    return StatementLine(
        f"b{number}", f"TF-2026-0004{number}", kind, rule, "fyn/2", date(2026, 11, 9 + number), amount_ore
    )


STATEMENT = ShownStatement(
    last_day=date(2026, 11, 30),
    total_ore=-12_300_050,
    lines=(
        line(1, BookingKind.MOVE_IN, "reception", -5_000_000),
        line(1, BookingKind.MOVE_IN, "staircase_sent", -1_500_000),
        line(2, BookingKind.MONTH, "social_work", -800_050),
        line(3, BookingKind.MOVE_IN, "", -6_000_000),
        line(4, BookingKind.REVERSAL, "reception", 1_000_000),
    ),
    count=5,
    pays=(Payment(ODENSE, NYBORG, 9_000_000), Payment(ODENSE, HAVBLIK, 3_300_050)),
    receives=(),
    names={NYBORG: "Nyborg Kommune", HAVBLIK: "Boligforeningen Havblik (opdigtet)"},
)
OF_CLAIM = {**CASE, **ASKED_NEUTRALLY, "legal_basis": None, "place": None}
OF_MONTH = {**MONTH, **ASKED_NEUTRALLY, "legal_basis": None, "place": None}
FAMILY = QuestionPage(QuestionKind.ACCEPTANCE, **CASE, **ALWAYS, place=(4, 5), home=HOME)
AT = datetime(2026, 12, 1, 13, 5, tzinfo=UTC)
QUESTIONS: dict[str, QuestionPage] = {
    "sign_off": QuestionPage(QuestionKind.SIGN_OFF, **CASE, **ALWAYS, place=(1, 5), need=NEED, overdue=True),
    "fewer_alike": QuestionPage(
        QuestionKind.FEWER_ALIKE, **CASE, **ALWAYS, place=None, need=NEED, few=FEW, may_comment=True
    ),
    "fewer_alike_alone": QuestionPage(
        QuestionKind.FEWER_ALIKE, **CASE, **ALWAYS, place=None, need=NEED, few=replace(FEW, alike=1)
    ),
    "offer": QuestionPage(
        QuestionKind.OFFER, **REQUEST, **ASKED_NEUTRALLY, place=(2, 5), request=ANONYMISED, homes=HOMES
    ),
    "approval": QuestionPage(
        QuestionKind.APPROVAL,
        **CASE,
        **ALWAYS,
        place=(3, 5),
        home=HOME,
        compensation=TARIFFS,
        family=FamilyBands(persons_from=3, persons_to=4, move_in_year=2026, move_in_month=10, move_in_months=3),
        agreement_name="Samarbejdsaftale om tilflytning på Fyn (opdigtet)",
        colleagues=COLLEAGUES,
        may_comment=True,
    ),
    "approval_after_the_family": QuestionPage(
        QuestionKind.APPROVAL,
        **CASE,
        **ALWAYS,
        place=(3, 4),
        home=HOME,
        compensation=TARIFFS,
        family=FamilyBands(persons_from=3, persons_to=4, move_in_year=2026, move_in_month=10, move_in_months=3),
        agreement_name="Samarbejdsaftale om tilflytning på Fyn (opdigtet)",
        family_first=True,
        one_person_decides=True,
    ),
    "acceptance_before_the_municipality": replace(FAMILY, place=(3, 5), family_first=True),
    "acceptance_before_the_municipality_on_behalf": replace(FAMILY, place=(3, 5), family_first=True, on_behalf=True),
    "approval_with_a_cpr_number": QuestionPage(
        QuestionKind.APPROVAL,
        **CASE,
        **ALWAYS,
        place=(3, 5),
        home=HOME,
        may_comment=True,
        filled=Filled(answer="no", reason="quota_used"),
        errors=(Invalid("comment", "holds_cpr_number"),),
    ),
    "approval_without_a_colleague_chosen": QuestionPage(
        QuestionKind.APPROVAL,
        **CASE,
        **ALWAYS,
        place=(3, 5),
        home=HOME,
        colleagues=COLLEAGUES,
        filled=Filled(answer=ASK_A_COLLEAGUE),
        errors=(Invalid("colleague", "choose_a_colleague"),),
    ),
    "acceptance": FAMILY,
    "acceptance_on_behalf": QuestionPage(
        QuestionKind.ACCEPTANCE, **CASE, **ALWAYS, place=(4, 5), home=HOME, on_behalf=True
    ),
    "move_in": QuestionPage(QuestionKind.MOVE_IN, **REQUEST, **ALWAYS, place=(5, 5), home=HOME),
    "month": QuestionPage(QuestionKind.MONTH, **OF_MONTH, statement=STATEMENT, colleagues=COLLEAGUES),
    "month_with_many_lines": QuestionPage(
        QuestionKind.MONTH,
        **OF_MONTH,
        statement=replace(
            STATEMENT,
            total_ore=4_000_000,
            count=1_402,
            pays=(),
            receives=(Payment(NYBORG, ODENSE, 4_000_000),),
            whole_at="/afregning/2026-11",
        ),
    ),
    "month_with_nothing_to_pay": QuestionPage(
        QuestionKind.MONTH,
        **OF_MONTH,
        statement=replace(STATEMENT, total_ore=0, count=6, pays=()),
        filled=Filled(answer="no"),
        errors=(Invalid("reason", "choose_a_reason"),),
    ),
    "claim": QuestionPage(QuestionKind.CLAIM, **OF_CLAIM, claim=CLAIM, colleagues=COLLEAGUES),
    "claim_second_with_errors": QuestionPage(
        QuestionKind.CLAIM_SECOND,
        **OF_CLAIM,
        claim=replace(CLAIM, rule="floors"),
        filled=Filled(answer="no"),
        errors=(Invalid("reason", "choose_a_reason"),),
    ),
    "offer_with_errors": QuestionPage(
        QuestionKind.OFFER,
        **REQUEST,
        **ASKED_NEUTRALLY,
        place=(2, 5),
        request=ANONYMISED,
        homes=HOMES,
        filled=Filled(answer="yes"),
        errors=(Invalid("vacancy", "choose_a_home"),),
    ),
    "offer_without_homes": QuestionPage(
        QuestionKind.OFFER,
        **REQUEST,
        **ASKED_NEUTRALLY,
        place=(2, 5),
        request=ANONYMISED,
        errors=(Invalid("answer", "no_home_left"),),
    ),
    "approval_of_somebody_who_logged_in": QuestionPage(
        QuestionKind.APPROVAL,
        **CASE,
        **(ALWAYS | {"asks_digits": False}),
        place=(3, 5),
        home=HOME,
        person="Boliganviser (opdigtet)",
    ),
    "acceptance_with_wrong_digits": QuestionPage(
        QuestionKind.ACCEPTANCE,
        **CASE,
        **ALWAYS,
        place=(4, 5),
        home=HOME,
        filled=Filled(answer="yes"),
        errors=(Invalid("digits", "wrong_digits"),),
    ),
    "acceptance_with_errors": QuestionPage(
        QuestionKind.ACCEPTANCE,
        **CASE,
        **ALWAYS,
        place=(4, 5),
        home=HOME,
        on_behalf=True,
        filled=Filled(answer="no"),
        errors=(Invalid("reason", "choose_a_reason"), Invalid("given_by", "say_how_it_was_given")),
    ),
}
