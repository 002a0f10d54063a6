"""Faults in a parties' file, and the expected messages."""

CASE_SYSTEM = 'case_system = { connector = "json-case-system"'
TOKEN = "eyJhbGciOiJIUzI1NiJ9x7f3"

WRONG: dict[str, tuple[tuple[str, str], str]] = {
    "a connector of the wrong kind": (
        (CASE_SYSTEM, 'case_system = { connector = "json-finance"'),
        "municipality:0461 systems.case_system.connector: serves finance: here one of json-case-system",
    ),
    "a connector that is none": (
        (CASE_SYSTEM, 'case_system = { connector = "json-casesystem"'),
        "systems.case_system.connector: unknown: did you mean json-case-system?",
    ),
    "a system that is none": (
        (CASE_SYSTEM, 'finanse = { connector = "json-finance"'),
        "municipality:0461 systems.finanse: is no system of such a party: did you mean finance?",
    ),
    "a system of another kind of party": (
        ('reservations = { connector = "json-reservations"', 'letters = { connector = "json-letters"'),
        "association:havblik systems.letters: is no system of such a party: its systems are: vacancy_feed, reserv",
    ),
    "a field that is none": (
        ('phone = "00 00 04 61', 'fone = "00 00 04 61'),
        "0461 fone: is not known here: did you mean",
    ),
    "a contact's field that is none": (
        ('email = "chef@odense.invalid"', 'email = "chef@odense.invalid", rolle = "chief"'),
        "contacts.4.rolle: is not known here: did you mean role?",
    ),
    "a connection's field that is none": (
        (CASE_SYSTEM, 'case_system = { token = "x", connector = "json-case-system"'),
        "systems.case_system.token: is not known here: one of connector, url, secret",
    ),
    "a step's field that is none": (
        ('kind = "sign_off", answer_within_days', 'kind = "sign_off", answer_within'),
        "agreement fyn route.0.answer_within: is not known here: did you mean answer_within_days?",
    ),
    "a step that is none": (
        ('kind = "approval", answer_within_days = 8', 'kind = "aproval", answer_within_days = 8'),
        "'claim_second': did you mean approval?",
    ),
    "an order without the family's yes": (
        ('kind = "acceptance", answer_within_days', 'kind = "approval", answer_within_days'),
        "agreement fyn: route: acceptance is missing: no family is moved without its own yes",
    ),
    "an order that asks nobody to sign off": (
        ("route = [", "one_person_decides = true\nroute = ["),
        "agreement fyn: route: sign_off is asked of a second person, and the agreement says one_person_decides = true",
    ),
    "a table that is none": (
        ("[[partner]]", "[[partners]]"),
        "partners: is not known here: entries begin with [[partner]]",
    ),
    "an address without scheme": (
        ('url = "http://127.0.0.1:1/case/0461"', 'url = "127.0.0.1:1/case/0461"'),
        "municipality:0461 systems.case_system.url: must be a whole address, such as https://host/path",
    ),
    "a secret that is not set": (
        ('secret = "DEMO_SECRET_0461" }\nfin', 'secret = "ODENSE_TOKEN" }\nfin'),
        "systems.case_system.secret: the environment variable ODENSE_TOKEN is not set: put the token there",
    ),
    "the token itself": (
        ('secret = "DEMO_SECRET_0461" }\nfin', f'secret = "{TOKEN}" }}\nfin'),
        "systems.case_system.secret: must be the name of an environment variable, such as ODENSE_TOKEN",
    ),
    "the token itself, at the login": (
        ('secret = "DEMO_SECRET_LOGIN"', f'secret = "{TOKEN}"'),
        "operator:drift login.secret: must be the name of",
    ),
    "the token itself, to push with": (
        ('push_secret = "DEMO_SECRET_HAVBLIK_PUSH"', f'push_secret = "{TOKEN}"'),
        "association:havblik push_secret: must be the name of",
    ),
    "an association that is no partner": (
        ('["havblik", "kloeverlykken"]', '["havblik", "klovely"]'),
        "agreement fyn associations: klovely is no partner: did you mean kloeverlykken?",
    ),
    "a municipality that is no partner": (
        ('sending = ["0461"]', 'sending = ["0461", "0101"]'),
        "agreement fyn sending: 0101 is no partner: add [[partner]] for it",
    ),
    "no approver at a receiver": (
        ('bolig@faaborg-midtfyn.invalid", role = "approver"', 'bolig@faaborg-midtfyn.invalid", role = "caseworker"'),
        "agreement fyn: municipality:0430 has no contact with role approver: nobody can answer",
    ),
    "a partner twice": (
        ('party = "municipality:0751"', 'party = "municipality:0461"'),
        "partner municipality:0461: stands 2 times: keep one",
    ),
    "an agreement twice": (
        ('id = "oestjylland"', 'id = "fyn"'),
        "agreement fyn version: 2 stands 2 times: keep one",
    ),
    "a party of no kind": (
        ('party = "municipality:0461"', 'party = "kommune:0461"'),
        "partner kommune:0461 party: must begin with one of municipality:, association:, operator:",
    ),
    "a party without kind": (('party = "municipality:0461"', 'party = "0461"'), "partner 0461 party: must begin with"),
    "a party without a name": (('party = "municipality:0461"\n', ""), "partner no. 2 without party party: is missing"),
    "an id that no database keeps": (('id = "fyn"', 'id = "fy\\u0000n"'), " id: letters, digits and hyphens"),
    "a version that no database keeps": (
        ("version = 2", "version = 99999999999"),
        "agreement fyn version: a number from 1",
    ),
    "a version that is here and differs": (
        ('version = 2\nname = "Samarbejdsaftale', 'version = 1\nname = "Aftale'),
        "agreement fyn version: 1 is already here and differs: make it the next number",
    ),
    "nobody asked": (
        ("homes_each = 3", "homes_each = 0"),
        "agreement fyn: associations_at_once, homes_each: at least 1",
    ),
    "a cron line": (
        ("[partner.systems]", 'feed = { schedule = "x" }\n[partner.systems]'),
        "feed.schedule: is no cron line",
    ),
}
