"""The ``env`` section of a buildspec: names, references to parameters and secrets, what is exported."""

from __future__ import annotations

import re

from ._node import Node
from .problem import Problems

__all__ = ["check_env", "check_variables"]

_PAGE = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL", re.IGNORECASE)
_NO_SECRET = re.compile(r"(_(ID|ARN|NAME|PATH|URL|URI|FILE|REGION|TTL|EXPIRY|LENGTH)|ARN|ENABLED)$", re.IGNORECASE)
_PARAMETER = re.compile(r"[A-Za-z0-9_.\-/:${}]+")
_SECTIONS = ("variables", "parameter-store", "secrets-manager")


def check_env(env: Node, commands: str, found: Problems) -> None:
    """Check ``env``; `commands` is the text of all commands, where variables may be set that are exported."""
    given: dict[str, str] = {}
    for section in _SECTIONS:
        values = env.get(section)
        if values is None or values.kind != "mapping":
            continue
        check_variables(values, found, plain=section == "variables")
        for key, value in values.pairs:
            if key.text in given:
                reason = "One replaces the other; which one is not said."
                found.warning(key, "env-twice", f"{key.text} is also in env.{given[key.text]}", reason, _PAGE)
            given[key.text] = section
            if value.kind == "scalar" and not value.is_null:
                if section == "parameter-store":
                    _parameter(key, value, found)
                elif section == "secrets-manager":
                    _secret(key, value, found)
    for each in env.under("exported-variables"):
        _exported(each, given, commands, found)


def check_variables(values: Node, found: Problems, *, plain: bool) -> None:
    """Check the names of variables, and their values when they stand there in plain text."""
    for key, value in values.pairs:
        if key.text.upper().startswith("CODEBUILD_"):
            reason = "The prefix CODEBUILD_ is reserved."
            found.error(key, "env-reserved", f"{key.text} may not be set", reason, _PAGE)
        elif not _NAME.fullmatch(key.text):
            reason = "Letters, digits and underscores, not beginning with a digit."
            found.error(key, "env-name", f"{key.text[:80]} is not a name that a shell can read", reason, _PAGE)
        if not plain or value.kind != "scalar" or value.is_null:
            continue
        if (
            _SECRET.search(key.text)
            and not _NO_SECRET.search(key.text)
            and value.text
            and not value.text.startswith("$")
        ):
            if value.type == "string":
                reason = "Anyone who may read the build sees it; keep it under secrets-manager or parameter-store."
                found.warning(value, "env-secret", f"{key.text} looks like a secret in plain text", reason, _PAGE)
        elif value.type == "number" and re.fullmatch(r"\d+\.\d*0", value.text):
            found.hint(
                value, "env-number", f"{value.text} is read as a number", "Put it in quotes to keep its zero.", _PAGE
            )
        elif "$(" in value.text or "`" in value.text:
            reason = "Values are literal: no command is run. Set it with export in a command."
            found.hint(value, "env-literal", f"{key.text} holds a command substitution", reason, _PAGE)


def _parameter(key: Node, value: Node, found: Problems) -> None:
    name = value.text
    if name.startswith(("ssm:", "{{", "resolve:")):
        reason = "Write the parameter's name alone, such as /app/db-password."
        found.error(value, "env-parameter", f"{key.text} does not name a parameter", reason, _PAGE)
    elif name.startswith("arn:") and ":ssm:" not in name:
        found.error(value, "env-parameter", f"{key.text} is the ARN of something else than a parameter", "", _PAGE)
    elif not _PARAMETER.fullmatch(name):
        reason = "A parameter's name has letters, digits and . - _ / only."
        found.error(value, "env-parameter", f"{key.text} names a parameter that cannot exist", reason, _PAGE)
    elif "/" in name and not name.startswith(("/", "arn:", "$")):
        reason = "A name with levels begins with a slash."
        found.error(value, "env-parameter", f"{key.text} names a parameter without its leading slash", reason, _PAGE)


def _secret(key: Node, value: Node, found: Problems) -> None:
    page = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.secrets-manager"
    form = "The form is secret-id:json-key:version-stage:version-id; all but the first may be left out."
    parts = value.text.split(":")
    if value.text.startswith("arn:"):
        if len(parts) < 7 or parts[2] != "secretsmanager" or parts[5] != "secret":
            reason = "It is arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME."
            found.error(value, "env-secret-form", f"{key.text} is not the ARN of a secret", reason, page)
            return
        parts = parts[6:]
    elif value.text.startswith(("{{", "/aws/reference/")):
        found.error(value, "env-secret-form", f"{key.text} does not name a secret", form, page)
        return
    if not parts[0].strip():
        found.error(value, "env-secret-form", f"{key.text} names no secret", form, page)
    elif len(parts) > 4:
        found.error(value, "env-secret-form", f"{key.text} has {len(parts)} parts", form, page)
    elif len(parts) == 4 and parts[2] and parts[3]:
        found.error(value, "env-secret-form", f"{key.text} gives both version-stage and version-id", "Give one.", page)


def _exported(each: Node, given: dict[str, str], commands: str, found: Problems) -> None:
    page = (
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.exported-variables"
    )
    name = each.text
    if each.kind != "scalar" or each.is_null:
        return
    if name.startswith("AWS_"):
        found.error(each, "env-exported", f"{name} cannot be exported", "Variables that begin with AWS_ are not.", page)
    elif name.startswith("$"):
        found.error(each, "env-exported", f"{name} is written with a dollar", "Write the name alone.", page)
    elif not _NAME.fullmatch(name):
        found.error(each, "env-exported", f"{name[:80]} is not a variable's name", "", page)
    elif given.get(name) in {"parameter-store", "secrets-manager"}:
        reason = "Secrets are not exported."
        found.warning(each, "env-exported", f"{name} comes from {given[name]}", reason, page)
    elif name not in given and not name.startswith("CODEBUILD_") and name not in commands:
        reason = "No command here sets it; a script that is run cannot set it for the build's shell unless sourced."
        found.hint(each, "env-exported", f"{name} is exported and never set", reason, page)
