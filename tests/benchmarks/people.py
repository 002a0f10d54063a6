"""The people of the benchmark, who all say yes, at once or one at a time; and the measurement of letters' waits."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import groupby
from types import TracebackType
from typing import Self, TypeVar

import httpx
from sqlalchemy import text

from deployments.demo.people import read_form, same_origin
from deployments.progress import Standstill, until
from domain.parties.route import ROUTE
from domain.questions.digits import link_digits
from domain.questions.question import Answer, QuestionKind, Reply, link_token
from storage.database import Database
from storage.outbox import Telling
from storage.questions.answers import record_answer
from storage.questions.questions import Question

NEXT_LETTER: dict[QuestionKind, Telling] = {
    QuestionKind.SIGN_OFF: Telling.OFFER_REQUESTED,
    QuestionKind.OFFER: Telling.APPROVAL_REQUESTED,
    QuestionKind.APPROVAL: Telling.ACCEPTANCE_REQUESTED,
    QuestionKind.ACCEPTANCE: Telling.MOVE_IN_REQUESTED,
    QuestionKind.MOVE_IN: Telling.FAMILY_HOUSED,
}
LOOKS_FOR_LETTERS_EVERY_S, LOOKS_CLOSELY_EVERY_S = 0.1, 0.01


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that somebody can answer."""

    id: int
    referral_id: int
    kind: QuestionKind
    homes: tuple[int, ...] = ()


# A function that gives an answer; to an association's question with the home that is offered.
Hand = Callable[[Asked, int | None], None]
Found = TypeVar("Found")


def recording(database: Database) -> Hand:
    """A hand that records answers in this process, as the approval endpoint does."""

    def answer(asked: Asked, home: int | None) -> None:
        reply = Reply(Answer.YES, vacancy_id=home)
        with database.writing() as session:
            record_answer(session, asked.id, reply, referral_id=asked.referral_id, now=datetime.now(UTC))

    return answer


def posting(database: Database, desk_url: str, link_key: bytes, http: httpx.Client) -> Hand:
    """A hand that posts answers to the approval endpoint, as its page's form does."""

    def answer(asked: Asked, home: int | None) -> None:
        with database.reading() as session:
            question = session.get_one(Question, asked.id)
        token = link_token(link_key, question_key=question.key, version=question.version, addressee=question.addressee)
        page = http.get(f"{desk_url}/q/{token}")
        if (form := read_form(page.text)) is None:
            return
        headers = same_origin(page)
        digits = {"digits": link_digits(question.key, token)}
        chosen = digits | {"answer": "yes"} | ({"vacancy": str(home)} if home else {})
        told = http.post(page.url, data=form.hidden | chosen, headers=headers)
        if told.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            # The home went to another family, and the association has no other to offer.
            gone = digits | {"answer": "no", "reason": "homes_already_let"}
            told = http.post(page.url, data=form.hidden | gone, headers=headers)
        if told.is_server_error:
            raise RuntimeError(f"the approval endpoint answered {told.status_code}")

    return answer


LETTERS = text(
    "SELECT id, referral_id, telling FROM outbox WHERE id > :after AND (lane = 'mail' OR addressee = 'family')"
)


@dataclass
class Watch:
    """Records when each letter's row can first be read, and when each answer was sent.

    It looks every 5 ms, and a wait may be measured too long by that; when all answer at once, it looks less often, to
    leave the processor to the platform.
    """

    database: Database
    every_s: float = 0.005
    clicked: dict[tuple[int, QuestionKind], float] = field(default_factory=dict)
    written: dict[tuple[int, str], float] = field(default_factory=dict)

    # How many ids are read again, because PostgreSQL may commit a lower id after a higher one.
    LOOKS_BACK = 100

    def __enter__(self) -> Self:
        with self.database.reading() as session:
            self._after = int(session.execute(text("SELECT coalesce(max(id), 0) FROM outbox")).scalar_one())
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch")
        self._thread.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._left.set()
        self._thread.join()

    def _watch(self) -> None:
        newest = self._after
        while not self._left.wait(self.every_s):
            after = max(self._after, newest - self.LOOKS_BACK)
            with self.database.reading() as session:
                rows = session.execute(LETTERS, {"after": after}).all()
            seen = time.perf_counter()
            for id_, referral_id, telling in rows:
                self.written.setdefault((referral_id, telling), seen)
                newest = max(newest, id_)

    def waits_s(self) -> list[float]:
        """The wait from each answer to the next letter's row."""
        return [
            self.written[referral_id, NEXT_LETTER[kind]] - clicked
            for (referral_id, kind), clicked in self.clicked.items()
            if (referral_id, NEXT_LETTER[kind]) in self.written
        ]


