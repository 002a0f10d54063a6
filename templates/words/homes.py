"""Homes and housing areas, in Danish."""

from enum import StrEnum

from domain.homes.area import AreaStatus
from domain.homes.dwelling import LettingCriteria
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    AreaStatus: {
        AreaStatus.PARALLEL_SOCIETY: marked("Parallelsamfund"),
        AreaStatus.TRANSFORMATION: marked("Omdannelsesområde"),
        AreaStatus.VULNERABLE: marked("Udsat boligområde"),
        AreaStatus.COMBINED_LETTING: marked("Område med kombineret udlejning"),
    },
    LettingCriteria: {
        LettingCriteria.ORDINARY: marked("Almindelig venteliste"),
        LettingCriteria.FLEXIBLE: marked("Fleksibel udlejning"),
        LettingCriteria.MUNICIPAL_ASSIGNMENT: marked("Kommunal anvisning"),
    },
}
