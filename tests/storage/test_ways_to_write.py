"""There are two ways to write a row: plain ORM, and past the session where docs/decisions.md names a benchmark."""

import ast
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parents[2]
FAST = {"write", "write_at_end", "changed", "copied_in"}
WRITES = re.compile(r"\b(insert|update|delete)\(|\b(INSERT|UPDATE|DELETE|COPY)\b")
PAST_THE_SESSION = re.compile(r"(^|[._])(connection(\(\))?|cursor|copy)$")
# The modules with the functions for the fast way.
OFFERS_IT = {"storage/database.py", "storage/dialect.py"}


@cache
def modules() -> dict[str, ast.Module]:
    files = [file for layer in ("storage", "tasks", "approval_api", "flows") for file in (HERE / layer).rglob("*.py")]
    files += list((HERE / "deployments").rglob("*.py"))
    found = {str(file.relative_to(HERE)): ast.parse(file.read_text(encoding="utf-8")) for file in sorted(files)}
    return {name: tree for name, tree in found.items() if not name.startswith("storage/migrations/")}


def values_in(tree: ast.Module) -> dict[str, str]:
    """The source of each value that a name of a module may have."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = f"{found.get(target.id, '')} {ast.unparse(node.value)}"
    return found


def writes(said: ast.expr, values: dict[str, str]) -> bool:
    """Whether a statement writes, by its own text or by the values that it is made of."""
    words, seen = [ast.unparse(said)], set[str]()
    while words:
        word = words.pop()
        if WRITES.search(word):
            return True
        names = (set(re.findall(r"\b\w+\b", word)) & values.keys()) - seen
        seen |= names
        words += [values[name] for name in names]
    return False


def writes_past_the_session(tree: ast.Module) -> bool:
    values = values_in(tree)
    return any(
        (isinstance(node, ast.ImportFrom) and offers_the_fast_way(node))
        or (isinstance(node, ast.Call) and node.args and goes_past_the_session(node) and writes(node.args[0], values))
        for node in ast.walk(tree)
    )


def offers_the_fast_way(node: ast.ImportFrom) -> bool:
    return node.module in ("storage.database", "storage.dialect") and bool(FAST & {one.name for one in node.names})


def goes_past_the_session(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr in ("exec_driver_sql", "executemany"):
        return True
    return node.func.attr == "execute" and PAST_THE_SESSION.search(ast.unparse(node.func.value)) is not None


def defended() -> dict[str, list[str]]:
    """The modules that write the fast way, by the benchmark that docs/decisions.md names for them."""
    told = (HERE / "docs" / "decisions.md").read_text(encoding="utf-8").partition("**Two ways to write a row")[2]
    lines = re.findall(r"^- `make (bench-\w+)`:((?:.*\n)(?:  .*\n)*)", told.partition("\n**")[0], re.MULTILINE)
    return {benchmark: re.findall(r"`([\w/]+\.py)`", files) for benchmark, files in lines}


def test_a_module_writes_past_the_session_only_where_a_benchmark_defends_it():
    listed = [file for files in defended().values() for file in files]
    found = {name for name, tree in modules().items() if writes_past_the_session(tree)} - OFFERS_IT

    assert len(listed) == len(set(listed))
    assert set(listed) == found


def test_each_benchmark_that_defends_it_can_be_made():
    targets = set(re.findall(r"^(bench-\w+):", (HERE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert defended()
    assert defended().keys() <= targets
