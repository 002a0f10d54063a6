"""The letters' layout from MJML to the tables that every mail program draws: `make letters`.

Only the layout with its Jinja tags is compiled, long before there is a case: no fact ever passes through MJML.
"""

import sys
from pathlib import Path

from mjml import mjml2html

from templates import HERE

SOURCE = HERE / "email" / "layout.mjml"
COMPILED = SOURCE.with_suffix(".html")
HEAD = """{# Compiled from layout.mjml by `make letters`: change it there. #}
{% from "components/matter.txt" import known_as %}
"""


def compiled(source: Path = SOURCE) -> str:
    """The layout as a Jinja template, a line for each element."""
    return HEAD + mjml2html(source.read_text("utf-8"), disable_comments=True).replace("><", ">\n<") + "\n"


def main() -> int:
    """Write it."""
    COMPILED.write_text(compiled(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
