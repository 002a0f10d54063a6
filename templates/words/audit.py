"""What may be wrong with the audit chain, in Danish."""

from enum import StrEnum

from domain.audit import Fault
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    Fault: {
        Fault.CHANGED: marked("Ændret"),
        Fault.MISSING: marked("Mangler"),
        Fault.OUT_OF_ORDER: marked("Ikke på sin plads"),
        Fault.CUT_OFF: marked("Skåret af"),
        Fault.FORGED: marked("Ikke underskrevet med nøglen"),
        Fault.LEFT_OUT: marked("Udeladt"),
        Fault.UNSIGNED: marked("Ikke underskrevet"),
        Fault.EDITED: marked("Rettet i hånden"),
        Fault.UNKNOWN: marked("Skrevet i hånden"),
        Fault.GONE: marked("Slettet i hånden"),
    },
}
