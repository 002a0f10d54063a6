"""The rules by which the lines of a statement are paid, as their agreements have them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from domain.books.statement import StatementLine, parts_booked_as
from domain.parties.compensation.model import Compensation, CompensationModel
from domain.parties.compensation.parts import Part
from storage.parties.agreements import agreement_versions


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by the name under which it is booked, and the parts that it means: none where the terms are plainest."""

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class RulesOfAgreement:
    """An agreement in the version on which lines rest, and the rules of those lines."""

    agreement: str
    name: str
    version: int
    terms: Compensation
    rules: tuple[Rule, ...]

    @property
    def model(self) -> CompensationModel | None:
        """The model of parts; None for the plainest terms."""
        return self.terms if isinstance(self.terms, CompensationModel) else None


def rules_on(session: Session, lines: Sequence[StatementLine]) -> tuple[RulesOfAgreement, ...]:
    """The rules of some lines by agreement and version, each once, in the order in which the lines name them."""
    named: dict[str, dict[str, None]] = {}
    for line in lines:
        named.setdefault(line.agreement, {})[line.rule] = None
    versions = agreement_versions(session) if named else {}
    found = []
    for agreement, rules in named.items():
        id_, _, version = agreement.rpartition("/")
        held = versions[id_, int(version)]
        parts = [Rule(rule, parts_booked_as(held.compensation, rule)) for rule in rules]
        found.append(RulesOfAgreement(agreement, held.name, held.version, held.compensation, tuple(parts)))
    return tuple(found)
