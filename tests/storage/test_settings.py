"""Settings: each has one line in `.env.example` and a safe default, and a wrong value stops the start."""

import base64
from pathlib import Path

import pytest
from dotenv import dotenv_values

from storage.clock import DemoClock, SystemClock, clock_of
from storage.settings import Settings, WrongSettings, load_settings, required_key

EXAMPLE = Path(__file__).parents[2] / ".env.example"
KEY = base64.b64encode(bytes(32)).decode()


def test_every_setting_stands_in_the_example_with_its_default_and_nothing_else_does(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    example = dict(dotenv_values(EXAMPLE))

    assert {name.removeprefix("TILFLYT_").lower() for name in example} == set(Settings.model_fields)
    monkeypatch.setattr("os.environ", {name: value or "" for name, value in example.items()})
    assert load_settings() == Settings.model_construct(**Settings().model_dump())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("world", "staging"),
        ("database_url", "mysql://x"),
        ("database_url", "sqlite://"),
        ("link_key", "not base64!"),
        ("vault_key", base64.b64encode(b"short").decode()),
        ("vault_key_id", "a b"),
        ("public_url", "not a url"),
        ("serve_port", "70000"),
        ("smtp_port", "0"),
        ("mail_from", "nobody"),
        ("partner_timeout_s", "0"),
        ("look_every_ms", "1"),
        ("intake_every_minutes", "61"),
        ("log_level", "LOUD"),
        ("trusted_proxies", "*"),
        ("trusted_proxies", "0.0.0.0/0"),
        ("trusted_proxies", "127.0.0.1,::/0"),
        ("trusted_proxies", "proxy.invalid"),
        ("trusted_proxies", "10.0.0.1/8"),
        ("trusted_proxies", "127.0.0.1,"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_names_itself_but_not_its_value(monkeypatch, tmp_path, name, value):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"TILFLYT_{name.upper()}", value)

    with pytest.raises(WrongSettings, match=f"TILFLYT_{name.upper()}") as told:
        load_settings()
    assert not name.endswith("key") or value not in str(told.value)


def test_a_demo_clock_is_refused_outside_the_demo_world(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TILFLYT_DEMO_CLOCK_FILE", str(tmp_path / "clock"))
    with pytest.raises(WrongSettings, match="demo clock is refused"):
        load_settings()

    monkeypatch.setenv("TILFLYT_WORLD", "demo")
    assert isinstance(clock_of(load_settings()), DemoClock)
    monkeypatch.delenv("TILFLYT_DEMO_CLOCK_FILE")
    assert isinstance(clock_of(load_settings()), SystemClock)


def test_a_lease_must_outlast_the_call_it_covers(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TILFLYT_PARTNER_TIMEOUT_S", "30")
    with pytest.raises(WrongSettings, match="delivery_lease_s"):
        load_settings()


def test_a_missing_key_is_asked_for_by_its_name():
    with pytest.raises(WrongSettings, match="TILFLYT_VAULT_KEY is not set"):
        required_key("vault_key", None)


def test_keys_do_not_show_when_settings_are_printed(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TILFLYT_LINK_KEY", KEY)
    assert KEY not in repr(load_settings())


XOAUTH2 = {
    "imap_login": "xoauth2",
    "imap_host": "outlook.office365.com",
    "imap_username": "tilflyt@demo.invalid",
    "mail_token_url": "https://login.invalid/t/oauth2/v2.0/token",
    "mail_client_id": "platformen",
    "mail_client_secret": "et ord",
}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, set()),
        ({"imap_tls": "false"}, {"imap_tls"}),
        ({"imap_tls": "false", "imap_host": "127.0.0.1"}, set()),
        ({"imap_username": ""}, {"imap_username"}),
        ({"mail_token_url": "http://login.invalid/"}, {"mail_token_url"}),
        ({"mail_token_url": "http://127.0.0.1:9/"}, set()),
        (
            {"mail_token_url": "", "mail_client_id": "", "mail_client_secret": ""},
            {"mail_token_url", "mail_client_id", "mail_client_secret"},
        ),
        (
            {"smtp_login": "xoauth2", "smtp_host": "smtp.office365.com", "imap_login": "password"},
            {"smtp_username", "smtp_starttls"},
        ),
        ({"imap_login": "password", "mail_client_id": "", "imap_tls": "false"}, set()),
    ],
)
def test_a_token_is_asked_for_with_all_that_it_takes_and_sent_over_an_encrypted_line(
    monkeypatch, tmp_path, changed, wrong
):
    monkeypatch.chdir(tmp_path)
    for name, value in (XOAUTH2 | changed).items():
        monkeypatch.setenv(f"TILFLYT_{name.upper()}", value)
    if not wrong:
        assert load_settings().imap_host
        return
    with pytest.raises(WrongSettings) as told:
        load_settings()
    assert {part.partition(":")[0].strip() for part in str(told.value).split(";")} == wrong
