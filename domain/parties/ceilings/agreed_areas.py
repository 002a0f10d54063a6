"""In which of the areas that ceilings name a home lies, however the area's name is written."""

from collections.abc import Iterable
from typing import Protocol

from domain.homes.area_names import AreaNames, Areas, compared


class Place(Protocol):
    """What is known of where a home lies, as of a `Dwelling`."""

    @property
    def municipality(self) -> str:
        """Its code."""
        ...

    @property
    def area_name(self) -> str | None:
        """What its association calls its area, in the form in which names are compared."""
        ...

    @property
    def department(self) -> str:
        """Its housing department."""
        ...

    @property
    def address_is_listed(self) -> bool:
        """Whether the address list has its address."""
        ...

    @property
    def address_area_id(self) -> int | None:
        """Its area by the address list."""
        ...


class AgreedAreas:
    """The areas that ceilings name, by municipality and name; each has a number.

    An area that has stood on a published list has its own number there; any other area a number below zero.
    """

    def __init__(self, names: AreaNames, agreed: Iterable[tuple[str, str]]) -> None:
        self._names = names
        self._numbers: dict[tuple[str, str], int] = {}
        others: list[tuple[str, str, int]] = []
        for municipality, area in sorted({(code, compared(name)) for code, name in agreed}):
            number = names.meaning(municipality, area).area_id
            if number is None:
                number = -1 - len(others)
                others.append((municipality, area, number))
            self._numbers[municipality, area] = number
        self._others = AreaNames(Areas(others))

    def number(self, municipality: str, area: str) -> int:
        """The number of an area that a ceiling names."""
        return self._numbers[municipality, compared(area)]

    def of(self, home: Place) -> int | None:
        """The number of the area in which a home lies; None when it lies in none that has one.

        The address list decides before any name. A listed area comes before another of that name.
        """
        name = (home.municipality, home.area_name, home.department)
        listed = home.address_area_id if home.address_is_listed else self._names.of_home(*name).area_id
        return self._others.of_home(*name).area_id if listed is None else listed


NO_AREAS = AgreedAreas(AreaNames(Areas(())), ())
