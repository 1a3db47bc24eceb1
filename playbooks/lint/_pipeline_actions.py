"""One action of a pipeline against its provider: artifacts' numbers, configuration keys and what they refer to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ._node import Node
from ._pipeline_model import GUIDE, Action
from ._schema import load, nearest
from .problem import Problems

__all__ = ["check_action"]

_STACK_MODES: Mapping[str, tuple[str, ...]] = {
    "CREATE_UPDATE": ("RoleArn", "TemplatePath"),
    "REPLACE_ON_FAILURE": ("RoleArn", "TemplatePath"),
    "DELETE_ONLY": ("RoleArn",),
    "CHANGE_SET_REPLACE": ("RoleArn", "TemplatePath", "ChangeSetName"),
    "CHANGE_SET_EXECUTE": ("ChangeSetName",),
}
_INPUT_KEYS = (
    "PrimarySource",
    "AppSpecTemplateArtifact",
    "TaskDefinitionTemplateArtifact",
    *(f"Image{number}ArtifactName" for number in range(1, 5)),
)


def check_action(action: Action, found: Problems, *, version_2: bool) -> None:
    """Check an action of any provider."""
    provider: Mapping[str, Any] | None = load("providers").get(action.type)
    kind = action.node.get("actionTypeId")
    if provider is None:
        _unknown(action, kind, found)
        return
    page = GUIDE + str(provider["page"])
    if provider.get("v2") and not version_2 and kind is not None:
        found.error(kind, "v2-only", f"{action.type} needs a pipeline of type V2", "Set pipelineType to V2.", page)
    for side, bounds in (("inputArtifacts", provider["inputs"]), ("outputArtifacts", provider["outputs"])):
        _count(action, side, bounds, found)
    _keys(action, provider, page, found)
    _references(action, page, found)
    if provider.get("polls"):
        _polling(action, found)
    if action.type == "Deploy/AWS/CloudFormation":
        _stack(action, page, found)
    if action.type.endswith("/AWS/CodeBuild"):
        _build(action, page, found)
    if action.type == "Compute/AWS/Commands" and not action.node.under("commands"):
        found.error(action.node, "configuration", f"{action.name} has no commands", "They are required.", page)
    timeout = action.node.key("timeoutInMinutes")
    if timeout is not None and action.category != "Approval":
        reason = "It is available to the manual approval only."
        page = "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html"
        found.warning(timeout, "timeout", f"{action.name} has a timeoutInMinutes", reason, page)


def _unknown(action: Action, kind: Node | None, found: Problems) -> None:
    category, owner, provider = (*action.type.split("/"), "", "", "")[:3]
    if kind is None or not provider or owner == "Custom":
        return
    known = tuple(load("providers"))
    homes = [each for each in known if each.split("/")[2].lower() == provider.lower()]
    near = nearest(action.type, known)
    reason = f"Known: {', '.join(homes)}." if homes else f"Did you mean {near}?" if near else ""
    page = f"{GUIDE}actions-valid-providers.html"
    message = f"There is no {category} action of owner {owner} by {provider}"
    if homes or near:
        found.error(kind, "provider", message, reason, page)
    else:
        found.warning(kind, "provider", f"{message} in the table of known ones", "It may be a partner's.", page)


def _count(action: Action, side: str, bounds: list[int], found: Problems) -> None:
    count = len(action.node.under(side))
    least, most = bounds
    if least <= count <= most:
        return
    word = "input" if side == "inputArtifacts" else "output"
    wanted = str(least) if least == most else f"{least} to {most}"
    at = action.node.key(side) or action.node
    reason = f"{action.type} has {wanted}."
    page = f"{GUIDE}reference-action-artifacts.html"
    found.error(at, "artifact-count", f"{action.name} has {count} {word} artifacts", reason, page)


def _keys(action: Action, provider: Mapping[str, Any], page: str, found: Problems) -> None:
    needs: list[str] = provider.get("needs", [])
    configuration = action.configuration
    at = action.node.key("configuration") or action.node
    for key in needs:
        if configuration is None or configuration.get(key) is None:
            found.error(
                at, "configuration", f"{action.name} has no {key} in its configuration", "It is required.", page
            )
    if "may" not in provider or configuration is None:
        return
    known = (*needs, *provider["may"])
    for key_node, _ in configuration.pairs:
        if key_node.text not in known:
            near = nearest(key_node.text, known)
            reason = f"Did you mean {near}?" if near else f"Known: {', '.join(known) or 'none'}."
            message = f"{action.type} knows no {key_node.text[:60]}"
            found.warning(key_node, "configuration", message, reason, page)


def _references(action: Action, page: str, found: Problems) -> None:
    """Settings that name one of the action's own input artifacts."""
    inputs = [each.text for each in action.artifacts("inputArtifacts")]
    for key in _INPUT_KEYS:
        named = action.setting(key)
        if named is not None and "#{" not in named.text and named.text not in inputs:
            reason = f"Its inputs are: {', '.join(inputs) or 'none'}."
            found.error(
                named, "artifact-not-input", f"{key} names {named.text}, no input of {action.name}", reason, page
            )


