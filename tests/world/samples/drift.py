"""The operations pages with invented facts: a quiet morning, and one on which much is wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from approval_api.drift.lines import AttentionLine, FeedLine, OverdueLine, ScheduleLine
from approval_api.drift.page import DriftPage, FeedPage
from approval_api.sitting import Party, Person
from domain.errors import Invalid
from domain.feeds.breaker import Trip
from domain.feeds.load import LoadKind, LoadStanding
from domain.parties.party import Contact, Partner, Role
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.attention import AttentionItem
from storage.feeds.comparison import Difference, Differing
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import FieldMapping, QuarantinedRow, RowStanding
from storage.feeds.review import Held
from storage.operations.overview import FeedState, QuestionsWaiting, Waiting
from storage.operations.schedules import Schedule
from storage.questions.questions import Question
from templates.words.feeds import ROW_RULES

PREFECT = "http://prefect.example"
NOW = datetime(2026, 12, 3, 7, 30, tzinfo=UTC)
VAGT = Contact("vagt", "Driftsvagt (opdigtet)", "vagt@drift.invalid", Role.OPERATIONS)
PERSON = Person("operator:drift", VAGT)
RUN = f"{PREFECT}/runs/flow-run/5b0c1d6e"


def association(id_: str, name: str) -> Partner:
    return Partner(f"association:{id_}", name, "", (), {})


def load(nights_ago: int, standing: LoadStanding, *why: str, **counts: int) -> FeedLoad:
    at = NOW - timedelta(days=nights_ago, hours=5)
    told = {"rows": 120, "appeared": 3, "changed": 5, "vanished": 2, "quarantined": 1} | counts
    return FeedLoad(
        id=100 - nights_ago,
        association="havblik",
        kind=LoadKind.NIGHT,
        standing=standing,
        started_at=at,
        ended_at=at,
        why=list(why),
        decided_by="operator:drift/vagt" if standing is LoadStanding.REFUSED else None,
        **told,
    )


STANDINGS = [LoadStanding.APPLIED] * 5 + [LoadStanding.UNCHANGED, LoadStanding.REFUSED, LoadStanding.FAILED]
NIGHTS = tuple(
    load(ago, STANDINGS[ago % len(STANDINGS)], rows=110 + ago % 13, appeared=ago % 7, vanished=ago % 3)
    for ago in range(29, 0, -1)
)
HELD_LOAD = load(0, LoadStanding.HELD, Trip.SHRUNK, Trip.STRANGERS, rows=31, quarantined=4)
FRESH = FeedLine(
    FeedState(association("havblik", "Boligforeningen Havblik"), NOW - timedelta(hours=5), NIGHTS[-1], False, 118, 0),
    timedelta(hours=5),
    False,
    RUN,
)
OLD = FeedLine(
    FeedState(association("kloever", "Kløverlykkens Almene Boliger"), NOW - timedelta(days=3), HELD_LOAD, True, 96, 4),
    timedelta(days=3),
    True,
    RUN,
)
NEW = FeedLine(FeedState(association("ny", "Boligselskabet Åkanden"), None, None, False, 0, 0), None, True, "")

ATTENTION = tuple(
    AttentionLine(
        AttentionItem(id=number, subject=subject, code=code, detail=detail, referral_id=case, opened_at=NOW),
        "TF-2026-00042" if case else "Boligforeningen Havblik",
        "/drift/feeds/kloever" if subject.startswith("feed:") else "",
        RUN if case else "",
    )
    for number, (subject, code, detail, case) in enumerate(
        [
            ("feed:kloever", str(Trip.SHRUNK), "", None),
            ("question:17", "no_answer", "approval: municipality:0450/anvisning-1", 42),
            ("lane:municipality:0450", "partner_unavailable", "POST /postings: 503", None),
            ("referral:TF-2026-00042", "ProgrammingError", "", 42),
        ],
        1,
    )
)
OVERDUE = tuple(
    OverdueLine(
        Question(
            kind=kind,
            reference="TF-2026-00042",
            answer_by=NOW - timedelta(days=2),
            asked_of="",
            contact_id="",
            request={},
        ),
        party,
        VAGT if party else None,
    )
    for kind, party in ((QuestionKind.APPROVAL, "Nyborg Kommune"), (QuestionKind.ACCEPTANCE, None))
)
BUSY = DriftPage(
    person=PERSON,
    at=NOW,
    feeds=(FRESH, OLD, NEW),
    attention=ATTENTION,
    outbox=Waiting(7, NOW - timedelta(minutes=40)),
    outbox_age=timedelta(minutes=40),
    questions=tuple(QuestionsWaiting(kind, Waiting(3, NOW), 1) for kind in QuestionKind),
    overdue=OVERDUE,
    referrals=dict.fromkeys(Status, 4),
    schedules=(
        ScheduleLine(
            Schedule(name="vacancy-sync/night", cron="18 2 * * *", due_by=NOW, ended_at=NOW - timedelta(days=2)),
            True,
            RUN,
        ),
        ScheduleLine(
            Schedule(name="housekeeping/every-night", cron="41 3 * * *", due_by=NOW + timedelta(hours=5)), False, ""
        ),
    ),
)
QUIET = replace(
    BUSY, feeds=(FRESH,), attention=(), outbox=Waiting(0, None), outbox_age=None, questions=(), overdue=(), schedules=()
)


def row(number: int, raw: str, *reasons: str, standing: RowStanding = RowStanding.KEPT) -> QuarantinedRow:
    ended = {"ended_at": NOW, "ended_by": "operator:drift/vagt"} if standing is RowStanding.DROPPED else {}
    return QuarantinedRow(
        id=number,
        association="kloever",
        digest="",
        external_id=f"12-{number}" if number % 2 else None,
        line=number + 1,
        raw=raw.encode(),
        told={},
        reasons=list(reasons),
        standing=standing,
        first_seen=NOW - timedelta(days=2),
        last_seen=NOW,
        **ended,
    )


EVERY_REASON = [f"rooms: {rule}" for rule in ROW_RULES]
FEED = FeedPage(
    person=PERSON,
    at=NOW,
    line=OLD,
    nights=(*NIGHTS, HELD_LOAD),
    held=Held(
        HELD_LOAD,
        Difference(2, 1, 88),
        (
            Differing("appear", "12-7", "Kløvergården"),
            Differing("change", "12-3", "Engparken", (("rent_monthly_ore", "700000", "745000"), ("floor", "", "2"))),
            Differing("vanish", "12-9", "Engparken"),
        ),
    ),
    rows=(
        row(1, "12-1;Engparken;0430;stuen;<b>tre</b>", "floor: must be a whole number", "rooms: is missing"),
        row(2, '{"rooms": 0}', *EVERY_REASON),
    ),
    dropped=(row(3, "", standing=RowStanding.DROPPED),),
    mappings=(FieldMapping(id=1, association="kloever", field="floor", written="stuen", meant="0", since=NOW, by=""),),
)
CALM = replace(FEED, line=FRESH, nights=NIGHTS, held=None, rows=(), dropped=(), mappings=())

DRIFT_PAGES: dict[str, tuple[str, dict[str, object]]] = {
    "drift": ("drift", {"drift": BUSY}),
    "drift_quiet": ("drift", {"drift": QUIET}),
    "drift_without_feeds": ("drift", {"drift": replace(QUIET, feeds=())}),
    "drift_feed": ("drift_feed", {"feed": FEED}),
    "drift_feed_calm": ("drift_feed", {"feed": CALM}),
    "drift_feed_new": ("drift_feed", {"feed": replace(CALM, line=NEW, nights=())}),
    "drift_feed_done": ("drift_feed", {"feed": replace(CALM, done="accept")}),
    "drift_feed_not_done": ("drift_feed", {"feed": replace(CALM, errors=(Invalid("deed", "meanwhile"),))}),
    "drift_login": ("drift_login", {"parties": (Party("operator:drift", "Tilflytterstyring, drift"),)}),
    "drift_login_nowhere": ("drift_login", {"parties": ()}),
}
