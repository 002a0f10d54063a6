"""Every setting, read once from the environment and `.env`; a wrong one stops the start, which names it."""

import base64
import binascii
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from domain.errors import TilflytError
from storage.dialect import ADDRESSES

KEY_BYTES = 32
# Only in the folder where a command or a process is started.
ENV_FILE = Path(".env")


class WrongSettings(TilflytError):
    """The settings cannot be used; the text names each wrong one, never its value."""

    code = "wrong_settings"


def _is_a_key(secret: SecretStr) -> SecretStr:
    try:
        size = len(base64.b64decode(secret.get_secret_value(), validate=True))
    except binascii.Error as error:
        raise ValueError("must be base64") from error
    if size != KEY_BYTES:
        raise ValueError(f"must be {KEY_BYTES} bytes in base64, as this installation's own key is: make no other one")
    return secret


Key = Annotated[SecretStr, AfterValidator(_is_a_key)]


def _are_addresses(written: str) -> str:
    """Addresses and networks, separated by commas. Trusting every proxy would mean trusting the visitor's own word."""
    for one in written.split(","):
        try:
            network = ip_network(one.strip())
        except ValueError:
            raise ValueError("must name the proxies by address or network, with commas between") from None
        if network.prefixlen == 0:
            raise ValueError("must not be everybody")
    return written


Addresses = Annotated[str, AfterValidator(_are_addresses)]


def _is_a_database(written: str) -> str:
    """A database that we can connect to. A faulty address is not repeated: it may hold a password."""
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        raise ValueError("is no address of a database; write signs such as @ and : in a password as %40, %3A") from None
    if not written.startswith(ADDRESSES) or not url.database:
        raise ValueError("must be sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE")
    return written


DatabaseUrl = Annotated[str, AfterValidator(_is_a_database)]


