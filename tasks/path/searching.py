"""The search for a home: ask the associations, and put forward what one of them offers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.allocation.criteria import Search, objections
from domain.allocation.shortlist import of_the_first_sizes, suggestions
from domain.homes.dwelling import Dwelling
from domain.parties import party
from domain.parties.party import party_id
from domain.questions.question import QuestionKind, Standing
from domain.referrals.lifecycle import HOME_GONE, Effect, Status
from domain.subject import About
from storage.areas.places import within_region
from storage.areas.whereabouts import IN_NONE, Whereabouts
from storage.attention import ask_for_attention
from storage.columns import needed
from storage.database import write
from storage.outbox import Telling
from storage.parties.parties import partner
from storage.privacy.releases import line_up as line_up_for
from storage.privacy.releases import lined_up, lined_up_no_more
from storage.questions.lists import open_questions, under_way
from storage.questions.questions import Question, times_suggested
from storage.referrals.referrals import exclusions, look_again
from storage.vacancies.vacancies import Offer, candidates, dwelling, reserve
from tasks.asking.asking import Matter, ask_party, ripe_questions
from tasks.case import Case, actor_of, suggested_homes, why_not
from tasks.path import anonymity as releasing
from tasks.path.crowds import Seekers

LOOK_AGAIN_AFTER = timedelta(days=1)
LOOK_AGAIN_SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Found:
    """The homes that suit best, by the association to ask, and what was out of the search.

    They are promised to nobody: some may be gone by then.
    """

    homes: dict[str, list[Dwelling]]
    excluded: dict[Effect, frozenset[str]]


def find_homes(case: Case) -> Found:
    """Search before the referral is held: it reads much, and others need not wait for it."""
    excluded = exclusions(case.session, case.id)
    homes = suggestions(
        case.referral.need,
        _without_objection(case, _search(case, excluded)),
        asked_for=lambda homes: times_suggested(case.session, homes),
        associations_at_once=case.agreement.associations_at_once,
        homes_each=case.agreement.homes_each,
    )
    return Found(homes, excluded)


def line_up(case: Case, found: Found) -> None:
    """Have the request wait for the associations with the best homes: it goes out with others, on a sending day."""
    releasing.heed(case)
    if not _may_ask(case, found):
        return
    recipients = {party.association(association) for association in found.homes}
    anew = recipients - lined_up(case.session, case.id).keys()
    rows = line_up_for(case.session, case.id, recipients, next_sending=releasing.next_sending_of(case))
    # What may go is sent right after this. Where that broke off, it is looked at again soon, and else on its day.
    soon, on_its_day = case.now + LOOK_AGAIN_SOON, min(row.due_at for row in rows.values())
    look_again(case.session, case.referral, soon if anew else max(on_its_day, soon))


def suitable_at(case: Case, recipient: str) -> list[Dwelling]:
    """The homes that suit best by size at a recipient that may be asked about a case now; none where it may not."""
    parked, asked = case.referral.parked_until, under_way(case.session, case.id, QuestionKind.OFFER)
    if (parked is not None and parked > case.now) or _one_is_ripe(asked):
        return []
    if len(asked) >= case.agreement.associations_at_once or any(one.asked_of == recipient for one in asked):
        return []
    whole = _search(case, exclusions(case.session, case.id))
    only_there = replace(whole, associations=whole.associations & {party_id(recipient)})
    return of_the_first_sizes(_without_objection(case, only_there), case.agreement.homes_each)


def _one_is_ripe(asked: list[Question]) -> bool:
    """Whether a question under way is not open any more: the path has yet to act on it."""
    return any(one.standing is not Standing.OPEN for one in asked)


def best_of(case: Case, suitable: list[Dwelling]) -> list[Dwelling]:
    """Those of one association's suitable homes that suit best, spread over what others were suggested."""
    found = suggestions(
        case.referral.need,
        suitable,
        asked_for=lambda homes: times_suggested(case.session, homes),
        associations_at_once=1,
        homes_each=case.agreement.homes_each,
    )
    return next(iter(found.values()), [])


