"""How vacancies come in and what is wrong with them, in Danish."""

import re
from enum import StrEnum

from domain.errors import Seen
from domain.feeds.breaker import Trip
from domain.feeds.contract import FeedMode, FeedStatus
from domain.feeds.load import LoadKind, LoadStanding
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
from domain.text.written import ID, NAME
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    FeedMode: {FeedMode.FULL: marked("Hele listen"), FeedMode.DELTA: marked("Ændringer")},
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
    Seen: {
        Seen.EMPTY: marked("En partner har svaret, men svaret er tomt"),
        Seen.PAGE: marked("En partner har svaret med en webside, for eksempel til login"),
        Seen.OTHER_FORM: marked("En partner har svaret med noget andet, end vi har aftalt"),
        Seen.NO_HEADER: marked("En liste har ingen overskrift med de kolonner, vi har aftalt"),
        Seen.NOT_WHOLE: marked("En partner har svaret, men svaret er ikke helt"),
        Seen.NOT_READABLE: marked("En partner har svaret, men svaret kan ikke læses"),
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


def row_fault(reason: str) -> tuple[str, str, str]:
    """What is wrong with a row: the field, the rule as a text to translate, and the value that the rule names."""
    field, _, rule = reason.partition(": ")
    for pattern, text in _ROW_RULES:
        if found := pattern.fullmatch(rule):
            return field, text, found[1].replace("'", "").replace(" or ", ", ") if pattern.groups else ""
    return field, rule, ""
