"""What is booked, in Danish."""

from enum import StrEnum

from domain.books.booking import BookingKind
from domain.books.bookkeeping.booking_standing import BookingStanding
from domain.books.bookkeeping.posting_life import SETTLED, Dispute, PostingState
from domain.books.claims import ClaimAnswer, ClaimNo, ClaimStanding
from domain.books.invoices.danish import EInvoiceForm
from domain.books.invoices.invoice import DocumentType
from domain.books.invoices.response import InvoiceState, Verdict
from domain.books.verdict import Fault
from domain.parties.bookkeeping import FileEncoding, InvoiceForm, PostingForm
from domain.parties.compensation.parts import MoveOut, Payee, Payer
from domain.ports.finance import PostingVerdict
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    BookingKind: {
        BookingKind.MOVE_IN: marked("Indflytning"),
        BookingKind.MONTH: marked("Månedsbeløb"),
        BookingKind.REPAYMENT: marked("Tilbagebetaling af lån"),
        BookingKind.CLAIM: marked("Krav"),
        BookingKind.EARNED: marked("Optjent ved fraflytning"),
        BookingKind.REVERSAL: marked("Tilbageførsel"),
    },
    BookingStanding: {
        BookingStanding.WAITING: marked("Ikke sendt alle steder endnu"),
        BookingStanding.SENT: marked("Sendt, mangler svar"),
        BookingStanding.ACCEPTED_BY_US: marked("Godkendt hos jer, mangler andre steder"),
        BookingStanding.ACCEPTED_BY_BOTH: marked("Godkendt på begge sider"),
        BookingStanding.RECONCILED: marked("Afstemt på begge sider"),
        BookingStanding.REJECTED: marked("Afvist i et økonomisystem"),
        BookingStanding.DISPUTED: marked("Et menneske skal afgøre den"),
    },
    ClaimAnswer: {
        ClaimAnswer.YES: marked("Godkendt"),
        ClaimAnswer.NO: marked("Afvist"),
        ClaimAnswer.WITHDRAWN: marked("Trukket tilbage"),
    },
    ClaimNo: {
        ClaimNo.EVIDENCE_MISSING: marked("Bilaget mangler eller viser ikke udgiften"),
        ClaimNo.NOT_COVERED: marked("Garantien dækker ikke udgiften"),
        ClaimNo.AMOUNT_TOO_HIGH: marked("Beløbet er højere, end bilaget viser"),
    },
    ClaimStanding: {
        ClaimStanding.MADE: marked("Venter på svar"),
        ClaimStanding.CONFIRMED: marked("Godkendt af den første, venter på den anden"),
        ClaimStanding.ACCEPTED: marked("Godkendt og bogført"),
        ClaimStanding.DECLINED: marked("Afvist"),
        ClaimStanding.WITHDRAWN: marked("Trukket tilbage"),
    },
    Dispute: {
        Dispute.ANOTHER_AMOUNT: marked("Et andet beløb"),
        Dispute.REJECTED_AFTER_ACCEPTANCE: marked("Afvist, efter at den var godkendt"),
        Dispute.ACCEPTED_AFTER_REJECTION: marked("Godkendt, efter at den var afvist"),
        Dispute.ACCEPTED_AFTER_CORRECTION: marked("Godkendt, efter at den var rettet og sendt igen"),
        Dispute.ANOTHER_REASON: marked("Afvist igen, med en anden grund"),
        Dispute.YES_AND_NO: marked("Både godkendt og afvist i samme svar"),
        Dispute.BOOKED_TWICE: marked("Bogført to gange"),
    },
    DocumentType: {
        DocumentType.INVOICE: marked("Faktura"),
        DocumentType.CREDIT_NOTE: marked("Kreditnota"),
    },
    EInvoiceForm: {
        EInvoiceForm.PEPPOL_BIS_3: marked("Peppol BIS Billing 3, den europæiske form"),
        EInvoiceForm.OIOUBL_2_1: marked("OIOUBL 2.1, den danske form"),
    },
    FileEncoding: {
        FileEncoding.WINDOWS_1252: marked("Tegnsættet Windows-1252"),
        FileEncoding.UTF_8: marked("Tegnsættet UTF-8"),
    },
    Fault: {
        Fault.MISSING: marked("Mangler i bøgerne"),
        Fault.UNEXPECTED: marked("Hører ikke til i bøgerne"),
        Fault.OTHER_AMOUNTS: marked("Andre beløb end aftalt"),
        Fault.OTHER_DAY: marked("Forfalder en anden dag end aftalt"),
        Fault.OTHER_VERSION: marked("Hviler på en anden version af aftalen"),
    },
    InvoiceForm: {
        InvoiceForm.PEPPOL: marked("E-faktura som Peppol BIS Billing 3"),
        InvoiceForm.OIOUBL: marked("E-faktura som OIOUBL 2.1"),
    },
    InvoiceState: {
        InvoiceState.WRITTEN: marked("Skrevet"),
        InvoiceState.RECEIVED: marked("Modtaget hos køber"),
        InvoiceState.UNDER_QUERY: marked("Køber spørger"),
        InvoiceState.ACCEPTED: marked("Godkendt af køber"),
        InvoiceState.REJECTED: marked("Afvist af køber, forfalder igen"),
        InvoiceState.REPLACED: marked("Erstattet af en ny faktura"),
    },
    MoveOut: {
        MoveOut.RETURNED: marked("Betales tilbage ved fraflytning"),
        MoveOut.EARNED_BY_DAY: marked("Optjenes dag for dag"),
        MoveOut.KEPT: marked("Beholdes ved fraflytning"),
    },
    Payee: {
        Payee.RECEIVING_MUNICIPALITY: marked("Modtagerkommunen"),
        Payee.HOUSING_DEPARTMENT: marked("Boligafdelingen"),
    },
    Payer: {
        Payer.SENDING_MUNICIPALITY: marked("Afsenderkommunen"),
        Payer.COMMON_FUND: marked("Den fælles pulje"),
    },
    PostingForm: {
        PostingForm.JSON: marked("Én ad gangen, som JSON"),
        PostingForm.CSV: marked("I kørsler, som CSV"),
        PostingForm.PRISME: marked("I kørsler, som Prismes G69"),
    },
    PostingState: {
        PostingState.QUEUED: marked("Venter på næste kørsel"),
        PostingState.SENT: marked("Sendt og ikke besvaret"),
        PostingState.ACCEPTED: marked("Godkendt i økonomisystemet"),
        PostingState.REJECTED: marked("Afvist i økonomisystemet"),
        PostingState.DISPUTED: marked("Et menneske skal afgøre den"),
        PostingState.RECONCILED: marked("Afstemt"),
        PostingState.CORRECTED: marked("Rettet og sendt igen"),
    },
    PostingVerdict: {
        PostingVerdict.QUEUED: marked("Ikke sendt endnu"),
        PostingVerdict.SENT: marked("Modtaget uden svar"),
        PostingVerdict.ACCEPTED: marked("Økonomisystemet siger ja"),
        PostingVerdict.REJECTED: marked("Økonomisystemet siger nej"),
        PostingVerdict.BOOKED: marked("Står i økonomisystemets rapport"),
        PostingVerdict.TWICE: marked("Står to gange i økonomisystemets rapport"),
        PostingVerdict.UNCLEAR: marked("Ja og nej i samme svar"),
    },
    Verdict: {
        Verdict.ACCEPTED: marked("Køber siger ja til fakturaen"),
        Verdict.REJECTED: marked("Køber siger nej til fakturaen"),
        Verdict.RECEIVED: marked("Køber har modtaget fakturaen"),
        Verdict.UNDER_QUERY: marked("Køber spørger til fakturaen"),
    },
}
# The parts of a compensation model, by kind; and the two rules under which a staircase is booked.
PART: dict[str, str] = {
    "compensation": marked("Udligning"),
    "reception": marked("Modtagebeløb"),
    "social_work": marked("Socialt arbejde"),
    "vacancy_rent": marked("Tomgangsleje"),
    "refurbishment_guarantee": marked("Istandsættelsesgaranti"),
    "deposit_loan": marked("Lån til indskud"),
    "arrears_guarantee": marked("Garanti for huslejerestance"),
    "moving_cost": marked("Flytteudgifter"),
    "staircase": marked("Tillæg efter trappemodellen"),
}
STAIRS: dict[str, str] = {
    "staircase_received": marked("Tillæg for at modtage flere end sin andel"),
    "staircase_sent": marked("Tillæg for at sende flere end sin andel"),
}


STANDINGS, STATES = NAMES[BookingStanding], NAMES[PostingState]
# Why a posting was rejected; any other code is a finance system's own.
WHY: dict[str, str] = {
    **NAMES[Dispute],
    SETTLED: marked("Økonomiafdelingen siger, at den er afvist"),
    "unsaid": marked("Økonomisystemet siger ikke hvorfor"),
    "illegible": marked("Økonomisystemets grund kan ikke vises"),
    "partner_refused": marked("Økonomisystemet tog den ikke imod"),
    "": marked("Årsagen kendes ikke"),
}


def rule(code: str) -> str:
    """What a rule is called under which something is booked; the agreement's own name for it where it has one."""
    return {**PART, **STAIRS}.get(code or "compensation") or code.replace("_", " ")


def anchor(agreement: str, code: str) -> str:
    """Where a rule of an agreement's version is explained on a page."""
    return f"regel-{agreement.replace('/', '-')}-{code or 'compensation'}"
