"""Consents, retention and who looked up a family, in Danish."""

from enum import StrEnum

from domain.referrals.consent import ChildrenHeard, ConsentGiven, ConsentStanding, ConsentWithdrawn
from domain.referrals.retention import Keeping
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    Keeping: {
        Keeping.KEEP: marked("Opbevares"),
        Keeping.WARN: marked("Makuleres snart"),
        Keeping.WAITS_FOR_ARCHIVE: marked("Venter på arkivet"),
        Keeping.SHRED: marked("Makuleres"),
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
}


# Why a family's identity was looked up, by the code of the vault's opening.
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
# What was disclosed of a family's identity, by code.
TOLD: dict[str, str] = {
    "adult_name": marked("navn"),
    "cpr": marked("CPR-nummer"),
    "email": marked("mail"),
    "phone": marked("telefon"),
    "address_protection": marked("om adressen er beskyttet"),
}


def fields_told(fields: str) -> list[str]:
    """The fields that a disclosure told, each as a text to translate."""
    return [TOLD[field] for field in fields.split(", ")]
