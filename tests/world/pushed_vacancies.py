"""Vacancies that an association sends by itself."""

import json

TOKEN = "token-of-havblik"


def body(*rows, **changes):
    return {"format": "vacancy-feed/1", "vacancies": list(rows)} | changes


def sent(http, what, *, key="k1", token=TOKEN, **headers):
    content = what if isinstance(what, bytes) else json.dumps(what).encode()
    told = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"} | headers
    return http.post(
        "/api/v1/vacancies", content=content, headers={name: value for name, value in told.items() if value}
    )
