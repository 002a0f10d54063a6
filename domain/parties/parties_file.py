"""A file of agreements and partners as it was read, what it is judged beside, and what is found wrong with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.errors import Invalid
from domain.parties.agreement import Agreement
from domain.parties.party import Partner


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: in which entry, in which field, and what to do.

    Where entries have the same name, `version` says which is meant; of several alike the last. `where` is the file and
    the line, such as `agreements.toml:17`.
    """

    entry: str
    field: str
    reason: str
    version: int | None = None
    where: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.entry}{' ' if self.field else ''}{self.field}: {self.reason}"


@dataclass(slots=True)
class PartiesFile:
    """What a file says, and what of it cannot be read. `named` are the parties of all its entries, wrong ones too.

    `where` finds the file and the line of a fault.
    """

    name: str = ""
    agreements: list[Agreement] = field(default_factory=list)
    partners: list[Partner] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    where: Callable[[Fault], str] = lambda _: ""

    def placed(self, fault: Fault) -> Fault:
        """A fault with its line."""
        return replace(fault, where=self.where(fault))


class WrongFile(Invalid):
    """A file cannot be brought in; the text has a line for each fault."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        lines = "".join(f"\n· {fault}" for fault in faults)
        many = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(name, f"{many}, and nothing of it was imported:{lines}")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Known:
    """What is in force already: parties, agreements, each version of them, and the municipalities there are."""

    agreements: Sequence[Agreement] = ()
    partners: Sequence[Partner] = ()
    versions: Mapping[tuple[str, int], Agreement] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()

    def parties_with(self, file: PartiesFile) -> dict[str, Partner]:
        """Every party as it is once a file is in."""
        return {one.party: one for one in (*self.partners, *file.partners)}

    def agreements_with(self, file: PartiesFile) -> list[Agreement]:
        """Every agreement in its newest version once a file is in."""
        newest: dict[str, Agreement] = {}
        for one in sorted((*self.agreements, *file.agreements), key=lambda agreement: agreement.version):
            newest[one.id] = one
        return list(newest.values())


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known where a file is judged, beside what is in force.

    `connectors` are those there are, each with the system that it serves; `codes` are the municipalities that the
    reference facts have. Secrets are looked up in the `environment`; None where they are not at hand. `rules` are
    those that need more than the domain has.
    """

    connectors: Mapping[str, str]
    codes: frozenset[str]
    environment: Mapping[str, str] | None = None
    demo: bool = False
    rules: "tuple[Rule, ...]" = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What is judged: a file, beside what is in force and what is known here."""

    file: PartiesFile
    known: Known
    here: Surroundings

    @property
    def parties(self) -> dict[str, Partner]:
        """Every party as it is once the file is in."""
        return self.known.parties_with(self.file)

    @property
    def all_agreements(self) -> list[Agreement]:
        """Every agreement in its newest version once the file is in."""
        return self.known.agreements_with(self.file)

    @property
    def codes(self) -> frozenset[str]:
        """The municipalities there are. Before the first import none is in force: then those that it brings."""
        return self.known.codes or self.here.codes

    def concerns(self, agreement: Agreement, party: str) -> bool:
        """Whether the file itself says something of an agreement or of a party of it."""
        return agreement in self.file.agreements or any(one.party == party for one in self.file.partners)


Rule = Callable[[Given], Iterator[Fault]]
