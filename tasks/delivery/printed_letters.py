"""A letter to a family as a PDF to print. Processes that only deliver do not load the typesetter."""

from domain.errors import Invalid
from tasks.delivery.letter_to_print import PrintedLetter
from templates.paper import Sheet, on_paper


def as_pdf(letter: PrintedLetter) -> bytes:
    """The letter as a PDF; `Invalid` names what the envelope needs and the family's identity lacks."""
    for field, known in (("adult_name", letter.name), ("address", letter.address)):
        if not known.strip():
            how = f"`tilflyt rights correct {letter.reference} --field {field}`"
            raise Invalid(field, f"of {letter.reference} is empty, and no letter can be posted: {how}")
    sheet = Sheet(
        name=letter.name,
        address=letter.address,
        sender=letter.sender.name,
        written=letter.written,
        phone=letter.sender.phone if letter.asks else None,
        reference=letter.reference,
    )
    return on_paper(letter.letter, letter.language, sheet)
