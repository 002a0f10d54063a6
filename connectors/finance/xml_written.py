"""Writes an XML document from a tree, the same bytes for the same tree; what XML has no sign for is refused."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from domain.errors import Invalid

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
# A line feed and a tab mean themselves; a bare carriage return would be read as a line feed.
_AS_NUMBERS = {"\r": "&#13;"}


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its attributes, and either a text or elements within."""

    name: str
    content: "str | tuple[Element, ...]"
    attributes: tuple[tuple[str, str], ...] = ()


def cbc(name: str, text: str, **attributes: str) -> Element:
    """A basic component of UBL: a text."""
    return Element(f"cbc:{name}", text, tuple(sorted(attributes.items())))


def cac(name: str, *content: Element | None) -> Element:
    """An aggregate component of UBL; None among its content is left out."""
    return Element(f"cac:{name}", tuple(one for one in content if one is not None))


def said(name: str, text: str, **attributes: str) -> Element | None:
    """A basic component where there is a text: neither form allows an empty element (PEPPOL-EN16931-R008)."""
    return cbc(name, text, **attributes) if text.strip() else None


def document(root: str, content: Iterable[Element | None]) -> bytes:
    """A UBL 2 document in UTF-8, one element a line."""
    spaces = (
        ("xmlns", f"urn:oasis:names:specification:ubl:schema:xsd:{root}-2"),
        ("xmlns:cac", CAC),
        ("xmlns:cbc", CBC),
    )
    whole = Element(root, tuple(one for one in content if one is not None), spaces)
    return "".join(('<?xml version="1.0" encoding="UTF-8"?>\n', *_lines(whole, ""))).encode()


def _lines(element: Element, indent: str) -> Iterator[str]:
    attributes = "".join(f" {name}={quoteattr(_sound(value), _AS_NUMBERS)}" for name, value in element.attributes)
    begin = f"{indent}<{element.name}{attributes}>"
    if isinstance(element.content, str):
        yield f"{begin}{escape(_sound(element.content), _AS_NUMBERS)}</{element.name}>\n"
        return
    yield f"{begin}\n"
    for one in element.content:
        yield from _lines(one, f"{indent}  ")
    yield f"{indent}</{element.name}>\n"


def _sound(text: str) -> str:
    """The same text. `Invalid` when it holds a sign that XML 1.0 (section 2.2) has none for."""
    if all(_is_allowed(ord(sign)) for sign in text):
        return text
    raise Invalid("invoice", "holds a sign that XML cannot hold")


def _is_allowed(code: int) -> bool:
    if code < 0x20:
        return code in (0x9, 0xA, 0xD)
    return code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
