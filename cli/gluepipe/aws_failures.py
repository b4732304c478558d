"""Says in plain words why a call to AWS failed, and what people can do about it."""

from __future__ import annotations

from gluepipe.errors import GluePipeError

REFUSED_CREDENTIALS = frozenset(
    {
        "AuthFailure", "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId",
        "InvalidSignatureException", "RequestExpired", "SignatureDoesNotMatch", "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)  # fmt: skip
CHECK_NETWORK = "Check this machine's network, and HTTPS_PROXY where it goes through a proxy."
CONFIGURE = "Configure credentials (AWS_PROFILE, `aws sso login`, ...) and try again."


def explain(error: Exception) -> GluePipeError:
    """Return what to raise, or to show, in place of an error of the AWS SDK."""
    from botocore import exceptions

    unreachable = (exceptions.ConnectionError, exceptions.HTTPClientError)
    without_credentials = (
        exceptions.CredentialRetrievalError, exceptions.NoCredentialsError, exceptions.PartialCredentialsError,
        exceptions.ProfileNotFound, exceptions.SSOError, exceptions.TokenRetrievalError,
    )  # fmt: skip
    text = str(error).rstrip(".")
    if isinstance(error, unreachable):
        return GluePipeError(f"AWS cannot be reached: {text}.", CHECK_NETWORK)
    code = error.response["Error"]["Code"] if isinstance(error, exceptions.ClientError) else ""
    if isinstance(error, without_credentials) or code in REFUSED_CREDENTIALS:
        return GluePipeError(f"AWS does not accept these credentials: {text}.", CONFIGURE)
    return GluePipeError(f"AWS: {text}.", "`gluepipe doctor` checks the account.")
