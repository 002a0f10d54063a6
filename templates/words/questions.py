"""What is asked and answered, in Danish."""

from enum import StrEnum

from domain.questions.question import Answer, FamilyAsked, GivenBy, PassedOnBy, QuestionKind, Standing
from domain.questions.returned_mail import Unreached
from domain.questions.urgency import Urgency
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    QuestionKind: {
        QuestionKind.SIGN_OFF: marked("Godkendelse af henvisning"),
        QuestionKind.FEWER_ALIKE: marked("Søgning, selv om familien skiller sig ud"),
        QuestionKind.OFFER: marked("Tilbud om bolig"),
        QuestionKind.APPROVAL: marked("Godkendelse af bolig"),
        QuestionKind.ACCEPTANCE: marked("Familiens svar"),
        QuestionKind.MOVE_IN: marked("Indflytning"),
        QuestionKind.MONTH: marked("Månedens afregning"),
        QuestionKind.CLAIM: marked("Krav efter en garanti"),
        QuestionKind.CLAIM_SECOND: marked("Krav efter en garanti, anden godkendelse"),
    },
    Answer: {
        Answer.YES: marked("Ja"),
        Answer.NO: marked("Nej"),
        Answer.WITHDRAW: marked("Samtykket trækkes tilbage"),
    },
    Standing: {
        Standing.OPEN: marked("Venter på svar"),
        Standing.ANSWERED: marked("Besvaret"),
        Standing.OVERDUE: marked("Fristen er overskredet"),
        Standing.REVOKED: marked("Trukket tilbage"),
    },
    GivenBy: {
        GivenBy.MEETING: marked("På et møde"),
        GivenBy.PHONE: marked("I telefonen"),
        GivenBy.LETTER: marked("I et brev"),
    },
    FamilyAsked: {
        FamilyAsked.THROUGH_CASEWORKER: marked("Gennem sagsbehandleren"),
        FamilyAsked.BY_LETTER_SYSTEM: marked("Med brev gennem kommunens brevsystem"),
        FamilyAsked.BY_POST: marked("Med brev, sendt med posten"),
        FamilyAsked.BY_EMAIL: marked("Med mail"),
        FamilyAsked.LETTER_WAITS: marked("Ikke endnu: brevet skal printes og sendes med posten"),
        FamilyAsked.ON_ITS_WAY: marked("Brevet er på vej"),
        FamilyAsked.REFUSED: marked("Ikke endnu: brevet kunne ikke sendes"),
    },
    PassedOnBy: {
        PassedOnBy.ADDRESSEE: marked("Sendt til en kollega"),
        PassedOnBy.DEPUTY_RULE: marked("Sendt til stedfortræderen"),
        PassedOnBy.STAFF: marked("Givet til en anden"),
        PassedOnBy.WRONG_DIGITS: marked("Sendt igen efter forkerte cifre"),
        PassedOnBy.PROTECTION: marked("Spurgt gennem sagsbehandleren"),
        PassedOnBy.LEFT: marked("Den, der var spurgt, svarer ikke længere her"),
    },
    Unreached: {
        Unreached.BOUNCED: marked("Mailen kunne ikke afleveres"),
        Unreached.AWAY: marked("Der kom et autosvar"),
    },
    Urgency: {
        Urgency.OVERDUE: marked("Overskredet"),
        Urgency.TODAY: marked("I dag"),
        Urgency.SOON: marked("Snart"),
        Urgency.LATER: marked("Senere"),
    },
}


ASKED: dict[QuestionKind, str] = {
    QuestionKind.SIGN_OFF: marked("Kan familien henvises?"),
    QuestionKind.FEWER_ALIKE: marked("Må vi søge, selv om familien skiller sig ud?"),
    QuestionKind.OFFER: marked("Kan I tilbyde en bolig?"),
    QuestionKind.APPROVAL: marked("Kan boligen godkendes?"),
    QuestionKind.ACCEPTANCE: marked("Vil I have boligen?"),
    QuestionKind.MOVE_IN: marked("Er familien flyttet ind?"),
    QuestionKind.MONTH: marked("Kan månedens afregning godkendes?"),
    QuestionKind.CLAIM: marked("Kan kravet godkendes?"),
    QuestionKind.CLAIM_SECOND: marked("Kan du også godkende kravet?"),
}
ASKED_ON_BEHALF = marked("Hvad svarer familien?")

