"""A bank's account statement, ISO 20022 camt.053 (BankToCustomerStatement), from version 001.02 on.

Each booked entry (Ntry) becomes a report, with the sign of the account: credit (CRDT), what came in, is above zero. A
reversal (RvslInd) has the sign in which the money went too, and is told as one, so that it takes back what it reverses.
Elements are known by their names: banks write the namespace of a version in several ways, and a few leave it out. An
error names the line of the entry and the element, and never what stands there.

Not verified against the schemas of ISO 20022, nor against statements of a bank: what elements mean is taken from Danske
Bank's description of 001.02 and from open readers of 001.02 and 001.08, between which the elements read here differ.
"""

import re
from contextlib import suppress
from typing import NoReturn
from xml.parsers.expat import ExpatError, ParserCreate

from connectors.finance.camt_entry import Entry
from domain.books.reconciliation import Reported
from domain.errors import Invalid

LARGEST_BYTES = 20_000_000
MOST_DEEP = 40
LONGEST_NAME = 64
LONGEST_SPACE = 200
LONGEST_TEXT = 2_000
FIRST_VERSION = 2
NOT_ONE = "must be a camt.053.001.02 or a later version"
# The namespace of ISO 20022, or a country's own that names the message in the same way.
_VERSION = re.compile(r"camt\.053\.001\.([0-9]{2})(?![0-9])")
ENTRY = ("Document", "BkToCstmrStmt", "Stmt", "Ntry")


def read_statement(body: bytes) -> tuple[Reported, ...]:
    """The booked entries of a statement, in its order; a batch whose parts sum to it, as its parts."""
    if len(body) > LARGEST_BYTES:
        raise Invalid("file", f"must be at most {LARGEST_BYTES} bytes")
    return _Statement().read(body)


class _Statement:
    """Reads a statement as its elements come. Namespaces count at the root alone: it says which version this is."""

    def __init__(self) -> None:
        # Without namespaces, with which the parser keeps each name together with its prefix's whole URI.
        self._parser = ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._data
        self._parser.EndElementHandler = self._end
        self._prefix = ""
        self._path: list[str] = []
        self._entry: Entry | None = None
        self._text: list[str] = []
        self._signs = 0
        self._has_statement = False
        self._found: list[Reported] = []

    def read(self, body: bytes) -> tuple[Reported, ...]:
        self._parse(body)
        if not self._has_statement:
            raise Invalid("file", NOT_ONE)
        return tuple(self._found)

    def _parse(self, body: bytes) -> None:
        # Raised outside the handler: the parser's errors carry parts of the document.
        with suppress(ExpatError, LookupError, ValueError):
            self._parser.Parse(body, True)
            return
        raise Invalid(f"line {self._parser.CurrentLineNumber}", "must be well-formed XML")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(tag) > LONGEST_NAME or len(self._path) == MOST_DEEP:
            self._refuse()
        if not self._path:
            self._must_be_a_version(tag, attributes)
        self._path.append(self._name(tag))
        self._text, self._signs = [], 0
        path = tuple(self._path)
        self._has_statement |= path == ENTRY[:-1]
        if path == ENTRY:
            self._entry = Entry(self._parser.CurrentLineNumber)
        elif self._entry is not None:
            self._entry.begin(path[len(ENTRY) :], attributes)

    def _data(self, text: str) -> None:
        if self._entry is not None:
            self._signs += len(text)
            if self._signs > LONGEST_TEXT:
                raise Invalid(f"line {self._parser.CurrentLineNumber}", f"must be at most {LONGEST_TEXT} signs of text")
            self._text.append(text)

    def _end(self, _tag: str) -> None:
        path = tuple(self._path)
        if self._entry is not None:
            if path == ENTRY:
                self._found += self._entry.reported()
                self._entry = None
            else:
                self._entry.tell(path[len(ENTRY) :], "".join(self._text).strip())
        self._path.pop()
        self._text, self._signs = [], 0

    def _must_be_a_version(self, tag: str, attributes: dict[str, str]) -> None:
        self._prefix, colon, _ = tag.rpartition(":")
        space = attributes.get(f"xmlns{colon}{self._prefix}", "")
        version = _VERSION.search(space[:LONGEST_SPACE])
        if (space or colon) and (version is None or int(version[1]) < FIRST_VERSION):
            raise Invalid("file", NOT_ONE)

    def _name(self, tag: str) -> str:
        """An element's name; none when its prefix is another than the root's, as it is something else then."""
        prefix, _, name = tag.rpartition(":")
        return name if prefix == self._prefix else ""

    def _refuse(self, *_declared: object) -> NoReturn:
        """Refuse a document type, and with it entities and anything fetched from elsewhere; and endless nesting."""
        raise Invalid(f"line {self._parser.CurrentLineNumber}", NOT_ONE)
