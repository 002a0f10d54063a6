"""The errors that a provider answers with itself, by the codes of the standards.

RFC 6749, section 4.1.2.1; OpenID Connect Core, section 3.1.2.6.
"""

from approval_api.login.provider_calls import LoginFailed, ProviderSilent

BY_THE_PERSON = frozenset(
    {
        "access_denied",
        "login_required",
        "interaction_required",
        "account_selection_required",
        "consent_required",
    }
)
FOR_NOW = frozenset({"temporarily_unavailable", "server_error"})
SET_UP_WRONG = frozenset(
    {
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "invalid_request_uri",
        "invalid_request_object",
        "request_not_supported",
        "request_uri_not_supported",
        "registration_not_supported",
        "unmet_authentication_requirements",
    }
)


class ProviderRefused(LoginFailed):
    """The provider refused: something is set up wrong, on our side or on the provider's."""


class NotLoggedIn(ProviderRefused):
    """The person did not want to log in, or could not."""


class RefusedForNow(ProviderRefused, ProviderSilent):
    """The provider asks to try again later."""


def refusal(code: str) -> ProviderRefused:
    """The error for a provider's code. A code that stands in no standard is not repeated: anybody can send one."""
    if code in BY_THE_PERSON:
        return NotLoggedIn(code)
    if code in FOR_NOW:
        return RefusedForNow(code)
    return ProviderRefused(code if code in SET_UP_WRONG else "another_code")
