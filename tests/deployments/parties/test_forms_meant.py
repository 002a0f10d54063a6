"""What is wrong in a compensation model is said for the part that was meant, and for no other."""

import re
from pathlib import Path

import pytest

from deployments.demo import world as demo
from deployments.parties.file import read

AGREEMENTS = (demo.HERE / "agreements.toml").read_text(encoding="utf-8")
WHERE = "agreement oestjylland compensation"
WRONG = [
    (
        "per_child_ore = 500000",
        "per_chld_ore = 500000",
        "parts.0.per_chld_ore: is not known here: did you mean per_child_ore?",
    ),
    ('kind = "reception"', 'kind = "recption"', "parts.0.kind: must be one of reception, social_work"),
    ('kind = "reception"', "", "parts.0.kind: must be one of reception, social_work"),
    ("monthly_ore = 800000", 'monthly_ore = "otte"', "parts.1.steps.0.monthly_ore: should be a valid integer"),
    ('share = "2/3"', 'share = "to"', "parts.1.paid_by.0.share: is not a valid fraction"),
    ("guarantee_days = 365\n", "", "guarantee_days: is missing"),
    ("most_days = 60", "", "parts.2.most_days: is missing"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG, ids=[said for _, _, said in WRONG])
def test_a_fault_is_said_once_for_the_part_that_was_meant(tmp_path: Path, right: str, wrong: str, said: str):
    assert right in AGREEMENTS
    (tmp_path / "agreements.toml").write_text(AGREEMENTS.replace(right, wrong, 1))

    (fault,) = read(tmp_path / "agreements.toml").faults

    number = AGREEMENTS[: AGREEMENTS.index(right)].count("\n") + 1
    assert fault.where == f"agreements.toml:{number if wrong else begins(number)}"
    assert str(fault).startswith(f"{fault.where}: {WHERE}.{said}")


def begins(number: int) -> int:
    """The line on which the table begins that had this line."""
    lines = AGREEMENTS.splitlines()[:number]
    return max(place for place, line in enumerate(lines, 1) if line.startswith("["))


def test_an_amount_is_missing_from_the_plainest_terms(tmp_path: Path):
    (tmp_path / "agreements.toml").write_text(AGREEMENTS.replace("receiving_municipality_ore = 4500000, ", ""))

    assert [str(one) for one in read(tmp_path / "agreements.toml").faults] == [
        "agreements.toml:31: agreement fyn compensation.receiving_municipality_ore: is missing"
    ]


def test_what_is_no_table_is_said_to_be_none(tmp_path: Path):
    (tmp_path / "agreements.toml").write_text(re.sub(r"compensation = \{[^}]*\}", "compensation = 5", AGREEMENTS))

    assert [str(one) for one in read(tmp_path / "agreements.toml").faults] == [
        "agreements.toml:31: agreement fyn compensation: must be a table"
    ]


def test_the_demos_agreements_have_no_fault():
    assert read(demo.HERE / "agreements.toml").faults == []
