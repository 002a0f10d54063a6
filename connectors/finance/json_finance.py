"""A finance system (økonomisystem) that takes postings as JSON over HTTP.

What an answer to a posting means: `{"rejected": "<code>"}` that it is not booked, and why; `{"accepted": true}` that it
is; 202 without either that it was taken and no more is known yet; any other 2xx, an empty one too, that it is accepted.
"""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import ClassVar, Literal

from connectors.held import AnsweredPostingSent, HeldPostingSent, answer_in, in_list, read
from connectors.http import PartnerHttp
from domain.ports.finance import HeldPosting, LedgerPosting, PostingAnswer, PostingVerdict


@dataclass(frozen=True, slots=True)
class JsonFinanceSystem:
    """`POST {url}/postings`, one side of a booking at a time, in øre.

    `GET {url}/postings?since=…` is called after a backup was put back, and `GET {url}/answers?since=…` while postings
    that were only taken have no answer.
    """

    serves: ClassVar[Literal["finance"]] = "finance"

    http: PartnerHttp

    async def post(self, posting: LedgerPosting, *, key: str) -> PostingAnswer:
        """Post one side of a booking."""
        told: dict[str, object] = {
            "booking": posting.booking,
            "reference": posting.reference,
            "account": posting.account,
            "amount_ore": posting.amount_ore,
            "booked_on": posting.booked_on.isoformat(),
            "kind": posting.kind,
        }
        if posting.account_string:
            told["account_string"] = posting.account_string
        status, answer = await self.http.write_answered("/postings", told, key=key)
        unsaid = PostingVerdict.SENT if status == HTTPStatus.ACCEPTED else PostingVerdict.ACCEPTED
        return answer_in(answer, unsaid=unsaid)

    async def posted(self, since: date) -> list[HeldPosting]:
        """What was posted on a day or later."""
        answer = await self.http.read("/postings", query={"since": since.isoformat()})
        return [one.held() for one in read(HeldPostingSent, in_list(answer, "postings"), answer)]

    async def answers(self, since: date) -> dict[str, PostingAnswer]:
        """What became of the postings told on a day or later, by key."""
        answer = await self.http.read("/answers", query={"since": since.isoformat()})
        found = read(AnsweredPostingSent, in_list(answer, "answers"), answer)
        return {one.key: answer_in(one.model_dump(), unsaid=PostingVerdict.SENT) for one in found}
