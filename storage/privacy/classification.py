"""What each column holds about people, for the record of processing (GDPR art. 30); a test fails if one is missing."""

from enum import StrEnum


class Holds(StrEnum):
    """What a column holds about people."""

    SEALED = "sealed"
    CASE = "case"
    STAFF = "staff"
    SECRET = "secret"  # noqa: S105  # a word, and no secret
    WRITTEN = "written"
    NOBODY = "nobody"


MEANS: dict[Holds, str] = {
    Holds.SEALED: "who a family is, and what people wrote in their own words: sealed under the family's own key",
    Holds.CASE: "what is told of a family under its case's reference, in bands and codes: personal data all the same",
    Holds.STAFF: "people at work: who was asked, who answered, who decided",
    Holds.SECRET: "keys, and digests that only who has a secret can make",
    Holds.WRITTEN: "what a partner wrote where a name or a word of a feed is asked for: it may hold more than that, a "
    "person's name too. Of an area's name `written` is emptied when somebody has said what it means, and the row goes "
    "when nothing waits for it any more; what quarantine keeps has a bound in number and time",
    Holds.NOBODY: "nobody: homes, areas, agreements, counts and moments",
}

_HOME = (
    "external_id lbf_number department_number unit_number dar_address_id municipality rooms "
    "size_m2 rent_monthly_ore deposit_ore available_from floor lift step_free pets persons_min persons_max letting"
)
_NAMED = "department area_name"
_OF_CASE = "id referral_id"

