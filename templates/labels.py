"""The sentences that people see for what the domain and the pages say in codes, in Danish, translated like any text."""

import re

from domain.errors import Seen
from domain.feeds.breaker import Trip
from domain.feeds.row_judge import (
    CELLS_DIFFER,
    FEWER_THAN_MIN,
    MAY_BE_A_CPR_NUMBER,
    NEVER_CLOSED,
    NOT_WRITTEN,
    OTHERWISE_WRONG,
    RULES,
    STRANGE_BYTES,
    UNKNOWN_MUNICIPALITY,
)
from domain.questions.question import Answer, QuestionKind
from domain.text.written import ID, NAME
from templates.names import NAMES, marked, name

# The templates ask one room for both.
__all__ = ["name"]

# Said so that it fits whoever gives the reason: the family itself or the caseworker who writes it down.
REASONS: dict[str, str] = {
    "need_not_documented": marked("Behovet er ikke dokumenteret"),
    "other_solution_found": marked("Der er fundet en anden løsning"),
    "wait_for_others_alike": marked("Vent, til flere familier søger noget lignende"),
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
    QuestionKind.FEWER_ALIKE: marked("Må vi søge, selv om familien skiller sig ud?"),
    QuestionKind.OFFER: marked("Kan I tilbyde en bolig?"),
    QuestionKind.APPROVAL: marked("Kan boligen godkendes?"),
    QuestionKind.ACCEPTANCE: marked("Vil I have boligen?"),
    QuestionKind.MOVE_IN: marked("Er familien flyttet ind?"),
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

# What needs a person, by its code; a code that is missing here is an error of our own, and stands as it is.
ATTENTION: dict[str, str] = {
    **{str(code): text for kind in (Trip, Seen) for code, text in NAMES[kind].items()},
    "too_much_at_once": marked("En boligorganisation ville tage for mange boliger ud på én gang"),
    "gone_while_reserved": marked("En bolig, vi holder til en familie, er udlejet til en anden"),
    "unknown_area": marked("Et boligområdes navn er ukendt: boligerne med det holdes tilbage, til nogen har svaret"),
    "too_many_areas": marked("Der er for mange ukendte navne på boligområder til at spørge om dem alle"),
    "left_area_unclear": marked("En henvisning siger ikke tydeligt, hvilket boligområde familien flytter fra"),
    "announced_while_let": marked("En bolig, vi har udlejet, er meldt ledig igen: er familien flyttet?"),
    "partner_refused": marked("En partner har sagt nej"),
    "partner_unavailable": marked("En partner svarer ikke"),
    "unexpected": marked("En liste fik vores program til at fejle"),
    "letter_by_hand": marked("Et brev til en familie skal printes og sendes med posten"),
    "letter_printed": marked("Et brev til en familie er printet: skriv, om det er sendt med posten"),
    "address_refused": marked("En mailadresse er afvist"),
    "bounced": marked("Et brev er kommet tilbage"),
    "away": marked("Den, der er spurgt, er væk"),
    "replied_by_mail": marked("Nogen har svaret på en mail i stedet for på siden"),
    "mail_to_read": marked("I postkassen ligger mail, som et menneske skal læse"),
    "mail_not_marked": marked("Læst post kan ikke mærkes som læst i postkassen"),
    "mailbox_refused": marked("Postkassen lukker os ikke ind"),
    "no_answer": marked("Fristen er gået, og kun et menneske kan komme videre"),
    "deadline_stuck": marked("En frist kunne ikke passes"),
    "nobody_at_work": marked("Både den, der er spurgt, og stedfortræderen er væk"),
    "needs_person": marked("Parten har ingen til det næste skridt"),
    "reassess": marked("Familiens forhold har ændret sig"),
    "search_exhausted": marked("Tidligere afslag udelukker alle boliger"),
    "vault_closed": marked("En kommentar kan ikke åbnes med de nøgler, vi har"),
    "digits_guessed": marked("Nogen har gættet på cifrene til et link: spørg modtageren, før brevet sendes igen"),
    "consent_ends_soon": marked("Familiens samtykke udløber snart, og så stopper sagen"),
    "archive_before_shredding": marked("Sagen makuleres snart, og arkivet har ikke overtaget den"),
    "archive_receipt_missing": marked("Sagen skulle være makuleret, men arkivet har ikke overtaget den"),
    "too_late_to_stop": marked("Samtykket blev trukket tilbage efter indflytningen"),
    "same_person": marked("Samme person har måske en åben sag i forvejen: afgør, om denne sag må fortsætte"),
    "withdrawal_refused": marked("En tilbagekaldelse fra et fagsystem blev ikke udført: familiens sag kan køre videre"),
    "schedule_not_run": marked("Noget, der skal køre af sig selv, har ikke kørt til tiden"),
    "schedule_refused": marked("En tidsplan kan ikke bruges"),
    "party_illegible": marked("Det, vi har gemt om en part, kan ikke læses. Importér parten igen"),
    "flag_without_id": marked("Et fagsystem har sendt en henvisning, som ikke kan besvares"),
    "restored_home": marked(
        "En sikkerhedskopi er lagt tilbage: en bolig er reserveret hos den ene og ikke hos den anden"
    ),
    "restored_identity": marked(
        "En sikkerhedskopi er lagt tilbage: en modtager ved, hvem familien er, og det ved vi ikke"
    ),
    "restored_posting": marked("En sikkerhedskopi er lagt tilbage: der er bogført noget, som vi ikke har bogført"),
    "restored_case": marked("En sikkerhedskopi er lagt tilbage: sagen er begyndt forfra eller kan ikke findes igen"),
    "restored_party": marked("En sikkerhedskopi er lagt tilbage: parten kan ikke spørges, hvad den har fra os"),
    "without_our_key": marked("En part siger, at den har noget fra os, men kan ikke vise, at vi har sendt det"),
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
    "holds_cpr_number": marked("Ordet har noget, der kan være et CPR-nummer."),
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
    NOT_WRITTEN[NAME]: marked(
        "må ikke have en web- eller mailadresse (://, www., @), punktum eller kolon lige før et bogstav "
        "(sæt et mellemrum; forkortelser som C.F. er i orden) eller tegn, som ikke hører til der"
    ),
    NOT_WRITTEN[ID]: marked("må ikke have en web- eller mailadresse (://, www., @) eller tegn, som ikke hører til der"),
    MAY_BE_A_CPR_NUMBER: marked("har noget, der kan være et CPR-nummer"),
    OTHERWISE_WRONG: marked("er ikke, som formatet siger"),
    UNKNOWN_MUNICIPALITY: marked("er ikke en kommunes kode"),
    FEWER_THAN_MIN: marked("er færre end persons_min"),
    CELLS_DIFFER: marked("har et andet antal celler end overskriften: %(value)s"),
    NEVER_CLOSED: marked("har et citationstegn, som ikke bliver lukket, eller som står midt i"),
    STRANGE_BYTES: marked("har tegn i en anden tegnkodning end resten"),
    "stands twice in the feed": marked("står to gange i listen"),
}
_ROW_RULES = [(re.compile(re.sub(r"\\\{.*?\\\}", "(.+)", re.escape(rule))), text) for rule, text in ROW_RULES.items()]


# Below a letter on paper that asks: how it can be answered without the page.
SLIP: dict[str, str] = {
    "how": marked("I kan også svare på papir eller i telefonen"),
    "by_post": marked("Sæt kryds, skriv under, og send arket til %(municipality)s. Eller ring på %(phone)s."),
    "yes": marked("Ja, vi vil gerne have boligen"),
    "no": marked("Nej, vi vil ikke have boligen"),
    "signed": marked("Dato og underskrift"),
}

# Why it was looked up who a family is, by the vault's door.
OPENED: dict[str, str] = {
    "address_family": marked("For at skrive til jer"),
    "printed_letter": marked("For at sende jer et brev på papir"),
    "senders_own_view": marked("Af jeres egen kommune"),
    "disclosure": marked("For at fortælle det til dem, I flytter til"),
    "right_of_access": marked("For at vise jer eller rette, hvad der er gemt"),
    "recognition": marked("For at se, om I allerede har en sag"),
}
OPENED_FOR_STAFF: dict[str, str] = {
    "address_family": marked("For at skrive til familien"),
    "printed_letter": marked("For at sende familien et brev på papir"),
    "senders_own_view": marked("Af familiens egen kommune"),
    "disclosure": marked("For at fortælle det til dem, familien flytter til"),
    "right_of_access": marked("For at vise familien eller rette, hvad der er gemt"),
    "recognition": marked("For at se, om familien allerede har en sag"),
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


def asked(kind: QuestionKind, *, on_behalf: bool = False) -> str:
    """The question in plain words."""
    return ASKED_ON_BEHALF if on_behalf else ASKED[kind]


def answer(kind: QuestionKind, given: Answer, *, on_behalf: bool = False) -> str:
    """An answer in the words of whoever gives it."""
    return ANSWERS_ON_BEHALF[given] if on_behalf else ANSWERS[kind, given]


def what_next(kind: QuestionKind, given: Answer, *, on_behalf: bool = False) -> str:
    """What happens after an answer."""
    return NEXT_ON_BEHALF[given] if on_behalf else NEXT[kind, given]
