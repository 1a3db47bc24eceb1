"""The step of the flow playbook that reads the definition: artifacts, regions, variables, and what AWS would refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from core.fact import Evidence
from core.finding import Answer, Finding
from core.playbook import Facts, Step, Subject

from ._answers import failed, failing, finding, passed, unknown, unseen
from ._fixes import command, manual
from ._needs import store_of
from ._said import otherwise
from .lint.pipeline import lint
from .lint.problem import Problem, Severity

__all__ = ["DEFINITION"]

_ID = "flow"

_VARIABLE = re.compile(r"#\{(?P<namespace>[A-Za-z0-9@_-]+)\.(?P<name>[A-Za-z0-9@_.-]+)\}")
_RESERVED = ("codepipeline", "variables")


def _problems(subject: Subject) -> list[tuple[str, str]]:
    """(cause, sentence) of what is wrong within the definition, in its order."""
    found: list[tuple[str, str]] = []
    made: set[str] = set()
    spaces: set[str] = set()
    stores = subject.definition.stores
    for stage in subject.definition.stages:
        orders = sorted({action.run_order for action in stage.actions})
        for order in orders:
            group = [action for action in stage.actions if action.run_order == order]
            for action in group:
                where = f"{stage.name}/{action.name}"
                found += [
                    ("artifact.missing", f"{where} takes artifact {name}, and no action before it makes that.")
                    for name in action.inputs
                    if name not in made
                ]
                if action.region and "" not in stores and action.region not in stores:
                    found.append(
                        ("flow.region", f"{where} runs in {action.region}, for which there is no artifact store.")
                    )
                text = " ".join(action.configuration.values())
                for used in _VARIABLE.finditer(text):
                    space, name = used["namespace"], used["name"]
                    if space == "variables" and name not in subject.definition.variables:
                        found.append(("flow.variable", f"{where} uses #{{variables.{name}}}, which is not declared."))
                    elif space not in (*_RESERVED, *spaces):
                        sentence = f"{where} uses #{{{space}.{name}}}, and no action before it has namespace {space}."
                        found.append(("flow.variable", sentence))
            for action in group:
                made.update(action.outputs)
                if action.namespace:
                    spaces.add(action.namespace)
    return found


async def _gather_definition(subject: Subject, evidence: Evidence) -> Facts:
    return {"pipeline": await evidence.read("codepipeline", "GetPipeline", {"name": subject.ref.name})}


_WORDS = {"artifact.missing": "artifact", "flow.region": "region", "flow.variable": "variable"}


def _spoken_of(subject: Subject, cause: str, text: str) -> bool:
    """Whether a problem is this action's, and what the service says is about such a thing."""
    mine = text.startswith(f"{subject.stage.name}/{subject.action.name} ")
    return mine and _WORDS[cause] in subject.action_state.error_message.lower()


_INVALID = re.compile(
    r"invalid|configuration|should not be empty|must|required|not supported|cannot contain", re.IGNORECASE
)


def _mistakes(facts: Facts) -> list[Problem]:
    """What AWS would refuse of the structure, as the linter reads it."""
    structure = facts["pipeline"].get("pipeline")
    if not isinstance(structure, Mapping) or not structure.get("stages"):
        return []
    text = json.dumps({"pipeline": structure}, indent=1)
    return [each for each in lint(text) if each.severity is Severity.ERROR]


def _structure(subject: Subject, facts: Facts) -> tuple[list[Finding], list[tuple[int, str]]]:
    """The finding where the structure itself is wrong and the failure is of that kind; and lines."""
    mistakes = _mistakes(facts)
    lines = [(facts["pipeline"].n, f"{each.message}. {each.reason}") for each in mistakes[:6]]
    said = subject.action_state.error_message
    mine = [each for each in mistakes if subject.action.name in each.message]
    if not mistakes or not failing(subject) or subject.action_state.external_id:
        return [], lines
    first = (mine or mistakes)[0]
    told = bool(mine) and _INVALID.search(said) is not None and not otherwise(subject, "flow.structure-invalid")
    fix = manual(
        "flow.structure",
        "Correct the pipeline's structure",
        [f"{first.message}. {first.reason}", f"See {first.reference}.", "Update the pipeline, then start it anew."],
        commands=[command(subject, "codepipeline", "GetPipeline", name=subject.ref.name)],
    )
    one = finding(
        subject,
        _ID,
        "flow.structure-invalid",
        0.9 if told else 0.3,
        first.message,
        f"{first.message}. {first.reason} {said}".strip(),
        [facts["pipeline"]],
        fixes=[fix],
        disproved_by="a run of the same definition in which the action started",
        proven=told,
    )
    return [one], lines


def _judge_definition(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["pipeline"]):
        return cannot
    problems = _problems(subject)
    structure, lines = _structure(subject, facts)
    if not problems and structure:
        return failed(structure[0].title + ".", facts["pipeline"], findings=structure, lines=lines)
    if not problems and lines:
        return unknown(f"{lines[0][1]}", facts["pipeline"], lines=lines)
    if not problems:
        store = store_of(subject)
        at = f"; artifacts lie in {store.bucket}" if store else ""
        return passed(f"Artifacts, regions and variables of the definition fit together{at}.", facts["pipeline"])
    if subject.action_state.status == "Succeeded":
        return unknown(
            f"{problems[0][1]} The action works all the same.",
            facts["pipeline"],
            lines=[(0, text) for _, text in problems],
        )
    findings = [
        finding(
            subject,
            _ID,
            cause,
            0.9 if _spoken_of(subject, cause, text) else 0.35,
            text.rstrip("."),
            f"{text} CodePipeline cannot resolve it when the action starts.",
            [facts["pipeline"]],
            fixes=[
                manual(
                    f"flow.definition:{cause}",
                    "Correct the definition",
                    [text, "Edit the pipeline (or its template) so that names and regions agree; then start it anew."],
                    commands=[command(subject, "codepipeline", "GetPipeline", name=subject.ref.name)],
                )
            ],
            disproved_by="a run of the same definition in which the action started",
            proven=_spoken_of(subject, cause, text),
        )
        for cause, text in problems
    ]
    lines = [*((0, text) for _, text in problems), *lines]
    return failed(problems[0][1], facts["pipeline"], findings=[*findings, *structure], lines=lines)


DEFINITION = Step(
    id="definition",
    question="Do artifacts, regions and variables of the definition fit together?",
    why="A name that nobody makes, or a region without a store, fails the action before it begins.",
    reads=("codepipeline:GetPipeline",),
    gather=_gather_definition,
    judge=_judge_definition,
)
