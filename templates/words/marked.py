"""How a text that is to be translated is told from any other string."""


def marked(text: str) -> str:
    """The text itself; its use tells the extraction that this is a text to translate."""
    return text
