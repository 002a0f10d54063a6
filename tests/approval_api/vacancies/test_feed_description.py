"""The published description of the feed: it follows from the types, and the endpoint behaves as it says."""

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from approval_api.vacancies.description import feed_description
from domain.feeds.contract import published_schema
from tests.world.pushed_vacancies import TOKEN
from tests.world.served import browsing, serving

EXAMPLES = 60


def test_it_is_published_beside_the_schema_it_is_made_of(http):
    told = http.get("/schemas/vacancy-feed-1.openapi.json")
    assert told.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert told.json() == feed_description(str(http.base_url).rstrip("/"))
    assert told.json()["openapi"].startswith("3.1.")

    schemas = told.json()["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    assert schemas["VacancyRow"]["properties"] == _moved(published_schema()["$defs"]["VacancyRow"]["properties"])


def _moved(schema):
    """The same schema, with its references moved to where OpenAPI has them."""
    if isinstance(schema, dict):
        return {
            name: value.replace("#/$defs/", "#/components/schemas/") if name == "$ref" else _moved(value)
            for name, value in schema.items()
        }
    return [_moved(one) for one in schema] if isinstance(schema, list) else schema


def test_whoever_goes_by_it_is_answered_as_it_says(sqlite_world, monkeypatch):
    monkeypatch.setenv("DEMO_SECRET_HAVBLIK_PUSH", TOKEN)
    seen = set()
    with serving(sqlite_world, failed_links_at_most=1_000_000) as origin, browsing(origin) as http:
        schema = schemathesis.openapi.from_dict(http.get("/schemas/vacancy-feed-1.openapi.json").json())
        schema.config.generation.update(modes=list(schemathesis.GenerationMode))
        operation = schema["/api/v1/vacancies"]["POST"]

        @given(operation.as_strategy(), st.booleans())
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def send(case, knows_the_token):
            headers = {"Authorization": f"Bearer {TOKEN}"} if knows_the_token else None
            answer = case.call(base_url=origin, headers=headers)
            seen.add(answer.status_code)
            assert answer.status_code < 500, case.as_curl_command()
            operation.validate_response(answer)

        send()
    assert seen >= {202, 401, 422}
