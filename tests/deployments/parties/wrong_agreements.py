"""A file of agreements, and what is said of it when a line of it is another: always with the file and the line."""

# Every line is counted: 1 is the first.
RIGHT = """\
[[agreement]]
id = "fyn"
version = 2
name = "Samarbejdsaftale om tilflytning på Fyn (opdigtet)"
valid_from = 2026-03-01
sending = ["0461"]
receiving = ["0430", "0450"]
associations = [
    "havblik",
    "kloeverlykken",
]
route = [
    { kind = "sign_off", answer_within_days = 3, remind_after_days = 2, on_silence = "keep_waiting" },
    { kind = "offer", answer_within_days = 5, remind_after_days = 3, on_silence = "back_to_seeking" },
    { kind = "approval", answer_within_days = 8, remind_after_days = 5, on_silence = "back_to_seeking" },
    { kind = "acceptance", answer_within_days = 10, remind_after_days = 6, on_silence = "back_to_seeking" },
    { kind = "move_in", answer_within_days = 20, remind_after_days = 15, on_silence = "keep_waiting" },
]
[agreement.legal_basis]
text_da = "Almenboligloven § 59."
text_en = "The Social Housing Act, s. 59."
verified_by = "opdigtet jurist"
verified_on = 2026-01-05
[agreement.compensation]
guarantee_days = 365
fund_held_by = "0461"
[[agreement.compensation.parts]]
kind = "reception"
per_family_ore = 4000000
paid_by = [
    { who = "sending_municipality", share = "2/3" },
    { who = "common_fund", share = "1/3" },
]
[[agreement.compensation.parts]]
kind = "staircase"
receiving_share = { "0430" = 2 }
received = [{ above_percent = 100, extra_ore = 1000 }]

[[agreement]]
id = "sydfyn"
version = 1
name = "Aftale om Sydfyn (opdigtet)"
valid_from = 2025-01-01
valid_until = 2025-12-31
sending = ["0461"]
receiving = ["0450"]
associations = ["havblik"]
route = [
    { kind = "sign_off", answer_within_days = 3, remind_after_days = 2, on_silence = "keep_waiting" },
    { kind = "offer", answer_within_days = 5, remind_after_days = 3, on_silence = "back_to_seeking" },
    { kind = "approval", answer_within_days = 8, remind_after_days = 5, on_silence = "back_to_seeking" },
    { kind = "acceptance", answer_within_days = 10, remind_after_days = 6, on_silence = "back_to_seeking" },
    { kind = "move_in", answer_within_days = 20, remind_after_days = 15, on_silence = "keep_waiting" },
]
compensation = { receiving_municipality_ore = 1, housing_department_ore = 2, reversed_within_days = 180 }
legal_basis = { text_da = "§ 59", text_en = "s. 59", verified_by = "x", verified_on = 2026-01-05 }
"""

