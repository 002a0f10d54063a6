"""Text of twice the size takes at most about twice as long to read, so that no text can make the platform slow."""

import ast
import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.hostile_text import PIECES
from tests.faults.what_reads_text import GOES_THROUGH, LOOKS, OURS

ROOT = Path(__file__).parents[2]
LAYERS = ("domain", "storage", "connectors", "approval_api", "tasks")
# The functions that make or use an expression, and the parsers of other libraries.
EXPRESSIONS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
PARSERS = {
    "json.loads", "orjson.loads", "csv.reader", "ParserCreate", "parse_qs", "html.unescape", "parsedate_to_datetime",
    "unicodedata.normalize", "msgspec.json.Decoder", "message_from_bytes", "message_from_string", "parse_qsl",
    "model_validate_json",
}  # fmt: skip
AT_MOST, LONG_ENOUGH_S, LARGEST = 2.5, 0.0007, 2**18
# How many pairs are measured. When the first pairs are too slow, larger ones are measured too: the machine may have
# been busy, or the text may no longer fit into a cache. Text that is truly slow to read is so at every size.
PAIRS = (3, 7, 11, 15)


@pytest.fixture(autouse=True)
def nothing_is_collected_meanwhile() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def taken_s(look: Callable[[str], object], text: str) -> float:
    # This thread's processor time, because other threads may be busy.
    begun = time.thread_time()
    look(text)
    return time.thread_time() - begun


def least_s(look: Callable[[str], object], text: str, times: int) -> float:
    return min(taken_s(look, text) for _ in range(times))


def growth(look: Callable[[str], object], piece: str, all_pairs: tuple[int, ...] = PAIRS) -> float:
    """How many times as long a text of twice the size takes; 0 when even the largest takes no measurable time."""
    signs = 1_000
    # Twice, because the first may be long by chance, and what takes no time at all cannot be compared.
    while least_s(look, piece * (signs // len(piece) + 1), 2) < LONG_ENOUGH_S:
        signs *= 2
        if signs > LARGEST:
            return 0.0
    for larger, pairs in enumerate(all_pairs):
        times = (signs // len(piece) + 1) * 2**larger
        once, twice = piece * times, piece * (2 * times)
        # The least of each: whatever runs beside can only make a read slower.
        found = least_s(look, twice, pairs) / max(least_s(look, once, pairs), 1e-6)
        if found <= AT_MOST:
            break
    return found


@pytest.mark.parametrize("name", LOOKS)
def test_twice_as_much_takes_twice_as_long(name: str):
    look = LOOKS[name]
    look("warm")
    grown = {piece: growth(look, piece) for piece in PIECES}
    assert {piece: round(times, 1) for piece, times in grown.items() if times > AT_MOST} == {}


def test_a_read_that_is_slower_than_linear_is_noticed():
    # At one size, because the larger ones would take ten seconds here.
    assert growth(lambda text: [text.find("-->", at) for at in range(0, len(text), 4)], "<!--", PAIRS[:1]) > AT_MOST


def where_others_are_read() -> Iterator[str]:
    """Each expression and parser as module and top-level name: of the variable that holds it, or its function."""
    for layer in LAYERS:
        for file in sorted((ROOT / layer).rglob("*.py")):
            if "migrations" in file.parts:
                continue
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for statement in ast.parse(file.read_text()).body:
                if any(reads(node) for node in ast.walk(statement)):
                    yield f"{module}.{name_of(statement)}"


def reads(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute | ast.Name):
        said = ast.unparse(node)
        return said in PARSERS or said.rpartition(".")[2] in PARSERS or said in {f"re.{name}" for name in EXPRESSIONS}
    return False


def name_of(statement: ast.stmt) -> str:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name), *_]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
    return ast.unparse(statement).partition("\n")[0]


def test_every_expression_and_every_parser_is_tested():
    found = set(where_others_are_read())
    assert found - GOES_THROUGH.keys() - OURS.keys() == set(), "give each a look in hostile_text.py"
    assert (GOES_THROUGH.keys() | OURS.keys()) - found == set(), "no longer there"
    assert set(GOES_THROUGH.values()) <= LOOKS.keys()