ANSWERS: dict[tuple[QuestionKind, Answer], str] = {
    (QuestionKind.SIGN_OFF, Answer.YES): marked("Ja, familien henvises"),
    (QuestionKind.SIGN_OFF, Answer.NO): marked("Nej, familien henvises ikke"),
    (QuestionKind.FEWER_ALIKE, Answer.YES): marked("Ja, søg nu"),
    (QuestionKind.FEWER_ALIKE, Answer.NO): marked("Nej, søg ikke nu"),
    (QuestionKind.OFFER, Answer.YES): marked("Ja, vi tilbyder en bolig"),
    (QuestionKind.OFFER, Answer.NO): marked("Nej, vi kan ikke tilbyde en bolig"),
    (QuestionKind.APPROVAL, Answer.YES): marked("Ja, boligen godkendes"),
    (QuestionKind.APPROVAL, Answer.NO): marked("Nej, boligen godkendes ikke"),
    (QuestionKind.ACCEPTANCE, Answer.YES): marked("Ja, vi vil gerne have boligen"),
    (QuestionKind.ACCEPTANCE, Answer.NO): marked("Nej tak til boligen"),
    (QuestionKind.ACCEPTANCE, Answer.WITHDRAW): marked("Vi trækker vores samtykke tilbage. Stop sagen"),
    (QuestionKind.MOVE_IN, Answer.YES): marked("Ja, familien er flyttet ind"),
    (QuestionKind.MOVE_IN, Answer.NO): marked("Nej, familien flytter ikke ind nu"),
    (QuestionKind.MONTH, Answer.YES): marked("Ja, afregningen godkendes"),
    (QuestionKind.MONTH, Answer.NO): marked("Nej, der er en fejl i afregningen"),
    (QuestionKind.CLAIM, Answer.YES): marked("Ja, kravet godkendes"),
    (QuestionKind.CLAIM, Answer.NO): marked("Nej, kravet afvises"),
    (QuestionKind.CLAIM_SECOND, Answer.YES): marked("Ja, kravet godkendes"),
    (QuestionKind.CLAIM_SECOND, Answer.NO): marked("Nej, kravet afvises"),
}
ANSWERS_ON_BEHALF: dict[Answer, str] = {
    Answer.YES: marked("Familien siger ja til boligen"),
    Answer.NO: marked("Familien siger nej tak til boligen"),
    Answer.WITHDRAW: marked("Familien trækker sit samtykke tilbage. Stop sagen"),
}

