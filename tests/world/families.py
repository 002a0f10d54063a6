"""Invented families."""

from dataclasses import replace
from datetime import date

from deployments.demo import world as demo
from domain.referrals.consent import ChildrenHeard, Consent, ConsentGiven
from domain.referrals.household import FamilyAnswersBy, FlaggedFamily, Identity, Language, Need


def family(number: int = 1, *, municipality: str = "0461", **changes: object) -> FlaggedFamily:
    """An invented family of three that needs three rooms for at most 9,000 kr."""
    identity = demo.identity(number % 24)
    # Each number is another person: names are repeated, CPR numbers are not.
    identity["cpr"] = f"{identity['cpr'][:2]}{1 + number // 5000 % 12:02}80-{(4001 + number) % 10000:04}"
    flagged = FlaggedFamily(
        flag_id=f"flag-{number}",
        case_id=f"sag-{municipality}-{number}",
        flagged_by="sagsbehandler-1",
        from_area="Vollsmose" if municipality == "0461" else "Bispehaven",
        outside_labour_market=1,
        language=Language.DANISH,
        answers_by=FamilyAnswersBy.LETTER,
        need=Need(3, 3, 900_000, date(2026, 4, 1)),
        consent=Consent(
            given_on=date(2026, 2, 20),
            given_to="sagsbehandler",
            how=ConsentGiven.IN_WRITING,
            children=ChildrenHeard.HEARD,
            ends_on=date(2027, 2, 20),
        ),
        identity=Identity(**identity),
    )
    return replace(flagged, **changes)
