"""One of each: every letter and every page with invented facts."""

from dataclasses import replace
from datetime import UTC, date, datetime

from approval_api.mine.page import CaseLine, Line, MinePage, View
from approval_api.protection import ProtectionPage
from approval_api.questions.page import (
    AskingParty,
    Colleague,
    ConsentPage,
    EndedPage,
    Filled,
    HomeChoice,
    NoticePage,
    PassedOnPage,
    QuestionPage,
    ReceiptPage,
    TakeBackPage,
)
from approval_api.sitting import Party
from domain import letters
from domain.anonymity.measure import FewAlike
from domain.anonymity.request import AnonymisedRequest, FamilyBands
from domain.audit import Checkpoint
from domain.errors import Invalid
from domain.letters import HomeFacts
from domain.parties.agreement import LegalBasis
from domain.questions.question import ASK_A_COLLEAGUE, Answer, FamilyAsked, GivenBy, PassedOnBy, QuestionKind
from domain.questions.returned_mail import Unreached
from domain.questions.urgency import Urgency
from domain.referrals.household import Need
from domain.referrals.lifecycle import Status
from storage.privacy.report import PrivacyReport
from tests.templates.drift_samples import DRIFT_PAGES

DEADLINE = date(2026, 12, 3)
CASE = {"reference": "TF-2026-00042"}
REQUEST = {"reference": "B-K7QX2MVA"}
DIGITS = "4072"
LINK = {"link": "https://tilflytning.example/q/" + "aB3_" * 10 + "xyz", "digits": DIGITS, "answer_by": DEADLINE}
CALL = {"support_name": "Tilflytterstyring", "support_phone": "00 00 00 00"}
OVERDUE = {"answer_by": DEADLINE, "support_name": "Tilflytterstyring", "support_phone": "00 00 00 00"}
HOME = HomeFacts(
    department="Afdeling 12, Bøgevangen",
    association="Boligselskabet Åkanden",
    municipality="Odense Kommune",
    rooms=4,
    size_m2=92,
    rent_monthly_ore=742_500,
    available_from=date(2027, 1, 1),
    step_free=True,
)
SMALLER_HOME = HomeFacts(
    department="Afdeling 3, Elmehaven",
    association="Boligselskabet Åkanden",
    municipality="Odense Kommune",
    rooms=3,
    size_m2=74,
    rent_monthly_ore=689_050,
    available_from=date(2026, 12, 15),
    step_free=False,
)
NEED = Need(persons=4, rooms_min=3, rent_max_monthly_ore=850_000, move_in_from=date(2026, 12, 15), step_free=True)
FEW = FewAlike(alike=2, usual=3, since=date(2026, 11, 9))
ANONYMISED = AnonymisedRequest(
    pseudonym="B-K7QX2MVA",
    rooms_from=3,
    rooms_to=4,
    rent_from_ore=800_000,
    rent_to_ore=900_000,
    move_in_year=2026,
    move_in_month=12,
    step_free=True,
)

