"""`tilflyt check` reports every fault in a file of agreements and partners: entry, field and remedy."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

from deployments.demo import world as demo
from domain.differences import differences
from storage.audit.events import AuditEvent
from storage.parties.agreements import AgreementVersion
from storage.parties.partners import PartnerVersion
from tests.deployments.cli.wrong_parties import CASE_SYSTEM, TOKEN, WRONG
from tests.world.commands import CommandLine
from tests.world.databases.copied import migrated_sqlite
from tests.world.world import World


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    command = CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)
    file = demo.parties_file("http://127.0.0.1:1", tmp_path / "parties.toml")
    # Version 1 is in force already.
    file.write_text(file.read_text(encoding="utf-8").replace("version = 1", "version = 2"), encoding="utf-8")
    return command


def changed(tilflyt: CommandLine, *changes: tuple[str, str]) -> Path:
    """The demo's file with some texts replaced, each of which stands in it once."""
    file = tilflyt.folder / "parties.toml"
    text = file.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("how", WRONG)
def test_each_is_a_sentence_for_check_and_import_alike_and_nothing_is_imported(tilflyt: CommandLine, how: str):
    change, says = WRONG[how]
    changed(tilflyt, change)
    before = tilflyt.world.rows(select(PartnerVersion)), tilflyt.world.rows(select(AgreementVersion))

    for command in ("check", "import"):
        told = tilflyt(command, "parties.toml", code=1)
        assert says in told
        assert TOKEN not in told
    assert (tilflyt.world.rows(select(PartnerVersion)), tilflyt.world.rows(select(AgreementVersion))) == before


def test_all_faults_are_told_at_once(tilflyt: CommandLine):
    several = [WRONG[how] for how in ("a contact's field that is none", "an address without scheme", "nobody asked")]
    changed(tilflyt, *(change for change, _ in several))

    told = tilflyt("check", "parties.toml", code=1)

    assert [says for _, says in several if says not in told] == []
    assert "parties.toml: 3 faults." in told
    assert json.loads(tilflyt("check", "parties.toml", "--json", code=1))["changes"] == []


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (b"", "the file: holds nothing: each agreement begins with [[agreement]], each party [[partner]]"),
        (b"\n# nothing yet\n", "the file: holds nothing"),
        (b'[[partner]]\nname = "K\xf8benhavn"', "not UTF-8, at line 2: save it as UTF-8"),
        ('[[partner]]\nname = "København"'.encode("utf-16"), "UTF-16: save it as UTF-8"),
        (b"[[partner]]\nname = Odense", "no TOML: Invalid value (at line 2"),
        (b"[partner]\nname = 'x'", "partner: each begins with [[partner]], in two brackets"),
    ],
)
def test_a_file_that_is_none_says_what_to_do(tilflyt: CommandLine, written: bytes, says: str):
    (tilflyt.folder / "parties.toml").write_bytes(written)
    for command in ("check", "import"):
        assert says in tilflyt(command, "parties.toml", code=1)


def test_what_windows_editors_add_is_read(tilflyt: CommandLine):
    file = changed(tilflyt)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert "parties.toml: no fault." in tilflyt("check", "parties.toml")


def test_a_file_is_judged_before_the_first_import_too(tilflyt: CommandLine, monkeypatch):
    """The municipalities are loaded with the first import."""
    monkeypatch.setenv("TILFLYT_DATABASE_URL", migrated_sqlite(tilflyt.folder))
    assert "parties.toml: no fault." in tilflyt("check", "parties.toml")
    changed(tilflyt, ('party = "municipality:0461"', 'party = "municipality:9999"'))
    assert "municipality:9999: unknown municipality" in tilflyt("check", "parties.toml", code=1)


def test_a_file_is_judged_alone_where_nothing_of_ours_is_installed(tilflyt: CommandLine, monkeypatch):
    for name in ("DATABASE_URL", "WORLD"):
        monkeypatch.delenv(f"TILFLYT_{name}")
    monkeypatch.delenv("DEMO_SECRET_0461")

    assert "parties.toml: no fault." in tilflyt("check", "parties.toml", "--alone")
    change, says = WRONG["an association that is no partner"]
    changed(tilflyt, change)
    assert says in tilflyt("check", "parties.toml", "--alone", code=1)


def test_what_an_import_changed_is_printed_and_stands_in_the_chain_with_who_did_it(tilflyt: CommandLine):
    letters = 'letters = { connector = "json-letters", url = "https://post.invalid", secret = "DEMO_SECRET_0461" }'
    changed(
        tilflyt,
        ('"chef@odense.invalid', '"ny.chef@odense.invalid'),
        (f"[partner.systems]\n{CASE_SYSTEM}", f"[partner.systems]\n{letters}\n{CASE_SYSTEM}"),
        ("4500000", "4600000"),
    )

    foreseen = tilflyt("check", "parties.toml")
    told = tilflyt("import", "parties.toml", "--by", "Maria Hansen")

    for change in (
        "agreement fyn version 2: version changed; compensation.receiving_municipality_ore changed",
        "partner municipality:0461: contacts.chef.email changed; systems.case_system.url changed",
    ):
        assert f"Would change: {change}" in foreseen
        assert f"Changed: {change}" in told
    assert "ny.chef" not in told
    events = {
        one.about: one for one in tilflyt.world.rows(select(AuditEvent).where(AuditEvent.deed != "parties_imported"))
    }
    assert events["agreement:fyn"].deed == "agreement_changed"
    assert events["agreement:fyn"].facts["version"] == "2"
    party = events["municipality:0461"]
    assert (party.deed, party.actor.partition(" (")[0]) == ("partner_changed", "Maria Hansen")
    assert "systems.letters added" in party.facts["what"]
    assert "@" not in json.dumps([one.facts for one in events.values()])
    assert "Changed:" not in tilflyt("import", "parties.toml")
    tilflyt("audit", "checkpoint")
    assert "holds │ yes" in tilflyt("audit", "verify")


def test_what_is_missing_is_said_by_check_import_and_doctor_before_it_stops_a_family(tilflyt: CommandLine):
    told = [tilflyt("check", "parties.toml"), tilflyt("import", "parties.toml"), tilflyt("doctor", "--json", code=1)]
    for each in told:
        assert (
            "municipality:0461 has no letter system: families who answer by letter must be printed for by hand" in each
        )
        assert "no contact with role chief at association:havblik, " in each
        assert "TILFLYT_IMAP_HOST is not set: nobody sees a letter that comes back" in each

    sign_off = (
        'email = "teamleder@aarhus.invalid", role = "sign_off"',
        'email = "t@aarhus.invalid", role = "caseworker"',
    )
    changed(tilflyt, sign_off)
    for each in (tilflyt("check", "parties.toml"), tilflyt("import", "parties.toml")):
        assert "municipality:0751 has no contact with role sign_off: nobody signs off what it flags" in each
    found = next(one for one in json.loads(tilflyt("doctor", "--json", code=1)) if one["check"] == "parties")
    assert found["well"] is False
    assert found["seen"].startswith("municipality:0751 has no contact with role sign_off")


def test_differences_name_paths_and_say_nothing_of_what_stands_there():
    before = {"a": 1, "list": [{"id": "x", "v": 1}, {"id": "y"}], "plain": [1], "gone": {"b": 1}, "none": None}
    after = {"a": 2, "list": [{"id": "x", "v": 2}, {"id": "z"}], "plain": [1, 2], "none": []}
    assert list(differences(before, after)) == [
        "a changed",
        "list.x.v changed",
        "list.y taken out",
        "list.z added",
        "plain changed",
        "gone taken out",
    ]
