"""What a delivery report says (RFC 3464, RFC 6533), in the many forms that mail servers give it."""

from collections.abc import Iterator
from email.message import Message
from itertools import islice

STATUSES = frozenset({"message/delivery-status", "message/global-delivery-status"})
MOST_LINES, MOST_PARTS = 2_000, 100


def own_parts(message: Message) -> Iterator[Message]:
    """The parts of a message, without the parts of an attached message, which somebody else wrote."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart":
            waiting[:0] = [one for one in payload if isinstance(one, Message)]


def failed_for_good(message: Message) -> bool | None:
    """Whether a message says that a letter could not be delivered; None when it holds no readable status."""
    said = [
        (name, value)
        for part in own_parts(message)
        if part.get_content_type() in STATUSES
        for name, value in lines_of(part)
    ]
    actions = [value for name, value in said if name == "action"]
    # Where a server names no action, the status decides: 5 means undeliverable for good.
    codes = [value for name, value in said if name == "status"] if not actions else []
    if not actions and not codes:
        return None
    return any(_first_word(action) == "failed" for action in actions) or any(code[:1] == "5" for code in codes)


def _first_word(value: str) -> str:
    return value.lower().replace("(", " ").replace(";", " ").partition(" ")[0]


def lines_of(part: Message) -> Iterator[tuple[str, str]]:
    """The fields of a part, names in lower case, folded lines unfolded; Python parses some such parts as messages."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for group in payload:
            if isinstance(group, Message):
                yield from ((name.lower(), _unfolded(value)) for name, value in group.items())
                yield from _fields(text_of(group))
    else:
        yield from _fields(text_of(part))


def text_of(part: Message) -> str:
    """The text of a part in whatever encoding; empty when it has none."""
    found = part.get_payload(decode=True)
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else ""


def _unfolded(value: object) -> str:
    return " ".join(str(value).split())


def _fields(text: str) -> Iterator[tuple[str, str]]:
    name, value = "", ""
    for line in islice(text.splitlines(), MOST_LINES):
        if line[:1] in (" ", "\t"):
            value += f" {line.strip()}" if len(value) < MOST_LINES else ""
            continue
        if name:
            yield name, value.strip()
        before, colon, after = line.partition(":")
        name, value = (before.strip().lower(), after) if colon else ("", "")
    if name:
        yield name, value.strip()
