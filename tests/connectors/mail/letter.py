"""A letter to an invented person."""

from email.message import EmailMessage

FAMILY = "proeve.opdigtsen@example.test"


def letter(to: str = FAMILY, subject: str = "Et spørgsmål om en bolig") -> EmailMessage:
    """A letter as text and HTML, to an invented person."""
    message = EmailMessage()
    message["From"] = "Tilflytterstyring <svar@example.test>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<1.1@example.test>"
    message.set_content("Kære familie\n\nSvar her: https://svar.example.test/q/abc?x=1&y=2\n")
    message.add_alternative("<p>Kære familie</p>", subtype="html")
    return message
