"""Which homes suit a family best, among those that may be asked about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from domain.allocation.criteria import Search, objections
from domain.allocation.shortlist import of_the_first_sizes, suggestions
from domain.homes.dwelling import Dwelling
from domain.parties.ceilings.use import NONE_REACHED, Reached
from domain.parties.party import party_id
from domain.questions.question import QuestionKind, Standing
from domain.referrals.lifecycle import Effect
from storage.areas.places import within_region
from storage.areas.whereabouts import Whereabouts
from storage.questions.lists import under_way
from storage.questions.questions import Question, times_suggested
from storage.referrals.exclusions import exclusions
from storage.vacancies.vacancies import candidates
from tasks.case import Case
from tasks.ceilings.reached import NOWHERE, ByVersion, narrowed, of_case


@dataclass(frozen=True, slots=True)
class Found:
    """The homes that suit best, by the association to ask, what was excluded from the search, and by which agreement.

    `reached` are the yearly ceilings that were reached when it was searched. Nothing is reserved: some homes may be
    gone by the time they are suggested.
    """

    homes: dict[str, list[Dwelling]]
    excluded: dict[Effect, frozenset[str]]
    agreement_version_id: int
    reached: Reached = NONE_REACHED


def find_homes(case: Case, reached: ByVersion = NOWHERE) -> Found:
    """Search before the referral is locked: it reads much, and others need not wait for it."""
    excluded, full = exclusions(case.session, case.id), of_case(case, reached)
    homes = suggestions(
        case.referral.need,
        without_objection(case, _search(case, excluded), full),
        asked_for=lambda homes: times_suggested(case.session, homes),
        associations_at_once=case.agreement.associations_at_once,
        homes_each=case.agreement.homes_each,
    )
    return Found(homes, excluded, case.referral.agreement_version_id, full)


def some_above_a_ceiling(case: Case, found: Found) -> bool:
    """Whether a home would suit if the yearly ceilings were not reached."""
    if not found.reached.levels:
        return False
    return next(without_objection(case, _search(case, found.excluded)), None) is not None


def suitable_at(case: Case, recipient: str, reached: ByVersion = NOWHERE) -> list[Dwelling]:
    """The best homes by size at a recipient that may be asked about a case now; empty when it may not be asked."""
    parked, asked = case.referral.parked_until, under_way(case.session, case.id, QuestionKind.OFFER)
    if (parked is not None and parked > case.now) or one_is_ripe(asked):
        return []
    if len(asked) >= case.agreement.associations_at_once or any(one.asked_of == recipient for one in asked):
        return []
    whole = _search(case, exclusions(case.session, case.id))
    only_there = replace(whole, associations=whole.associations & {party_id(recipient)})
    suitable = without_objection(case, only_there, of_case(case, reached))
    return of_the_first_sizes(suitable, case.agreement.homes_each)


def one_is_ripe(asked: list[Question]) -> bool:
    """Whether one of the questions is no longer open, so that the path has yet to act on it."""
    return any(one.standing is not Standing.OPEN for one in asked)


def best_of(case: Case, suitable: list[Dwelling]) -> list[Dwelling]:
    """The best of one association's suitable homes, spread so that other families were suggested other homes."""
    found = suggestions(
        case.referral.need,
        suitable,
        asked_for=lambda homes: times_suggested(case.session, homes),
        associations_at_once=1,
        homes_each=case.agreement.homes_each,
    )
    return next(iter(found.values()), [])


def everywhere(case: Case) -> Search:
    """Everywhere that the agreement lets the referral look and the family wants to live."""
    agreement, wanted = case.agreement, case.referral.wanted_region
    receiving = frozenset(agreement.receiving) - {case.referral.sending_municipality}
    if wanted is not None:
        receiving = within_region(case.session, receiving, wanted)
    return Search(receiving, frozenset(agreement.associations))


def _search(case: Case, excluded: Mapping[Effect, frozenset[str]]) -> Search:
    """Everywhere, without what earlier declines excluded."""
    whole = everywhere(case)
    return Search(
        whole.municipalities - excluded.get(Effect.EXCLUDE_MUNICIPALITY, frozenset()),
        whole.associations - excluded.get(Effect.EXCLUDE_ASSOCIATION, frozenset()),
        frozenset(int(home) for home in excluded.get(Effect.EXCLUDE_HOME, frozenset())),
    )


def without_objection(case: Case, whole: Search, reached: Reached = NONE_REACHED) -> Iterator[Dwelling]:
    """The homes to which there is no objection, smallest first; none where a ceiling is reached."""
    need, whereabouts = case.referral.need, Whereabouts(case.session, on=case.today)
    search = narrowed(whole, reached)
    for home in candidates(case.session, need, search):
        suits = not objections(need, home, search=search, listed_as=whereabouts.listed_as(home))
        if suits and not reached.objections(home):
            yield home