class Settings(BaseSettings):
    """All settings; each is described in `.env.example`. Durations carry their unit in the name."""

    model_config = SettingsConfigDict(
        env_prefix="TILFLYT_",
        env_file=ENV_FILE,
        env_file_encoding="utf-8-sig",
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    world: Literal["production", "demo"] = "production"
    database_url: DatabaseUrl = "sqlite:///var/tilflyt.sqlite"
    keys_url: DatabaseUrl = "sqlite:///var/tilflyt-keys.sqlite"
    destroyed_file: Path | None = None
    link_key: Key | None = None
    pseudonym_key: Key | None = None
    vault_key: Key | None = None
    vault_keys_file: Path | None = None
    vault_key_id: str = Field("k1", pattern=r"^[A-Za-z0-9_-]{1,32}$")
    audit_public_keys: str = Field("", pattern=r"^([A-Za-z0-9+/]{43}=)?(\s*,\s*[A-Za-z0-9+/]{43}=)*$")

    public_url: HttpUrl = HttpUrl("http://127.0.0.1:8400")
    serve_host: str = "127.0.0.1"
    serve_port: int = Field(8400, ge=0, le=65535)

    failed_links_at_most: int = Field(60, ge=1)
    failed_answers_at_most: int = Field(60, ge=1)
    limited_over_s: int = Field(600, ge=1, le=86_400)
    trusted_proxies: Addresses = "127.0.0.1"
    request_within_s: float = Field(30.0, gt=0, le=600)
    unfinished_requests_at_most: int = Field(500, ge=1, le=100_000)

    prefect_ui_url: HttpUrl | None = None
    metrics_token: SecretStr | None = Field(None, min_length=16)

    support_name: str = "Tilflytterstyring"
    support_phone: str = ""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(25, ge=1, le=65535)
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = False
    smtp_login: Literal["password", "xoauth2"] = "password"
    mail_from: str = Field("tilflytterstyring@localhost", pattern=r"^[!-;=?A-~]+@[^@\s<>]+$")

    postings_folder: Path | None = None

    imap_host: str | None = None
    imap_port: int = Field(993, ge=1, le=65535)
    imap_username: str = ""
    imap_password: SecretStr | None = None
    imap_folder: str = "INBOX"
    imap_tls: bool = True
    imap_login: Literal["password", "xoauth2"] = "password"

    mail_token_url: HttpUrl | None = None
    mail_client_id: str = ""
    mail_client_secret: SecretStr | None = None
    mail_scope: str = Field("https://outlook.office365.com/.default", pattern=r"^[\x21-\x7e][\x20-\x7e]*$")

    partner_timeout_s: float = Field(10.0, gt=0, le=60)
    delivery_lease_s: float = Field(30.0, gt=0, le=600)
    look_every_ms: int = Field(100, ge=10, le=5000)
    intake_every_minutes: int = Field(5, ge=1, le=60)
    settlement_working_day: int = Field(5, ge=0, le=15)

    anonymity_least: int = Field(3, ge=1, le=1000)
    anonymity_wanted: int = Field(11, ge=1, le=1000)
    anonymity_window_days: int = Field(90, ge=1, le=730)
    anonymity_wait_working_days: int = Field(10, ge=1, le=250)

    retention_closed_days: int = Field(1825, ge=1, le=36_500)
    retention_withdrawn_days: int = Field(1825, ge=1, le=36_500)
    retention_warn_days: int = Field(30, ge=1, le=365)

    demo_clock_file: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def origin(self) -> str:
        """The endpoint's origin (no path), as people's browsers name it."""
        return "{0.scheme}://{0.netloc}".format(urlsplit(str(self.public_url)))

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        if self.demo_clock_file is not None and self.world != "demo":
            raise ValueError("demo_clock_file: a demo clock is refused outside the demo world")
        if self.keys_url == self.database_url:
            raise ValueError("keys_url: must be another database than database_url, with backups of its own or none")
        if self.vault_key is not None and self.vault_keys_file is not None:
            raise ValueError("vault_keys_file: give either this or vault_key")
        # A call may begin up to a third of the lease after its start, and last for its whole timeout.
        if self.delivery_lease_s <= 1.5 * self.partner_timeout_s:
            raise ValueError("delivery_lease_s: must be more than one and a half times partner_timeout_s")
        if self.anonymity_wanted < self.anonymity_least:
            raise ValueError("anonymity_wanted: must be at least anonymity_least")
        if wrong := _wrong_mail_login(self):
            raise ValueError(wrong)
        return self


LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _wrong_mail_login(chosen: Settings) -> str | None:
    """Everything that is missing for XOAUTH2, or that would send a token unencrypted, in one sentence."""
    found = []
    for system, safe, host in (
        ("smtp", chosen.smtp_starttls, chosen.smtp_host),
        ("imap", chosen.imap_tls, chosen.imap_host),
    ):
        if getattr(chosen, f"{system}_login") != "xoauth2":
            continue
        if not getattr(chosen, f"{system}_username"):
            found.append(f"{system}_username: XOAUTH2 needs the mailbox's name")
        if not safe and host not in LOOPBACK:
            found.append(f"{system}_{'starttls' if system == 'smtp' else 'tls'}: XOAUTH2 goes over an encrypted line")
    if "xoauth2" in (chosen.smtp_login, chosen.imap_login):
        needed = ("mail_token_url", "mail_client_id", "mail_client_secret")
        found += [f"{name}: XOAUTH2 needs it" for name in needed if not _given(chosen, name)]
        url = chosen.mail_token_url
        if url is not None and url.scheme != "https" and url.host not in LOOPBACK:
            found.append("mail_token_url: must be reached over https")
    return "; ".join(found) or None


def _given(chosen: Settings, name: str) -> bool:
    value = getattr(chosen, name)
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


def shown(chosen: Settings) -> dict[str, str]:
    """The settings in a storable form: of a secret, or of what may hold a password, only whether it is set."""
    told = {}
    for name in Settings.model_fields:
        value = getattr(chosen, name)
        if isinstance(value, SecretStr):
            told[name] = "set"
        elif name in ("database_url", "keys_url"):
            told[name] = str(value).partition(":")[0]
        else:
            told[name] = "" if value is None else str(value)
    return told


def load_settings(**chosen: object) -> Settings:
    """The settings of this process; `WrongSettings` names every one that is wrong."""
    try:
        return Settings(**chosen)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        faults = [f"TILFLYT_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()]
        raise WrongSettings("; ".join(faults).replace("TILFLYT_: Value error, ", "")) from None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings, read once."""
    return load_settings()


def env_looked_for() -> str:
    """Where `.env` is looked for, and whether it is there: a person in the wrong folder must see that."""
    file = ENV_FILE.absolute()
    return f"settings were looked for in {file}{'' if file.exists() else ', which is not there'}"


def required_key(name: str, secret: SecretStr | None) -> bytes:
    """The bytes of a key that this process needs."""
    if secret is None:
        raise WrongSettings(
            f"TILFLYT_{name.upper()} is not set: an installation has its keys already, and another key opens nothing "
            f"of it; {env_looked_for()} (a new installation: docs/for-integration-staff.md)"
        )
    return base64.b64decode(secret.get_secret_value())
