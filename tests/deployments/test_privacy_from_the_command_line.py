"""`tilflyt privacy report` tells a period's protection in counts."""

import base64
import json

from typer.testing import CliRunner

from deployments.cli import app
from tests.world import KEY, World, family


def test_the_report_counts_what_was_done_in_the_period_and_names_nobody(sqlite_world: World, monkeypatch, tmp_path):
    world = sqlite_world
    world.home()
    world.flag(family())
    world.housed()
    monkeypatch.chdir(tmp_path)
    for name in ("LINK", "PSEUDONYM", "VAULT"):
        monkeypatch.setenv(f"TILFLYT_{name}_KEY", base64.b64encode(KEY).decode())
    monkeypatch.setenv("TILFLYT_DATABASE_URL", str(world.platform.database.engine.url))
    run = CliRunner().invoke
    during = ["privacy", "report", "--since", "2026-01-01", "--until", "2027-01-01"]

    told = json.loads(run(app, [*during, "--json"]).stdout)
    assert (told["requests"], told["alike"], told["alike_least"], told["below_wanted"]) == (1, {"1": 1}, 1, 0)
    # Alone in the world as in its sending.
    assert (told["alike_in_sending"], told["right_at_most_pct"], told["two_right_at_most_pct"]) == (
        {"1": 1},
        100.0,
        None,
    )
    assert (told["approvals"], told["alike_to_municipality"]) == (1, {"1": 1})
    assert (told["disclosures"], told["recalls_outstanding"], told["waiting"]) == (2, 0, 0)
    assert told["openings"]["disclosure"] == 2
    shown = run(app, during).stdout
    assert "alike least" in shown
    assert "right at most pct" in shown
    assert family().identity.adult_name not in shown

    before = json.loads(run(app, ["privacy", "report", "--until", "2025-01-01", "--json"]).stdout)
    assert (before["requests"], before["openings"], before["alike_median"]) == (0, {}, None)
