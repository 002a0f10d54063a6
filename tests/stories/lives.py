"""The courses of events in which the locks of each deed are recorded, by name."""

from collections.abc import Callable

from domain.questions.question import QuestionKind
from tests.stories.agreement_deeds import another_version_and_back
from tests.stories.claims_of_a_world import a_claim_withdrawn
from tests.stories.peoples_deeds import (
    a_case_system_withdraws,
    a_consent,
    a_key_of_persons_was_lost,
    a_letter_by_hand,
    a_name_of_an_area,
    a_night_that_changes_homes,
    answered_for_a_family,
    declined,
    digits_guessed,
    housed,
    moved_out,
    names_that_a_list_answers,
    passed_on,
    put_right,
    seals_of_two_cases,
    somebody_leaves,
    the_list,
    vacancies_are_sent,
    withdrawn_late,
)
from tests.world.ceilings import offered_under_a_ceiling
from tests.world.world import World

LIVES: dict[str, Callable[[World], None]] = {
    "a family is housed": housed,
    "two homes are offered and a ceiling has room for one": offered_under_a_ceiling,
    "an association says no": declined(QuestionKind.OFFER, "homes_already_let"),
    "a municipality says no": declined(QuestionKind.APPROVAL, "quota_used"),
    "a family says no": declined(QuestionKind.ACCEPTANCE, "too_expensive"),
    "a family has not moved in": declined(QuestionKind.MOVE_IN, "lease_not_signed"),
    "a case is withdrawn late": withdrawn_late,
    "a family has moved out": moved_out(30),
    "a family had moved out before its case was closed": moved_out(400),
    "a question is passed on": passed_on,
    "digits are guessed": digits_guessed,
    "a family answers on the telephone": answered_for_a_family,
    "a consent is renewed and withdrawn": a_consent,
    "a family is put right": put_right,
    "a letter is posted by hand": a_letter_by_hand,
    "a name of an area is said": a_name_of_an_area,
    "the list is tried again": the_list,
    "somebody leaves": somebody_leaves,
    "vacancies are sent": vacancies_are_sent,
    "a night changes homes": a_night_that_changes_homes,
    "seals are bound": seals_of_two_cases,
    "a list answers names": names_that_a_list_answers,
    "a case system withdraws a case": a_case_system_withdraws,
    "persons are known again": a_key_of_persons_was_lost,
    "a claim is withdrawn": a_claim_withdrawn,
    "a case is moved to another version and back": another_version_and_back,
}
