"""Template and configuration file where they stand: in the action's input artifacts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, failing, finding, not_applicable, passed, unknown, unseen
from playbooks._fixes import manual, retry_hint
from playbooks._inside import INSIDE_READS, file_in, look_inside, names_in
from playbooks._said import otherwise
from playbooks.lint._document import parse_json, parse_yaml
from playbooks.lint._node import Node
from playbooks.lint.problem import Problems, Severity

from ._reads import config

__all__ = ["FILES", "parsed"]

_ID = "cloudformation"
_SETTINGS = ("TemplatePath", "TemplateConfiguration")
_PAGE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html"
# Resources for which CloudFormation wants a capability, and the property that names one (CAPABILITY_NAMED_IAM).
_IAM: Mapping[str, str] = {
    "AWS::IAM::AccessKey": "",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": "",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": "",
}
_CONFIGURATION = ("Parameters", "Tags", "StackPolicy")


def _paths(subject: Subject) -> dict[str, tuple[str, str]]:
    """(artifact, file) by setting."""
    found = {}
    for setting in _SETTINGS:
        artifact, split, file = config(subject).get(setting, "").partition("::")
        if split and file:
            found[setting] = (artifact, file)
    return found


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    if not failing(subject):
        return {}
    wanted: dict[str, list[str]] = {}
    for artifact, file in _paths(subject).values():
        wanted.setdefault(artifact, []).append(file)
    inside, _ = await look_inside(subject, evidence, wanted)
    return inside


def parsed(text: str) -> tuple[Node | None, str]:
    """The document, and the first thing that is wrong with it."""
    found = Problems(_PAGE)
    root = parse_json(text, found) if text.lstrip().startswith("{") else parse_yaml(text, found)
    wrong = next((each for each in found.all() if each.severity is Severity.ERROR), None)
    return root, f"line {wrong.line}: {wrong.message}" if wrong else ""


def _overrides(subject: Subject) -> Mapping[str, object]:
    try:
        given = json.loads(config(subject).get("ParameterOverrides", "") or "{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _names_of(root: Node | None, key: str) -> list[str]:
    found = root.get(key) if root is not None and root.kind == "mapping" else None
    return [name.text for name, _ in found.pairs] if found is not None else []


def _template_trouble(subject: Subject, root: Node, configured: Node | None) -> str:
    """What is wrong between template and parameters; empty for nothing."""
    if root.kind != "mapping" or root.get("Resources") is None:
        return "the template has no Resources"
    if root.get("Transform") is not None:
        return ""  # macros may add parameters and resources
    declared = _names_of(root, "Parameters")
    given = [*_overrides(subject), *_names_of(configured, "Parameters")]
    strange = [each for each in given if each not in declared]
    if strange:
        return f"parameter {strange[0]} is given, and the template declares {', '.join(declared) or 'none'}"
    parameters = root.get("Parameters")
    bare = [name.text for name, one in (parameters.pairs if parameters else ()) if one.get("Default") is None]
    lacking = [each for each in bare if each not in given]
    create = config(subject).get("ActionMode") in ("CREATE_UPDATE", "REPLACE_ON_FAILURE", "CHANGE_SET_REPLACE")
    return f"parameter {lacking[0]} has no default and is not given" if lacking and create else ""


def _capability(subject: Subject, root: Node) -> str:
    """A capability that the template needs and the action does not give, by its resources and macros; else empty.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html (Capabilities)
    """
    if config(subject).get("ActionMode") in ("CHANGE_SET_EXECUTE", "DELETE_ONLY"):
        return ""
    given = {each.strip() for each in config(subject).get("Capabilities", "").split(",")}
    if root.get("Transform") is not None and "CAPABILITY_AUTO_EXPAND" not in given:
        direct = config(subject).get("ActionMode") in ("CREATE_UPDATE", "REPLACE_ON_FAILURE")
        return "CAPABILITY_AUTO_EXPAND" if direct else ""
    resources = root.get("Resources")
    kinds = [(one.string("Type"), one) for _, one in (resources.pairs if resources is not None else ())]
    mine = [(kind, one) for kind, one in kinds if kind in _IAM]
    if not mine or "CAPABILITY_NAMED_IAM" in given:
        return ""
    names = any((one.get("Properties") or one).get(_IAM[kind]) is not None for kind, one in mine if _IAM[kind])
    return "CAPABILITY_NAMED_IAM" if names else "" if "CAPABILITY_IAM" in given else "CAPABILITY_IAM"


def _trouble(subject: Subject, facts: Facts) -> tuple[str, str]:
    """(cause, sentence) of what is wrong with the files; empty for nothing."""
    roots: dict[str, Node | None] = {}
    for setting, (artifact, file) in _paths(subject).items():
        names = names_in(facts.get(f"inside:{artifact}"))
        if names is not None and file not in names:
            alike = sorted(each for each in names if each.rpartition("/")[2] == file.rpartition("/")[2])[:2]
            hint = f"; it has {', '.join(alike)}" if alike else ""
            return "artifact.missing", f"artifact {artifact} has no {file}, which {setting} names{hint}"
        text = file_in(facts, f"inside:{artifact}", file)
        if text is None:
            continue
        roots[setting], wrong = parsed(text)
        if wrong:
            return "cfn.template-invalid", f"in {file}, {wrong}"
    configured, template = roots.get("TemplateConfiguration"), roots.get("TemplatePath")
    odd = (
        [each for each in (name.text for name, _ in configured.pairs) if each not in _CONFIGURATION]
        if configured
        else []
    )
    if odd:
        return "cfn.template-invalid", f"the configuration file has {odd[0]}; it may have {', '.join(_CONFIGURATION)}"
    said = _template_trouble(subject, template, configured) if template is not None else ""
    if not said and template is not None and (lacks := _capability(subject, template)):
        return "cfn.capabilities", f"the template needs {lacks}, and the action does not give it"
    return ("cfn.template-invalid", said) if said else ("", "")


def _judge(subject: Subject, facts: Facts) -> Answer:
    inside: Sequence[Fact] = list(facts.values())
    if not inside:
        return not_applicable("No file of an artifact is to be looked at: the action has not failed, or names none.")
    if cannot := unseen(*inside):
        return cannot
    cause, trouble = _trouble(subject, facts)
    if not trouble:
        return passed("Template and configuration file are in the artifact and can be read.", *inside)
    text = trouble[:1].upper() + trouble[1:]
    lacks = "is not given" in trouble
    # An update may keep the value that a parameter has, so that one is not given proves nothing by itself.
    if otherwise(subject, cause, "artifact.missing", "cfn.template-invalid", symptoms=not lacks):
        return unknown(f"{text}, yet the failure is about something else.", *inside)
    capability = cause == "cfn.capabilities"
    how = (
        f"Add it to Capabilities of action {subject.action.name}, then release the change again."
        if capability
        else "The path is relative to the root of the artifact, and case-sensitive."
    )
    title = "Give the action the capability" if capability else "Correct the file, its path or the parameters"
    fix = manual(f"{cause}.file", title, [f"{text}.", how, retry_hint(subject)])
    one = finding(
        subject,
        _ID,
        cause,
        0.95,
        text,
        f"{text}. {subject.action_state.error_message}".strip(),
        inside,
        fixes=[fix],
        disproved_by="a change set made from the same files",
        proven=True,
    )
    return failed(f"{text}.", *inside, findings=[one])


FILES = Step(
    id="files",
    question="Are template and configuration file in the artifact, readable, and of one mind on the parameters?",
    why="A file that the build did not hand on, or a parameter that the template does not declare, ends it at once.",
    reads=INSIDE_READS,
    gather=_gather,
    judge=_judge,
)
