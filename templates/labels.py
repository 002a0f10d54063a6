"""The words that people see for each code of the domain, in Danish: one place, translated like any text.

Codes of different kinds share their spelling (`sign_off` is a role and a question), so the names are kept by kind.
"""

import re
from enum import StrEnum

from domain.agreement import AnswerLevel, OnSilence
from domain.area import AreaStatus
from domain.audit import Fault
from domain.breaker import Trip
from domain.compensation import BookingKind
from domain.consent import ChildrenHeard, ConsentGiven, ConsentStanding, ConsentWithdrawn
from domain.dwelling import LettingCriteria
from domain.feed_load import LoadKind, LoadStanding
from domain.household import FamilyAnswersBy, Language
from domain.lifecycle import Effect, Side, Status, WithdrawalReason
from domain.party import PartyKind, Role
from domain.question import Answer, GivenBy, PassedOnBy, QuestionKind, Standing
from domain.retention import Keeping
from domain.returned_mail import Unreached
from domain.urgency import Urgency
from domain.vacancy_feed import FeedMode, FeedStatus
from domain.vacancy_judging import FEWER_THAN_MIN, OTHERWISE_WRONG, RULES, UNKNOWN_MUNICIPALITY


def marked(text: str) -> str:
    """The text itself; its use tells the extraction that this is a text to translate."""
    return text