# A question can be answered when its letter has been delivered. The homes are listed best first: the smallest, and of
# those the one that is vacant last but not too late (see `cohort`). Nobody answers within the milliseconds before the
# letter to the other association is sent, as an early yes would make that letter unnecessary.
OPEN = text("""
    SELECT q.id, q.referral_id, q.kind, v.id
      FROM question q
      JOIN outbox o ON o.referral_id = q.referral_id AND o.question_id = q.id AND o.standing = 'delivered'
      JOIN referral r ON r.id = q.referral_id
      LEFT JOIN suggested_home s ON s.question_id = q.id
      LEFT JOIN vacancy v ON v.id = s.vacancy_id
     WHERE q.standing = 'open' AND q.referral_id BETWEEN :first AND :last
       AND NOT EXISTS (SELECT 1 FROM lined_up l WHERE l.referral_id = q.referral_id)
     ORDER BY q.id, v.rooms, v.available_from > r.move_in_from, v.available_from DESC, v.id
""")
NOT_HOUSED = text("SELECT id FROM referral WHERE id BETWEEN :first AND :last AND status <> 'housed'")
UNTOLD = text("SELECT count(*) FROM outbox WHERE standing = 'waiting'")


@dataclass
class People:
    """Everybody who is asked about the referrals with these ids."""

    database: Database
    ids: Sequence[int]
    hand: Hand
    watch: Watch
    together: int = 1

    def __post_init__(self) -> None:
        self._ours = frozenset(self.ids)
        self._offered: set[int] = set()
        self._choosing = threading.Lock()
        # The range may hold other referrals too, which another municipality flagged at the same time.
        self._range = {"first": min(self.ids), "last": max(self.ids)}

    def all_at_once(self) -> None:
        """Answer every question as soon as its letter is delivered, until all are housed and everything is told."""
        answered: set[int] = set()
        standstill = Standstill()
        with ThreadPoolExecutor(self.together) as hands:
            asked: list[Asked] = []
            while asked or (left := self._still_going()):
                asked = [one for one in self._asked(self._range) if one.id not in answered]
                answered.update(one.id for one in asked)
                list(hands.map(self._answer, asked))
                standstill.look(f"{left} referrals or letters are left, {len(answered)} questions are answered")
                # Not more often, to leave the processor to the platform.
                time.sleep(LOOKS_FOR_LETTERS_EVERY_S)

    def one_at_a_time(self, chance: random.Random) -> None:
        """House one family after another; each person answers some time after the letter was delivered."""
        for id_ in self.ids:
            for kind in ROUTE:
                asked = self._delivered(id_, kind)
                # So that clicks fall at random moments between two looks of the worker.
                time.sleep(chance.uniform(0, 0.1))
                self._answer(asked)
                until(partial(self.watch.written.get, (id_, NEXT_LETTER[kind])), every_s=LOOKS_CLOSELY_EVERY_S)

    def _answer(self, asked: Asked) -> None:
        self.watch.clicked.setdefault((asked.referral_id, asked.kind), time.perf_counter())
        self.hand(asked, self._offer(asked))

    def _offer(self, asked: Asked) -> int | None:
        """The best home that no association has offered yet; nobody promises a home to two families."""
        with self._choosing:
            free = [home for home in asked.homes if home not in self._offered] or asked.homes
            home = free[0] if free else None
            self._offered.update((home,) if home else ())
            return home

    def _delivered(self, id_: int, kind: QuestionKind) -> Asked:
        def told() -> Asked | None:
            found = self._asked({"first": id_, "last": id_})
            return next((one for one in found if one.kind is kind), None)

        return until(told, every_s=LOOKS_CLOSELY_EVERY_S)

    def _asked(self, of: dict[str, int]) -> list[Asked]:
        with self.database.reading() as session:
            rows = session.execute(OPEN, of).all()
        return [
            Asked(id_, referral_id, QuestionKind(kind), tuple(home for *_, home in suggested if home))
            for (id_, referral_id, kind), suggested in groupby(rows, key=lambda row: tuple(row[:3]))
            if referral_id in self._ours
        ]

    def _still_going(self) -> int:
        with self.database.reading() as session:
            left = self._ours.intersection(session.execute(NOT_HOUSED, self._range).scalars())
            return len(left) + int(session.execute(UNTOLD).scalar_one())


def everything_told(database: Database) -> None:
    """Wait until the outbox is empty."""
    standstill = Standstill()
    while left := _untold(database):
        standstill.look(f"{left} letters are left")
        time.sleep(0.1)


def _untold(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(UNTOLD).scalar_one())
