"""Rows of chained tables, as they were first written, with what they hold: never changed."""

from typing import Any

AT = "2026-03-02 08:30:00.000001"
INVOICES: dict[str, dict[str, Any]] = {
    "invoice": {
        "id": 1,
        "number": "U2603-0123456789",
        "payment_id": 1,
        "attempt": 1,
        "seller": "municipality:0450",
        "buyer": "municipality:0461",
        "buyer_gln": "5798000000018",
        "form": "oioubl_2_1",
        "amount_ore": 1234500,
        "issued_on": "2026-04-08",
        "due_on": "2026-05-08",
        "digest": "ab",
        "document": "<Invoice/>",
        "made_at": AT,
        "made_by": "regnskab-1",
    },
    "invoice_response": {
        "id": 1,
        "invoice_id": 1,
        "name_digest": "cd",
        "meaning_digest": "ef",
        "verdict": "rejected",
        "code": "BusinessReject",
        "reasons": "",
        "state": "rejected",
        "read_at": AT,
        "read_by": "regnskab-1",
    },
}
