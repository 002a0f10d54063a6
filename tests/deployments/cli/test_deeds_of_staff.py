"""What staff may do stands in storage/staff: no command opens a transaction of its own for it."""

import ast
from collections.abc import Iterator
from pathlib import Path

DEPLOYMENTS = Path(__file__).parents[3] / "deployments"
# Every command module except the one with `carry_out`.
COMMANDS = sorted(
    {*(DEPLOYMENTS / "cli").rglob("*.py"), *(DEPLOYMENTS / "parties").glob("*.py")} - {DEPLOYMENTS / "cli" / "actor.py"}
)
# Modules that write something that is no deed of staff, with the reason.
OPEN_THEMSELVES = {
    ("letters.py", "letter_print"): "a letter is rendered in the transaction, and storage knows no templates",
    ("importing.py", "import_reference"): "facts that come with the code: nobody decides them",
}
NO_DEEDS = {
    ("attention.py", "ask_about_late"): "what the worker asks too, where no worker is there to ask",
    (
        "ledger.py",
        "cut",
    ): "it binds the audit chain, and whoever does has imported every table, which storage/staff may not",
}


def names_in(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            yield from ((function.name, node) for node in ast.walk(function))


def opened_in(file: Path) -> set[tuple[str, str]]:
    return {
        (file.name, function)
        for function, node in names_in(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and not node.args
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "writing"
    }


def test_no_command_opens_a_writing_transaction():
    assert set().union(*map(opened_in, COMMANDS)) == OPEN_THEMSELVES.keys()


def carried_out_in(file: Path) -> set[tuple[str, str]]:
    """The functions that a module gives to `carry_out` and that do not come from storage/staff."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    staffs = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("storage.staff")
        for alias in node.names
    }
    deeds = [
        node.args[1]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "carry_out"
    ]
    called = [deed.value if isinstance(deed, ast.Attribute) else deed for deed in deeds]
    names = {one.id if isinstance(one, ast.Name) else ast.dump(one) for one in called}
    return {(file.name, name) for name in names - staffs}


def test_what_commands_have_carried_out_is_a_deed_of_staff():
    assert set().union(*map(carried_out_in, COMMANDS)) == NO_DEEDS.keys() | {("feeds.py", "decide")}
