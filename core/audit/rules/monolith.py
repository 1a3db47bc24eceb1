"""One pipeline that carries what could be several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.audit.case import Case, Kind
from core.audit.deploys import is_deploy, targets_of
from core.audit.fixes import fix
from core.audit.model import Issue, Rule, Severity
from core.console import pipeline_url
from core.pipeline import ActionDecl

_MOST_STAGES, _MOST_ACTIONS, _MOST_TARGETS = 12, 30, 10


def _judge(case: Case) -> Iterator[Issue]:
    actions = [action for _, action in case.actions]
    deploys = [action for action in actions if is_deploy(action)]
    targets = {(case.account_of(each), case.region_of(each), each.provider, *targets_of(each)) for each in deploys}
    halves = _independent(actions)
    large = [
        f"{count} {name} (usual: up to {most})"
        for count, name, most in (
            (len(case.definition.stages), "stages", _MOST_STAGES),
            (len(actions), "actions", _MOST_ACTIONS),
            (len(targets), "targets of deployments", _MOST_TARGETS),
        )
        if count > most
    ]
    if not large and len(halves) < 2:
        return
    fact = case.ok(Kind.PIPELINE, case.arn)
    lines = [(fact.n if fact else 0, each) for each in large]
    if len(halves) > 1:
        lines += [(0, f"part {number}: {', '.join(names)}") for number, names in enumerate(halves, 1)]
    what = "holds pipelines that have nothing to do with each other" if len(halves) > 1 else "is very large"
    yield Issue(
        Severity.MEDIUM if len(halves) > 1 else Severity.LOW,
        f"{case.ref.name} {what}",
        "A failure in one part holds the others back; a change of one runs them all; only one execution is in a stage.",
        case.arn,
        facts=(fact,) if fact else (),
        lines=tuple(lines),
        fixes=(
            fix(
                "audit.split",
                "Split it by what changes together",
                (
                    "Make one pipeline for each part, with its own source action and trigger (path filters, V2).",
                    "Let one start the next through EventBridge or an S3 source where order matters.",
                ),
                url=pipeline_url(case.ref.name, case.region, case.identity.partition),
            ),
        ),
    )


def _independent(actions: Sequence[ActionDecl]) -> list[list[str]]:
    """Groups of actions, each with a source and a deployment, that share no artifact with each other."""
    parent = list(range(len(actions)))

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    makers = {name: number for number, action in enumerate(actions) for name in action.outputs}
    for number, action in enumerate(actions):
        for name in action.inputs:
            if name in makers:
                parent[root(number)] = root(makers[name])
    groups: dict[int, list[ActionDecl]] = {}
    for number, action in enumerate(actions):
        groups.setdefault(root(number), []).append(action)
    whole = [
        group
        for group in groups.values()
        if any(each.category == "Source" for each in group) and any(is_deploy(each) for each in group)
    ]
    return [[action.name for action in group] for group in whole]


RULE = Rule(
    "monolith",
    "audit.monolith",
    "One pipeline does the work of several",
    "Everything waits for everything, and a red stage blocks changes that have nothing to do with it.",
    Severity.LOW,
    (Kind.PIPELINE,),
    _judge,
)
