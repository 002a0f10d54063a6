"""The signs that tell mail servers, mail programs and people apart: what many systems write, as tables.

Each sign is what some system in use writes, in English, in Danish, and in our neighbours' languages. No message's body
is searched: a person who answers us may quote what a machine has written.
"""

# Headers that say that a machine wrote the message, whatever their value.
WRITTEN_BY_MACHINES = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply",
    "X-Autoresponse",
    "X-Mail-Autoreply",
    "X-Vacation",
    "X-Failed-Recipients",
    "X-MS-Exchange-Message-Is-Ndr",
    "X-MS-Exchange-Generated-Message-Source",
    "List-Id",
    "List-Unsubscribe",
)
TO_MANY = ("List-Id", "List-Unsubscribe")
# Headers that say that a letter could not be delivered, whatever their value.
FAILED = ("X-Failed-Recipients", "X-MS-Exchange-Message-Is-Ndr")
# Headers of an automatic answer for an absent person, or of a receipt, whatever their value.
ANSWERS_BY_ITSELF = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply",
    "X-Autoresponse",
    "X-Mail-Autoreply",
    "X-Vacation",
)
ANSWERS_BY_RULE = "mailbox rules agent"  # in X-MS-Exchange-Generated-Message-Source
BY_MACHINES = frozenset({"bulk", "junk", "list", "auto_reply"})  # as Precedence
NO_SENDER = "<>"  # as Return-Path: no answer is wanted
# Before the @ of the sender's address. A person may write as postmaster.
MAIL_SERVERS = ("mailer-daemon",)

ABSENCES = (
    "automatisk svar",
    "automatic reply",
    "autosvar",
    "auto-svar",
    "autoreply",
    "auto-reply",
    "auto reply",
    "auto response",
    "autoresponse",
    "out of office",
    "out of the office",
    "out-of-office",
    "ikke til stede",
    "ikke på kontoret",
    "ikke på arbejde",
    "fravær",
    "ferie",
    "jeg holder ferie",
    "jeg er på ferie",
    "på ferie",
    "barsel",
    "på barsel",
    "vacation",
    "on vacation",
    "away from",
    "i am away",
    "automatiskt svar",
    "frånvar",
    "automatische antwort",
    "abwesenheit",
)
FAILURES = (
    "undeliverable",
    "undelivered",
    "undeliverd",  # as one widespread server writes it
    "delivery status notification (failure)",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery notification: delivery has failed",
    "mail delivery failed",
    "mail delivery failure",
    "failure notice",
    "failure delivery",
    "returned mail",
    "rejected mail",
    "mail system error",
    "message could not be delivered",
    "mail could not be delivered",
    "message not delivered",
    "non delivery",
    "non-delivery",
    "nondelivery",
    "kan ikke leveres",
    "kunne ikke leveres",
    "ikke leveret",
    "kan ikke afleveres",
    "kunne ikke afleveres",
    "ikke afleveret",
    "meddelelsen kunne ikke leveres",
    "meddelelsen kan ikke leveres",
    "mailen kunne ikke leveres",
    "din meddelelse kunne ikke leveres",
    "besked ikke leveret",
    "levering mislykkedes",
    "leveringen mislykkedes",
    "leveringsfejl",
    "fejl ved levering",
    "meddelelse om manglende levering",
    "det går inte att leverera",
    "unzustellbar",
)
# Looked at first: a delayed letter may still arrive, as the server goes on trying.
DELAYS = (
    "delivery status notification (delay",
    "delayed",
    "delivery delayed",
    "delivery is delayed",
    "message delayed",
    "mail delivery delayed",
    "mail delivery delay",
    "delivery notification: delivery has been delayed",
    "warning: message",
    "warning: could not send",
    "warning - delayed",
    "undelivered mail still being retried",
    "forsinket",
    "levering forsinket",
    "leveringen er forsinket",
    "meddelelsen er forsinket",
)
