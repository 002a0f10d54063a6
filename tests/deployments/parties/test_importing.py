"""Importing: the reference facts are those published, and for a wrong parties' file the place of the fault is named."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import func, select

from deployments.demo import world as demo
from deployments.parties.importing import import_file, import_reference
from domain.errors import Invalid
from domain.homes.area import AreaStatus
from storage.areas.area_names import area_names
from storage.areas.places import Area, AreaFigures, Municipality, listed_areas
from storage.database import Database
from storage.parties.agreements import AgreementVersion, agreement_for
from storage.parties.partners import PartnerVersion
from tests.world.clock import START


@pytest.fixture
def parties(sqlite: Database, tmp_path: Path) -> Path:
    import_reference(sqlite)
    return demo.parties_file("http://partners.invalid", tmp_path / "parties.toml")


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_the_reference_facts_are_all_there_and_loading_them_again_adds_nothing(database: Database):
    first, second = import_reference(database), import_reference(database)

    assert (first.municipalities, first.areas, second.municipalities, second.areas) == (98, 38, 0, 0)
    assert (count(database, Municipality), count(database, Area), count(database, AreaFigures)) == (98, 38, 12)


def test_an_area_is_listed_by_the_newest_list_of_each_kind_and_unknown_figures_stay_unknown(sqlite: Database):
    import_reference(sqlite)
    with sqlite.reading() as session:
        listed = listed_areas(session, on=START.date())
        vollsmose = area_names(session).meaning("0461", "vollsmose").area_id
        assert listed[vollsmose] >= {AreaStatus.VULNERABLE, AreaStatus.COMBINED_LETTING}
        assert area_names(session).meaning("0101", "bispeparken").area_id not in listed
        dropped = session.exec(
            select(AreaFigures.outside_labour_market_pct).where(
                AreaFigures.area_id == area_names(session).meaning("0101", "mjoelnerparken").area_id
            )
        ).one()
        assert dropped is None


def test_agreements_and_partners_are_kept_once_and_a_change_makes_a_new_version(sqlite: Database, parties: Path):
    assert import_file(sqlite, parties, now=START).partners == 9
    assert import_file(sqlite, parties, now=START).partners == 0

    parties.write_text(parties.read_text().replace("00 00 04 61", "00 00 04 62"))
    assert import_file(sqlite, parties, now=START).partners == 1
    assert count(sqlite, PartnerVersion) == 10
    with sqlite.reading() as session:
        assert agreement_for(session, "0461", on=START.date()) is not None
        assert agreement_for(session, "0101", on=START.date()) is None


def test_new_cases_begin_on_the_newest_version_that_has_begun_until_its_last_day(sqlite: Database, parties: Path):
    import_file(sqlite, parties, now=START)
    later = ('version = 1\nname = "Samarbejdsaftale', 'version = 2\nvalid_until = 2026-06-30\nname = "Samarbejdsaftale')
    from_march = (*later, "valid_from = 2026-01-01", "valid_from = 2026-03-01")
    text = parties.read_text()
    for before, after in zip(from_march[::2], from_march[1::2], strict=True):
        text = text.replace(before, after, 1)
    parties.write_text(text)
    import_file(sqlite, parties, now=START)

    def version(day: date) -> int | None:
        with sqlite.reading() as session:
            row = agreement_for(session, "0461", on=day)
            return session.get_one(AgreementVersion, row).version if row else None

    days = (date(2025, 12, 31), date(2026, 2, 28), date(2026, 3, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [version(day) for day in days] == [None, 1, 2, 2, None]


def test_a_version_of_an_agreement_never_changes(sqlite: Database, parties: Path):
    import_file(sqlite, parties, now=START)
    parties.write_text(parties.read_text().replace("4500000", "4600000"))

    with pytest.raises(Invalid, match=r"fyn.*version"):
        import_file(sqlite, parties, now=START)
    assert count(sqlite, AgreementVersion) == 2


def test_an_agreement_that_was_written_down_before_a_term_had_a_name_is_still_the_same(sqlite: Database, parties: Path):
    import_file(sqlite, parties, now=START)
    with sqlite.writing() as session:
        for version in session.exec(select(AgreementVersion)):
            written = json.loads(version.document)
            del written["beside"], written["answer_level"]
            version.document = json.dumps(written)

    assert import_file(sqlite, parties, now=START).agreements == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('kind = "offer"', 'kind = "guess"'), "agreement fyn route.1.kind"),
        (("reservation_days = 42", "reservation_days = 10"), "reservation_days"),
        (("answer_within_days = 3", "answer_within_days = 2"), "route.sign_off"),
        (("[agreement.legal_basis]", "surprise = 1\n[agreement.legal_basis]"), "agreement fyn surprise"),
        (("municipality:0461", "municipality:9999"), "municipality:9999: unknown municipality"),
        (("json-finance", "soap-finance"), "systems.finance.connector: unknown"),
        (('role = "approver"', 'role = "boss"'), "contacts.0.role"),
        (("[partner.systems]", 'feed = { schedule = "x" }\n[partner.systems]'), "feed.schedule: is no cron line"),
        # Cron lines that Prefect would read in another way, or not at all.
        *(
            (
                ("[partner.systems]", f'feed = {{ schedule = "{cron}" }}\n[partner.systems]'),
                "feed.schedule: is no cron line",
            )
            for cron in ("0 30 4 * * *", "0 3 * * 5L", "@daily", "0 0 30 2 *", "R 3 * * *", "1," * 60 + "1 * * * *")
        ),
        (("teamleder@odense.invalid", "teamleder@odense.invalid\\nBcc: x@y.invalid"), "email is not one address"),
        (("[[agreement]]", "[[agreement"), "parties.toml"),
        (
            ('name = "Skovbrynets Boligselskab', 'name = "Se www.evil.example'),
            "association:skovbrynet name: must hold no",
        ),
        (('name = "Udlejer To', 'name = "Udlejer https://evil.example'), "contacts udlejning-2 name: must hold no"),
        (
            ('mail_domains = ["nyborg.invalid"]', 'mail_domains = ["@nyborg.invalid"]'),
            "mail_domains: must be what stands behind the @",
        ),
        (
            ("[partner.systems]", 'departments = { 12 = "a\\u2028b" }\n[partner.systems]'),
            "departments 12: must hold no",
        ),
    ],
)
def test_a_file_that_is_wrong_says_where_and_nothing_of_it_is_loaded(sqlite: Database, parties: Path, change, says):
    parties.write_text(parties.read_text().replace(*change))

    with pytest.raises(Invalid, match=says.replace("[", r"\[")):
        import_file(sqlite, parties, now=START)
    assert (count(sqlite, AgreementVersion), count(sqlite, PartnerVersion)) == (0, 0)


def test_an_agreement_that_asks_for_a_login_names_the_parties_that_have_none(sqlite: Database, parties: Path):
    text = parties.read_text().replace('answer_level = "link"', 'answer_level = "link_and_login"')
    parties.write_text(text)

    with pytest.raises(
        Invalid, match="no login is known for municipality:0430, municipality:0461, association:havblik"
    ):
        import_file(sqlite, parties, now=START)
    assert count(sqlite, AgreementVersion) == 0


def test_a_deputy_who_is_no_colleague_is_refused_by_name(sqlite: Database, parties: Path):
    away = 'role = "approver", away = [{ from_day = 2026-07-06, until_day = 2026-07-24, deputy = "nobody" }], subject'
    parties.write_text(parties.read_text().replace('role = "approver", subject', away, 1))

    with pytest.raises(Invalid, match=r"municipality:0450 contacts.anvisning-1.away: deputy must be a colleague"):
        import_file(sqlite, parties, now=START)
