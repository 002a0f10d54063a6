"""A request that is sent: what the association is told of the family, and how anonymous that was."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from domain.anonymity.request import anonymised
from domain.anonymity.request_groups import Together
from domain.homes.dwelling import Dwelling
from domain.parties.party import party_id
from domain.questions.question import QuestionKind
from storage.parties.partners import partner_of
from storage.privacy.releases import leave_line
from tasks.anonymity.anonymity import record, sent
from tasks.asking.asking import Matter, ask_party
from tasks.case import Case


@dataclass(frozen=True, slots=True)
class Told:
    """How a request goes out: to whom, in which group, how many go together, and how few a person has chosen."""

    recipient: str
    group: Together
    many: int
    chosen: int | None


def ask_association(case: Case, told: Told, homes: Sequence[Dwelling]) -> None:
    """Ask an association about a family, under its pseudonym there, and record how anonymous that was."""
    name = case.pseudonym_for(party_id(told.recipient))
    shown = asdict(anonymised(told.group.found.seen, pseudonym=name))
    matter = Matter(name, request=shown, homes=tuple(home.vacancy_id for home in homes))
    ask_party(case, QuestionKind.OFFER, partner_of(case.session, told.recipient), matter)
    record(case, told.group.found, to=told.recipient, chosen=told.chosen)
    sent(case, with_fewer=told.many if told.group.chosen else None)
    leave_line(case.session, case.id, told.recipient)
    case.rest()
