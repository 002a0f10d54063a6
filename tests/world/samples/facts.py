"""The invented facts that letters and pages share."""

from datetime import date

from domain.anonymity.measure import FewAlike
from domain.anonymity.request import AnonymisedRequest
from domain.letters import ClaimFacts, HomeFacts
from domain.parties.compensation.parts import Payee
from domain.parties.compensation.tariff import Tariff
from domain.referrals.household import Need

DEADLINE = date(2026, 12, 3)
CASE = {"reference": "TF-2026-00042"}
REQUEST = {"reference": "B-K7QX2MVA"}
MONTH = {"reference": "2026-11"}
CLAIM = ClaimFacts(
    claimant="Boligforeningen Havblik (opdigtet)",
    part="refurbishment_guarantee",
    rule="refurbishment_guarantee",
    number=2,
    amount_ore=1_234_567,
    cap_ore=6_000_000,
    left_ore=4_500_000,
    evidence_number="F-2026/117",
    evidence_digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    evidence_on=date(2026, 11, 9),
)
DIGITS = "4072"
LINK = {"link": "https://tilflytning.example/q/" + "aB3_" * 10 + "xyz", "digits": DIGITS, "answer_by": DEADLINE}
CALL = {"support_name": "Tilflytterstyring", "support_phone": "00 00 00 00"}
OVERDUE = {"answer_by": DEADLINE, "support_name": "Tilflytterstyring", "support_phone": "00 00 00 00"}
HOME = HomeFacts(
    department="Afdeling 12, Bøgevangen",
    association="Boligselskabet Åkanden",
    municipality="Odense Kommune",
    rooms=4,
    size_m2=92,
    rent_monthly_ore=742_500,
    available_from=date(2027, 1, 1),
    step_free=True,
)
SMALLER_HOME = HomeFacts(
    department="Afdeling 3, Elmehaven",
    association="Boligselskabet Åkanden",
    municipality="Odense Kommune",
    rooms=3,
    size_m2=74,
    rent_monthly_ore=689_050,
    available_from=date(2026, 12, 15),
    step_free=False,
)
NEED = Need(persons=4, rooms_min=3, rent_max_monthly_ore=850_000, move_in_from=date(2026, 12, 15), step_free=True)
FEW = FewAlike(alike=2, usual=3, since=date(2026, 11, 9))
ANONYMISED = AnonymisedRequest(
    pseudonym="B-K7QX2MVA",
    rooms_from=3,
    rooms_to=4,
    rent_from_ore=800_000,
    rent_to_ore=900_000,
    move_in_year=2026,
    move_in_month=12,
    step_free=True,
)
TARIFFS = (
    Tariff("reception", Payee.RECEIVING_MUNICIPALITY, 4_000_000, per_child_ore=500_000),
    Tariff("social_work", Payee.RECEIVING_MUNICIPALITY, 800_000, months=6),
    Tariff("social_work", Payee.RECEIVING_MUNICIPALITY, 400_000, months=6),
    Tariff("staircase", Payee.RECEIVING_MUNICIPALITY, 1_500_000, most=True),
    Tariff("vacancy_rent", Payee.HOUSING_DEPARTMENT, days=42),
    Tariff("deposit_loan", Payee.HOUSING_DEPARTMENT, 3_000_000),
    Tariff("refurbishment_guarantee", Payee.HOUSING_DEPARTMENT, 4_000_000, most=True),
)
