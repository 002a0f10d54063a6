"""People with a browser: every question from the letter's link to its receipt, also by keyboard and on a phone."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from domain.questions.question import Answer, QuestionKind, Standing
from templates.words import questions, referrals
from tests.browser.axe import violations
from tests.world.logging_in import have_nyborg_log_in, provider
from tests.world.served import EVERY_QUESTION, ON_BEHALF, Asked, digits_of, question_of

pytestmark = pytest.mark.xdist_group("browser")
every_question = pytest.mark.parametrize("asked", EVERY_QUESTION, ids=str)
OFFER, APPROVAL, ACCEPTANCE = map(Asked, (QuestionKind.OFFER, QuestionKind.APPROVAL, QuestionKind.ACCEPTANCE))
PHONE = {"width": 320, "height": 568}


def answered(letters, asked):
    return question_of(letters.world, letters.links[asked].removeprefix(letters.origin))


def fill_in(page, asked, answer=Answer.YES):
    """Choose as a person does, by clicking the words."""
    page.get_by_text(questions.answer(asked.kind, answer, on_behalf=asked.on_behalf), exact=True).click()
    if asked.kind is QuestionKind.OFFER and answer is Answer.YES:
        page.get_by_label("Strandvænget, Nyborg").first.check()
    if asked.on_behalf:
        page.get_by_label("I telefonen").check()
    type_digits(page)


def type_digits(page):
    """Type the digits of the letter, if the page asks for them."""
    field = page.get_by_label("De fire cifre")
    if field.count():
        field.fill(digits_of(urlsplit(page.url).path))


def send(page):
    page.get_by_role("button", name="Send svar").click()


def expect_a_receipt(page):
    expect(page.get_by_role("heading", level=1)).to_have_text("Tak. Vi har fået svaret")


def fits(page):
    """Whether nothing is wider than the screen, once the stylesheets are loaded."""
    page.wait_for_load_state()
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def open_letter(letters, page, asked):
    """Read the letter in the mail sink and click its button; returns the page that opens."""
    page.goto(letters.in_the_inbox(asked))
    with page.expect_popup() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Se sagen og svar").click()
    return opened.value


@every_question
def test_a_question_is_answered_from_the_letters_button_to_the_receipt(letters, page: Page, asked):
    said = []
    page.context.on(
        "console", lambda message: said.append(message.text) if "favicon" not in str(message.location) else None
    )
    page = open_letter(letters, page, asked)
    expect(page.locator("input:checked")).to_have_count(0)
    fill_in(page, asked)
    send(page)

    expect_a_receipt(page)
    assert page.url == letters.links[asked]
    recorded = answered(letters, asked)
    assert (recorded.standing, recorded.answer) == (Standing.ANSWERED, Answer.YES)
    expect(page.locator("body")).to_have_css("font-size", "16px")
    expect(page.locator("body")).to_have_css("display", "flex")  # the policy allows the stylesheets
    assert page.evaluate("document.fonts.check('16px \"IBM Plex Sans\"')")
    assert said == []


def test_of_two_open_windows_the_first_counts_and_the_second_is_told(letters, page: Page):
    second = page.context.new_page()
    for window in (page, second):
        window.goto(letters.links[APPROVAL])
    fill_in(page, APPROVAL)
    send(page)
    expect_a_receipt(page)
    fill_in(second, APPROVAL, Answer.NO)
    second.get_by_label(referrals.REASONS["quota_used"]).check()
    send(second)

    expect(second.get_by_role("heading", level=1)).to_have_text("Der er allerede svaret")
    assert answered(letters, APPROVAL).answer is Answer.YES
    second.get_by_role("link", name="Se kvitteringen").click()
    expect_a_receipt(second)


def tab_to(page, matches):
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("where => document.activeElement.matches(where)", matches):
            return
    raise AssertionError(f"the keyboard never reaches {matches}")


def test_a_question_is_answered_by_keyboard_alone(letters, page: Page):
    page.goto(letters.links[ON_BEHALF])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skipnav"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
    tab_to(page, "[name=answer]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#answer-no")).to_be_checked()
    tab_to(page, "[name=reason]")
    page.keyboard.press("Space")
    tab_to(page, "[name=given_by]")
    page.keyboard.press("Space")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "one cannot see where the keyboard is"
    tab_to(page, "[name=digits]")
    page.keyboard.type(digits_of(urlsplit(page.url).path))
    tab_to(page, "button")
    page.keyboard.press("Enter")

    expect_a_receipt(page)
    recorded = answered(letters, ON_BEHALF)
    assert (recorded.answer, recorded.reason, recorded.given_by) == ("no", "home_does_not_suit", "meeting")


@every_question
def test_nothing_scrolls_sideways_on_the_smallest_screen(letters, page: Page, asked):
    page.set_viewport_size(PHONE)
    page.goto(f"{letters.links[asked]}?lang=en")
    page.get_by_role("button").click()
    expect(page.locator(".alert")).to_be_visible()
    assert fits(page)
    page.goto(letters.links[asked])
    assert fits(page)
    fill_in(page, asked)
    send(page)
    expect_a_receipt(page)
    assert fits(page)


@pytest.mark.parametrize("path", ["/privatliv", "/tilgaengelighed", "/q/nobody"])
@pytest.mark.parametrize("language", ["da", "en"])
def test_no_other_page_scrolls_sideways_either(letters, page: Page, path, language):
    page.set_viewport_size(PHONE)
    page.goto(f"{letters.origin}{path}?lang={language}")
    assert fits(page)


def test_every_choice_is_large_enough_for_a_thumb(letters, page: Page):
    page.set_viewport_size(PHONE)
    page.goto(letters.links[OFFER])
    labelled = page.locator(".form-group-radio label").locator("visible=true").all()
    assert labelled
    for label in labelled:
        box = label.bounding_box()
        assert box["width"] >= 44
    for row in page.locator(".form-group-radio").locator("visible=true").all():
        assert row.bounding_box()["height"] >= 44


@every_question
def test_a_visitor_without_scripts_answers_all_the_same(letters, page_without_scripts: Page, asked):
    page = page_without_scripts
    page.goto(letters.links[asked])
    send(page)
    expect(page.get_by_role("heading", name="Svaret er ikke sendt")).to_be_visible()
    fill_in(page, asked)
    send(page)

    expect_a_receipt(page)
    assert answered(letters, asked).answer is Answer.YES


def test_what_is_missing_stands_on_top_has_the_focus_and_leads_to_its_field(letters, page: Page):
    page.goto(letters.links[ON_BEHALF])
    page.get_by_label("Familien siger nej tak til boligen").check()
    send(page)

    alert = page.locator(".alert")
    expect(alert).to_be_in_viewport()
    expect(alert).to_be_focused()
    assert page.title().startswith("Fejl:")
    expect(page.get_by_label("Familien siger nej tak til boligen")).to_be_checked()
    for error, field in (("choose_a_reason", "reason"), ("say_how_it_was_given", "given_by")):
        alert.get_by_role("link", name=questions.ERRORS[error]).click()
        expect(page.locator(f"#{field}")).to_be_focused()
        expect(page.locator(f"#{field}")).to_be_in_viewport()
        expect(page.locator(f"#{field}-error")).to_contain_text(questions.ERRORS[error])


def test_the_page_is_read_in_the_other_language_and_back(letters, page: Page):
    page.goto(letters.links[ACCEPTANCE])
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Would you like the home?")
    page.get_by_label("Yes, we would like the home").check()
    page.get_by_label("The four digits").fill(digits_of(urlsplit(page.url).path))
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. We have the answer")
    page.get_by_role("link", name="Dansk").click()
    expect_a_receipt(page)


def test_a_receipt_can_be_printed(letters, page: Page):
    page.goto(letters.links[ACCEPTANCE])
    fill_in(page, ACCEPTANCE)
    send(page)
    expect_a_receipt(page)
    expect(page.locator("footer")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_text(questions.answer(QuestionKind.ACCEPTANCE, Answer.YES))).to_be_visible()
    for screen_only in ("footer", ".language", "main .d-print-none"):
        expect(page.locator(f"{screen_only} >> visible=true")).to_have_count(0)
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") == 1, "a receipt fits on one sheet"


def test_who_has_to_log_in_does_so_at_work_and_answers(letters, page: Page):
    world = letters.world
    with provider(**{"sub-anvisning-1": {}}) as issuer:
        have_nyborg_log_in(world, issuer, running_cases=True)
        page.goto(letters.links[APPROVAL])
        page.get_by_role("button", name="Log ind").click()
        page.get_by_role("button", name="sub-anvisning-1").click()

        expect(page.get_by_text("Du er logget ind som Boliganviser (opdigtet).")).to_be_visible()
        fill_in(page, APPROVAL)
        send(page)
        expect_a_receipt(page)
    assert answered(letters, APPROVAL).answered_by == "anvisning-1"
    page.goto(f"{letters.origin}/mine?show=answered")
    expect(page.get_by_role("link", name="Kan boligen godkendes?").first).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Log ud").click()
    expect(page.get_by_text("Hvor arbejder du?")).to_be_visible()