LETTERS: dict[str, letters.Letter] = {
    "sign_off_requested": letters.SignOffRequested(**CASE, **LINK, need=NEED),
    "fewer_alike_requested": letters.FewerAlikeRequested(**CASE, **LINK, few=FEW),
    "fewer_alike_requested_alone": letters.FewerAlikeRequested(**CASE, **LINK, few=replace(FEW, alike=1)),
    "offer_requested": letters.OfferRequested(**REQUEST, **LINK, request=ANONYMISED, homes=2),
    "approval_requested": letters.ApprovalRequested(**CASE, **LINK, home=HOME, compensation_ore=5_000_000),
    "acceptance_requested": letters.AcceptanceRequested(**CASE, **LINK, home=HOME, on_behalf=False),
    "acceptance_requested_on_behalf": letters.AcceptanceRequested(**CASE, **LINK, home=HOME, on_behalf=True),
    **{
        f"acceptance_recorded{name}": letters.AcceptanceRecorded(
            **CASE,
            link=f"{LINK['link']}/take-back",
            digits=DIGITS,
            until=datetime(2026, 12, 3, 13, 5, tzinfo=UTC),
            on_behalf=on_behalf,
        )
        for name, on_behalf in (("", False), ("_on_behalf", True))
    },
    "approval_requested_where_one_logs_in": letters.ApprovalRequested(
        **CASE, **(LINK | {"digits": None}), home=HOME, compensation_ore=5_000_000
    ),
    "move_in_requested": letters.MoveInRequested(**REQUEST, **LINK, home=HOME),
    **{
        f"answer_reminder_{kind}": letters.AnswerReminder(
            **(REQUEST if kind in (QuestionKind.OFFER, QuestionKind.MOVE_IN) else CASE),
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
    "family_housed": letters.FamilyHoused(**CASE, **CALL, home=HOME),
    "referral_stopped": letters.ReferralStopped(**CASE, **CALL),
    "not_referred": letters.NotReferred(
        **CASE, reason="need_not_documented", sought=False, municipality="Hvidovre Kommune", phone="00 00 01 67"
    ),
    "not_referred_after_a_search": letters.NotReferred(
        **CASE, reason="other_solution_found", sought=True, municipality="Hvidovre Kommune", phone="00 00 01 67"
    ),
}

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
        compensation_ore=5_000_000,
        department_ore=1_500_000,
        family=FamilyBands(persons_from=3, persons_to=4, move_in_year=2026, move_in_month=10, move_in_months=3),
        agreement_name="Samarbejdsaftale om tilflytning på Fyn (opdigtet)",
        colleagues=COLLEAGUES,
        may_comment=True,
    ),
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
CONSENT_AT = "/q/" + "aB3_" * 10 + "xyz/consent"
RECEIPTS: dict[str, ReceiptPage] = {
    "receipt": ReceiptPage(
        QuestionKind.OFFER,
        **REQUEST,
        asking=NEUTRAL,
        answer=Answer.YES,
        answered_at=AT,
        answered_by="Lars Friis",
        home=HOME,
        commented=True,
    ),
    "receipt_of_family": ReceiptPage(
        QuestionKind.ACCEPTANCE,
        **CASE,
        asking=ASKING,
        answer=Answer.NO,
        reason="too_far_away",
        answered_at=AT,
        answered_by=None,
        consent_at=CONSENT_AT,
    ),
    "receipt_that_can_be_taken_back": ReceiptPage(
        QuestionKind.ACCEPTANCE,
        **CASE,
        asking=ASKING,
        answer=Answer.YES,
        answered_at=AT,
        answered_by=None,
        home=HOME,
        consent_at=CONSENT_AT,
        take_back_at="/q/" + "aB3_" * 10 + "xyz/take-back",
    ),
    "receipt_on_behalf": ReceiptPage(
        QuestionKind.ACCEPTANCE,
        **CASE,
        asking=ASKING,
        answer=Answer.WITHDRAW,
        answered_at=AT,
        answered_by="Opdigtet Sagsbehandler",
        given_by=GivenBy.PHONE,
        on_behalf=True,
    ),
}
PASSED_ON = {
    by: PassedOnPage(
        QuestionKind.APPROVAL,
        **CASE,
        asking=ASKING,
        passed_to="Boliganviser To (opdigtet)",
        passed_by=by,
        passed_at=AT,
        answered_by="Boliganviser (opdigtet), Nyborg Kommune",
    )
    for by in PassedOnBy
}
NOTICE = NoticePage(**CASE, asking=ASKING, answer_by=DEADLINE, answered_at=AT)
CONSENT = ConsentPage(**CASE, asking=ASKING, nonce="0" * 64)
CONSENTS: dict[str, ConsentPage] = {
    "consent": CONSENT,
    "consent_with_errors": replace(CONSENT, errors=(Invalid("answer", "not_an_answer"),)),
    "consent_with_wrong_digits": replace(CONSENT, errors=(Invalid("digits", "wrong_digits"),)),
    "consent_withdrawn": ConsentPage(**CASE, asking=ASKING, ended_at=AT),
    "consent_too_late": ConsentPage(**CASE, asking=ASKING),
}

TAKE_BACK = TakeBackPage(**CASE, asking=ASKING, nonce="0" * 64, asks_digits=True)
TAKE_BACKS: dict[str, TakeBackPage] = {
    "take_back": TAKE_BACK,
    "take_back_with_errors": replace(
        TAKE_BACK, errors=(Invalid("answer", "not_an_answer"), Invalid("digits", "type_the_digits"))
    ),
    "take_back_on_behalf": replace(TAKE_BACK, on_behalf=True, asks_digits=False),
    "taken_back": TakeBackPage(**CASE, asking=ASKING, taken_back_at=AT),
    "take_back_too_late": TakeBackPage(**CASE, asking=ASKING, consent_at=CONSENT_AT),
}
SUPPORT = AskingParty(name="Tilflytterstyring", call_name="Tilflytterstyring", call_phone="00 00 00 00")
ENDED: dict[str, tuple[str, EndedPage]] = {
    "link_ended_by_wrong_digits": ("link_ended", EndedPage(SUPPORT, new_letter=True)),
    "link_ended_by_wrong_digits_of_family": ("link_ended", EndedPage(SUPPORT, new_letter=True, of_family=True)),
    "link_ended_after_the_answer": ("link_ended", EndedPage(SUPPORT)),
    "link_ended_of_who_has_left": ("link_ended", EndedPage(SUPPORT, has_left=True)),
    "link_ended_of_family": ("link_ended", EndedPage(SUPPORT, of_family=True)),
    "over": ("over", EndedPage(SUPPORT)),
    "over_for_family": ("over", EndedPage(SUPPORT, of_family=True)),
}

LINES = tuple(
    Line(
        reference=f"TF-2026-0004{number}",
        kind=kind,
        on_behalf=False,
        who="Boliganviser (opdigtet)",
        answer_by=date(2026, 12, 3 + number),
        urgency=urgency,
        open_at=f"/mine/{number}" if number else "",
        answered_at=None,
    )
    for number, (kind, urgency) in enumerate(zip(QuestionKind, Urgency, strict=False))
)
LISTED = MinePage("Boliganviser (opdigtet)", "Nyborg Kommune", View.MINE, None, LINES)
ANSWERED_BY_ME = MinePage(
    "Boliganviser (opdigtet)",
    "Nyborg Kommune",
    View.ANSWERED,
    QuestionKind.APPROVAL,
    (replace(LINES[1], answered_at=AT),),
)
LISTS = {"views": tuple(View), "kinds": tuple(QuestionKind)}

# Name of the sample: template, facts.
THEIR_CASES = replace(
    LISTED,
    view=View.CASES,
    lines=(),
    cases=(
        CaseLine("TF-2026-00042", Status.SEEKING, datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        CaseLine("TF-2026-00007", Status.HOUSED, datetime(2026, 10, 2, 12, 0, tzinfo=UTC)),
        CaseLine("TF-2026-00009", Status.APPROVED, datetime(2026, 10, 1, 12, 0, tzinfo=UTC), FamilyAsked.LETTER_WAITS),
    ),
    oversees=True,
)
NOTHING_DONE = PrivacyReport(0, {}, None, None, 0, {}, {}, None, None, 0, {}, 0, 0, 0, 0, 0, {}, 0)
PROTECTION = ProtectionPage(
    person="Rådgiver (opdigtet)",
    since=date(2026, 8, 28),
    until=date(2026, 11, 26),
    days=90,
    report=PrivacyReport(
        requests=41,
        alike={3: 12, 7: 9, 14: 20},
        alike_least=3,
        alike_median=7,
        below_wanted=21,
        steps={"rooms: two": 4},
        alike_in_sending={3: 21, 5: 20},
        right_at_most_pct=26.8,
        two_right_at_most_pct=31.0,
        approvals=12,
        alike_to_municipality={4: 9, 11: 3},
        waiting=2,
        overrides=1,
        disclosures=17,
        recalls_confirmed=2,
        recalls_outstanding=1,
        openings={"address_family": 44, "disclosure": 17, "right_of_access": 1},
        shredded=3,
    ),
    signed=Checkpoint(48_213, "9f2c" * 16, datetime(2026, 11, 26, 5, 0, tzinfo=UTC), b"", b""),
)

PAGES: dict[str, tuple[str, dict[str, object]]] = {
    **{f"question_{name}": ("question", {"facts": facts}) for name, facts in QUESTIONS.items()},
    **{name: ("receipt", {"facts": facts}) for name, facts in RECEIPTS.items()},
    **{f"passed_on_{by}": ("passed_on", {"facts": facts}) for by, facts in PASSED_ON.items()},
    **{name: (name, {"facts": NOTICE}) for name in ("expired", "already_answered", "answered", "withdrawn")},
    "expired_of_family": ("expired", {"facts": replace(NOTICE, consent_at=CONSENT_AT)}),
    **{name: ("consent", {"facts": facts}) for name, facts in CONSENTS.items()},
    **{name: ("take-back", {"facts": facts}) for name, facts in TAKE_BACKS.items()},
    **{name: (template, {"facts": facts}) for name, (template, facts) in ENDED.items()},
    "mine": ("mine", {"mine": LISTED, **LISTS}),
    "mine_answered": ("mine", {"mine": ANSWERED_BY_ME, **LISTS}),
    "mine_empty": ("mine", {"mine": replace(LISTED, lines=()), **LISTS}),
    "mine_cases": ("mine", {"mine": THEIR_CASES, **LISTS}),
    "mine_no_cases": ("mine", {"mine": replace(THEIR_CASES, cases=()), **LISTS}),
    "protection": ("protection", {"protection": PROTECTION}),
    "protection_of_nobody": (
        "protection",
        {"protection": replace(PROTECTION, report=NOTHING_DONE, signed=None)},
    ),
    "mine_login": ("mine_login", {"parties": (Party("municipality:0450", "Nyborg Kommune"),)}),
    "mine_login_nowhere": ("mine_login", {"parties": ()}),
    "login": ("login", {"party": "Nyborg Kommune", "action": "/mine/login?party=municipality%3A0450"}),
    "login_failed": ("login_failed", {"again": None}),
    "login_failed_with_a_way_back": ("login_failed", {"again": "/q/" + "aB3_" * 10 + "xyz"}),
    "link_not_whole": ("link_not_whole", {}),
    "login_refused": ("login_refused", {"again": "/q/" + "aB3_" * 10 + "xyz"}),
    "login_silent": ("login_silent", {"party": "Nyborg Kommune"}),
    "somebody_elses": ("somebody_elses", {"who": "Boliganviser (opdigtet)"}),
    "somebody_elses_without_login": ("somebody_elses", {"who": ""}),
    "too_many": ("too_many", {"minutes": 4}),
    **DRIFT_PAGES,
    **{name: (name, {}) for name in ("four_eyes", "unknown", "failed", "tilgaengelighed", "privatliv")},
}
