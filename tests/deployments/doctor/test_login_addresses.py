"""The import and the doctor print the address to which logins come back, which a party must register."""

from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from deployments.cli.main import app
from deployments.demo import world as demo
from deployments.doctor.doctor import findings
from deployments.parties.importing import import_file, import_reference
from domain.errors import Invalid
from storage.database import Database
from storage.parties.partners import PartnerVersion
from storage.settings import load_settings
from tests.world.clock import START
from tests.world.commands import demo_secrets

ADDRESSES = (
    "https://desk.example/login/back/municipality/0450",
    "https://desk.example/login/back/operator/drift",
)


@pytest.fixture
def parties(sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TILFLYT_DATABASE_URL", sqlite.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TILFLYT_PUBLIC_URL", "https://desk.example/")
    demo_secrets(monkeypatch)
    import_reference(sqlite)
    return demo.parties_file("http://partners.invalid", tmp_path / "parties.toml")


def said_by_doctor() -> str:
    found = next(one for one in findings(load_settings()) if one.check == "logins")
    assert found.well
    return found.seen


def test_import_and_doctor_tell_what_each_party_must_have_registered(parties: Path):
    assert said_by_doctor() == "no party has a login"
    done = CliRunner().invoke(app, ["import", str(parties)], catch_exceptions=False)

    for told in (done.output, said_by_doctor()):
        assert "Nyborg Kommune (municipality:0450): https://desk.example/login/back/municipality/0450\n" in told + "\n"
        assert all(address in told for address in ADDRESSES)
        assert told.count("https://desk.example/login/back/") == len(ADDRESSES)


def test_doctor_says_whether_the_address_of_all_goes_on(sqlite: Database, parties: Path):
    import_file(sqlite, parties, now=START)
    assert "one provider alone: /login/back goes on" in said_by_doctor()

    before, _, after = parties.read_text().rpartition("https://login.invalid")
    parties.write_text(f"{before}https://other.invalid{after}")
    import_file(sqlite, parties, now=START)
    assert "each must be registered at its party's provider" in said_by_doctor()


def test_a_login_without_encryption_is_imported_in_the_demo_world_alone(sqlite: Database, parties: Path, monkeypatch):
    parties.write_text(parties.read_text().replace("https://login.invalid", "http://127.0.0.1:8500"))
    with pytest.raises(Invalid, match=r"login\.issuer.*over https"):
        CliRunner().invoke(app, ["import", str(parties)], catch_exceptions=False)
    with sqlite.reading() as session:
        assert session.exec(select(PartnerVersion)).all() == []

    monkeypatch.setenv("TILFLYT_WORLD", "demo")
    CliRunner().invoke(app, ["import", str(parties)], catch_exceptions=False)
    assert ":8400" not in said_by_doctor()
    monkeypatch.setenv("TILFLYT_WORLD", "production")
    found = next(one for one in findings(load_settings()) if one.check == "logins")
    assert (found.well, "for the demo world alone" in found.seen) == (False, True)


def test_where_a_party_has_a_login_import_and_doctor_recommend_that_it_is_asked_for(sqlite: Database, parties: Path):
    done = CliRunner().invoke(app, ["import", str(parties)], catch_exceptions=False)

    for told in (done.output, said_by_doctor()):
        assert 'agreement fyn: set answer_level = "link_and_login" once municipality:0430, municipality:0461,' in told
        assert "for municipality:0450 have a login: a program that reads the digits" in told
        assert "agreement aarhus" not in told
