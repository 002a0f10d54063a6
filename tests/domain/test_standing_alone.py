"""The domain imports only the standard library."""

import ast
import sys
from pathlib import Path

import pytest

import domain

FILES = sorted(Path(domain.__file__).parent.rglob("*.py"))
# The feed contract is a wire format, and pydantic is how its schema is published.
ALSO = {"contract.py": {"pydantic", "typing_extensions"}, "row_judge.py": {"pydantic", "typing_extensions"}}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_domain_file_imports_the_standard_library_and_its_neighbours(file: Path):
    imported = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])

    assert imported - sys.stdlib_module_names - {"domain"} <= ALSO.get(file.name, set())
