"""The deeds of the schedules, each with a world in which there is something to do."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from tasks.asking.deadlines import remind_and_close
from tasks.asking.returned_mail import read_returned_mail
from tasks.books.answers import hear_parties
from tasks.books.claims import ask_about_claims
from tasks.books.months import ask_parties, settle_last_month
from tasks.books.posting_answers import ask_about_overdue, ask_for_answers
from tasks.books.run_files import export_all
from tasks.feeds.night import forget_abandoned
from tasks.feeds.ready_loads import apply_ready
from tasks.platform import Platform
from tasks.upkeep.asked_again import ask_again
from tasks.upkeep.attention import attend
from tasks.upkeep.chain import seal
from tasks.upkeep.consents import follow_consents
from tasks.upkeep.retention import keep_house
from tasks.upkeep.seals import bind_to_references, lay_comments_to_rest
from tasks.upkeep.settings_changes import note_settings
from tests.stories.claims_of_a_world import a_claim_answered, a_claim_made
from tests.stories.letters_of_a_world import (
    asked,
    came_back,
    commented,
    letter_by_hand,
    ticked_off,
    without_a_letter_system,
)
from tests.stories.months_of_a_world import a_month_answered, a_month_later, a_month_settled
from tests.stories.postings_that_wait import postings_answered_later, postings_in_a_run, postings_overdue
from tests.stories.states_of_a_world import (
    all_answered,
    consents_end,
    consents_have_ended,
    delivery,
    first_night,
    flagged,
    intake_of_odense,
    near_its_deadline,
    night_of_havblik,
    nobody_signs_off,
    not_archived,
    one_is_housed,
    one_withdraws,
    past_its_deadline,
    past_its_grace,
    reason_has_passed,
    sealed_before,
    second_night,
    sent_by_themselves,
    the_path,
    to_be_shredded,
    to_be_told,
)
from tests.world.world import World

DEEDS: dict[str, tuple[Callable[[World], None], Callable[[Platform], object]]] = {
    "intake": (flagged, intake_of_odense),
    "deadlines: reminders": (near_its_deadline, remind_and_close),
    "deadlines: the chief is told": (past_its_deadline, remind_and_close),
    "deadlines: the wait ends": (past_its_grace, remind_and_close),
    "deadlines: the day's list, and a person is asked": (nobody_signs_off, remind_and_close),
    "housekeeping: consents end soon": (consents_end, follow_consents),
    "housekeeping: consents have ended": (consents_have_ended, follow_consents),
    "housekeeping: shredding": (to_be_shredded, keep_house),
    "housekeeping: the archive is asked": (not_archived, keep_house),
    "housekeeping: what still waits is asked again": (ticked_off, ask_again),
    "returned-mail": (came_back, read_returned_mail),
    "worker: comments laid to rest": (commented, lay_comments_to_rest),
    "worker: seals bound to their references": (sealed_before, bind_to_references),
    "worker: the chain sealed, signed and told": (asked, seal),
    "worker: settings noted": (asked, lambda platform: note_settings(platform, {"world": "demo"})),
    "vacancy-sync: the first night": (first_night, night_of_havblik),
    "vacancy-sync: homes are missing": (second_night, night_of_havblik),
    "accepted-feeds": (sent_by_themselves, apply_ready),
    "vacancy-sync: abandoned loads": (first_night, forget_abandoned),
    "referral-path: signed off": (all_answered, the_path),
    "referral-path: booked": (one_is_housed, the_path),
    "referral-path: withdrawn": (one_withdraws, the_path),
    "settlement: the month is settled": (a_month_later, settle_last_month),
    "settlement: the parties are asked": (a_month_settled, ask_parties),
    "settlement: the parties have answered": (a_month_answered, hear_parties),
    "worker: a claim is put to who pays": (a_claim_made, ask_about_claims),
    "worker: a claim was answered": (a_claim_answered, hear_parties),
    "bookkeeping: answers": (postings_answered_later, lambda platform: asyncio.run(ask_for_answers(platform))),
    "bookkeeping: nobody has answered": (postings_overdue, ask_about_overdue),
    "bookkeeping: runs": (postings_in_a_run, lambda platform: export_all(platform, Path(tempfile.mkdtemp()))),
    "worker: attention": (reason_has_passed, attend),
    "worker: letters that a system takes by now": (letter_by_hand, attend),
    "worker: letters by hand": (without_a_letter_system, delivery),
    "worker: delivery": (to_be_told, delivery),
}
