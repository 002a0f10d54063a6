"""Where people should log in to answer, though their agreement lets a letter suffice."""

from collections.abc import Iterable

from domain.parties.agreement import Agreement, AnswerLevel
from domain.parties.party import Partner, association, municipality


def letters_suffice(agreements: Iterable[Agreement], parties: Iterable[Partner]) -> list[str]:
    """A sentence for each agreement some of whose parties have a login that it does not ask for."""
    with_login = {one.party for one in parties if one.login is not None}
    found = []
    for agreement in agreements:
        codes = sorted({*agreement.sending, *agreement.receiving})
        named = [municipality(code) for code in codes] + [association(id_) for id_ in agreement.associations]
        able = [party for party in named if party in with_login]
        if agreement.answer_level is AnswerLevel.LINK and able:
            lacking = [party for party in named if party not in with_login]
            first = f" once {', '.join(lacking)} have a login, too" if lacking else ""
            found.append(
                f'agreement {agreement.id}: set answer_level = "link_and_login"{first}, for {", ".join(able)} have a'
                " login: a program that reads the digits in their letters can answer for them"
            )
    return found
