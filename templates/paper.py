"""A letter on paper: a PDF for screen readers too (PDF/UA), made without a browser."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import typst

from domain.errors import TilflytError
from domain.referrals.household import Language
from templates import HERE, Rendered, translated
from templates.formats import day
from templates.words.letters import SLIP

SOURCE = HERE / "documents" / "letter.typ"


class CannotBePrinted(TilflytError):
    """A letter holds signs that none of its fonts has."""

    code = "cannot_be_printed"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed on a letter beside its text: the addressee, the sender and the day.

    `phone` is the sender's, when the letter asks something that can be answered by post or telephone too; an answer on
    paper is matched by its `reference`.
    """

    name: str
    address: str
    sender: str
    written: date
    phone: str | None = None
    reference: str = ""


def on_paper(letter: Rendered, language: Language, sheet: Sheet) -> bytes:
    """A letter's PDF, with the addressee at the envelope's window; link and digits are printed as text."""
    heading, *blocks = [block.splitlines() for block in re.split(r"\n{2,}", letter.text.strip())]
    told = {
        "subject": letter.subject,
        "language": str(language),
        "sender": sheet.sender,
        "to": [sheet.name, *_lines_of(sheet.address)],
        "written": day(sheet.written, language=language),
        "heading": " ".join(heading),
        "blocks": blocks,
        "slip": _slip(language, sheet) if sheet.phone else None,
    }
    made: bytes | None = None
    # What is wrong is raised after the handler: Typst's errors repeat the text, and so the family's name.
    with suppress(typst.TypstError):
        made = typst.compile(
            SOURCE.read_bytes(),
            format="pdf",
            # So that a letter looks the same wherever it is printed.
            ignore_system_fonts=True,
            pdf_standards="ua-1",
            sys_inputs={"letter": json.dumps(told, ensure_ascii=False)},
        )
    if made is None:
        raise CannotBePrinted(
            "the family's name or address holds signs that the letter's fonts do not have: `tilflyt rights correct`"
        )
    return made


def _slip(language: Language, sheet: Sheet) -> dict[str, str]:
    facts = {"municipality": sheet.sender, "phone": sheet.phone}
    said = {name: translated(language)(text) % (facts if "%(" in text else {}) for name, text in SLIP.items()}
    return said | {"reference": sheet.reference}


def _lines_of(address: str) -> list[str]:
    """An address as lines, of which the last begins with the postcode: `Vollsmose Allé 12, 2. tv., 5240 Odense NØ`."""
    parts = [part.strip() for part in re.split(r"[,\n]", address) if part.strip()]
    return [*([", ".join(parts[:-1])] if parts[:-1] else []), *parts[-1:]]