def _may_ask(case: Case, found: Found) -> bool:
    """Whether associations may be asked now; if not, the case rests until that may have changed."""
    if case.referral.status is not Status.SEEKING:
        return False
    parked_until = case.referral.parked_until
    if parked_until is not None and parked_until > case.now:
        case.rest(parked_until)
        return False
    asked = under_way(case.session, case.id, QuestionKind.OFFER)
    if _one_is_ripe(asked) or exclusions(case.session, case.id) != found.excluded:
        # Answered, or a decline acted on, since the search: it stays due, and the next run goes on from there.
        return False
    if asked:
        case.rest()
        return False
    if not found.homes:
        lined_up_no_more(case.session, case.id)
        _say_when_only_declines_object(case)
        case.rest(case.now + LOOK_AGAIN_AFTER)
        return False
    return True


def _say_when_only_declines_object(case: Case) -> None:
    """A search that earlier declines have emptied needs a person."""
    if next(_without_objection(case, _everywhere(case)), None) is not None:
        subject = About.REFERRAL.of(case.referral.reference)
        ask_for_attention(case.session, subject, "search_exhausted", now=case.now, referral_id=case.id)


def _everywhere(case: Case) -> Search:
    """Where the agreement lets the referral look, and the family wants to live."""
    agreement, wanted = case.agreement, case.referral.wanted_region
    receiving = frozenset(agreement.receiving) - {case.referral.sending_municipality}
    if wanted is not None:
        receiving = within_region(case.session, receiving, wanted)
    return Search(receiving, frozenset(agreement.associations))


def _search(case: Case, excluded: Mapping[Effect, frozenset[str]]) -> Search:
    """Everywhere, less what earlier declines took out."""
    everywhere = _everywhere(case)
    return Search(
        everywhere.municipalities - excluded.get(Effect.EXCLUDE_MUNICIPALITY, frozenset()),
        everywhere.associations - excluded.get(Effect.EXCLUDE_ASSOCIATION, frozenset()),
        frozenset(int(home) for home in excluded.get(Effect.EXCLUDE_HOME, frozenset())),
    )


def _without_objection(case: Case, search: Search) -> Iterator[Dwelling]:
    """The homes to which there is no objection, smallest first."""
    need, whereabouts = case.referral.need, Whereabouts(case.session, on=case.today)
    for home in candidates(case.session, need, search):
        if not objections(need, home, search=search, listed_as=whereabouts.listed_as(home)):
            yield home


def propose(case: Case, seekers: Seekers) -> None:
    """An association has answered: reserve the home it offers and ask the receiving municipality."""
    for question in ripe_questions(case, QuestionKind.OFFER):
        if case.referral.status is not Status.SEEKING:
            # Another association was first; this one must not keep a home for nobody.
            case.write(Telling.REQUEST_RECALLED, to=question.addressee, question=question)
            continue
        if (reason := why_not(question)) is not None:
            case.decline(question, reason, homes=suggested_homes(case, question))
            case.note("declined_offer", actor=actor_of(question), reason=reason.code)
            continue
        home_id, whereabouts = needed(question.vacancy_id), Whereabouts(case.session, on=case.today)
        # What it is may have come out since it was suggested: no listed area receives anybody.
        if whereabouts.listed_as(dwelling(case.session, home_id)) == IN_NONE and reserve(
            case.session, home_id, until=_reserved_until(case)
        ):
            _put_forward(case, question, home_id, seekers)
        else:
            case.decline(question, HOME_GONE, homes=(home_id,))
            case.note("declined_offer", reason=HOME_GONE.code)
    if case.referral.status is Status.SEEKING:
        still_asked = open_questions(case.session, case.id, (QuestionKind.OFFER,))
        case.rest(None if still_asked else case.now)


def _reserved_until(case: Case) -> datetime:
    return case.now + timedelta(days=case.agreement.reservation_days)


def _put_forward(case: Case, question: Question, home_id: int, seekers: Seekers) -> None:
    home = dwelling(case.session, home_id)
    offer = Offer(
        referral_id=case.id,
        vacancy_id=home_id,
        pseudonym=case.pseudonym_for(home.association),
        reserved_until=_reserved_until(case),
        made_at=case.now,
    )
    write(case.session, offer)
    case.move(Status.PROPOSED, deed="offered", actor=str(question.addressee))
    case.revoke_questions((QuestionKind.OFFER,))
    releasing.end_wait(case)
    case.call(Telling.RESERVE, at=party.association(home.association), offer=offer)
    receiver = partner(case.session, party.municipality(home.municipality))
    family = releasing.present(case, home, seekers)
    ask_party(case, QuestionKind.APPROVAL, receiver, Matter(case.referral.reference, offer, request=family))