def _polling(action: Action, found: Problems) -> None:
    page = f"{GUIDE}change-detection-methods.html"
    polls = action.setting("PollForSourceChanges")
    reason = "Polling is slow and limited; with an event rule or webhook too, each change starts the pipeline twice."
    if polls is None:
        at = action.node.key("configuration") or action.node
        message = f"{action.name} polls, since PollForSourceChanges is not set"
        found.warning(at, "polling", message, f"The default is true. {reason}", page)
    elif polls.text.lower() == "true":
        found.warning(polls, "polling", f"{action.name} polls its source", reason, page)
    token = action.setting("OAuthToken")
    if token is not None and not token.text.startswith(("{{resolve:", "*")):
        reason = "Use a connection, or a reference to Secrets Manager."
        found.warning(token, "plain-secret", f"{action.name} holds a token in plain text", reason, page)


def _stack(action: Action, page: str, found: Problems) -> None:
    mode = action.setting("ActionMode")
    at = action.node.key("configuration") or action.node
    if mode is not None and mode.text not in _STACK_MODES and "#{" not in mode.text:
        near = nearest(mode.text, tuple(_STACK_MODES))
        reason = f"Did you mean {near}?" if near else f"It is {', '.join(_STACK_MODES)}."
        found.error(mode, "configuration", f"ActionMode cannot be {mode.text[:60]}", reason, page)
    for key in _STACK_MODES.get(mode.text, ()) if mode is not None else ():
        if action.setting(key) is None:
            found.error(
                at, "configuration", f"{action.name} has no {key}", f"{mode.text if mode else ''} needs it.", page
            )
    inputs = [each.text for each in action.artifacts("inputArtifacts")]
    for key in ("TemplatePath", "TemplateConfiguration"):
        path = action.setting(key)
        if path is None or "#{" in path.text:
            continue
        name, colons, file = path.text.partition("::")
        if not colons or not file:
            found.error(path, "configuration", f"{key} is {path.text[:80]}", "The form is ARTIFACT::FILE.", page)
        elif name not in inputs:
            reason = f"Its inputs are: {', '.join(inputs) or 'none'}."
            found.error(path, "artifact-not-input", f"{key} names {name}, no input of {action.name}", reason, page)
    _json_setting(action, "ParameterOverrides", dict, page, found)


def _build(action: Action, page: str, found: Problems) -> None:
    if len(action.node.under("inputArtifacts")) > 1 and action.setting("PrimarySource") is None:
        at = action.node.key("inputArtifacts") or action.node
        reason = "The buildspec is looked for in the primary source."
        found.error(at, "configuration", f"{action.name} has several inputs and no PrimarySource", reason, page)
    given = _json_setting(action, "EnvironmentVariables", list, page, found)
    at_node = action.setting("EnvironmentVariables")
    if given is None or at_node is None:
        return
    for each in given:
        name = each.get("name") if isinstance(each, dict) else None
        if not isinstance(each, dict) or not name or "value" not in each:
            message = "EnvironmentVariables holds an entry without name or value"
            found.error(at_node, "configuration", message, 'Each is {"name", "value", "type"}.', page)
        elif each.get("type", "PLAINTEXT") not in {"PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"}:
            message = f"The variable {str(name)[:60]} has an unknown type"
            found.error(at_node, "configuration", message, "It is PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER.", page)
        elif str(name).upper().startswith("CODEBUILD_"):
            found.error(
                at_node, "env-reserved", f"{str(name)[:60]} may not be set", "The prefix CODEBUILD_ is reserved.", page
            )


def _json_setting(action: Action, key: str, wanted: type, page: str, found: Problems) -> Any:
    """A setting that is JSON in a string, or None; what is no JSON of that kind becomes a problem."""
    value = action.setting(key)
    if value is None or value.text.strip().startswith("#{"):
        return None
    try:
        read = json.loads(value.text)
    except (ValueError, RecursionError):
        found.error(value, "configuration", f"{key} of {action.name} is not valid JSON", "", page)
        return None
    if not isinstance(read, wanted):
        kind = "an array" if wanted is list else "an object"
        found.error(value, "configuration", f"{key} of {action.name} must be {kind}", "", page)
        return None
    return read
