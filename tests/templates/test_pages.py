"""The pages: one question, one button, nothing preselected, and usable by everybody."""

from dataclasses import replace
from html import escape

import pytest
from bs4 import BeautifulSoup

from approval_api.questions.pages.page import Filled
from domain.referrals.household import Language
from templates import DESIGN_VERSION, page
from templates.formats import day
from tests.world.samples.answered import NOTICE, RECEIPTS
from tests.world.samples.drift import PREFECT
from tests.world.samples.facts import DEADLINE, DIGITS, HOME
from tests.world.samples.pages import PAGES
from tests.world.samples.questions import FAMILY, QUESTIONS

HOSTILE = "<i>\"Ø'&"

each_language = pytest.mark.parametrize("language", Language)
each_page = pytest.mark.parametrize(("name", "facts"), PAGES.values(), ids=PAGES.keys())
each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())


def drawn(name, language=Language.DANISH, **facts):
    return BeautifulSoup(page(name, language, **facts), "html.parser")


@each_language
@each_page
def test_a_page_has_one_heading_a_title_a_language_and_a_way_past_the_header(name, facts, language):
    soup = drawn(name, language, **facts)
    assert soup.html["lang"] == language
    assert len(soup.select("h1")) == 1
    assert soup.h1.get_text(strip=True) in soup.title.get_text()
    assert soup.select_one(soup.body.a["href"]) is soup.main
    ids = [tag["id"] for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids))


@each_language
@each_page
def test_a_page_runs_nothing_and_fetches_nothing_but_our_own_stylesheets(name, facts, language):
    soup = drawn(name, language, **facts)
    assert soup.select("script, style, iframe, [style], [onclick], [onload]") == []
    assert all(img["src"].startswith("/drift/feeds/") for img in soup.select("img"))
    looks = [f"/design/{DESIGN_VERSION}/css/dkfds.min.css", "/static/desk.css"]
    assert [link["href"] for link in soup.select("link")] == looks
    assert all(a["href"].startswith(("#", "/", "?lang=", "tel:", f"{PREFECT}/runs/")) for a in soup.select("a"))


@each_page
def test_a_page_leads_to_its_other_language_and_its_footer_keeps_the_language(name, facts):
    danish, english = (drawn(name, language, **facts) for language in Language)
    assert danish.select_one(".language a")["href"] == "?lang=en"
    assert english.select_one(".language a")["href"] == "?lang=da"
    assert [a["href"] for a in danish.select("footer a")] == ["/tilgaengelighed", "/privatliv"]
    assert [a["href"] for a in english.select("footer a")] == ["/tilgaengelighed?lang=en", "/privatliv?lang=en"]


@each_question
def test_the_form_posts_to_its_own_address_with_one_button(question):
    form = drawn("question", facts=question).form
    assert form["method"] == "post"
    assert form.get("action", "") == ""
    assert len(form.select("button, input[type=submit]")) == 1


@each_question
def test_the_form_asks_for_what_the_answer_needs_and_offers_nothing_else(question):
    form = drawn("question", facts=question).form
    offered = {(tag["name"], tag["value"]) for tag in form.select("input:not([name=digits])")}
    assert bool(form.select("textarea[name=comment]")) == question.may_comment
    assert offered == (
        {("answer", answer) for answer in question.answers}
        | {("reason", reason) for reason in question.reasons}
        | {("vacancy", str(choice.vacancy_id)) for choice in question.homes}
        | ({("given_by", way) for way in question.ways} if question.on_behalf else set())
        | ({("answer", "ask_a_colleague")} if question.colleagues else set())
        | {("colleague", colleague.id) for colleague in question.colleagues}
        | {("nonce", question.nonce)}
    )
    assert len(form.select("input[name=digits]")) == question.asks_digits


@each_question
def test_every_radio_has_a_label_and_every_group_a_legend(question):
    soup = drawn("question", facts=question)
    for radio in soup.select("input:not([type=hidden], [name=digits])"):
        assert radio["type"] == "radio"
        assert soup.select_one(f'label[for="{radio["id"]}"]').get_text(strip=True)
        assert radio.find_parent("fieldset").legend.get_text(strip=True)


@each_question
def test_only_what_was_chosen_before_is_chosen(question):
    chosen = {(tag["name"], tag["value"]) for tag in drawn("question", facts=question).select("input[checked]")}
    filled = question.filled
    before = {"answer": filled.answer, "reason": filled.reason, "vacancy": filled.vacancy, "given_by": filled.given_by}
    before["colleague"] = filled.colleague
    assert chosen == {(name, value) for name, value in before.items() if value}


def test_the_digits_are_labelled_explained_and_never_filled_in():
    soup = drawn("question", facts=replace(FAMILY, filled=Filled(answer="yes", digits=DIGITS)))
    field = soup.select_one("input[name=digits]")
    assert field.get("value") is None
    assert field["inputmode"] == "numeric"
    assert soup.select_one(f"label[for={field['id']}]").get_text() == "De fire cifre"
    assert "ved linket" in soup.select_one(f"#{field['aria-describedby']}").get_text()


