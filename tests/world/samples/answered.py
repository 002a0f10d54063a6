"""Samples of the pages after an answer, of a consent, of taking back, and of ended links."""

from dataclasses import replace

from approval_api.questions.pages.page import (
    AskingParty,
    ConsentPage,
    EndedPage,
    NoticePage,
    PassedOnPage,
    ReceiptPage,
    TakeBackPage,
)
from domain.errors import Invalid
from domain.questions.question import Answer, GivenBy, PassedOnBy, QuestionKind
from tests.world.samples.facts import CASE, DEADLINE, HOME, MONTH, REQUEST
from tests.world.samples.questions import ASKING, AT, NEUTRAL

SUPPORT = AskingParty(name="Tilflytterstyring", call_name="Tilflytterstyring", call_phone="00 00 00 00")
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
    **{
        f"receipt_of_month_{answer}": ReceiptPage(
            QuestionKind.MONTH,
            **MONTH,
            asking=SUPPORT,
            answer=answer,
            answered_at=AT,
            answered_by="Økonomimedarbejder (opdigtet), Nyborg Kommune",
            reason=reason,
        )
        for answer, reason in ((Answer.YES, None), (Answer.NO, "unknown_case"))
    },
    **{
        f"receipt_of_{kind}_{answer}": ReceiptPage(
            kind,
            **CASE,
            asking=SUPPORT,
            answer=answer,
            answered_at=AT,
            answered_by="Økonomimedarbejder (opdigtet), Odense Kommune",
            reason=reason,
        )
        for kind in (QuestionKind.CLAIM, QuestionKind.CLAIM_SECOND)
        for answer, reason in ((Answer.YES, None), (Answer.NO, "amount_too_high"))
    },
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
ENDED: dict[str, tuple[str, EndedPage]] = {
    "link_ended_by_wrong_digits": ("link_ended", EndedPage(SUPPORT, new_letter=True)),
    "link_ended_by_wrong_digits_of_family": ("link_ended", EndedPage(SUPPORT, new_letter=True, of_family=True)),
    "link_ended_after_the_answer": ("link_ended", EndedPage(SUPPORT)),
    "link_ended_of_who_has_left": ("link_ended", EndedPage(SUPPORT, has_left=True)),
    "link_ended_of_family": ("link_ended", EndedPage(SUPPORT, of_family=True)),
    "over": ("over", EndedPage(SUPPORT)),
    "over_for_family": ("over", EndedPage(SUPPORT, of_family=True)),
}
