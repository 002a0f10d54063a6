"""Waiting for letters, for the benchmark of the desk."""

import smtplib
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import httpx

from deployments.demo.stage import Stage
from deployments.processes import LOOPBACK
from deployments.progress import until

QUIET_S = 0.4
BARE_TEXT = "\n".join(("Ikke fra nogen og ikke om nogen, men så langt som et brev.",) * 30)


def letters_of(stage: Stage, http: httpx.Client, after: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = http.get(f"{stage.inbox_url}/messages", params={"after": after}).json()
    return found


def next_letter(stage: Stage, http: httpx.Client, known: int, clicked: datetime) -> float:
    def came() -> dict[str, str] | None:
        letters = letters_of(stage, http, known)
        return next((one for one in letters if "/q/" in one["text"] or "flyttet ind" in one["text"]), None)

    letter = until(came, moves=lambda: "no letter came", every_s=0.01)
    return (datetime.fromisoformat(letter["received_at"]) - clicked).total_seconds()


def until_quiet(stage: Stage, http: httpx.Client) -> None:
    """Wait until no letter is on its way, so that no earlier decision's letter is taken for the next one's."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_S:
        if (now := len(letters_of(stage, http, 0))) != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.02)


def bare_letter(stage: Stage, http: httpx.Client, static: str) -> float:
    """Post a form that only commits a row, and send an empty letter; returns the wait for it, in seconds."""
    until_quiet(stage, http)
    known = len(letters_of(stage, http, 0))
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Bart brev", "ingen@demo.invalid", "ingen@demo.invalid"
    letter.set_content(BARE_TEXT)
    clicked = datetime.now(UTC)
    told = http.post(static, data={"answer": "yes"})
    if told.status_code != httpx.codes.SEE_OTHER:
        raise RuntimeError(f"the bare form was not taken: {told.status_code}")
    with smtplib.SMTP(LOOPBACK, int(stage.processes.environment["TILFLYT_SMTP_PORT"])) as smtp:
        smtp.send_message(letter)
    return (datetime.fromisoformat(letters_of(stage, http, known)[-1]["received_at"]) - clicked).total_seconds()
