"""What documents, docstrings and comments name is there: files and folders of ours, headings, and tests."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
FOLDERS = ("domain", "storage", "tasks", "flows", "connectors", "approval_api", "templates", "deployments")
DOCUMENTS = [HERE / "README.md", *sorted((HERE / "docs").glob("*.md"))]
# From the top of the repository, as in `tests/test_rooms.py`.
PATH = re.compile(rf"(?<![\w/.-])((?:{'|'.join((*FOLDERS, 'tests', 'docs'))})/[\w./-]*\w)")
TEST = re.compile(rf"{PATH.pattern}::(\w+)")
# A file beside one that was named before, as in `test_rooms.py`.
FILE = re.compile(r"`(\w+\.py)`")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# Released migrations stay as they were released.
RELEASED = HERE / "storage" / "migrations" / "versions"
# What `tilflyt audit export` writes.
WRITTEN_BY_US = {"verify.py"}


def modules() -> list[Path]:
    """Every Python file of ours that may still be changed."""
    found = [file for folder in (*FOLDERS, "tests") for file in sorted((HERE / folder).rglob("*.py"))]
    return [file for file in found if "node_modules" not in file.parts and file.parent != RELEASED]


def missing(text: str) -> set[str]:
    """The paths in a text that lead nowhere."""
    return {path for path in PATH.findall(text) if not (HERE / path).exists()}


def said(source: str) -> str:
    """The docstrings and comments of a module."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, documented))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = (token.string for token in tokens if token.type == tokenize.COMMENT)
    return "\n".join((*(ast.get_docstring(node) or "" for node in nodes), *comments))


def anchors(document: Path) -> set[str]:
    """Where a link may lead within a document: its headings, as they are written in an address."""
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in HEADING.findall(document.read_text("utf-8"))
    }


def lost(document: Path) -> Iterator[str]:
    """The links of a document that lead nowhere."""
    for path, anchor in LINK.findall(document.read_text("utf-8")):
        to = document.parent / path if path else document
        if not to.exists() or (anchor and anchor not in anchors(to)):
            yield f"{path}#{anchor}"


def by_name(document: Path) -> str:
    return document.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_name)
def test_what_a_document_names_is_there(document: Path):
    text = document.read_text("utf-8")
    names = {file.name for file in modules()} | WRITTEN_BY_US

    assert missing(text) == set()
    assert set(FILE.findall(text)) - names == set()
    assert list(lost(document)) == []
    assert [test for path, test in TEST.findall(text) if f"def {test}(" not in (HERE / path).read_text("utf-8")] == []


def test_what_docstrings_and_comments_name_is_there():
    sources = {str(file.relative_to(HERE)): file.read_text("utf-8") for file in modules()}
    # Only what names a path is looked at closely: few do.
    found = {name: missing(said(source)) for name, source in sources.items() if missing(source)}
    assert {name: paths for name, paths in found.items() if paths} == {}


def test_what_is_not_there_would_be_found(tmp_path: Path):
    document = tmp_path / "one.md"
    document.write_text(
        "# A b, c!\n[here](#a-b-c) [there](#a-b) [one](one.md#a-b-c) [two](two.md) [out](https://a.b/c)"
    )
    assert list(lost(document)) == ["#a-b", "two.md#"]
    assert missing("`tests/test_rooms.py`, (domain/gone.py), a.b/tests/gone.py and storage/feeds.") == {
        "domain/gone.py"
    }
    named = '"""See tests/gone.py."""\nwritten = "tests/other.py"  # as docs/gone.md says\n'
    assert missing(said(named)) == {"tests/gone.py", "docs/gone.md"}
