"""Amazon resource names taken apart and put together."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Arn", "build_project_of", "role_of_session", "who"]


@dataclass(frozen=True, slots=True)
class Arn:
    """`arn:partition:service:region:account:resource`; resource keeps its own colons and slashes."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """Return the parts of an ARN, or None where text is not one."""
        parts = text.split(":", 5)
        if len(parts) < 6 or parts[0] != "arn":
            return None
        return cls(*parts[1:])

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @property
    def name(self) -> str:
        """The last part of the resource: a role's name without its path, a bucket's key, a project's name."""
        return re.split("[:/]", self.resource)[-1]


def who(principal: str) -> str:
    """Return the short name of who did something: the last part of an ARN, or the text itself."""
    parsed = Arn.parse(principal)
    return parsed.name if parsed else principal


def role_of_session(arn: str) -> str:
    """Return the role name within an assumed-role session's ARN or a role's ARN (path dropped); empty for others."""
    parsed = Arn.parse(arn)
    if parsed is None:
        return ""
    kind, _, rest = parsed.resource.partition("/")
    if kind == "assumed-role":
        return rest.split("/", 1)[0]
    return rest.rsplit("/", 1)[-1] if kind == "role" else ""


def build_project_of(build_id: str) -> str:
    """Return the project's name within a build's id (``project:uuid``)."""
    return build_id.rpartition(":")[0]
