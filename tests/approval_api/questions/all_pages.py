"""Every page of a question, and its content."""

import logging

from domain.questions.question import QuestionKind
from tests.world.served import (
    Asked,
)

OFFER, ACCEPTANCE, MOVE_IN = (
    Asked(kind) for kind in (QuestionKind.OFFER, QuestionKind.ACCEPTANCE, QuestionKind.MOVE_IN)
)


class Everything(logging.Handler):
    """Keeps every record of every logger, formatted and as it came."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.said = []

    def emit(self, record):
        # httpx, the visitor's own library, logs the addresses; it is no part of the endpoint.
        if record.name.partition(".")[0] not in ("httpx", "httpcore"):
            self.said += [self.format(record), repr(record.__dict__)]
