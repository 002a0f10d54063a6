"""Judges the rows of a feed by the contract: right, or wrong with every reason."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any, Required, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from domain.feeds.contract import FIELDS, MANDATORY, FeedStatus, GoodRow, Text, VacancyRow
from domain.text.screening import holds_cpr_number
from domain.text.written import ID as WRITTEN_ID
from domain.text.written import NAME

CODE_DIGITS = 4

# The rule that a row breaks, by pydantic's name for the fault; the braces are filled from the rule itself.
RULES: dict[str, str] = {
    "missing": "is missing",
    "dict_type": "must be an object with the format's fields",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} signs",
    "string_pattern_mismatch": "holds signs that do not belong there, or is not written as the format says",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_from_float": "must be a whole number",
    "finite_number": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_type": "must be a day, year-month-day",
    "date_parsing": "must be a day, year-month-day",
    "date_from_datetime_parsing": "must be a day, year-month-day",
    "date_from_datetime_inexact": "must be a day, year-month-day",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
}
# By the field's pattern: pydantic says only that it does not match, and nobody could guess why a name is wrong.
NOT_WRITTEN: dict[str, str] = {
    NAME: "must hold no web or e-mail address (://, www., @), no full stop or colon directly before a letter"
    " (put a space between; initials such as C.F. are fine), and no signs that do not belong there",
    WRITTEN_ID: "must hold no web or e-mail address (://, www., @), and no signs that do not belong there",
}
MAY_BE_A_CPR_NUMBER = "holds what may be a CPR number"
OTHERWISE_WRONG = "is not as the format says"
UNKNOWN_MUNICIPALITY = "is the code of no municipality"
FEWER_THAN_MIN = "is fewer than persons_min"
# The reason for a row that its connector cannot read.
CELLS_DIFFER = "has another number of cells than the header: {counts}"
NEVER_CLOSED = "has a quotation mark that is not closed, or stands in the middle"
STRANGE_BYTES = "holds bytes that are not in the encoding of the rest"


def reasons(error: ValidationError) -> list[str]:
    """Why a row breaks the contract: each field with its rule, never the value."""
    faults = error.errors(include_url=False, include_input=False)
    return [f"{'.'.join(str(part) for part in fault['loc']) or 'row'}: {_rule(fault)}" for fault in faults]


def _rule(fault: Mapping[str, Any]) -> str:
    context = fault.get("ctx", {})
    if (not_written := NOT_WRITTEN.get(context.get("pattern", ""))) is not None:
        return not_written
    return RULES.get(fault["type"], OTHERWISE_WRONG).format_map(context)


ROW: TypeAdapter[VacancyRow] = TypeAdapter(VacancyRow)
validated: Callable[[object], VacancyRow] = ROW.validator.validate_python


def _rule_of(field: Any) -> Any:  # noqa: ANN401  # what stands in the contract
    """What the contract says of a field, whether the field is required or not."""
    return get_args(field)[0] if get_origin(field) is Required else field


# The same rules for the values in the fields' order: a tuple is judged in half the time of a dict, which is copied.
InOrder = tuple[Any, ...]
_RULES_IN_ORDER = tuple(map(_rule_of, VacancyRow.__annotations__.values()))
_in_order: TypeAdapter[InOrder] = TypeAdapter(tuple[_RULES_IN_ORDER], config=ConfigDict(hide_input_in_errors=True))  # type: ignore[valid-type]  # as many as the contract has
_validated_in_order: Callable[[InOrder], InOrder] = _in_order.validator.validate_python
# `GoodRow._make` without its Python: half as long.
_good: Callable[[InOrder], GoodRow] = partial(tuple.__new__, GoodRow)
# The default of a field that a row leaves out.
_UNTOLD = {"status": str(FeedStatus.VACANT)}
# The fields that hold free text.
WRITTEN_FREELY = ("external_id", "unit_number", "department", "area")
_ID, _UNIT, _DEPARTMENT, _AREA = map(FIELDS.index, WRITTEN_FREELY)
_MUNICIPALITY, _FEWEST, _MOST = map(FIELDS.index, ("municipality", "persons_min", "persons_max"))
_SHORTEST_NUMBER = 10
_LONGEST_LOOKED_AT = 1_000
_MOST_NAMES = 10_000


class Judge:
    """Judges the rows of a feed one after another. A row's municipality must be a known one.

    `kinds` are the sets of field names seen so far, each once: in most feeds every row has the same names.
    """

    def __init__(self, municipalities: Collection[str]) -> None:
        self.kinds: set[tuple[str, ...]] = set()
        self._municipalities = municipalities
        self._kind: tuple[str, ...] | None = None
        self._in_order: Callable[[Mapping[str, object]], InOrder] | None = None
        # Names already found to hold no CPR number: thousands of homes share a few names.
        self._names: set[tuple[str, str | None]] = set()

    def judged(self, values: Mapping[str, object]) -> tuple[GoodRow | None, list[str]]:
        """A row when it satisfies the contract; else every reason why not."""
        if (kind := tuple(values)) != self._kind:
            self.kinds.add(kind)
            self._kind, self._in_order = kind, _reader(kind)
        if self._in_order is None:
            return None, _reasons(values, self._municipalities)
        try:
            told = _validated_in_order(self._in_order(values))
        except ValidationError:
            return None, _reasons(values, self._municipalities)
        # Written for speed, as rows are seldom wrong here and a night judges a hundred thousand: by place, which is
        # quicker than by name.
        most, fewest, unit = told[_MOST], told[_FEWEST], told[_UNIT]
        if (
            told[_MUNICIPALITY] in self._municipalities
            and not (most and fewest and most < fewest)
            and _is_written_as_a_day(values["available_from"])
            and (len(told[_ID]) < _SHORTEST_NUMBER or not holds_cpr_number(told[_ID]))
            and (unit is None or len(unit) < _SHORTEST_NUMBER or not holds_cpr_number(unit))
            and ((told[_DEPARTMENT], told[_AREA]) in self._names or self._are_names(told[_DEPARTMENT], told[_AREA]))
        ):
            return _good(told), []
        return None, _reasons(values, self._municipalities)

    def _are_names(self, *names: *tuple[str, str | None]) -> bool:
        """Whether names hold no CPR number; names that passed are remembered."""
        if any(name is not None and holds_cpr_number(name) for name in names):
            return False
        if len(self._names) < _MOST_NAMES:
            self._names.add(names)
        return True


def _reader(names: tuple[str, ...]) -> Callable[[Mapping[str, object]], InOrder] | None:
    """A function that reads a row's fields in the contract's order; None when `names` lack a required field."""
    there = set(names)
    if there.issuperset(FIELDS):
        return itemgetter(*FIELDS)
    if not there.issuperset(MANDATORY):
        return None
    return lambda values: tuple([values.get(name, _UNTOLD.get(name)) for name in FIELDS])


_YEAR_DIGITS = 4


def _is_written_as_a_day(value: object) -> bool:
    """Whether a day is written as a day: a number, as digits or as text, would be read as seconds since 1970."""
    return value.find("-") == _YEAR_DIGITS if isinstance(value, str) else isinstance(value, date)


_ID_RULE: TypeAdapter[str] = TypeAdapter(Text)


def external_id_of(values: Mapping[str, object]) -> str | None:
    """The id of a row, even of a wrong row; None when it has no id that satisfies the contract."""
    with suppress(ValidationError):
        given = _ID_RULE.validate_python(values.get("external_id"))
        return None if holds_cpr_number(given) else given
    return None


def _reasons(values: Mapping[str, object], municipalities: Collection[str]) -> list[str]:
    """Every reason why a row breaks the contract."""
    faults = []
    try:
        row = validated(values)
    except ValidationError as error:
        faults = reasons(error)
    else:
        most, fewest = row.get("persons_max"), row.get("persons_min")
        if most and fewest and most < fewest:
            faults.append(f"persons_max: {FEWER_THAN_MIN}")
    return list(dict.fromkeys([*faults, *_more_reasons(values, municipalities)]))


def _more_reasons(values: Mapping[str, object], municipalities: Collection[str]) -> list[str]:
    """What pydantic does not judge: an unknown municipality, a day written as a number, a CPR number in a text.

    A number would be read as seconds since 1970. A municipality that is no code at all has its own reason already.
    """
    code, faults = values.get("municipality"), []
    looks_right = isinstance(code, str) and len(code) == CODE_DIGITS and code.isdecimal()
    if looks_right and code not in municipalities:
        faults.append(f"municipality: {UNKNOWN_MUNICIPALITY}")
    if "available_from" in values and not _is_written_as_a_day(values["available_from"]):
        faults.append(f"available_from: {RULES['date_type']}")
    told = ((name, values.get(name)) for name in WRITTEN_FREELY)
    faults += [f"{name}: {MAY_BE_A_CPR_NUMBER}" for name, text in told if _is_text_with_a_number(text)]
    return faults


def _is_text_with_a_number(value: object) -> bool:
    # A longer text is refused for its length already: searching it would be wasted.
    return isinstance(value, str) and len(value) <= _LONGEST_LOOKED_AT and holds_cpr_number(value)
