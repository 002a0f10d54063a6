"""A sample of an agreement without a fault."""

from datetime import date

from domain.parties.agreement import Agreement, LegalBasis, OnSilence, Step
from domain.parties.compensation.model import CompensationTerms
from domain.parties.route import ROUTE

AGREEMENT = Agreement(
    id="a",
    version=1,
    name="A",
    valid_from=date(2026, 1, 1),
    sending=("0461",),
    receiving=("0450",),
    associations=("havblik",),
    route=tuple(
        Step(kind, 5, 3, OnSilence.KEEP_WAITING if kind in ("sign_off", "move_in") else OnSilence.BACK_TO_SEEKING)
        for kind in ROUTE
    ),
    compensation=CompensationTerms(1, 1, 180),
    legal_basis=LegalBasis("da", "en", "jurist", date(2026, 1, 1)),
)
