"""What AWS answers when it refuses: a code, a message, an HTTP status."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

__all__ = ["AwsError", "ModelMismatch", "invalid"]


class AwsError(Exception):
    """An error a client may receive.

    Args:
        code: AWS's error code, such as ``PipelineNotFoundException``.
        message: AWS's wording.
        status: HTTP status; 400 for nearly all of the JSON services.
        members: what the error's shape has beside its message.
    """

    def __init__(
        self, code: str, message: str, status: int = 400, members: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


class ModelMismatch(Exception):
    """The account was about to send something that AWS's model does not allow."""


def invalid(message: str) -> AwsError:
    """Build AWS's ValidationException."""
    return AwsError("ValidationException", message)
