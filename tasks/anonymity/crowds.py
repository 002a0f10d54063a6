"""The crowd that hides a family: the families that the recipient, as far as it can tell, may be asked about as well."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import Session, select

from domain.anonymity.measure import Crowd, Sought
from domain.anonymity.newcomer import Newcomer
from domain.homes.dwelling import Dwelling
from domain.parties.agreement import Agreement
from domain.questions.question import QuestionKind
from storage.areas.places import region_by_municipality
from storage.parties.agreements import AgreementVersion, agreement_of
from storage.privacy.seekers import Seeker, seekers_since, where_homes_lie
from tasks.platform import Platform


def as_asked(agreement: Agreement) -> tuple[object, ...]:
    """What a page that asks for a home shows of its agreement: agreements that show the same cannot be told apart."""
    # The page says which step of how many it is, and its receipt who is asked next.
    asked, order = agreement.step(QuestionKind.OFFER).answer_within_days, agreement.order
    return agreement.legal_basis, asked, order


def as_approved(agreement: Agreement) -> tuple[object, ...]:
    """What a page that asks for an approval shows of its agreement."""
    asked = agreement.step(QuestionKind.APPROVAL).answer_within_days
    return agreement.name, agreement.legal_basis, agreement.compensation, asked, agreement.order


@dataclass(slots=True)
class Seekers:
    """The families that were seeking lately, their agreements, and where each association has homes."""

    rows: list[Seeker]
    agreements: dict[int, Agreement]
    regions: dict[str, str]
    homes: dict[str, frozenset[str]]
    _crowds: dict[tuple[frozenset[str], frozenset[int]], Crowd] = field(default_factory=dict)
    _region_of: dict[int, str | None] = field(default_factory=dict)
    _seek: list[tuple[Seeker, Sought]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for id_, agreement in self.agreements.items():
            found = {self.regions[code] for code in agreement.receiving}
            self._region_of[id_] = found.pop() if len(found) == 1 else None
        self._seek = [(row, row.sought(self._region_of[row.agreement_version_id])) for row in self.rows]

    def whom_an_association_may_be_asked_about(self, association: str, agreement: Agreement) -> Crowd:
        """The families that the association has homes for, under any agreement that looks the same on its page."""
        versions = frozenset(
            id_
            for id_, other in self.agreements.items()
            if association in other.associations and as_asked(other) == as_asked(agreement)
        )
        homes = self.homes.get(association, frozenset())
        if (homes, versions) not in self._crowds:
            counted = Counter[Sought]()
            for row, seeks in self._who_may_be_housed_in(homes, versions):
                counted[seeks] += row.families
            self._crowds[homes, versions] = Crowd(counted)
        return self._crowds[homes, versions]

    def who_may_come_to(self, home: Dwelling, agreement: Agreement) -> list[tuple[Newcomer, int]]:
        """The families whom the home would suit, under any agreement that looks the same on the municipality's page."""
        versions = frozenset(
            id_ for id_, other in self.agreements.items() if as_approved(other) == as_approved(agreement)
        )
        found = (
            (Newcomer(seeks, row.persons, row.sender), row.families)
            for row, seeks in self._who_may_be_housed_in(frozenset({home.municipality}), versions)
        )
        return [(newcomer, count) for newcomer, count in found if newcomer.fits(home)]

    def region(self, agreement_version_id: int) -> str | None:
        """The one region where an agreement houses families without a wanted region; None when there are several."""
        return self._region_of[agreement_version_id]

    def _who_may_be_housed_in(
        self, codes: Collection[str], versions: Collection[int]
    ) -> Iterator[tuple[Seeker, Sought]]:
        known: dict[tuple[int, str, str | None], bool] = {}
        for row, seeks in self._seek:
            which = (row.agreement_version_id, row.sender, row.wanted_region)
            if which not in known:
                known[which] = row.agreement_version_id in versions and self._some_of(codes, row)
            if known[which]:
                yield row, seeks

    def _some_of(self, codes: Collection[str], row: Seeker) -> bool:
        receiving = self.agreements[row.agreement_version_id].receiving
        return any(
            code in codes and code != row.sender and row.wanted_region in (None, self.regions[code])
            for code in receiving
        )


def seekers_now(platform: Platform) -> Seekers:
    """The families that are seeking now, or were lately."""
    with platform.database.reading() as session:
        return seekers_in(session, platform)


def seekers_in(session: Session, platform: Platform) -> Seekers:
    """The same, as a session sees them."""
    since = platform.now() - timedelta(days=platform.anonymity.window_days)
    versions = [version for version in session.exec(select(AgreementVersion.id)) if version is not None]
    return Seekers(
        seekers_since(session, since),
        {version: agreement_of(session, version) for version in versions},
        region_by_municipality(session),
        where_homes_lie(session),
    )