AS_TEXT = 'above zero, written as text such as "1/3" or "1.021"'
# What is replaced, by what, and what is said.
WRONG: dict[str, tuple[str, str, str]] = {
    "versions in the wrong order": (
        "valid_from = 2026-03-01",
        "valid_from = 2025-12-01",
        "aftaler.toml:5: agreement fyn valid_from: overlaps version 1, from 2026-01-01 on: "
        "a later version begins later",
    ),
    "two agreements for one pair": (
        "valid_until = 2025-12-31\n",
        "",
        "aftaler.toml:43: agreement sydfyn valid_from: 0461 → 0450 is in agreement fyn version 1 on the same days: "
        "leave the pair out, or let one of the two end with valid_until",
    ),
    "two agreements for one pair on one day": (
        "valid_until = 2025-12-31",
        "valid_until = 2026-01-01",
        "aftaler.toml:43: agreement sydfyn valid_from: 0461 → 0450 is in agreement fyn version 1 on the same days",
    ),
    "an end before the beginning": (
        "valid_until = 2025-12-31",
        "valid_until = 2024-12-31",
        "aftaler.toml:44: agreement sydfyn: valid_until: is before valid_from",
    ),
    "shares that do not sum to one": (
        'share = "2/3"',
        'share = "1/2"',
        "aftaler.toml:30: agreement fyn: compensation: parts.0.reception.paid_by: the shares must sum to one",
    ),
    "a share that is no exact one": (
        'share = "2/3"',
        "share = 0.66",
        f"aftaler.toml:30: agreement fyn: compensation: parts.0.reception.paid_by.share: {AS_TEXT}",
    ),
    "an unknown sending municipality": (
        'sending = ["0461"]\nreceiving = ["0430"',
        'sending = ["0461", "0999"]\nreceiving = ["0430"',
        "aftaler.toml:6: agreement fyn sending: 0999 is no partner: add [[partner]] for it",
    ),
    "an unknown association": (
        '    "kloeverlykken",',
        '    "klovelykken",',
        "aftaler.toml:8: agreement fyn associations: klovelykken is no partner: did you mean kloeverlykken?",
    ),
    "an unknown municipality on the stairs": (
        '{ "0430" = 2 }',
        '{ "0101" = 2 }',
        "aftaler.toml:36: agreement fyn: compensation: parts.1.staircase.receiving_share: 0101 has no such part",
    ),
    "a negative amount of a part": (
        "per_family_ore = 4000000",
        "per_family_ore = -1",
        "aftaler.toml:29: agreement fyn: compensation: parts.0.reception.per_family_ore: whole øre, from 0 to",
    ),
    "a negative amount": (
        "receiving_municipality_ore = 1",
        "receiving_municipality_ore = -1",
        "aftaler.toml:55: agreement sydfyn: compensation: receiving_municipality_ore: whole øre, from 0 to",
    ),
    "no legal basis": (
        "[agreement.legal_basis]",
        "[agreement.legal_bases]",
        "aftaler.toml:1: agreement fyn legal_basis: is missing",
    ),
    "another name for it": (
        "[agreement.legal_basis]",
        "[agreement.legal_bases]",
        "aftaler.toml:19: agreement fyn legal_bases: is not known here: did you mean legal_basis?",
    ),
    "a legal basis without words": (
        'text_da = "Almenboligloven § 59."',
        'text_da = " "',
        "aftaler.toml:20: agreement fyn: legal_basis.text_da: must not be empty",
    ),
    "a legal basis that nobody verified": (
        'verified_by = "x"',
        'verified_by = ""',
        "aftaler.toml:56: agreement sydfyn: legal_basis.verified_by: must not be empty",
    ),
    "a step's word": (
        'kind = "offer", answer_within_days = 5',
        'kind = "guess", answer_within_days = 5',
        "aftaler.toml:14: agreement fyn route.1.kind: ",
    ),
    "a step's deadline": (
        "answer_within_days = 8, remind_after_days = 5",
        "answer_within_days = 5, remind_after_days = 5",
        "aftaler.toml:15: agreement fyn: route.approval: the reminder must come before the deadline",
    ),
    "a version twice": (
        'id = "sydfyn"\nversion = 1',
        'id = "fyn"\nversion = 2',
        "aftaler.toml:41: agreement fyn version: 2 stands 2 times: keep one",
    ),
    "a version of another type": (
        'id = "sydfyn"\nversion = 1',
        'id = "sydfyn"\nversion = "first"',
        "aftaler.toml:41: agreement sydfyn version: ",
    ),
    "an agreement without its id": (
        'id = "sydfyn"\n',
        "",
        "aftaler.toml:39: agreement no. 2 without id id: is missing",
    ),
    "a table of no kind": ("[[agreement]]\nid", "[[agrement]]\n[[agreement]]\nid", "aftaler.toml:1: agrement: is not"),
    "no TOML": ('version = 2\nname = "', "version = 2\nname = ", "aftaler.toml:4: no TOML: Invalid value (at line 4,"),
    "a list without its end": ('    { kind = "move_in"', '    { kind = "move_in', "aftaler.toml:17: no TOML: "),
    "a party's address": (
        "[[agreement]]\nid",
        '[[partner]]\nparty = "association:ny"\nname = "Ny"\nphone = "1"\ncontacts = []\n'
        '[partner.systems.reservations]\nconnector = "json-reservations"\nurl = "x"\nsecret = "A_B"\n\n'
        "[[agreement]]\nid",
        "aftaler.toml:8: partner association:ny systems.reservations.url: must be a whole address",
    ),
    "a person's role": (
        "[[agreement]]\nid",
        '[[partner]]\nparty = "association:ny"\nname = "Ny"\nphone = "1"\ncontacts = [\n'
        '  { id = "a", name = "A", email = "a@x.invalid", role = "letting" },\n'
        '  { id = "b", name = "B", email = "b@x.invalid", role = "boss" },\n]\n\n[[agreement]]\nid',
        "aftaler.toml:7: partner association:ny contacts.1.role: ",
    ),
}