NEXT: dict[tuple[QuestionKind, Answer], str] = {
    (QuestionKind.SIGN_OFF, Answer.YES): marked("Nu søger vi efter en bolig. Du skal ikke gøre mere."),
    (QuestionKind.SIGN_OFF, Answer.NO): marked(
        "Familien får besked om, hvorfor svaret er nej, og hvordan den kan klage."
    ),
    (QuestionKind.FEWER_ALIKE, Answer.YES): marked(
        "Nu spørger vi boligorganisationerne, hvis en bolig passer, og der stadig er lige så mange familier. Ellers "
        "venter vi og spørger dig igen."
    ),
    (QuestionKind.FEWER_ALIKE, Answer.NO): marked(
        "Venter familien, søger vi, så snart nok familier søger noget lignende, og spørger dig igen, hvis det trækker "
        "ud. Er der fundet en anden løsning, lukker vi sagen, og familien får besked."
    ),
    (QuestionKind.OFFER, Answer.YES): marked(
        "Er I de første, der tilbyder en bolig, reserverer vi den. Lej den ikke ud imens. Nu spørger vi kommunen, "
        "hvor boligen ligger, og derefter familien."
    ),
    (QuestionKind.OFFER, Answer.NO): marked("Vi søger videre andre steder. I skal ikke gøre mere."),
    (QuestionKind.APPROVAL, Answer.YES): marked("Nu spørger vi familien. Du skal ikke gøre mere."),
    (QuestionKind.APPROVAL, Answer.NO): marked("Vi søger efter en anden bolig til familien. Du skal ikke gøre mere."),
    (QuestionKind.ACCEPTANCE, Answer.YES): marked(
        "Nu holder vi boligen til jer. Snart får boligorganisationen at vide, hvem I er. Den kontakter jer om "
        "lejekontrakten."
    ),
    (QuestionKind.ACCEPTANCE, Answer.NO): marked(
        "Det er helt i orden. Et nej får ingen betydning for jeres sag. Vi går videre med sagen."
    ),
    (QuestionKind.ACCEPTANCE, Answer.WITHDRAW): marked("Vi stopper sagen. I skal ikke gøre mere."),
    (QuestionKind.MOVE_IN, Answer.YES): marked("Nu bogføres udligningen mellem parterne. I skal ikke gøre mere."),
    (QuestionKind.MOVE_IN, Answer.NO): marked(
        "Boligen er ikke længere reserveret til familien. Slet det, I har fået at vide om familien. Vi søger videre."
    ),
    (QuestionKind.MONTH, Answer.YES): marked(
        "En betaling kan ske, når begge parter har godkendt deres afregning. Du skal ikke gøre mere."
    ),
    (QuestionKind.MONTH, Answer.NO): marked(
        "Vi ser på det og kontakter dig. Er der en fejl, bliver den rettet i en senere måned, og vi spørger dig igen."
    ),
}
_CLAIM_DECLINED = marked("Den, der gør kravet gældende, får besked om grunden. Du skal ikke gøre mere.")
NEXT |= {
    (QuestionKind.CLAIM, Answer.YES): marked(
        "Nu spørger vi en kollega. Siger kollegaen også ja, bliver kravet bogført."
    ),
    (QuestionKind.CLAIM, Answer.NO): _CLAIM_DECLINED,
    (QuestionKind.CLAIM_SECOND, Answer.YES): marked("Kravet bogføres og kommer med i en afregning."),
    (QuestionKind.CLAIM_SECOND, Answer.NO): _CLAIM_DECLINED,
}
NEXT_ON_BEHALF: dict[Answer, str] = {
    Answer.YES: marked(
        "Nu holder vi boligen til familien. Snart får boligorganisationen at vide, hvem familien er. Den kontakter "
        "familien om lejekontrakten."
    ),
    Answer.NO: marked("Et nej får ingen betydning for familiens sag. Vi går videre med sagen."),
    Answer.WITHDRAW: marked("Vi stopper sagen. Du skal ikke gøre mere."),
}

ERRORS: dict[str, str] = {
    "not_an_answer": marked("Vælg et svar"),
    "choose_a_reason": marked("Vælg, hvorfor svaret er nej"),
    "choose_a_home": marked("Vælg den bolig, I tilbyder"),
    "say_how_it_was_given": marked("Vælg, hvordan familien gav sit svar"),
    "not_read": marked("Svaret kunne ikke læses. Vælg igen, og send det"),
    "not_from_our_page": marked("Svaret blev ikke sendt fra denne side. Vælg igen, og send det"),
    "opened_elsewhere": marked("Siden har stået for længe, eller din browser gemmer ikke cookies. Vælg igen, og send"),
    "type_the_digits": marked("Skriv de fire cifre fra mailen eller brevet"),
    "wrong_digits": marked("Cifrene passer ikke til linket. Efter fem forkerte forsøg lukker det"),
    "choose_a_colleague": marked("Vælg, hvem der skal svare i stedet"),
    "holds_cpr_number": marked(
        "Der står noget i kommentaren, som ligner et CPR-nummer. Den er ikke gemt. Skriv den igen uden nummeret"
    ),
    "holds_how_to_reach": marked(
        "Der står et telefonnummer eller en mailadresse i kommentaren. Den er ikke gemt. Skriv den igen uden"
    ),
    "too_long": marked("Kommentaren er for lang. Højst 500 tegn"),
    "home_gone": marked("Boligen er ikke ledig længere. Vælg en anden"),
    "no_home_left": marked("Ingen af boligerne er ledige længere. Vælg nej"),
}


def asked(kind: QuestionKind, *, on_behalf: bool = False) -> str:
    """The question in plain words."""
    return ASKED_ON_BEHALF if on_behalf else ASKED[kind]


def answer(kind: QuestionKind, given: Answer, *, on_behalf: bool = False) -> str:
    """An answer in the words of the person who gives it."""
    return ANSWERS_ON_BEHALF[given] if on_behalf else ANSWERS[kind, given]


def what_next(kind: QuestionKind, given: Answer, *, on_behalf: bool = False) -> str:
    """What happens after an answer."""
    return NEXT_ON_BEHALF[given] if on_behalf else NEXT[kind, given]
