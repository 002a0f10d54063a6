"""What a name or an id from others may hold: it comes into letters and pages, and must never be a link there.

These are regular expressions of RE2's kind, without lookaround: pydantic reads them in one pass, a hundred thousand
names a night. So what is forbidden is written as everything that is allowed.
"""

import re

# Control signs, ends of lines, signs that are not seen or turn the direction of a text, the replacement sign, and signs
# that only look like a full stop, a slash or an @.
UNSEEN = (
    r"\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2024\u2028-\u202e\u2044\u2060-\u206f\u2215\u3002\ufe00-\ufe0f\ufe52"
    r"\ufe55\ufe6b\ufeff\uff01-\uff61\ufff9-\ufffd"
)
# Also Â and Ã, which Danish lacks and which a wrong encoding makes; people's names may have them.
_NEVER = rf"{UNSEEN}ÂÃ@"
# A text that begins with one of these would be a formula in a spreadsheet that somebody opens later.
_FORMULA = r"=+\-"


def _line(never: str, *, first: str = "") -> str:
    """A text without `://`, `www.` and the signs in `never`; nor may it begin with a sign in `first`."""
    other, first_other = rf"[^Ww.:{never}]", rf"[^Ww.:{first}{never}]"
    # Whole runs of w, so that no run of three or more ends at a full stop.
    item = rf"(?:[Ww]*{other}|[Ww]{{0,2}}\.)"
    begin = rf"(?:[Ww]+{other}|{first_other}|[Ww]{{0,2}}\.)"
    no_slash = rf"[^Ww.:/{never}]"
    behind_colon = rf"/?(?:(?:[Ww]*{no_slash}|[Ww]{{0,2}}\.|[Ww]+/){item}*)?[Ww]*"
    return rf"^(?:(?:{begin}{item}*[Ww]*|[Ww]+)(?::+{behind_colon})*|(?::+{behind_colon})+)$"


def _name() -> str:
    """A text in which nothing can be taken for a web address, even without `://`.

    A full stop stands directly before a letter only between initials (`C.F.`, `a.m.b.a`), and a colon never does: mail
    programs make links of longer words with one between them. No backslash is allowed.
    """
    apart = r"[ \u00a0\d,;()\[\]'\"’´`!?&*%°#§|–—=+\-]"
    other, first_other = rf"[^Ww.:\\{_NEVER}]", rf"[^Ww.:\\{_FORMULA}{_NEVER}]"
    stop, initials = r"[Ww]{0,2}[.:]+", r"\w(?:\.\w)+\.*"
    begin = rf"(?:[Ww]+{other}|{first_other}|{stop}{apart}|(?:{initials}{apart})+)"
    item = rf"(?:[Ww]*{other}|{stop}{apart}|{apart}(?:{initials}{apart})+)"
    return rf"^(?:(?:{initials}{apart})*{initials}|(?:{begin}{item}*)?(?:[Ww]*|{stop}|{apart}{initials}))$"


# ID and NAME are for feeds: an id, and a name that comes into letters. LINE is for parties and case systems.
ID, NAME = _line(_NEVER, first=_FORMULA), _name()
LINE = _line(rf"{UNSEEN}@")
NO_LINE = "must hold no web or e-mail address (://, www., @), and be one line of signs that are seen"
_is_line = re.compile(LINE).fullmatch
LONGEST_LINE = 200


def is_line(text: str) -> bool:
    """Whether a text may stand in a letter as somebody's name."""
    return len(text) <= LONGEST_LINE and _is_line(text) is not None
