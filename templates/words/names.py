"""What each code of the domain is called, in Danish, translated like any text.

Codes of different kinds share their spelling (`sign_off` is a role and a question), so the names are kept by kind.
"""

from enum import StrEnum

from templates.words import anonymity, audit, books, feeds, homes, parties, privacy, questions, referrals

NAMES: dict[type[StrEnum], dict[str, str]] = {
    **anonymity.NAMES,
    **audit.NAMES,
    **books.NAMES,
    **feeds.NAMES,
    **homes.NAMES,
    **parties.NAMES,
    **privacy.NAMES,
    **questions.NAMES,
    **referrals.NAMES,
}


def name(code: StrEnum) -> str:
    """What a code is called."""
    return NAMES[type(code)][code]
