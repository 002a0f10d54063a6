"""What people read: the one Jinja and gettext environment, for letters and for pages.

The Danish texts stand in the templates and are their own message ids. The English ones are read from
`locale/en` at start, so there is nothing to build and nothing to forget to build.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from domain.letters import Letter
from domain.referrals.household import Language
from templates import formats
from templates.words import attention, books, feeds, names, privacy, questions, referrals

HERE = Path(__file__).parent
STATIC = HERE / "static"
# Det Fælles Designsystem, as `make setup` installed it; its version stands in its address, so that it may be kept.
DESIGN = HERE / "node_modules" / "dkfds" / "dist"
# What templates call by its capability: `words.questions.asked(kind)`.
WORDS = {
    "attention": attention,
    "books": books,
    "feeds": feeds,
    "names": names,
    "privacy": privacy,
    "questions": questions,
    "referrals": referrals,
}
DESIGN_VERSION: str = json.loads((HERE / "package.json").read_text())["dependencies"]["dkfds"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter as it is sent: a subject of one line, and the same body as text and as HTML."""

    subject: str
    text: str
    html: str


def catalogue(language: Language) -> Path:
    """The file with the translations into a language."""
    return HERE / "locale" / language / "LC_MESSAGES" / "messages.po"


@lru_cache
def _translations_of(language: Language) -> NullTranslations:
    if language is Language.DANISH:
        return NullTranslations()
    compiled = BytesIO()
    with catalogue(language).open("rb") as texts:
        write_mo(compiled, read_po(texts, locale=language))
    compiled.seek(0)
    return Translations(compiled)


@lru_cache
def environment(language: Language) -> Environment:
    """The environment in one language; a missing fact is an error and never an empty space."""
    made = Environment(
        loader=FileSystemLoader(HERE),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",), default=False),
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(_translations_of(language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    for form in (
        formats.kr,
        formats.decimal,
        formats.day,
        formats.due,
        formats.factor,
        formats.month,
        formats.quarter,
        formats.moment,
        formats.stamp,
        formats.age,
    ):
        made.filters[form.__name__] = partial(form, language=language)
    made.filters |= {"midway": formats.midway, "dialled": formats.dialled, "spelled": formats.spelled}
    made.globals |= {"language": language, "words": WORDS, "design": DESIGN_VERSION}
    return made


def letter(letter: Letter, language: Language) -> Rendered:
    """A letter in its reader's language."""
    facts = {fact.name: getattr(letter, fact.name) for fact in fields(letter)}

    def part(name: str) -> str:
        return environment(language).get_template(f"email/{letter.template()}/{name}").render(facts)

    return Rendered(
        subject=" ".join(part("subject.txt").split()),
        text=re.sub(r"\n{3,}", "\n\n", part("body.txt")).strip() + "\n",
        html=part("body.html"),
    )


def translated(language: Language) -> Callable[[str], str]:
    """The function that translates single texts, for charts and the like, which have no template."""
    return _translations_of(language).gettext


def document(name: str, language: Language, **facts: object) -> str:
    """A document that is kept, in its reader's language; `name` is its file under `templates/documents`."""
    return environment(language).get_template(f"documents/{name}.html").render(facts)


def page(name: str, language: Language, **facts: object) -> str:
    """A page in its reader's language; `name` is its file under `templates/pages`, without the ending."""
    return environment(language).get_template(f"pages/{name}.html").render(facts)
