"""The row changes of the path, made by a plain loop of SQL statements: the time that the database alone takes.

A referral's changes are counted from what the path writes for a family to which everybody says yes: 6 answers, 9 moves
and 12 deliveries, each in a transaction, and 2 more transactions in which the vault is opened. Each but the deliveries
also writes one row of states for the audit chain. The worker's claims of lanes are left out, which makes the loop
faster. `path.py` counts the rows of every table afterwards, and refuses the comparison when they differ.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from tests.benchmarks.bare_statements import ENTRIES, REQUEST, STATES, Plain, Value

TODAY = datetime.now(UTC).date().isoformat()


@dataclass(slots=True)
class Loop:
    """The loop, and the seconds from each answer to the next letter's row."""

    plain: Plain
    moves_s: list[float] = field(default_factory=list)

    def house(self, referral_id: int, case_key: str, sign_off: int, homes: list[int]) -> None:
        """Carry one referral from its open sign-off to its postings told; `homes` are 3 and 3 suggested."""
        offers = self._admit_and_request(referral_id, sign_off, homes)
        letters = [letter for _, letter in offers]
        offer_id, approval, told = self._propose(referral_id, [question for question, _ in offers], homes[0])
        self._tell(*letters, *told)
        self._from_approval(referral_id, case_key, offer_id, approval, homes[0])

    def _admit_and_request(self, referral_id: int, sign_off: int, homes: list[int]) -> list[tuple[int, int]]:
        self._answer(referral_id, sign_off)
        began = time.perf_counter()
        with self.plain.transaction():
            self._settle(referral_id, sign_off, "received", "seeking", "signed_off")
        suggested = {"association:kloeverlykken": homes[:3], "association:havblik": homes[3:]}
        with self.plain.transaction():
            for recipient in suggested:
                now = self.plain.now()
                self.plain.insert("lined_up", referral_id=referral_id, recipient=recipient, due_at=now, missed=0)
            self.plain.update("referral", referral_id, due_at=self.plain.now())
        asked = []
        # The requests to each association are written in a transaction of their own.
        for recipient, some in suggested.items():
            with self.plain.transaction():
                asked.append(self._ask(referral_id, "offer", of=recipient, suggested=some, request=REQUEST))
                self._release(referral_id, recipient)
                self.plain.leave_line(referral_id, recipient)
                self.plain.update("referral", referral_id, due_at=None)
                self._chain()
        self.moves_s.append(time.perf_counter() - began)
        return asked

    def _release(self, referral_id: int, recipient: str) -> None:
        self.plain.insert(
            "release", referral_id=referral_id, recipient=recipient, released_at=self.plain.now(), seen=uuid4().hex,
            steps="{}", loss=0, alike_seeking=1, alike_released=1, crowd=1, least=1, wanted=1,
        )  # fmt: skip  # a column and its value stand together

    def _chain(self) -> None:
        """Write the digests of what a transaction's rows hold."""
        self.plain.insert("chained_states", at=self.plain.now(), digests=STATES, blind=uuid4().hex)

    def _propose(self, referral_id: int, offers: list[int], home: int) -> tuple[int, int, list[int]]:
        plain = self.plain
        for question in offers:
            self._answer(referral_id, question, vacancy_id=home)
        with self._move():
            now = plain.now()
            plain.update("question", offers[1], settled_at=now)
            plain.update("vacancy", home, standing="reserved", reserved_until=now)
            offer_id = plain.insert(
                "offer", referral_id=referral_id, vacancy_id=home, pseudonym="K7Q2-93XM", reserved_until=now,
                standing="live", made_at=now,
            )  # fmt: skip  # a column and its value stand together
            self._settle(referral_id, offers[0], "seeking", "proposed", "offered")
            reserve = self._put("reserve", referral_id, lane="association:kloeverlykken", offer_id=offer_id)
            recall = self._put("request_recalled", referral_id, question_id=offers[1])
            approval, letter = self._ask(referral_id, "approval", of="municipality:0430")
            self._release(referral_id, "municipality:0430")
        return offer_id, approval, [reserve, recall, letter]

    def _from_approval(self, referral_id: int, case_key: str, offer_id: int, approval: int, home: int) -> None:
        plain = self.plain
        self._answer(referral_id, approval)
        with self._move():
            self._settle(referral_id, approval, "proposed", "approved", "approved")
            acceptance, letter = self._ask(referral_id, "acceptance", of="family")
        self._open_vault(case_key, "address_family")
        self._tell(letter)
        self._answer(referral_id, acceptance)
        with self._move():
            self._settle(referral_id, acceptance, "approved", "accepted", "accepted")
        # The identity is disclosed in a transaction of its own, in production an hour later.
        with plain.transaction():
            plain.update("referral", referral_id, disclosure_due_at=None, due_at=None)
            self._chain()
            told = {
                self._put(telling, referral_id, lane=party, offer_id=offer_id): plain.insert(
                    "disclosure", referral_id=referral_id, offer_id=offer_id, to_party=party,
                    fields="adult_name, email, phone", basis="acceptance", decided_at=plain.now(),
                )
                for telling, party in (("disclose", "association:kloeverlykken"), ("hand_over", "municipality:0430"))
            }  # fmt: skip  # a column and its value stand together
            move_in, letter = self._ask(referral_id, "move_in", of="association:kloeverlykken")
        for row, disclosure in told.items():
            self._open_vault(case_key, "disclosure")
            with plain.transaction():
                plain.update("outbox", row, standing="delivered", ended_at=plain.now())
                plain.update("disclosure", disclosure, disclosed_at=plain.now())
        self._tell(letter)
        self._answer(referral_id, move_in)
        self._tell(*self._book(referral_id, offer_id, move_in, home))

    def _book(self, referral_id: int, offer_id: int, move_in: int, home: int) -> list[int]:
        plain = self.plain
        with self._move():
            now = plain.now()
            plain.update("offer", offer_id, standing="taken")
            plain.update("vacancy", home, standing="let", reserved_until=None)
            self._settle(referral_id, move_in, "accepted", "housed", "moved_in")
            booking = plain.insert(
                "booking", referral_id=referral_id, offer_id=offer_id, kind="move_in", booked_at=now,
                entry_date=TODAY, value_date=TODAY, agreement_version_id=1,
            )  # fmt: skip  # a column and its value stand together
            told = []
            for account, amount in zip(ENTRIES, (-5_700_000, 4_500_000, 1_200_000), strict=True):
                entry = plain.insert("ledger_entry", booking_id=booking, account=account, amount_ore=amount)
                told.append(self._put("posting", referral_id, lane=account, entry_id=entry))
            plain.insert("complete_booking", booking_id=booking)
            told.append(self._put("family_housed", referral_id, offer_id=offer_id))
        return told

    @contextmanager
    def _move(self) -> Iterator[None]:
        began = time.perf_counter()
        with self.plain.transaction():
            yield
            self._chain()
        self.moves_s.append(time.perf_counter() - began)

    def _answer(self, referral_id: int, question: int, *, vacancy_id: int | None = None) -> None:
        with self.plain.transaction():
            now = self.plain.now()
            self.plain.update("question", question, standing="answered", answer="yes", reason=None,
                              vacancy_id=vacancy_id, given_by=None, answered_at=now)  # fmt: skip  # as above
            self.plain.update("referral", referral_id, due_at=now)
            self._chain()

    def _settle(self, referral_id: int, question: int, was: str, to: str, deed: str) -> None:
        now = self.plain.now()
        self.plain.update("question", question, settled_at=now)
        self.plain.update("referral", referral_id, status=to, status_since=now, version=2, due_at=None, attempts=0)
        self._note(referral_id, deed, from_status=was, to_status=to)

    def _note(self, referral_id: int, deed: str, **facts: Value) -> None:
        self.plain.insert(
            "history_line", referral_id=referral_id, at=self.plain.now(), actor="platform", deed=deed,
            flow_run_id="0190a0c4-0000-7000-8000-000000000000", **facts,
        )  # fmt: skip  # a column and its value stand together

    def _ask(
        self, referral_id: int, kind: str, *, of: str, suggested: list[int] | None = None, request: str | None = None
    ) -> tuple[int, int]:
        plain, now = self.plain, self.plain.now()
        question = plain.insert(
            "question", key=uuid4().hex, referral_id=referral_id, kind=kind, version=1, asked_of=of,
            contact_id="udlejning-1", reference="TF-2026-00042", request=request, standing="open",
            token_hash=uuid4().hex * 2, asked_at=now, remind_at=now, answer_by=now, expires_at=now,
        )  # fmt: skip  # a column and its value stand together
        for home in suggested or ():
            plain.insert("suggested_home", question_id=question, vacancy_id=home)
        self._note(referral_id, f"asked_{kind}", reason=of)
        lane = "municipality:0461/letters" if of == "family" else "mail"
        return question, self._put(f"{kind}_requested", referral_id, lane=lane, question_id=question)

    def _put(self, telling: str, referral_id: int, *, lane: str = "mail", **ids: Value) -> int:
        return self.plain.insert(
            "outbox", telling=telling, lane=lane, key=uuid4().hex, addressee=lane, referral_id=referral_id,
            created_at=self.plain.now(), standing="waiting", **ids,
        )  # fmt: skip  # a column and its value stand together

    def _tell(self, *rows: int) -> None:
        for row in rows:
            with self.plain.transaction():
                self.plain.update("outbox", row, standing="delivered", ended_at=self.plain.now(), last_error=None)

    def _open_vault(self, case_key: str, door: str) -> None:
        with self.plain.transaction():
            self.plain.insert("vault_opening", case_key=case_key, door=door, opened_for="mail", at=self.plain.now())
