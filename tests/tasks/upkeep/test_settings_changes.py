"""The platform's settings are an entry in the audit chain, without their secrets."""

import base64

from sqlmodel import select

from storage.audit.events import AuditEvent
from storage.audit.verdict import verified
from storage.settings import load_settings, shown
from tasks.upkeep.chain import seal
from tasks.upkeep.settings_changes import SETTINGS_CHANGED, note_settings
from tests.world.new_world import KEY
from tests.world.world import World

SECRET = base64.b64encode(KEY).decode()


def test_settings_are_written_down_when_they_are_others_than_last_time_and_hold_no_secret(world: World):
    secret = {"vault_key": SECRET, "smtp_password": "hemmeligt", "metrics_token": "hemmeligt-og-langt"}
    url = {"database_url": "postgresql+psycopg://bruger:hemmeligt@127.0.0.1/tilflyt"}
    first = load_settings(_env_file=None, **secret, **url)
    later = load_settings(_env_file=None, **secret, **url, anonymity_least=2)

    assert note_settings(world.platform, shown(first))
    assert not note_settings(world.platform, shown(first))
    assert note_settings(world.platform, shown(later))

    was, now = world.rows(select(AuditEvent).where(AuditEvent.deed == SETTINGS_CHANGED))
    changed = {name: (told, now.facts[name]) for name, told in was.facts.items() if told != now.facts[name]}
    assert changed == {"anonymity_least": ("3", "2")}
    assert "hemmeligt" not in str(was.facts)
    assert SECRET not in str(was.facts)
    assert (was.facts["vault_key"], was.facts["link_key"], was.facts["database_url"]) == (
        "set",
        "",
        "postgresql+psycopg",
    )
    seal(world.platform)
    with world.platform.database.reading() as session:
        assert verified(session).holds
