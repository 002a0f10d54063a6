"""The elements of the XML export that tell of a home, and how each is read."""

from collections.abc import Callable
from decimal import Decimal

from connectors.vacancy_feed.kroner import PLAIN_NUMBER, ore
from domain.feeds.contract import FeedStatus
from domain.homes.dwelling import LettingCriteria

# Storeys as Danmarks Adresseregister writes them.
STOREYS = {"st": 0, "kl": -1, "k2": -2, "k3": -3}
LETTING = {
    "Ordinær": LettingCriteria.ORDINARY,
    "Fleksibel": LettingCriteria.FLEXIBLE,
    "Anvisning": LettingCriteria.MUNICIPAL_ASSIGNMENT,
}
STATUS = {"Ledig": FeedStatus.VACANT, "Udlejet": FeedStatus.LET, "Trukket": FeedStatus.WITHDRAWN}


def rounded_down(text: str) -> object:
    """A size in whole square metres, rounded down, so that no home is said to be larger than it is."""
    return int(Decimal(text)) if PLAIN_NUMBER.fullmatch(text) else text


def storey(text: str) -> object:
    """A storey as a floor number: st is 0, kl is -1; anything else unchanged."""
    return STOREYS.get(text.lower(), text)


# Each element, the contract's name for it, and how its text is read; an empty one says nothing. An unreadable text is
# passed on unchanged, and the contract rejects the row with its reason.
ELEMENTS: dict[str, tuple[str, Callable[[str], object]]] = {
    "BoligorganisationIdentifikator": ("lbf_number", str),
    "AfdelingIdentifikator": ("department_number", str),
    "AfdelingNavn": ("department", str),
    "BoligIdentifikator": ("external_id", str),
    "LejemaalIdentifikator": ("unit_number", str),
    "AdresseIdentifikator": ("dar_address_id", str),
    "KommuneKode": ("municipality", str),
    "BoligomraadeNavn": ("area", str),
    "RumAntal": ("rooms", str),
    "ArealKvantitet": ("size_m2", rounded_down),
    "HuslejeBeloeb": ("rent_monthly_ore", ore),
    "IndskudBeloeb": ("deposit_ore", ore),
    "LedigFraDato": ("available_from", str),
    "EtageBetegnelse": ("floor", storey),
    "ElevatorIndikator": ("lift", str),
    "NiveaufriAdgangIndikator": ("step_free", str),
    "HusdyrIndikator": ("pets", str),
    "PersonMindsteAntal": ("persons_min", str),
    "PersonStoersteAntal": ("persons_max", str),
    "UdlejningKode": ("letting", lambda text: LETTING.get(text, text)),
    "BoligStatusKode": ("status", lambda text: STATUS.get(text, text)),
}