def test_a_home_that_was_chosen_stays_chosen():
    again = replace(QUESTIONS["offer"], filled=Filled(vacancy="8"))
    assert drawn("question", facts=again).select_one("input[checked]")["id"] == "vacancy-8"


@each_language
@each_question
def test_an_error_stands_at_the_top_leads_to_its_field_and_is_told_there(question, language):
    soup = drawn("question", language, facts=question)
    links = soup.select(".alert a")
    assert [link["href"] for link in links] == [f"#{error.field}" for error in question.errors]
    assert soup.title.get_text().startswith({"da": "Fejl:", "en": "Error:"}[language]) == bool(question.errors)
    for link in links:
        field = soup.select_one(link["href"])
        told = (field if field.get("type") != "radio" else field.find_parent("fieldset"))["aria-describedby"].split()[
            -1
        ]
        assert link.get_text() in soup.select_one(f"#{told}").get_text()
    assert len(soup.select("[aria-invalid]")) == len(links)


TOLD = (
    "40.000 kr. og 5.000 kr. for hvert barn",
    "8.000 kr. om måneden i 6 måneder",
    "Højst 15.000 kr.",
    "højst 42 dage",
)


def test_a_question_says_where_it_stands_what_it_asks_and_until_when():
    text = drawn("question", facts=QUESTIONS["approval"]).main.get_text(" ", strip=True)
    for part in ("Trin 3 af 5", "Kan boligen godkendes?", "TF-2026-00042", "7.425 kr.", *TOLD):
        assert part in text
    assert f"Svar senest {day(DEADLINE, language=Language.DANISH)}" in text
    assert "Almenboligloven § 59" in text
    assert "Kontrolleret af Anne Lund" in text


def test_a_deadline_that_has_passed_is_told_as_passed():
    text = drawn("question", facts=QUESTIONS["sign_off"]).select_one(".deadline").get_text(strip=True)
    assert text == "Fristen var torsdag den 3. december 2026. Svaret tæller stadig."


@pytest.mark.parametrize(("language", "text"), [(Language.DANISH, "text_da"), (Language.ENGLISH, "text_en")])
def test_the_legal_basis_is_in_the_readers_language(language, text):
    basis = drawn("question", language, facts=FAMILY).select_one(".basis").get_text()
    assert getattr(FAMILY.legal_basis, text) in basis


def test_whom_to_call_stands_in_the_header():
    header = drawn("question", facts=FAMILY).header
    assert "Hvidovre Kommune" in header.get_text()
    assert header.select_one("a")["href"] == "tel:00000167"


def test_a_receipt_says_what_was_answered_by_whom_and_when():
    text = drawn("receipt", facts=RECEIPTS["receipt_of_family"]).table.get_text(" ", strip=True)
    for part in ("Nej tak til boligen", "Boligen ligger for langt væk", "Svaret af Familien", "kl. 14.05"):
        assert part in text


@pytest.mark.parametrize("name", ["expired", "already_answered", "answered", "withdrawn"])
def test_a_notice_says_which_case_and_whom_to_call(name):
    text = drawn(name, facts=NOTICE).main.get_text(" ", strip=True)
    assert "TF-2026-00042" in text
    assert "Opdigtet Sagsbehandler på 00 00 01 67" in text


@each_language
@pytest.mark.parametrize("name", ["unknown", "failed", "tilgaengelighed", "privatliv"])
def test_a_page_that_belongs_to_no_case_cannot_tell_of_one(name, language):
    assert page(name, language) == page(name, language, reference="TF-2026-00042", asking="Hvidovre Kommune")


@each_language
def test_every_fact_is_escaped_and_escaped_once(language):
    asking = replace(FAMILY.asking, name=HOSTILE, call_name=HOSTILE, call_phone=HOSTILE)
    basis = replace(FAMILY.legal_basis, text_da=HOSTILE, text_en=HOSTILE, verified_by=HOSTILE)
    home = replace(HOME, department=HOSTILE, association=HOSTILE, municipality=HOSTILE)
    offer = QUESTIONS["offer"]
    homes = tuple(replace(choice, home=home) for choice in offer.homes)
    marked = {"reference": HOSTILE, "asking": asking}
    pages = [
        page("question", language, facts=replace(FAMILY, **marked, legal_basis=basis, home=home)),
        page("question", language, facts=replace(offer, **marked, legal_basis=basis, homes=homes)),
        page("receipt", language, facts=replace(RECEIPTS["receipt"], **marked, home=home, answered_by=HOSTILE)),
        page("withdrawn", language, facts=replace(NOTICE, **marked)),
    ]
    for html in pages:
        assert HOSTILE not in html
        assert "&amp;lt;" not in html
        assert escape("<i>") in html
