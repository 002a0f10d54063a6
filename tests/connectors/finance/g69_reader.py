"""Reads a G69 file by its description alone, with nothing of ours, and asserts each rule of it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

# Each field's name, how many signs it may have, and whether it always has as many.
FIELDS = {
    101: ("called", 10, False),
    103: ("machine", 5, True),
    104: ("expedition", 7, True),
    110: ("posted_on", 8, True),
    111: ("account", 15, False),
    112: ("amount", 13, True),
    113: ("debit_credit", 1, True),
    114: ("year", 4, True),
    116: ("voucher", 255, False),
    118: ("value_date", 8, True),
    153: ("text", 35, False),
    202: ("note", 200, False),
    250: ("external_reference", 20, False),
}
MANDATORY = {103, 104, 110, 111, 112, 113}


@dataclass(frozen=True)
class Read:
    """A record as it was read: its kind, its fields by name, and its amount with a sign."""

    kind: str
    fields: dict[str, str]

    @property
    def amount_ore(self) -> int:
        """Debit above zero, credit below."""
        return int(self.fields["amount"][:12]) * {"D": 1, "K": -1}[self.fields["debit_credit"]]

    def day(self, field: str) -> date:
        """A day of the record."""
        return date.fromisoformat(self.fields[field])


def read_g69(file: bytes, encoding: str, *, organisation: str) -> tuple[str, list[Read]]:
    """The day of the year in the first record, and the records; each rule of the description holds."""
    first, *records, last, nothing = file.decode(encoding).split("\r\n")
    assert nothing == ""
    assert (first[:5], first[5:9], first[9:16], first[19:]) == ("Z300 ", organisation, "6      ", "1")
    assert last == f"SLUTD{len(records):05d}"
    read = [record(text, number, organisation) for number, text in enumerate(records, start=1)]
    expeditions = [one.fields["expedition"] for one in read]
    assert expeditions == sorted(set(expeditions))
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for one in read:
        sums[one.fields["machine"], one.fields["posted_on"]] += one.amount_ore
    assert set(sums.values()) <= {0}
    return first[16:19], read


def record(text: str, number: int, organisation: str) -> Read:
    """A record: its start header by position, then its fields by their numbers."""
    header, *fields = text.split("&")
    assert len(header) == 24
    assert (header[:3], header[3:6], header[6:11]) == ("000", "G69", f"{number:05d}")
    assert (header[11:15], header[15:17], header[20:24]) == (organisation, "01", "FLYD")
    assert header[17:20] in {"NOR", "PRI", "SUP"}
    numbers = [int(one[:3]) for one in fields]
    assert numbers == sorted(set(numbers))
    assert set(numbers) >= MANDATORY
    found = {}
    for field, one in zip(numbers, fields, strict=True):
        name, length, always = FIELDS[field]
        value = one[3:]
        assert len(value) == length if always else 0 < len(value) <= length, name
        found[name] = value
    assert found["amount"][:12].isdigit()
    assert found["amount"][12] == " "
    return Read(header[17:20], found)
