"""Whatever is sent to any address, the answer is a page that a person understands, and nothing is decided."""

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approval_api.app import approval_app
from tests.world.served import everything, heading, settings_of

# Examples for each operation: so many that the test stays under ten seconds.
EXAMPLES = 60


def test_no_request_that_the_description_allows_or_forbids_makes_a_server_error(shared_desk):
    described = approval_app(settings_of(shared_desk.world)).openapi()
    schema = schemathesis.openapi.from_dict(described)
    schema.config.generation.update(modes=list(schemathesis.GenerationMode))
    tokens = [path.removeprefix("/q/") for path in shared_desk.links.values()]
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {operation.path for operation in operations} >= {"/q/{token}", "/livez", "/privatliv"}
    before = everything(shared_desk.world)
    seen: set[int] = set()

    for operation in operations:

        @given(operation.as_strategy(), st.sampled_from([None, *tokens]))
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def send(case, token):
            if token is not None and "token" in (case.path_parameters or {}):
                case.path_parameters["token"] = token
            answer = case.call(base_url=str(shared_desk.http.base_url))
            seen.add(answer.status_code)
            assert answer.status_code < 500, case.as_curl_command()
            if "text/html" in answer.headers.get("content-type", [""])[0] and answer.request.method != "HEAD":
                assert heading(answer)

        send()

    assert seen >= {200, 404, 422}
    assert everything(shared_desk.world) == before
