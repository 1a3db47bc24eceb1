"""The `aws` command that does the same as a call, to be pasted into a shell. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from core.plan import Call

__all__ = ["aws_command", "kebab"]

# The AWS CLI's own names for two services (its customisations).
_CLI_SERVICE = {"codedeploy": "deploy", "s3": "s3api"}


def kebab(name: str) -> str:
    """Return an API name as the AWS CLI spells it: ``BatchGetBuilds`` → ``batch-get-builds``."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", spaced).lower()


def _value(value: Any) -> list[str]:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return [str(value)]
    if isinstance(value, (list, tuple)) and value and all(isinstance(each, str) for each in value):
        return [str(each) for each in value]
    return [json.dumps(value, ensure_ascii=False)]


def aws_command(call: Call, *, region: str = "", profile: str = "") -> str:
    """Return the command line for a call, quoted for a POSIX shell."""
    words = ["aws", _CLI_SERVICE.get(call.service, call.service), kebab(call.operation)]
    for name, value in call.params.items():
        words += _flag(name, value)
    if call.region or region:
        words += ["--region", call.region or region]
    if profile:
        words += ["--profile", profile]
    return " ".join(shlex.quote(word) for word in words)


def _flag(name: str, value: Any) -> list[str]:
    flag = f"--{kebab(name)}"
    if value is True:
        return [flag]
    if value is False:
        return [f"--no-{kebab(name)}"]
    if isinstance(value, Mapping):
        return [flag, json.dumps(value, ensure_ascii=False)]
    return [flag, *_value(value)]
