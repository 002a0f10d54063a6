"""A sample of each letter."""

from dataclasses import replace
from datetime import UTC, date, datetime

from domain import letters, letters_of_books
from domain.questions.question import QuestionKind
from domain.questions.returned_mail import Unreached
from tests.world.samples.facts import (
    ANONYMISED,
    CALL,
    CASE,
    CLAIM,
    DEADLINE,
    DIGITS,
    FEW,
    HOME,
    LINK,
    MONTH,
    NEED,
    OVERDUE,
    REQUEST,
    TARIFFS,
)

# By what name who is asked knows what a question is about, where it is no case's reference.
KNOWN_AS = {QuestionKind.OFFER: REQUEST, QuestionKind.MOVE_IN: REQUEST, QuestionKind.MONTH: MONTH}
LETTERS: dict[str, letters.Letter] = {
    "sign_off_requested": letters.SignOffRequested(**CASE, **LINK, need=NEED),
    "fewer_alike_requested": letters.FewerAlikeRequested(**CASE, **LINK, few=FEW),
    "fewer_alike_requested_alone": letters.FewerAlikeRequested(**CASE, **LINK, few=replace(FEW, alike=1)),
    "offer_requested": letters.OfferRequested(**REQUEST, **LINK, request=ANONYMISED, homes=2),
    "approval_requested": letters.ApprovalRequested(**CASE, **LINK, home=HOME, compensation=TARIFFS),
    "acceptance_requested": letters.AcceptanceRequested(**CASE, **LINK, home=HOME, on_behalf=False),
    "acceptance_requested_on_behalf": letters.AcceptanceRequested(**CASE, **LINK, home=HOME, on_behalf=True),
    "approval_requested_after_the_family": letters.ApprovalRequested(
        **CASE, **LINK, home=HOME, compensation=TARIFFS, family_first=True
    ),
    **{
        f"acceptance_requested_before_the_municipality{name}": letters.AcceptanceRequested(
            **CASE, **LINK, home=HOME, on_behalf=on_behalf, family_first=True
        )
        for name, on_behalf in (("", False), ("_on_behalf", True))
    },
    **{
        f"acceptance_recorded{name}": letters.AcceptanceRecorded(
            **CASE,
            link=f"{LINK['link']}/take-back",
            digits=DIGITS,
            until=datetime(2026, 12, 3, 13, 5, tzinfo=UTC),
            on_behalf=on_behalf,
            family_first=family_first,
        )
        for name, on_behalf, family_first in (
            ("", False, False),
            ("_on_behalf", True, False),
            ("_after_the_municipality", False, True),
            ("_on_behalf_after_the_municipality", True, True),
        )
    },
    "approval_requested_where_one_logs_in": letters.ApprovalRequested(
        **CASE, **(LINK | {"digits": None}), home=HOME, compensation=TARIFFS
    ),
    "move_in_requested": letters.MoveInRequested(**REQUEST, **LINK, home=HOME),
    **{
        f"month_requested_{name}": letters_of_books.MonthRequested(**MONTH, **LINK, total_ore=ore)
        for name, ore in (("paid", 4_250_000), ("owing", -12_300_050), ("even", 0))
    },
    "claim_requested": letters_of_books.ClaimRequested(**CASE, **LINK, claim=CLAIM),
    "claim_second_requested": letters_of_books.ClaimSecondRequested(
        **CASE, **LINK, claim=replace(CLAIM, rule="floors")
    ),
    "claim_answered_yes": letters_of_books.ClaimAnswered(**CASE, **CALL, claim=CLAIM, accepted=True, reason=None),
    "claim_answered_no": letters_of_books.ClaimAnswered(
        **CASE, **CALL, claim=CLAIM, accepted=False, reason="evidence_missing"
    ),
    **{
        f"answer_reminder_{kind}": letters.AnswerReminder(
            **KNOWN_AS.get(kind, CASE),
            **LINK,
            kind=kind,
            on_behalf=False,
            last_day=False,
        )
        for kind in QuestionKind
    },
    "answer_reminder_on_behalf_on_the_last_day": letters.AnswerReminder(
        **CASE, **LINK, kind=QuestionKind.ACCEPTANCE, on_behalf=True, last_day=True
    ),
    **{
        f"answer_on_page{name}": letters.AnswerOnPage(**CASE, **LINK, kind=kind, on_behalf=on_behalf)
        for name, kind, on_behalf in (
            ("", QuestionKind.APPROVAL, False),
            ("_of_family", QuestionKind.ACCEPTANCE, False),
            ("_on_behalf", QuestionKind.ACCEPTANCE, True),
        )
    },
    "answer_overdue": letters.AnswerOverdue(
        **CASE,
        **OVERDUE,
        kind=QuestionKind.APPROVAL,
        asked="Boliganviser (opdigtet)",
        unreached=None,
        until=date(2026, 12, 7),
        gone_on=False,
    ),
    "answer_overdue_gone_on": letters.AnswerOverdue(
        **CASE,
        **OVERDUE,
        kind=QuestionKind.APPROVAL,
        asked="Boliganviser (opdigtet)",
        unreached=None,
        until=None,
        gone_on=True,
    ),
    "answer_overdue_of_family": letters.AnswerOverdue(
        **CASE, **OVERDUE, kind=QuestionKind.ACCEPTANCE, asked=None, unreached=None, until=None, gone_on=False
    ),
    **{
        f"answer_overdue_{why}": letters.AnswerOverdue(
            **CASE,
            **OVERDUE,
            kind=QuestionKind.APPROVAL,
            asked="Boliganviser (opdigtet)",
            unreached=why,
            until=None,
            gone_on=False,
        )
        for why in Unreached
    },
    "audit_checkpoint": letters.AuditCheckpoint(
        reference="",
        entry=48_213,
        hash="9f2c" * 16,
        at=datetime(2026, 11, 26, 5, 0, tzinfo=UTC),
        signed_at="2026-11-26T05:00:00.000000+00:00",
        public_key="hgO3Zf0pYcXxYq2u0bD6vJ8m1aTnKs5wLrEiQzNtVb4=",
        signature="kq8v" * 21 + "Rg==",
        **CALL,
    ),
    "digest": letters.Digest(
        reference="",
        waits=tuple(
            letters.Waiting(
                reference=f"TF-2026-0004{number}",
                kind=kind,
                on_behalf=kind is QuestionKind.ACCEPTANCE,
                link=LINK["link"],
                digits=DIGITS,
                answer_by=date(2026, 12, 3 + number),
                overdue=False,
            )
            for number, kind in enumerate(QuestionKind)
        ),
    ),
    "digest_with_a_deadline_passed": letters.Digest(
        reference="",
        waits=(
            letters.Waiting(
                reference="TF-2026-00040",
                kind=QuestionKind.SIGN_OFF,
                on_behalf=False,
                link=LINK["link"],
                digits=DIGITS,
                answer_by=date(2026, 11, 30),
                overdue=True,
            ),
            letters.Waiting(
                reference="TF-2026-00041",
                kind=QuestionKind.SIGN_OFF,
                on_behalf=False,
                link=LINK["link"],
                digits=DIGITS,
                answer_by=DEADLINE,
                overdue=False,
            ),
        ),
    ),
    "request_recalled": letters.RequestRecalled(**REQUEST, **CALL),
    "request_recalled_above_a_ceiling": letters.RequestRecalled(**REQUEST, **CALL, ceiling_reached=True),
    "family_housed": letters.FamilyHoused(**CASE, **CALL, home=HOME),
    "referral_stopped": letters.ReferralStopped(**CASE, **CALL),
    "not_referred": letters.NotReferred(
        **CASE, reason="need_not_documented", sought=False, municipality="Hvidovre Kommune", phone="00 00 01 67"
    ),
    "not_referred_after_a_search": letters.NotReferred(
        **CASE, reason="other_solution_found", sought=True, municipality="Hvidovre Kommune", phone="00 00 01 67"
    ),
    **{
        f"home_not_approved{name}": letters.HomeNotApproved(
            **CASE, home=HOME, reason=reason, municipality="Hvidovre Kommune", phone="00 00 01 67"
        )
        for name, reason in (("", "area_under_pressure"), ("_in_time", "no_answer"))
    },
    "referred_by_one": letters.ReferredByOne(**CASE, **CALL),
    "ceiling_reached": letters.CeilingReached(**CASE, **CALL),
}
