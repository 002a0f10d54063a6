"""The pages of the inbox. A letter is shown in a frame that runs no script and loads nothing."""

import re
from collections.abc import Iterable
from html import escape

# No script runs and nothing is loaded; a link opens in a new tab.
SHOWN_SAFELY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
# In escaped text: up to white space or an escaped quotation mark or bracket, less the full stop of the sentence.
URL = re.compile(r"https?://(?:(?!&(?:quot|lt|gt|#x27);)\S)+(?<![.,:)])")

PAGE = """<!doctype html>
<html lang="da">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #767676; }}
iframe {{ width: 100%; height: 40rem; border: 1px solid #767676; }}
pre {{ white-space: pre-wrap; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""


def page(title: str, content: str) -> str:
    """A page; its title is escaped, and its content is HTML already."""
    return PAGE.format(title=escape(title), content=content)


def list_page(letters: Iterable[tuple[int, str, str]]) -> str:
    """The letters as a table: number, recipient, subject."""
    rows = "\n".join(
        f'<tr><td>{n}</td><td>{escape(to)}</td><td><a href="/inbox/messages/{n}">{escape(subject) or "(uden emne)"}</a>'
        "</td></tr>"
        for n, to, subject in letters
    )
    if not rows:
        return page("Indbakke", "<p>Der er ingen breve endnu.</p>")
    head = '<tr><th scope="col">Nr.</th><th scope="col">Til</th><th scope="col">Emne</th></tr>'
    return page("Indbakke", f"<table><thead>{head}</thead><tbody>\n{rows}\n</tbody></table>")


def letter_page(*, to: str, subject: str, text: str, html: str) -> str:
    """One letter: its HTML if it has one, and its text."""
    parts = [f'<p><a href="/inbox">Indbakke</a></p>\n<p>Til: {escape(to)}</p>']
    if html:
        framed = escape('<base target="_blank">' + html)
        parts.append(f'<iframe title="Brevet" sandbox="{SANDBOX}" srcdoc="{framed}"></iframe>')
    if text:
        parts.append(f"<h2>Som tekst</h2>\n<pre>{with_links(escape(text))}</pre>")
    return page(subject or "(uden emne)", "\n".join(parts))


def with_links(escaped: str) -> str:
    """Escaped text in which web addresses are links."""
    return URL.sub(lambda found: f'<a href="{found[0]}" target="_blank" rel="noopener">{found[0]}</a>', escaped)