NAMES: dict[type[StrEnum], dict[str, str]] = {
    FeedMode: {FeedMode.FULL: marked("Hele listen"), FeedMode.DELTA: marked("Ændringer")},
    Keeping: {
        Keeping.KEEP: marked("Opbevares"),
        Keeping.WARN: marked("Makuleres snart"),
        Keeping.WAITS_FOR_ARCHIVE: marked("Venter på arkivet"),
        Keeping.SHRED: marked("Makuleres"),
    },
    FeedStatus: {
        FeedStatus.VACANT: marked("Ledig"),
        FeedStatus.LET: marked("Udlejet"),
        FeedStatus.WITHDRAWN: marked("Trukket tilbage"),
    },
    Trip: {
        Trip.EMPTY: marked("Listen er tom"),
        Trip.SHRUNK: marked("Listen er langt kortere end normalt"),
        Trip.QUARANTINED: marked("For mange rækker har fejl"),
        Trip.STRANGERS: marked("For få af boligerne er kendt fra sidst"),
        Trip.VANISHING: marked("For mange af boligerne er udlejet på én gang"),
        Trip.SHAPE: marked("Listen har andre kolonner end før"),
        Trip.STANDING_STILL: marked("Listen er ikke skrevet på ny i flere dage"),
    },
    LoadKind: {
        LoadKind.NIGHT: marked("Hentet om natten"),
        LoadKind.PUSH: marked("Sendt af boligorganisationen"),
        LoadKind.REPLAY: marked("Taget ud af karantæne"),
    },
    LoadStanding: {
        LoadStanding.FETCHING: marked("Hentes nu"),
        LoadStanding.READY: marked("Venter på at blive brugt"),
        LoadStanding.HELD: marked("Holdt tilbage"),
        LoadStanding.APPLIED: marked("Brugt"),
        LoadStanding.UNCHANGED: marked("Uændret"),
        LoadStanding.REFUSED: marked("Afvist"),
        LoadStanding.FAILED: marked("Kunne ikke hentes"),
        LoadStanding.SUPERSEDED: marked("Afløst af en nyere"),
    },
    Status: {
        Status.RECEIVED: marked("Modtaget"),
        Status.SEEKING: marked("Søger bolig"),
        Status.PROPOSED: marked("Bolig foreslået"),
        Status.APPROVED: marked("Godkendt af kommunen"),
        Status.ACCEPTED: marked("Familien har sagt ja"),
        Status.HOUSED: marked("Flyttet ind"),
        Status.CLOSED: marked("Afsluttet"),
        Status.WITHDRAWN: marked("Stoppet"),
    },
    AreaStatus: {
        AreaStatus.PARALLEL_SOCIETY: marked("Parallelsamfund"),
        AreaStatus.TRANSFORMATION: marked("Omdannelsesområde"),
        AreaStatus.VULNERABLE: marked("Udsat boligområde"),
        AreaStatus.COMBINED_LETTING: marked("Område med kombineret udlejning"),
    },
    LettingCriteria: {
        LettingCriteria.ORDINARY: marked("Almindelig venteliste"),
        LettingCriteria.FLEXIBLE: marked("Fleksibel udlejning"),
        LettingCriteria.MUNICIPAL_ASSIGNMENT: marked("Kommunal anvisning"),
    },
    Role: {
        Role.CASEWORKER: marked("Sagsbehandler"),
        Role.SIGN_OFF: marked("Godkender af henvisninger"),
        Role.APPROVER: marked("Godkender af boliger"),
        Role.LETTING: marked("Udlejer"),
        Role.CHIEF: marked("Leder"),
        Role.OPERATIONS: marked("Driftsmedarbejder"),
        Role.AUDITOR: marked("Revisor"),
        Role.DATA_PROTECTION_OFFICER: marked("Databeskyttelsesrådgiver"),
    },
    PartyKind: {
        PartyKind.MUNICIPALITY: marked("Kommune"),
        PartyKind.ASSOCIATION: marked("Boligorganisation"),
        PartyKind.OPERATOR: marked("Driften"),
    },
    Language: {
        Language.DANISH: marked("Dansk"),
        Language.ENGLISH: marked("Engelsk"),
    },
    FamilyAnswersBy: {
        FamilyAnswersBy.LETTER: marked("Familien svarer selv"),
        FamilyAnswersBy.CASEWORKER: marked("Sagsbehandleren skriver familiens svar"),
    },
    QuestionKind: {
        QuestionKind.SIGN_OFF: marked("Godkendelse af henvisning"),
        QuestionKind.OFFER: marked("Tilbud om bolig"),
        QuestionKind.APPROVAL: marked("Godkendelse af bolig"),
        QuestionKind.ACCEPTANCE: marked("Familiens svar"),
        QuestionKind.MOVE_IN: marked("Indflytning"),
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
    PassedOnBy: {
        PassedOnBy.ADDRESSEE: marked("Sendt til en kollega"),
        PassedOnBy.DEPUTY_RULE: marked("Sendt til stedfortræderen"),
        PassedOnBy.STAFF: marked("Givet til en anden"),
    },
    Side: {
        Side.SENDER: marked("Afsenderkommunen"),
        Side.ASSOCIATION: marked("Boligorganisationen"),
        Side.MUNICIPALITY: marked("Modtagerkommunen"),
        Side.FAMILY: marked("Familien"),
    },
    Effect: {
        Effect.NONE: marked("Ingen virkning"),
        Effect.PARK: marked("Sagen venter"),
        Effect.EXCLUDE_HOME: marked("Boligen foreslås ikke igen"),
        Effect.EXCLUDE_ASSOCIATION: marked("Boligorganisationen spørges ikke igen"),
        Effect.EXCLUDE_MUNICIPALITY: marked("Kommunen spørges ikke igen"),
        Effect.REASSESS: marked("Sagen vurderes igen"),
        Effect.CLOSE: marked("Sagen afsluttes"),
    },
    WithdrawalReason: {
        WithdrawalReason.CONSENT_WITHDRAWN: marked("Familien har trukket sit samtykke tilbage"),
        WithdrawalReason.CASE_WITHDRAWN: marked("Kommunen har stoppet sagen"),
        WithdrawalReason.CONSENT_ENDED: marked("Familiens samtykke er udløbet"),
    },
    ConsentGiven: {
        ConsentGiven.IN_WRITING: marked("På skrift"),
        ConsentGiven.DIGITALLY: marked("Digitalt"),
        ConsentGiven.ORALLY: marked("Mundtligt"),
    },
    ChildrenHeard: {
        ChildrenHeard.HEARD: marked("Børnene er hørt"),
        ChildrenHeard.NO_CHILDREN: marked("Der er ingen børn"),
        ChildrenHeard.TOO_YOUNG: marked("Børnene er for små til at blive hørt"),
        ChildrenHeard.WOULD_HARM: marked("Det ville skade børnene at blive hørt"),
    },
    ConsentWithdrawn: {
        ConsentWithdrawn.CASE_SYSTEM: marked("I kommunens fagsystem"),
        ConsentWithdrawn.PAGE: marked("På familiens side"),
        ConsentWithdrawn.LETTER: marked("I et brev"),
        ConsentWithdrawn.PHONE: marked("I telefonen"),
        ConsentWithdrawn.IN_PERSON: marked("Ved et møde"),
        ConsentWithdrawn.ENDED: marked("Det er udløbet"),
    },
    ConsentStanding: {
        ConsentStanding.HOLDS: marked("Gælder"),
        ConsentStanding.ENDS_SOON: marked("Udløber snart"),
        ConsentStanding.ENDED: marked("Udløbet"),
    },
    OnSilence: {
        OnSilence.BACK_TO_SEEKING: marked("Vi søger videre"),
        OnSilence.KEEP_WAITING: marked("Vi venter på svar"),
        OnSilence.NEVER: marked("Spørgsmålet står åbent"),
    },
    Fault: {
        Fault.CHANGED: marked("Ændret"),
        Fault.MISSING: marked("Mangler"),
        Fault.OUT_OF_ORDER: marked("Ikke på sin plads"),
        Fault.CUT_OFF: marked("Skåret af"),
        Fault.FORGED: marked("Ikke underskrevet med nøglen"),
    },
    Unreached: {
        Unreached.BOUNCED: marked("Mailen kunne ikke afleveres"),
        Unreached.AWAY: marked("Der kom et autosvar"),
    },
    AnswerLevel: {
        AnswerLevel.LINK: marked("Kun link"),
        AnswerLevel.LINK_AND_LOGIN: marked("Link og login"),
    },
    Urgency: {
        Urgency.OVERDUE: marked("Overskredet"),
        Urgency.TODAY: marked("I dag"),
        Urgency.SOON: marked("Snart"),
        Urgency.LATER: marked("Senere"),
    },
    BookingKind: {
        BookingKind.MOVE_IN: marked("Indflytning"),
        BookingKind.REVERSAL: marked("Tilbageførsel"),
    },
}

# Said so that it fits whoever gives the reason: the family itself or the caseworker who writes it down.
REASONS: dict[str, str] = {
    "need_not_documented": marked("Behovet er ikke dokumenteret"),
    "other_solution_found": marked("Der er fundet en anden løsning"),
    "no_suitable_home": marked("Ingen af boligerne passer"),
    "homes_already_let": marked("Boligerne er allerede lejet ud"),
    "no_capacity_now": marked("Der kan ikke tages imod flere lige nu"),
    "area_under_pressure": marked("Området er under pres"),
    "schools_and_daycare_full": marked("Der er ikke plads i skoler og dagtilbud"),
    "quota_used": marked("Årets kvote er brugt"),
    "home_does_not_suit": marked("Boligen passer ikke"),
    "too_expensive": marked("Huslejen er for høj"),
    "too_far_away": marked("Boligen ligger for langt væk"),
    "not_now": marked("Det passer ikke lige nu"),
    "circumstances_changed": marked("Situationen er en anden nu"),
    "home_not_ready": marked("Boligen er ikke klar"),
    "lease_not_signed": marked("Lejekontrakten er ikke skrevet under"),
    "no_answer": marked("Der kom ikke svar inden fristen"),
    "home_gone": marked("Boligen er ikke længere ledig"),
}

REASONS_TO_FAMILY: dict[str, str] = {
    "need_not_documented": marked("Vi kan ikke se i sagen, at I har brug for at flytte til en anden bolig."),
    "other_solution_found": marked("Vi har fundet en anden løsning til jer."),
}

ASKED: dict[QuestionKind, str] = {
    QuestionKind.SIGN_OFF: marked("Kan familien henvises?"),
    QuestionKind.OFFER: marked("Kan I tilbyde en bolig?"),
    QuestionKind.APPROVAL: marked("Kan boligen godkendes?"),
    QuestionKind.ACCEPTANCE: marked("Vil I have boligen?"),
    QuestionKind.MOVE_IN: marked("Er familien flyttet ind?"),
}
ASKED_ON_BEHALF = marked("Hvad svarer familien?")

ANSWERS: dict[tuple[QuestionKind, Answer], str] = {
    (QuestionKind.SIGN_OFF, Answer.YES): marked("Ja, familien henvises"),
    (QuestionKind.SIGN_OFF, Answer.NO): marked("Nej, familien henvises ikke"),
    (QuestionKind.OFFER, Answer.YES): marked("Ja, vi tilbyder en bolig"),
    (QuestionKind.OFFER, Answer.NO): marked("Nej, vi kan ikke tilbyde en bolig"),
    (QuestionKind.APPROVAL, Answer.YES): marked("Ja, boligen godkendes"),
    (QuestionKind.APPROVAL, Answer.NO): marked("Nej, boligen godkendes ikke"),
    (QuestionKind.ACCEPTANCE, Answer.YES): marked("Ja, vi vil gerne have boligen"),
    (QuestionKind.ACCEPTANCE, Answer.NO): marked("Nej tak til boligen"),
    (QuestionKind.ACCEPTANCE, Answer.WITHDRAW): marked("Vi trækker vores samtykke tilbage. Stop sagen"),
    (QuestionKind.MOVE_IN, Answer.YES): marked("Ja, familien er flyttet ind"),
    (QuestionKind.MOVE_IN, Answer.NO): marked("Nej, familien flytter ikke ind nu"),
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
    (QuestionKind.OFFER, Answer.YES): marked(
        "Er I de første, der tilbyder en bolig, reserverer vi den. Lej den ikke ud imens. Nu spørger vi kommunen, "
        "hvor boligen ligger, og derefter familien."
    ),
    (QuestionKind.OFFER, Answer.NO): marked("Vi søger videre andre steder. I skal ikke gøre mere."),
    (QuestionKind.APPROVAL, Answer.YES): marked("Nu spørger vi familien. Du skal ikke gøre mere."),
    (QuestionKind.APPROVAL, Answer.NO): marked("Vi søger efter en anden bolig til familien. Du skal ikke gøre mere."),
    (QuestionKind.ACCEPTANCE, Answer.YES): marked(
        "Nu får boligorganisationen at vide, hvem I er. Den kontakter jer om lejekontrakten."
    ),
    (QuestionKind.ACCEPTANCE, Answer.NO): marked(
        "Det er helt i orden. Et nej får ingen betydning for jeres sag. Vi går videre med sagen."
    ),
    (QuestionKind.ACCEPTANCE, Answer.WITHDRAW): marked("Vi stopper sagen. I skal ikke gøre mere."),
    (QuestionKind.MOVE_IN, Answer.YES): marked("Nu bogføres udligningen mellem parterne. I skal ikke gøre mere."),
    (QuestionKind.MOVE_IN, Answer.NO): marked(
        "Boligen er ikke længere reserveret til familien. Slet det, I har fået at vide om familien. Vi søger videre."
    ),
}
NEXT_ON_BEHALF: dict[Answer, str] = {
    Answer.YES: marked(
        "Nu får boligorganisationen at vide, hvem familien er. Den kontakter familien om lejekontrakten."
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

# What needs a person, by its code; a code that is missing here is an error of our own, and stands as it is.
ATTENTION: dict[str, str] = {
    **{str(trip): text for trip, text in NAMES[Trip].items()},
    "too_much_at_once": marked("En boligorganisation ville tage for mange boliger ud på én gang"),
    "gone_while_reserved": marked("En bolig, vi holder til en familie, er udlejet til en anden"),
    "partner_refused": marked("En partner har sagt nej"),
    "partner_unavailable": marked("En partner svarer ikke"),
    "unexpected": marked("En liste fik vores program til at fejle"),
    "address_refused": marked("En mailadresse er afvist"),
    "bounced": marked("Et brev er kommet tilbage"),
    "away": marked("Den, der er spurgt, er væk"),
    "no_answer": marked("Fristen er gået, og kun et menneske kan komme videre"),
    "deadline_stuck": marked("En frist kunne ikke passes"),
    "nobody_at_work": marked("Både den, der er spurgt, og stedfortræderen er væk"),
    "needs_person": marked("Parten har ingen til det næste skridt"),
    "reassess": marked("Familiens forhold har ændret sig"),
    "search_exhausted": marked("Tidligere afslag udelukker alle boliger"),
    "too_few_alike": marked("For få familier ligner denne til, at nogen kan spørges"),
    "vault_closed": marked("En kommentar kan ikke åbnes med de nøgler, vi har"),
    "ask_by_hand": marked("Familiens adresse er blevet beskyttet: spørg den gennem sagsbehandleren"),
    "consent_ends_soon": marked("Familiens samtykke udløber snart, og så stopper sagen"),
    "archive_before_shredding": marked("Sagen makuleres snart, og arkivet har ikke overtaget den"),
    "archive_receipt_missing": marked("Sagen skulle være makuleret, men arkivet har ikke overtaget den"),
    "too_late_to_stop": marked("Samtykket blev trukket tilbage efter indflytningen"),
    "flag_without_id": marked("Et fagsystem har sendt en henvisning, som ikke kan besvares"),
    "invalid": marked("Noget, en partner har sendt, har fejl"),
    "moved_meanwhile": marked("To kørsler ramte hinanden; den ene blev sprunget over"),
}
DIFFERS: dict[str, str] = {
    "appear": marked("Kommer til"),
    "change": marked("Ændres"),
    "vanish": marked("Forsvinder"),
}
SERIES: dict[str, str] = {
    "good": marked("Gode rækker"),
    "quarantined": marked("Rækker med fejl"),
    "appeared": marked("Nye boliger"),
    "changed": marked("Ændrede boliger"),
    "vanished": marked("Forsvundne boliger"),
    "none": marked("Ingen nætter endnu"),
}
DONE: dict[str, str] = {
    "accept": marked("Listen bliver brugt om et øjeblik."),
    "refuse": marked("Listen bruges ikke. Det, vi vidste før, gælder."),
    "replay": marked("Rækken er rigtig nu og bliver brugt om et øjeblik."),
    "drop": marked("Rækken er kasseret. Kommer den igen, spørger vi ikke."),
    "take_back": marked("Rækken er i karantæne igen."),
    "map": marked("Ordet er gemt. Bedøm rækkerne igen, eller vent til natten."),
    "forget": marked("Ordet læses nu, som det står."),
}
DRIFT_ERRORS: dict[str, str] = {
    "not_an_answer": marked("Vælg, hvad der skal ske, og prøv igen."),
    "meanwhile": marked("En anden kom først, eller en nyere nat har afløst det. Siden viser, hvad der gælder nu."),
    "still_wrong": marked("Rækken har stadig fejl. Grundene står ved den."),
    "say_both_words": marked("Skriv både, hvad de skriver, og hvad det betyder."),
    "not_a_field": marked("Feltet kan ikke læses om."),
}

# What is wrong with a row of a feed, by the rule as the contract says it.
ROW_RULES: dict[str, str] = {
    RULES["missing"]: marked("mangler"),
    RULES["dict_type"]: marked("skal være et objekt med formatets felter"),
    RULES["string_type"]: marked("skal være tekst"),
    RULES["string_too_short"]: marked("må ikke være tomt"),
    RULES["string_too_long"]: marked("må højst have %(value)s tegn"),
    RULES["string_pattern_mismatch"]: marked("har tegn, som ikke hører til der, eller er ikke skrevet som i formatet"),
    RULES["int_type"]: marked("skal være et helt tal"),
    RULES["bool_type"]: marked("skal være ja eller nej"),
    RULES["date_type"]: marked("skal være en dag, år-måned-dag"),
    RULES["greater_than_equal"]: marked("skal mindst være %(value)s"),
    RULES["less_than_equal"]: marked("må højst være %(value)s"),
    RULES["literal_error"]: marked("skal være et af formatets ord: %(value)s"),
    OTHERWISE_WRONG: marked("er ikke, som formatet siger"),
    UNKNOWN_MUNICIPALITY: marked("er ikke en kommunes kode"),
    FEWER_THAN_MIN: marked("er færre end persons_min"),
    "stands twice in the feed": marked("står to gange i listen"),
}
_ROW_RULES = [(re.compile(re.sub(r"\\\{.*?\\\}", "(.+)", re.escape(rule))), text) for rule, text in ROW_RULES.items()]


# Why it was looked up who a family is, by the vault's door.
OPENED: dict[str, str] = {
    "address_family": marked("For at skrive til jer"),
    "senders_own_view": marked("Af jeres egen kommune"),
    "disclosure": marked("For at fortælle det til dem, I flytter til"),
    "right_of_access": marked("For at vise jer eller rette, hvad der er gemt"),
}
OPENED_FOR_STAFF: dict[str, str] = {
    "address_family": marked("For at skrive til familien"),
    "senders_own_view": marked("Af familiens egen kommune"),
    "disclosure": marked("For at fortælle det til dem, familien flytter til"),
    "right_of_access": marked("For at vise familien eller rette, hvad der er gemt"),
}
# What somebody was told of who a family is.
TOLD: dict[str, str] = {
    "adult_name": marked("navn"),
    "cpr": marked("CPR-nummer"),
    "email": marked("mail"),
    "phone": marked("telefon"),
    "address_protection": marked("om adressen er beskyttet"),
}


def fields_told(fields: str) -> list[str]:
    """What was told in a disclosure, each as a text to translate."""
    return [TOLD[field] for field in fields.split(", ")]


def row_fault(reason: str) -> tuple[str, str, str]:
    """What is wrong with a row: the field, the rule as a text to translate, and the value that the rule names."""
    field, _, rule = reason.partition(": ")
    for pattern, text in _ROW_RULES:
        if found := pattern.fullmatch(rule):
            return field, text, found[1].replace("'", "").replace(" or ", ", ") if pattern.groups else ""
    return field, rule, ""


def name(code: StrEnum) -> str:
    """What a code is called."""
    return NAMES[type(code)][code]


def asked(kind: QuestionKind, *, on_behalf: bool = False) -> str:
    """The question in plain words."""
    return ASKED_ON_BEHALF if on_behalf else ASKED[kind]


def answer(kind: QuestionKind, given: Answer, *, on_behalf: bool = False) -> str:
    """An answer in the words of whoever gives it."""
    return ANSWERS_ON_BEHALF[given] if on_behalf else ANSWERS[kind, given]


def what_next(kind: QuestionKind, given: Answer, *, on_behalf: bool = False) -> str:
    """What happens after an answer."""
    return NEXT_ON_BEHALF[given] if on_behalf else NEXT[kind, given]
