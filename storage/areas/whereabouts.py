"""Which listed area a home lies in: by its address where the address list has it, else by its area's name."""

from datetime import date

from sqlmodel import Session

from domain.homes.area import AreaStatus
from domain.homes.area_names import AreaNames, Meaning
from domain.homes.dwelling import Dwelling
from storage.areas.area_names import area_names
from storage.areas.places import listed_areas

IN_NONE: frozenset[AreaStatus] = frozenset()


class Whereabouts:
    """The areas as listed on a day, by the published lists and by what people have said until now."""

    def __init__(self, session: Session, *, on: date) -> None:
        self._session, self._on = session, on
        # Hundreds of homes share a few names.
        self._by_name: dict[tuple[str, str | None, str], Meaning] = {}
        # Both are read when the first home asks: many sessions look up no home.
        self._names: AreaNames | None = None
        self._listed: dict[int, frozenset[AreaStatus]] | None = None

    def listed_as(self, home: Dwelling) -> frozenset[AreaStatus] | None:
        """What a home's area is listed as; None when nobody knows which area it is."""
        meant = self._meant(home)
        if not meant.is_known:
            return None
        # Most homes lie in no area that was ever listed, and then there is nothing to look up.
        return IN_NONE if meant.area_id is None else self._statuses().get(meant.area_id, IN_NONE)

    def _meant(self, home: Dwelling) -> Meaning:
        if home.address_is_listed:
            return Meaning(home.address_area_id)
        name = (home.municipality, home.area_name, home.department)
        if (meant := self._by_name.get(name)) is None:
            if self._names is None:
                self._names = area_names(self._session)
            meant = self._by_name[name] = self._names.of_home(*name)
        return meant

    def _statuses(self) -> dict[int, frozenset[AreaStatus]]:
        if self._listed is None:
            self._listed = listed_areas(self._session, on=self._on)
        return self._listed
