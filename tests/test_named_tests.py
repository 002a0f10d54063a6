"""The tests that the documents name exist."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
REQUIREMENT = re.compile(r"^(\d+\.\d+\.\d+)(, \d+\.\d+\.\d+)*$")


def rows() -> list[tuple[str, str]]:
    """Each requirement, and the test that shows it."""
    lines = (HERE / "docs" / "asvs.md").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [(required, shown) for required, _, shown in cells[1:]]


def test_the_table_is_there():
    assert len(rows()) > 40
    assert all(REQUIREMENT.match(required) for required, _ in rows())


@pytest.mark.parametrize(("required", "shown"), rows())
def test_what_shows_a_requirement_exists(required: str, shown: str):
    found = NAMED.fullmatch(shown)
    assert found, f"{required} is shown by nothing"
    tree = ast.parse((HERE / found[1]).read_text("utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert found[2] in functions
