"""Change sets, capabilities, parameters and templates, exports in use; stack sets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Fix
from core.plan import Risk
from core.plans.definition import set_configuration
from core.plans.setting import Where
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, healthy, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._fixes import command, manual, retry_hint

from ._reads import EVENT_READS, change_set_name, config, first_failure, read_events, stack_name

__all__ = ["CAPABILITIES", "CHANGE_SET", "EXPORTS", "STACK_SET", "TEMPLATE"]

_ID = "cloudformation"
_Map = Mapping[str, Any]
# What a change set says that could not be made for a reason of the template's.
_REFUSED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Requires capabilities|InsufficientCapabilities"), "cfn.capabilities"),
    (
        re.compile(r"Template (?:error|format|validation)|Parameters?:? .{0,120}(?:must have|do not exist)"),
        "cfn.template-invalid",
    ),
    (re.compile(r"Transform .{0,120}failed|Unresolved resource dependencies"), "cfn.template-invalid"),
)
_EMPTY = re.compile(r"didn't contain changes|No updates are to be performed|no changes", re.IGNORECASE)


def _said(subject: Subject) -> str:
    return f"{subject.action_state.error_message}\n{subject.action_state.summary}"


# --- change set


async def _gather_change_set(subject: Subject, evidence: Evidence) -> Facts:
    if not change_set_name(subject) or not stack_name(subject):
        return {}
    params = {"StackName": stack_name(subject), "ChangeSetName": change_set_name(subject)}
    return {"change-set": await ask(subject, evidence, "cloudformation", "DescribeChangeSet", params)}


def _judge_change_set(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("change-set")
    if fact is None:
        return not_applicable("The action uses no change set.")
    if cannot := unseen(fact):
        return cannot
    name, said = change_set_name(subject), _said(subject)
    status, reason = str(fact.get("Status", default="")), str(fact.get("StatusReason", default=""))
    executes = config(subject).get("ActionMode") == "CHANGE_SET_EXECUTE"
    if fact.ok and status == "CREATE_COMPLETE":
        return passed(f"Change set {name} holds {plural(len(fact.get('Changes', default=())), 'change')}.", fact)
    absent = fact.outcome is Outcome.NO_DATA
    what = "does not exist (an earlier run has executed or deleted it)" if absent else f"is {status}: {reason}"
    if healthy(subject) or (absent and not executes):
        return passed(f"Change set {name} {what}.", fact)
    empty = bool(_EMPTY.search(reason) or _EMPTY.search(said))
    told = "change set" in said.lower() or "changeset" in said.lower() or empty
    fix = manual(
        "cfn.change-set",
        "Let the change set hold changes, or skip an empty one",
        [
            "An empty change set means that template and parameters equal the stack: nothing has to be done."
            if empty
            else f"Change set {name} {what}.",
            (
                "The action that creates it and the one that executes it must name the same stack, change set and "
                "region, "
                "and run in the same execution."
            ),
            retry_hint(subject),
        ],
        commands=[command(subject, "cloudformation", "ListChangeSets", StackName=stack_name(subject))],
    )
    cause = "" if empty else next((each for pattern, each in _REFUSED if pattern.search(reason)), "")
    told = told or bool(cause)
    one = finding(
        subject,
        _ID,
        cause or "cfn.change-set-empty",
        0.94 if told else 0.5,
        f"Change set {name} {what}",
        f"{reason or said.strip()} CodePipeline can execute only a change set that was created whole.",
        [fact],
        fixes=[fix],
        disproved_by="a change set of that name in CREATE_COMPLETE",
        proven=told,
    )
    return failed(f"Change set {name} {what}.", fact, findings=[one])


CHANGE_SET = Step(
    id="change-set",
    question="Was the change set made, and does it hold changes?",
    why="An empty change set counts as failed; one that was executed before is gone.",
    reads=("cloudformation:DescribeChangeSet",),
    gather=_gather_change_set,
    judge=_judge_change_set,
)


# --- capabilities

_WANTED = re.compile(r"Requires capabilities\s*:?\s*\[(?P<names>[A-Z_, ]+)\]")


async def _gather_definition(subject: Subject, evidence: Evidence) -> Facts:
    return {"pipeline": await evidence.read("codepipeline", "GetPipeline", {"name": subject.ref.name})}


def _judge_capabilities(subject: Subject, facts: Facts) -> Answer:
    given = [each.strip() for each in config(subject).get("Capabilities", "").split(",") if each.strip()]
    wanted = _WANTED.search(_said(subject))
    if not wanted or healthy(subject):
        return passed(f"Capabilities given: {', '.join(given) or 'none'}; none is asked for.")
    names = [each.strip() for each in wanted["names"].split(",")]
    union = ",".join(dict.fromkeys([*given, *names]))
    where = Where.of(subject.ref, subject.identity.account)
    plan = (
        set_configuration(where, facts["pipeline"], subject.stage.name, subject.action.name, {"Capabilities": union})
        if facts["pipeline"].ok
        else None
    )
    steps = (f"Set Capabilities of action {subject.action.name} to {union}.", "Release the change again.")
    fix = Fix("cfn.capabilities", f"Give the action {', '.join(names)}", Risk.LOW, plan, steps)
    title = f"The template needs {', '.join(names)}; the action gives {', '.join(given) or 'none'}"
    one = finding(
        subject,
        _ID,
        "cfn.capabilities",
        0.98,
        title,
        f"{title}. CloudFormation wants it said that the template may make IAM resources or expand macros.",
        [facts["pipeline"]],
        fixes=[fix],
        disproved_by="the capability in the action's configuration",
        proven=facts["pipeline"].ok,
    )
    return failed(f"{title}.", facts["pipeline"], findings=[one])


CAPABILITIES = Step(
    id="capabilities",
    question="Does the action give the capabilities that the template needs?",
    why="A template that makes IAM resources is refused unless the action says that it may.",
    reads=("codepipeline:GetPipeline",),
    gather=_gather_definition,
    judge=_judge_capabilities,
)


# --- template and parameters

_TEMPLATE = re.compile(
    r"Template (?:format|error|validation)|ValidationError|Parameters: \[|Unresolved resource dependencies|"
    r"Template file .{0,200}(?:not|does not)|must have values|Invalid template|unsupported structure|"
    r"Parameter ?values? .{0,120}(?:invalid|not)|Property validation",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"(?:File|Template|template file|configuration file).{0,160}(?:not found|does not exist|could not)", re.IGNORECASE
)


def _broken_overrides(subject: Subject) -> str:
    """What is wrong with ParameterOverrides as JSON; empty for nothing."""
    given = config(subject).get("ParameterOverrides", "")
    if not given:
        return ""
    try:
        parsed: object = json.loads(given)
    except ValueError as error:
        return f"ParameterOverrides is not JSON: {error}"
    return "" if isinstance(parsed, dict) else "ParameterOverrides must be a JSON object"


def _lost_artifact(subject: Subject) -> str:
    """What is wrong with TemplatePath and TemplateConfiguration against the inputs; empty for nothing."""
    for name in ("TemplatePath", "TemplateConfiguration"):
        artifact, split, _ = config(subject).get(name, "").partition("::")
        if split and artifact not in subject.action.inputs:
            inputs = ", ".join(subject.action.inputs) or "none"
            return f"{name} takes artifact {artifact}; the action's inputs are {inputs}"
    return ""


def _judge_template(subject: Subject, facts: Facts) -> Answer:
    said, fact = _said(subject).strip(), facts["pipeline"]
    lost, broken = _lost_artifact(subject), _broken_overrides(subject)
    if healthy(subject):
        return passed("Template and parameters were accepted in the last run.")
    cannot = unseen(fact)
    bare = re.fullmatch(r"\W*ValidationError\W*", said) is not None  # CloudFormation's code for nearly all it refuses
    told = bool(_TEMPLATE.search(said)) and "ROLLBACK" not in said and "IN_PROGRESS" not in said and not bare
    cause, what, sure = "", "", 0.0
    if lost or _FILE.search(said):
        cause, what, sure = "artifact.missing", lost or said.splitlines()[0], 0.9
    elif broken:
        cause, what, sure = "cfn.template-invalid", broken, 0.95
    elif (
        told
        and "No updates are to be performed" not in said
        and "capabilities" not in said.lower()
        and "does not exist" not in said
    ):
        cause, what, sure = "cfn.template-invalid", said.splitlines()[0], 0.9
    if not cause:
        return cannot or passed("Nothing speaks of the template, its file or its parameters.", fact)
    path = config(subject).get("TemplatePath", "?")
    fix = manual(
        f"{cause}.template",
        "Correct template, path or parameters",
        [
            what,
            (
                f"TemplatePath is {path}: the file must lie there in the artifact (the build's artifacts.files must "
                "list it)."
            ),
            "Validate it before: aws cloudformation validate-template; overrides may name declared parameters only.",
            retry_hint(subject),
        ],
    )
    one = finding(
        subject,
        _ID,
        cause,
        sure,
        what[:1].upper() + what[1:],
        f"{said} CloudFormation refused it before it touched any resource.",
        [fact],
        fixes=[fix],
        disproved_by="a change set made from the same template and parameters",
        proven=fact.ok and (bool(lost) or bool(broken) or told),
    )
    return failed(what, fact, findings=[one], lines=[(0, said)])


TEMPLATE = Step(
    id="template",
    question="Are template, its file in the artifact, and parameters right?",
    why="A template that cannot be read, a parameter without a value or a wrong path ends it before it begins.",
    reads=("codepipeline:GetPipeline",),
    gather=_gather_definition,
    judge=_judge_template,
)


# --- exports

_EXPORT = re.compile(r"Export (?:with name )?['\"]?(?P<name>[A-Za-z0-9:-]+)['\"]? (?:cannot|is)", re.IGNORECASE)


async def _gather_exports(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_events(subject, evidence)
    failure = first_failure(facts)
    export = _EXPORT.search(f"{failure.reason if failure else ''}\n{_said(subject)}")
    if export:
        params = {"ExportName": export["name"]}
        facts["imports"] = await ask(subject, evidence, "cloudformation", "ListImports", params)
    return facts


def _judge_exports(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("imports")
    if fact is None:
        if cannot := unseen(*facts.values()):
            return cannot
        return not_applicable("No failure speaks of an export.", *facts.values())
    if cannot := unseen(fact):
        return cannot
    users: Sequence[str] = fact.get("Imports", default=())
    name = fact.params.get("ExportName")
    if not users or healthy(subject):
        return passed(f"No stack imports {name} now.", fact)
    title = f"Export {name} is in use by {', '.join(users)}"
    fix = manual(
        "cfn.export",
        "Let the importing stacks go first",
        [
            f"Change {', '.join(users)} so that they no longer import {name} (put the present value in for a while).",
            "Deploy those stacks, then this one.",
            retry_hint(subject),
        ],
        commands=[command(subject, "cloudformation", "ListImports", ExportName=str(name))],
    )
    one = finding(
        subject,
        _ID,
        "cfn.export-in-use",
        0.99,
        title,
        f"{title}: CloudFormation neither changes nor deletes a value that another stack imports.",
        [fact],
        fixes=[fix],
        disproved_by="no stack that imports the value",
        proven=True,
    )
    return failed(f"{title}.", fact, findings=[one])


EXPORTS = Step(
    id="exports",
    question="Is an exported value in the way, and who imports it?",
    why="A value that others import can neither change nor go; those who import it have to move first.",
    reads=(*EVENT_READS, "cloudformation:ListImports"),
    gather=_gather_exports,
    judge=_judge_exports,
)


# --- stack sets


_TRUST = re.compile(r"trust relationship|should have .{0,80}role|cannot assume|assume role", re.IGNORECASE)


async def _gather_stack_set(subject: Subject, evidence: Evidence) -> Facts:
    name = config(subject).get("StackSetName", "")
    if not name:
        return {}
    listed = await ask(subject, evidence, "cloudformation", "ListStackSetOperations", {"StackSetName": name}, pages=1)
    facts: dict[str, Fact] = {"operations": listed}
    operation = str(listed.get("Summaries", 0, "OperationId", default=""))
    if operation:
        params = {"StackSetName": name, "OperationId": operation}
        facts["results"] = await ask(subject, evidence, "cloudformation", "ListStackSetOperationResults", params)
    return facts


def _judge_stack_set(subject: Subject, facts: Facts) -> Answer:
    listed = facts.get("operations")
    if listed is None:
        return not_applicable("The action works on no stack set.")
    if cannot := unseen(listed, facts.get("results")):
        return cannot
    name = config(subject).get("StackSetName", "")
    if "results" not in facts:
        return unknown(f"Stack set {name} has no operation to look at.", listed)
    found: Sequence[_Map] = facts["results"].get("Summaries", default=())
    bad = [each for each in found if each.get("Status") in ("FAILED", "CANCELLED")]
    first = next((each for each in bad if each.get("StatusReason")), bad[0] if bad else None)
    lines = [
        (
            facts["results"].n,
            f"{each.get('Account')} {each.get('Region')}: {each.get('Status')} {each.get('StatusReason', '')}",
        )
        for each in bad[:8]
    ]
    if first is None or healthy(subject):
        return passed(
            f"No stack instance of {name} failed in its last operation.", listed, facts["results"], lines=lines
        )
    where = f"{first.get('Account')} in {first.get('Region')}"
    title = f"Stack set {name} failed in {where}: {first.get('StatusReason', '')}"
    fix = manual(
        "cfn.stack-set",
        f"Look at the stack instance in {where}",
        [
            str(first.get("StatusReason", "")),
            "The execution role must exist there and trust the administration role.",
            retry_hint(subject),
        ],
        commands=[command(subject, "cloudformation", "ListStackInstances", StackSetName=name)],
    )
    reason = str(first.get("StatusReason", ""))
    one = finding(
        subject,
        _ID,
        "permission.role-trust" if _TRUST.search(reason) else "cfn.resource-failed",
        0.95,
        title,
        f"{len(bad)} of {plural(len(found), 'stack instance')} failed; this is the first reason given.",
        [facts["results"], listed],
        fixes=[fix],
        disproved_by="an operation of the stack set that succeeded after it",
        proven=True,
    )
    return failed(f"{title}.", facts["results"], findings=[one], lines=lines)


STACK_SET = Step(
    id="stack-set",
    question="If it is a stack set, in which account and region did it fail?",
    why="One instance that fails ends the operation for all that come after it.",
    reads=("cloudformation:ListStackSetOperations", "cloudformation:ListStackSetOperationResults"),
    gather=_gather_stack_set,
    judge=_judge_stack_set,
)
