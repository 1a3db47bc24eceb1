"""What can go wrong, as a small tree::

PipemedicError
├── AwsError                 a call to AWS did not give an answer: what, where, and the next step
│   ├── CredentialsMissing   nothing to sign with; names what was looked for
│   │   └── CodeWanted       an MFA device's code is wanted, or the one given was wrong
│   ├── CredentialsExpired   signed, but the token has run out; names the command that logs in
│   ├── Denied               the caller may not; names action and resource
│   ├── Throttled            asked too often
│   ├── NotFound             no such resource
│   ├── Conflict             the state has moved on (concurrent edit, stage not retryable, stale approval token)
│   ├── Invalid              AWS refused the request's form
│   │   └── Malformed        a query of ours does not read; names the place in it
│   └── Unreachable          no connection, no answer in time, or a fault on AWS's side
├── ReadOnlyRefused          a change was asked for in read-only mode
└── UsageError               the user's input names something that is not there
"""

from __future__ import annotations

__all__ = [
    "AwsError",
    "CodeWanted",
    "Conflict",
    "CredentialsExpired",
    "CredentialsMissing",
    "Denied",
    "Invalid",
    "Malformed",
    "NotFound",
    "PipemedicError",
    "ReadOnlyRefused",
    "Throttled",
    "Unreachable",
    "UsageError",
]


class PipemedicError(Exception):
    """The root: a message a person can act on."""

    @property
    def next_step(self) -> str:
        """What to do about it, as one sentence; empty when the message says all."""
        return ""


class AwsError(PipemedicError):
    """A call to AWS that gave no answer.

    Attributes:
        service: botocore's service name, e.g. ``codepipeline``.
        operation: the operation as the API names it, e.g. ``GetPipelineState``.
        region: the region asked; empty for none.
        profile: the profile used; empty for the default chain.
        code: AWS's error code, e.g. ``AccessDeniedException``; empty when none was given.
        detail: AWS's own message.
    """

    what = "failed"

    def __init__(
        self,
        detail: str,
        *,
        service: str = "",
        operation: str = "",
        region: str = "",
        profile: str = "",
        code: str = "",
    ) -> None:
        self.detail = detail
        self.service = service
        self.operation = operation
        self.region = region
        self.profile = profile
        self.code = code
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        call = f"{self.service}:{self.operation}" if self.operation else self.service or "AWS"
        where = f" in {self.region}" if self.region else ""
        return f"{call}{where} {self.what}: {self.detail}" if self.detail else f"{call}{where} {self.what}"


class CredentialsMissing(AwsError):
    """No credentials were found to sign a request with."""

    what = "has no credentials to sign with"

    @property
    def next_step(self) -> str:
        """The command that logs in or creates a profile."""
        return "Log in with `aws sso login --profile NAME`, or create a profile with `aws configure`."


class CodeWanted(CredentialsMissing):
    """The profile's role is entered with the code of an MFA device."""

    what = "waits for an MFA code"

    @property
    def next_step(self) -> str:
        """Where to give the code."""
        return "Give the code in the program (K asks for it), or log in with the aws CLI first."


class CredentialsExpired(AwsError):
    """The credentials were valid once; the session has ended."""

    what = "was refused because the session has expired"

    @property
    def next_step(self) -> str:
        """The command that logs in again."""
        profile = f" --profile {self.profile}" if self.profile else ""
        return f"Log in again with `aws sso login{profile}` (or renew the credentials); pipemedic goes on by itself."


class Denied(AwsError):
    """The caller may not do this.

    Attributes:
        action: the IAM action that was refused, e.g. ``codepipeline:ListPipelines``.
        resource: the ARN it was refused on; empty when AWS did not name one.
        principal: who was refused; empty when AWS did not name it.
    """

    what = "is not allowed"

    def __init__(self, detail: str, *, action: str = "", resource: str = "", principal: str = "", **where: str) -> None:
        self.action = action
        self.resource = resource
        self.principal = principal
        super().__init__(detail, **where)

    @property
    def next_step(self) -> str:
        """The permission to ask for."""
        on = f" on {self.resource}" if self.resource else ""
        return f"Ask for {self.action or f'{self.service}:{self.operation}'}{on}."


class Throttled(AwsError):
    """AWS was asked too often; a later try may pass."""

    what = "was throttled"


class NotFound(AwsError):
    """The resource does not exist, or not here."""

    what = "found nothing"


class Conflict(AwsError):
    """The state has moved on since it was read."""

    what = "conflicts with the present state"


class Invalid(AwsError):
    """AWS refused the request's form or values."""

    what = "was refused as invalid"


class Malformed(Invalid):
    """A query text that AWS cannot read.

    Attributes:
        start: offset of the first character that is wrong; None where AWS named none.
        end: offset after the last one.
    """

    what = "cannot read the query"

    def __init__(self, detail: str, *, start: int | None = None, end: int | None = None, **where: str) -> None:
        self.start = start
        self.end = end
        super().__init__(detail, **where)


class Unreachable(AwsError):
    """No connection, no answer in time, or a fault on AWS's side."""

    what = "could not be reached"

    @property
    def next_step(self) -> str:
        """What to look at."""
        return "Check the network, the proxy and the endpoint; pipemedic tries again by itself."


class ReadOnlyRefused(PipemedicError):
    """A change was asked for while the program may only read."""


class UsageError(PipemedicError):
    """The user's input names something that is not there."""
