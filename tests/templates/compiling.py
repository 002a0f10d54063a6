"""Compiles the letters' layout from MJML to tables, which every mail program can show: `make letters`.

Only the layout with its Jinja tags is compiled, at development time: no facts pass through MJML.
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
    """Write the compiled layout."""
    COMPILED.write_text(compiled(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
