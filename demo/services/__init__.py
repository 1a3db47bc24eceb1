"""The services this account serves itself, one folder each: ``OPERATIONS`` maps an operation to its handler.

A handler takes a :class:`Invocation` and the checked parameters and returns the output structure with botocore's member
names. What has no handler here goes to moto.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

from demo.names import ACCOUNT_ID, CALLER
from demo.world import World

__all__ = ["Handler", "Invocation", "Streamed", "find", "page", "page_token"]


@dataclass(frozen=True, slots=True)
class Invocation:
    """Who calls, where, and the account."""

    world: World
    region: str
    operation: str
    service: str

    @property
    def caller(self) -> str:
        """The ARN of the calling user."""
        return f"arn:aws:iam::{ACCOUNT_ID}:user/{CALLER}"


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer that is an event stream: each event as its name with its members; an exception ends it."""

    events: AsyncIterator[dict[str, Any]]


Handler: TypeAlias = Callable[[Invocation, dict[str, Any]], Mapping[str, Any] | Streamed]

# botocore's name for a service → folder here.
_FOLDERS: Mapping[str, str] = {
    "cloudformation": "cloudformation",
    "cloudtrail": "cloudtrail",
    "codebuild": "codebuild",
    "codeconnections": "codeconnections",
    "codedeploy": "codedeploy",
    "codepipeline": "codepipeline",
    "codestar-connections": "codeconnections",
    "codestar-notifications": "notifications",
    "codecommit": "codecommit",
    "ecs": "ecs",
    "elasticloadbalancing": "elbv2",
    "iam": "iam",
    "logs": "logs",
    "states": "stepfunctions",
    "sts": "sts",
}


def find(service: str, operation: str) -> Handler | None:
    """Find the handler of an operation, or nothing."""
    folder = _FOLDERS.get(service)
    if folder is None:
        return None
    try:
        operations: Mapping[str, Handler] = import_module(f"demo.services.{folder}").OPERATIONS
    except ModuleNotFoundError as error:
        if error.name == f"demo.services.{folder}":
            return None
        raise
    return operations.get(operation)


def page(items: list[Any], token: str | None, size: int, bad: Exception) -> tuple[list[Any], str | None]:
    """Cut one page from a list: an opaque token stands for where it goes on.

    Raises:
        Exception: ``bad``, for a token that was never given out.
    """
    start = 0
    if token:
        try:
            start = int(bytes.fromhex(token).decode().removeprefix("page:"))
        except ValueError:
            raise bad from None
    end = start + size
    return items[start:end], (page_token(end) if end < len(items) else None)


def page_token(position: int) -> str:
    """Make the token of the page that begins at a position."""
    return f"page:{position}".encode().hex()
