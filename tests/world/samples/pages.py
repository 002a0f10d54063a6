"""A sample of each letter and each page, with invented facts."""

from dataclasses import replace
from datetime import UTC, date, datetime

from approval_api.mine.page import CaseLine, Line, MinePage, View
from approval_api.protection import ProtectionPage
from approval_api.sitting import Party
from domain.audit import Checkpoint
from domain.questions.question import FamilyAsked, QuestionKind
from domain.questions.urgency import Urgency
from domain.referrals.lifecycle import Status
from storage.privacy.report import PrivacyReport
from tests.world.samples.answered import CONSENT_AT, CONSENTS, ENDED, NOTICE, PASSED_ON, RECEIPTS, TAKE_BACKS
from tests.world.samples.books import BOOKS_PAGES
from tests.world.samples.drift import DRIFT_PAGES
from tests.world.samples.questions import AT, QUESTIONS

LINES = tuple(
    Line(
        reference=f"TF-2026-0004{number}",
        kind=kind,
        on_behalf=False,
        who="Boliganviser (opdigtet)",
        answer_by=date(2026, 12, 3 + number),
        urgency=urgency,
        open_at=f"/mine/{number}" if number else "",
        answered_at=None,
    )
    for number, (kind, urgency) in enumerate(zip(QuestionKind, Urgency, strict=False))
)
LISTED = MinePage("Boliganviser (opdigtet)", "Nyborg Kommune", View.MINE, None, LINES)
ANSWERED_BY_ME = MinePage(
    "Boliganviser (opdigtet)",
    "Nyborg Kommune",
    View.ANSWERED,
    QuestionKind.APPROVAL,
    (replace(LINES[1], answered_at=AT),),
)
LISTS = {"views": tuple(View), "kinds": tuple(QuestionKind)}

# Name of the sample: template, facts.
THEIR_CASES = replace(
    LISTED,
    view=View.CASES,
    lines=(),
    cases=(
        CaseLine("TF-2026-00042", Status.SEEKING, datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        CaseLine("TF-2026-00007", Status.HOUSED, datetime(2026, 10, 2, 12, 0, tzinfo=UTC)),
        CaseLine("TF-2026-00009", Status.APPROVED, datetime(2026, 10, 1, 12, 0, tzinfo=UTC), FamilyAsked.LETTER_WAITS),
    ),
    oversees=True,
    reads_books=True,
)
NOTHING_DONE = PrivacyReport(0, {}, None, None, 0, {}, {}, None, None, 0, {}, 0, 0, 0, 0, 0, {}, 0)
PROTECTION = ProtectionPage(
    person="Rådgiver (opdigtet)",
    since=date(2026, 8, 28),
    until=date(2026, 11, 26),
    days=90,
    report=PrivacyReport(
        requests=41,
        alike={3: 12, 7: 9, 14: 20},
        alike_least=3,
        alike_median=7,
        below_wanted=21,
        steps={"rooms: two": 4},
        alike_in_sending={3: 21, 5: 20},
        right_at_most_pct=26.8,
        two_right_at_most_pct=31.0,
        approvals=12,
        alike_to_municipality={4: 9, 11: 3},
        waiting=2,
        overrides=1,
        disclosures=17,
        recalls_confirmed=2,
        recalls_outstanding=1,
        openings={"address_family": 44, "disclosure": 17, "right_of_access": 1},
        shredded=3,
    ),
    signed=Checkpoint(48_213, "9f2c" * 16, datetime(2026, 11, 26, 5, 0, tzinfo=UTC), b"", b""),
)

PAGES: dict[str, tuple[str, dict[str, object]]] = {
    **{f"question_{name}": ("question", {"facts": facts}) for name, facts in QUESTIONS.items()},
    **{name: ("receipt", {"facts": facts}) for name, facts in RECEIPTS.items()},
    **{f"passed_on_{by}": ("passed_on", {"facts": facts}) for by, facts in PASSED_ON.items()},
    **{name: (name, {"facts": NOTICE}) for name in ("expired", "already_answered", "answered", "withdrawn")},
    "expired_of_family": ("expired", {"facts": replace(NOTICE, consent_at=CONSENT_AT)}),
    **{name: ("consent", {"facts": facts}) for name, facts in CONSENTS.items()},
    **{name: ("take-back", {"facts": facts}) for name, facts in TAKE_BACKS.items()},
    **{name: (template, {"facts": facts}) for name, (template, facts) in ENDED.items()},
    "mine": ("mine", {"mine": LISTED, **LISTS}),
    "mine_answered": ("mine", {"mine": ANSWERED_BY_ME, **LISTS}),
    "mine_empty": ("mine", {"mine": replace(LISTED, lines=()), **LISTS}),
    "mine_cases": ("mine", {"mine": THEIR_CASES, **LISTS}),
    "mine_no_cases": ("mine", {"mine": replace(THEIR_CASES, cases=()), **LISTS}),
    "protection": ("protection", {"protection": PROTECTION}),
    "protection_of_nobody": (
        "protection",
        {"protection": replace(PROTECTION, report=NOTHING_DONE, signed=None)},
    ),
    "mine_login": ("mine_login", {"parties": (Party("municipality:0450", "Nyborg Kommune"),)}),
    "mine_login_nowhere": ("mine_login", {"parties": ()}),
    "login": ("login", {"party": "Nyborg Kommune", "action": "/mine/login?party=municipality%3A0450"}),
    "login_failed": ("login_failed", {"again": None}),
    "login_failed_with_a_way_back": ("login_failed", {"again": "/q/" + "aB3_" * 10 + "xyz"}),
    "link_not_whole": ("link_not_whole", {}),
    "login_refused": ("login_refused", {"again": "/q/" + "aB3_" * 10 + "xyz"}),
    "login_silent": ("login_silent", {"party": "Nyborg Kommune"}),
    "somebody_elses": ("somebody_elses", {"who": "Boliganviser (opdigtet)"}),
    "somebody_elses_without_login": ("somebody_elses", {"who": ""}),
    "too_many": ("too_many", {"minutes": 4}),
    **BOOKS_PAGES,
    **DRIFT_PAGES,
    **{name: (name, {}) for name in ("four_eyes", "unknown", "failed", "tilgaengelighed", "privatliv")},
}