COLUMNS: dict[str, dict[Holds, str]] = {
    "agreement_migration": {Holds.NOBODY: "id to_version_id begun_at", Holds.STAFF: "begun_by"},
    "agreement_version": {Holds.NOBODY: "id agreement_id version valid_from document imported_at"},
    "archive_receipt": {Holds.CASE: f"{_OF_CASE} receipt at", Holds.STAFF: "by"},
    "area": {Holds.NOBODY: "id municipality name"},
    "area_address": {Holds.NOBODY: "dar_address_id area_id"},
    "area_figures": {Holds.NOBODY: "id area_id published residents outside_labour_market_pct source"},
    "area_listing": {Holds.NOBODY: "id area_id status published source"},
    "area_name": {
        Holds.WRITTEN: "compared written",
        Holds.NOBODY: "id municipality asked_by asked_at area_id said_at",
        Holds.STAFF: "said_by",
    },
    "attention_item": {Holds.CASE: f"{_OF_CASE} subject code detail opened_at closed_at", Holds.STAFF: "closed_by"},
    "audit_checkpoint": {Holds.NOBODY: "seq hash at public_key signature"},
    "audit_event": {Holds.CASE: "id at deed about facts", Holds.STAFF: "actor"},
    "audit_link": {Holds.NOBODY: "seq source row_id previous hash"},
    "booking": {
        Holds.CASE: f"{_OF_CASE} offer_id kind reverses_id booked_at name rule period entry_date value_date "
        "agreement_version_id"
    },
    "chained_states": {Holds.CASE: "id at digests", Holds.SECRET: "blind"},
    "claim": {
        Holds.CASE: f"{_OF_CASE} offer_id agreement_version_id claimant key rule number amount_ore evidence_number "
        "evidence_digest evidence_on claimed_at",
        Holds.STAFF: "claimed_by",
    },
    "claim_answered": {Holds.CASE: "id claim_id number answer reason answered_at", Holds.STAFF: "answered_by"},
    "closed_period": {Holds.NOBODY: "id last_day closed_at", Holds.STAFF: "closed_by"},
    "comment": {Holds.SEALED: "sealed", Holds.SECRET: "key_id", Holds.CASE: "question_id written_at"},
    "complete_booking": {Holds.CASE: "booking_id"},
    "data_key": {Holds.SECRET: "key_id sealed_key", Holds.CASE: "case_key made_at"},
    "consent": {
        Holds.CASE: f"{_OF_CASE} purpose recipients kinds given_on how children ends_on withdrawn_at withdrawn",
        Holds.STAFF: "given_to withdrawn_by",
    },
    "deputy": {Holds.STAFF: "id party contact_id deputy_id from_day until_day"},
    "destroyed_key": {Holds.CASE: "case_key destroyed_at"},
    "digest": {Holds.STAFF: "addressee day"},
    "disclosure": {
        Holds.CASE: f"{_OF_CASE} offer_id to_party fields basis decided_at disclosed_at recalled_at "
        "deletion_confirmed_at"
    },
    "exclusion": {Holds.CASE: f"{_OF_CASE} effect value"},
    "feed": {
        Holds.NOBODY: "association version etag last_modified generated_at stamp_since names_always names_ever "
        "last_good_at last_full_at"
    },
    "feed_load": {
        Holds.NOBODY: "id association kind mode standing started_at ended_at rows quarantined not_kept appeared "
        "changed vanished why etag last_modified generated_at names_always names_ever push_key push_digest flow_run_id",
        Holds.STAFF: "decided_by",
    },
    "field_mapping": {
        Holds.WRITTEN: "written meant",
        Holds.NOBODY: "id association field since",
        Holds.STAFF: "by",
    },
    "flag_receipt": {Holds.CASE: f"{_OF_CASE} municipality flag_id field reason received_at"},
    "history_line": {
        Holds.CASE: f"{_OF_CASE} at deed from_status to_status reason flow_run_id",
        Holds.STAFF: "actor",
    },
    "invoice": {
        Holds.CASE: "id number payment_id attempt seller buyer buyer_gln form amount_ore issued_on due_on digest "
        "document made_at",
        Holds.STAFF: "made_by",
    },
    "invoice_response": {
        Holds.NOBODY: "id invoice_id name_digest meaning_digest verdict code reasons state read_at",
        Holds.STAFF: "read_by",
    },
    "lane": {Holds.NOBODY: "name failures resting_until claimed_by claimed_until"},
    "key_check": {Holds.NOBODY: "name since", Holds.SECRET: "value"},
    "ledger_entry": {Holds.CASE: "id booking_id account amount_ore"},
    "lined_up": {Holds.CASE: "referral_id recipient due_at missed"},
    "login_attempt": {Holds.SECRET: "state_hash nonce verifier", Holds.STAFF: "party back until"},
    "mailbox_mark": {Holds.NOBODY: "mailbox there_before last"},
    "migrated_case": {
        Holds.CASE: f"{_OF_CASE} migration_id from_version_id to_version_id moved_at undoes_id",
        Holds.STAFF: "moved_by",
    },
    "move_in": {
        Holds.CASE: "id offer_id moved_in_on reserved_on rent_monthly_ore received_before sent_before",
    },
    "municipality": {Holds.NOBODY: "code name region"},
    "offer": {Holds.CASE: f"{_OF_CASE} vacancy_id pseudonym reserved_until standing made_at ended_at"},
    "outbox": {
        Holds.CASE: f"{_OF_CASE} telling lane key question_id offer_id entry_id receipt_id checkpoint_seq "
        "created_at standing last_error ended_at",
        Holds.STAFF: "addressee",
    },
    "person_digest": {
        Holds.CASE: "referral_id asked_at settled_at",
        Holds.SECRET: "digest made_with",
        Holds.STAFF: "settled_by",
    },
    "partner_version": {Holds.STAFF: "id party document current imported_at"},
    "posting_correction": {
        Holds.CASE: "id entry_id number receiver account_string made_at",
        Holds.STAFF: "made_by",
    },
    "posting_run": {Holds.NOBODY: "id party run_date form terms made_at", Holds.STAFF: "made_by"},
    "posting_run_line": {Holds.CASE: "id run_id outbox_id made_at"},
    "posting_state": {Holds.CASE: "id outbox_id state reason amount_ore heard_from at", Holds.STAFF: "by"},
    "posted_before": {Holds.CASE: "id party booking reference kind account amount_ore booked_on found_at"},
    "quarantined_row": {
        Holds.WRITTEN: "raw told",
        Holds.NOBODY: "id association digest external_id line reasons standing first_seen last_seen ended_at",
        Holds.STAFF: "ended_by",
    },
    "question": {
        Holds.CASE: f"{_OF_CASE} key kind version reference request offer_id standing asked_at remind_at answer_by "
        "expires_at reminded_at last_reminded_at escalated_at answer reason vacancy_id given_by answered_at settled_at "
        "unreached unreached_at wrong_digits taken_back_at subject",
        Holds.STAFF: "asked_of contact_id answered_by deputy_for passed_to passed_by passed_at",
        Holds.SECRET: "token_hash",
    },
    "reference_counter": {Holds.NOBODY: "year last"},
    "referral": {
        Holds.CASE: "id reference case_key status status_since version due_at attempts agreement_version_id "
        "sending_municipality flag_id case_id received_at language answers_by from_area_id from_area_name "
        "outside_labour_market persons rooms_min rent_max_monthly_ore move_in_from step_free wanted_region "
        "children parked_until disclosure_due_at stop_requested moved_out_at",
        Holds.STAFF: "flagged_by",
    },
    "release": {
        Holds.CASE: f"{_OF_CASE} recipient released_at seen steps loss alike_seeking alike_released crowd least wanted"
    },
    "release_wait": {Holds.CASE: "referral_id since crowd least"},
    "schedule": {Holds.NOBODY: "name cron due_by flow_run_id kept_until started_at ended_at seen_at put_off"},
    "sealing_key": {Holds.SECRET: "key_id public_key announced_at"},
    "settled_payment": {Holds.NOBODY: "id settlement_id netted payer payee amount_ore"},
    "settlement": {Holds.NOBODY: "id last_day made_at", Holds.STAFF: "made_by"},
    "shredding": {Holds.CASE: f"{_OF_CASE} key_destroyed_at why at", Holds.STAFF: "by"},
    "sitting": {Holds.SECRET: "key_hash", Holds.STAFF: "party contact_id until"},
    "staged_vacancy": {Holds.WRITTEN: _NAMED, Holds.NOBODY: f"load_id status {_HOME}"},
    "suggested_home": {Holds.CASE: "question_id vacancy_id"},
    "tally": {Holds.SECRET: "key", Holds.NOBODY: "count until"},
    "vacancy": {
        Holds.WRITTEN: _NAMED,
        Holds.NOBODY: f"id association standing reserved_until first_seen pushed_at missing_since gone_at announced_at "
        f"{_HOME}",
    },
    "vacancy_change": {Holds.WRITTEN: "before after", Holds.NOBODY: "id vacancy_id load_id at field"},
    "vault_entry": {
        Holds.SEALED: "sealed_identity",
        Holds.SECRET: "key_id sealed_key",
        Holds.CASE: "case_key sealed_at bound_to_reference",
    },
    "vault_opening": {Holds.CASE: "id case_key door at", Holds.STAFF: "opened_for"},
}
