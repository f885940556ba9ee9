"""The border to the client library: its errors become ours, each with what is to be done about it."""

from novum.errors import (
    BadAnswer,
    NotAllowed,
    Overloaded,
    ProviderError,
    RateLimited,
    Refused,
    Rejected,
    TimedOut,
)

LONGEST = 300  # characters of what a provider says that are passed on
CREDENTIALS = ("google.auth", "botocore")  # what these raise, comes before anything is sent
TRANSPORT = {"pool": Overloaded, "connect": Overloaded, "write": TimedOut, "read": BadAnswer}
"""By the phase at which a connection failed: before anything was sent nothing can be charged for."""


def translated(error: Exception, model: str) -> ProviderError:
    """The error of ours for any that a client raised while asking `model`."""
    from pydantic_ai import exceptions as theirs

    kinds: tuple[tuple[type[Exception], type[ProviderError], str], ...] = (
        (theirs.ModelRateLimitError, RateLimited, "too many calls"),
        (theirs.ModelQuotaExceededError, NotAllowed, "its credit or quota is spent"),
        (theirs.ModelAuthenticationError, NotAllowed, "the key was not accepted"),
        (theirs.ModelNotFoundError, Rejected, "there is no such model"),
        (theirs.ModelContextWindowExceededError, Rejected, "the prompt is too long for it"),
        (theirs.ModelRequestRejectedError, Rejected, "the request was rejected"),
        (theirs.ModelUnavailableError, Overloaded, "it is overloaded"),
        (theirs.ModelServerError, Overloaded, "the provider failed"),
        (theirs.ModelTimeoutError, TimedOut, "no answer in time"),
        (theirs.ModelRequestTimeout, TimedOut, "no answer in time"),
        (theirs.ContentFilterError, Refused, "the provider declined"),
        (theirs.UserError, Rejected, "the request was not sent"),
    )
    if type(error).__module__.startswith(CREDENTIALS):
        return NotAllowed(_told(model, "no credentials", error))
    if isinstance(error, theirs.ModelConnectionError) and not isinstance(error, theirs.ModelTimeoutError):
        kind = TRANSPORT.get(error.phase or "read", BadAnswer)
        return kind(_told(model, "the connection failed", error))
    for foreign, ours, what in kinds:
        if isinstance(error, foreign):
            refused = ours is Rejected and _is_refusal(error)
            return (Refused if refused else ours)(
                _told(model, what, error), retry_after=getattr(error, "retry_after", None)
            )
    return BadAnswer(_told(model, "its answer cannot be read", error))


def _is_refusal(error: Exception) -> bool:
    """Whether a rejected request was rejected for its content."""
    said = " ".join(str(getattr(error, name, "") or "") for name in ("provider_error_code", "body"))
    return any(word in said for word in ("content_filter", "content_policy", "responsible_ai"))


def _told(model: str, what: str, error: Exception) -> str:
    said = " ".join((str(error) or type(error).__name__).split())
    return f"{model}: {what} ({said[:LONGEST]})"
