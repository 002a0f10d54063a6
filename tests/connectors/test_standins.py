"""The stand-ins themselves: their journal, their outages, and how they end."""

import json
import re
import signal
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

from connectors.mail.smtp import SmtpMailer
from deployments.standins.server import Doors
from deployments.standins.world import Sent, StandInWorld, load, save


def lines(journal: Path) -> list[dict[str, Any]]:
    """The lines of the journal."""
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def bearer(world: StandInWorld, party: str) -> dict[str, str]:
    """The header of a party's token."""
    return {"Authorization": f"Bearer {world.tokens[party]}"}


async def post_letter(doors: Doors, *, subject: str, html: str) -> None:
    """Send one letter to the inbox."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "svar@example.test", "b@example.test", subject
    message.set_content('Følg "https://svar.example.test/q/abc?x=1&y=2".\n')
    message.add_alternative(html, subtype="html")
    async with SmtpMailer(doors.host, doors.smtp_port, starttls=False, timeout_s=5).session() as session:
        await session.send(message)


async def test_everything_told_is_in_the_journal_in_order(
    standins: Doors, client: httpx.AsyncClient, journal: Path, world: StandInWorld
) -> None:
    told = {"accepted": True, "reference": "TF-2026-00001", "field": None, "reason": "prøve"}
    headers = bearer(world, "municipality:0461") | {"Idempotency-Key": "k"}
    assert (await client.post("/case/0461/receipts/F-1", json=told, headers=headers)).is_success
    await post_letter(standins, subject="Spørgsmål", html="<p>Hej</p>")
    await client.post("/finance/0461/postings", content=b"not allowed in")
    first, second, third = lines(journal)
    assert (first["kind"], first["path"], json.loads(first["body"])) == ("http", "/case/0461/receipts/F-1", told)
    assert (second["kind"], second["envelope_to"]) == ("mail", ["b@example.test"])
    assert second["decoded"]["subject"] == "Spørgsmål"
    assert (third["path"], third["body"]) == ("/finance/0461/postings", "not allowed in")


async def test_what_is_told_during_an_outage_is_in_the_journal_too(client: httpx.AsyncClient, journal: Path) -> None:
    await client.post("/_control/outage", json={"prefix": "/finance", "seconds": 60})
    assert (await client.post("/finance/0461/postings", content=b"told")).status_code == 503
    assert lines(journal)[-1]["body"] == "told"


async def test_an_outage_strikes_its_prefix_and_can_be_ended(client: httpx.AsyncClient, world: StandInWorld) -> None:
    flags = "/case/0461/flags"
    await client.post("/_control/outage", json={"prefix": "/", "seconds": 60, "status": 429})
    assert (await client.get(flags)).status_code == 429
    await client.post("/_control/outage", json={"prefix": "/", "seconds": 0})
    assert (await client.get(flags)).status_code == 401
    assert (await client.get(flags, headers=bearer(world, "municipality:0461"))).status_code == 200


async def test_one_partys_token_opens_no_other_door(client: httpx.AsyncClient, world: StandInWorld) -> None:
    stranger = bearer(world, "municipality:0751")
    assert (await client.get("/case/0461/flags", headers=stranger)).status_code == 401
    assert (await client.get("/association/havblik/vacancies", headers=stranger)).status_code == 401
    assert (await client.post("/finance/0461/postings", headers=stranger)).status_code == 401


async def test_a_write_without_a_key_is_refused(client: httpx.AsyncClient, world: StandInWorld) -> None:
    headers = bearer(world, "municipality:0461")
    assert (await client.post("/case/0461/receipts/F-1", json={}, headers=headers)).status_code == 422


async def test_flags_can_be_added(client: httpx.AsyncClient, world: StandInWorld, flag: Sent) -> None:
    more = [flag | {"flag_id": "F-2"}, {"anything": "at all"}]
    assert (await client.post("/_control/flags/0461", json=more)).json() == {"waiting": 3}
    waiting = (await client.get("/case/0461/flags", headers=bearer(world, "municipality:0461"))).json()["flags"]
    assert waiting[1:] == more


async def test_the_inbox_shows_letters_to_a_person_and_lets_them_run_nothing(
    standins: Doors, client: httpx.AsyncClient
) -> None:
    await post_letter(standins, subject="<script>emne</script>", html='<p class="x">Hej</p><script>alert(1)</script>')
    listed = (await client.get("/inbox")).text
    shown = await client.get("/inbox/messages/1")
    assert "&lt;script&gt;emne&lt;/script&gt;" in listed
    assert 'href="/inbox/messages/1"' in listed
    assert "<script" not in listed + shown.text
    sandbox = re.search(r'sandbox="([^"]*)"', shown.text)
    assert sandbox
    assert "allow-scripts" not in sandbox[1]
    assert 'href="https://svar.example.test/q/abc?x=1&amp;y=2"' in shown.text
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    assert (await client.get("/inbox/messages/2")).status_code == 404


def test_a_world_survives_its_file(world: StandInWorld, tmp_path: Path) -> None:
    save(world, tmp_path / "world.json")
    assert load(tmp_path / "world.json") == world


def test_as_a_process_they_say_when_they_are_ready_and_end_well(
    world: StandInWorld, journal: Path, tmp_path: Path
) -> None:
    save(world, tmp_path / "world.json")
    order = ["--world", str(tmp_path / "world.json"), "--journal", str(journal), "--http-port", "0", "--smtp-port", "0"]
    started = [sys.executable, "-W", "error", "-m", "deployments.standins", *order]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout
        ready = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+) smtp://127\.0\.0\.1:\d+\n", process.stdout.readline())
        assert ready
        assert httpx.get(f"{ready[1]}/_control/state").is_success
        process.send_signal(signal.SIGTERM)
        said, complained = process.communicate()
    assert (process.returncode, said, complained) == (0, "", "")
