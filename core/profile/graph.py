"""What each action of a definition really needs: artifacts, variables, sources; and what order must stay for safety.

Pure. The order of a definition says more than its actions need. What they need is read from input artifacts and from
references to variables (``#{namespace.name}``) anywhere in an action's declaration. What an order may mean beyond that
cannot be read, so these rules keep more than that, on purpose (the whole list stands in docs/profile.md):

* sources come first;
* an approval, and whatever stands beside it, keeps all that is before it before it, and all that is after it after it;
* a stage with conditions keeps its actions, and what lies on either side of it stays there;
* deployments keep their order among each other, but for the same deployment to several regions within one stage;
* what comes before a deployment stays before it (it gates it); what comes after stays after (smoke tests verify), but
  for builds and tests of another branch that ends in a deployment of its own.

Source of the references' form: https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.arn import Arn
from core.pipeline import ActionDecl, Definition
from core.profile.model import Node

__all__ = ["Graph", "Need", "changes_outside", "graph_of", "variables_in"]

_REFERENCE = re.compile(r"#\{\s*([A-Za-z0-9_@-]+)\.[^}]*\}")
_OWN = frozenset({"codepipeline", "variables"})  # namespaces that no action fills
_DEPLOYS = re.compile(
    r"deploy|release|publish|promot|migrat|rollout|roll-out|rollback|cutover|cut-over|terraform|terragrunt|pulumi|"
    r"provision|prod\b|production|apply|seed|swap|switch|\bship|kubectl|\bhelm\b|invalidat",
    re.IGNORECASE,
)
# Commands that change something outside, in a Commands action or in a buildspec; a few words may stand between.
_SOME = r"(?:\S{1,80} ){0,6}?"
_CHANGES = re.compile(
    r"\b(?:"
    + "|".join(
        (
            rf"(?:cdk|sam|serverless|sls|copilot|firebase|amplify) {_SOME}deploy",
            rf"(?:terraform|terragrunt|tofu) {_SOME}apply",
            r"pulumi up|ansible-playbook|helm (?:upgrade|install)",
            rf"kubectl {_SOME}(?:apply|rollout|set|patch|delete)",
            r"aws (?:s3 sync|ecs update-service|deploy create-deployment|ssm send-command)",
            r"aws (?:cloudformation (?:deploy|create|update|delete|execute)|lambda (?:update|publish|invoke))",
            r"aws (?:cloudfront create-invalidation|apigateway create-deployment)",
            rf"alembic upgrade|flyway {_SOME}migrate|liquibase {_SOME}update|prisma migrate deploy",
            r"db:migrate|manage\.py migrate",
            r"(?:npm|yarn|pnpm|poetry|cargo) publish|twine upload",
            rf"mvnw? {_SOME}deploy|gradlew? {_SOME}publish",
        )
    )
    + ")",
    re.IGNORECASE,
)
# What a build that hands nothing on is for, by its name.
_INFRASTRUCTURE = re.compile(r"infra|\bcdk|serverless|cloudformation|\bstacks?\b", re.IGNORECASE)
_WAVES = re.compile(r"canary|wave|pilot|one-?box|first|early|stag", re.IGNORECASE)
_ENVIRONMENTS = re.compile(r"\b(?:dev|qa|uat|test|pre|prod|production|live|blue|green)\b|canary|stag", re.IGNORECASE)
# Tests that look at what was deployed, whatever they take in.
_LOOKS_AT = re.compile(
    r"smoke|e2e|end.?to.?end|integrat|accept|verif|valid|health|canar|synthetic|system|load|perf|post", re.IGNORECASE
)
_FREE = frozenset({"Build", "Test", "Compute"})


@dataclass(frozen=True, slots=True)
class Need:
    """One action needs another: ``artifact NAME`` or ``variable NAMESPACE``."""

    consumer: Node
    producer: Node
    what: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A definition's actions in the order of their groups, and what they need.

    Attributes:
        groups: actions that run side by side, in the order in which they run.
        needs: what flows between actions.
        ordered: pairs (earlier, later) that must stay in that order, with the reason.
        effects: actions that change something outside of the pipeline.
        fixed: actions that keep their place: sources, approvals and what stands beside them.
        closed: stages that keep their actions, because conditions judge them.
        branch: of each action but sources, approvals: the smallest of its connected actions, as the branch's name.
    """

    groups: tuple[tuple[Node, ...], ...]
    needs: tuple[Need, ...]
    ordered: Mapping[tuple[Node, Node], str]
    effects: frozenset[Node]
    fixed: frozenset[Node]
    closed: frozenset[str]
    branch: Mapping[Node, Node]


def variables_in(value: Any) -> frozenset[str]:
    """Return the namespaces of all variables that a value refers to, wherever in it; those of actions only."""
    if isinstance(value, str):
        return frozenset(name for name in _REFERENCE.findall(value) if name not in _OWN)
    if isinstance(value, Mapping):
        return frozenset().union(*(variables_in(each) for each in value.values()))
    if isinstance(value, list | tuple):
        return frozenset().union(*(variables_in(each) for each in value))
    return frozenset()


def changes_outside(commands: str) -> bool:
    """Whether commands (of a buildspec or a Commands action) deploy, publish or migrate something."""
    return bool(_CHANGES.search(commands))


def graph_of(
    definition: Definition,
    shut: frozenset[str] = frozenset(),
    *,
    waves: bool = True,
    acting: frozenset[Node] = frozenset(),
) -> Graph:
    """Read the graph of a definition.

    Args:
        definition: the structure; its `raw` text is looked through for references beside the configuration.
        shut: stages whose inbound transition is disabled now: a gate that a person closed keeps what is on its sides.
        waves: whether deployments of one kind to several regions in stages of their own, or named as waves, keep their
            order as any others do, and those of one stage to several targets too. Without, a person must decide.
        acting: builds that are known to change something outside, by their buildspecs.
    """
    declared = {(stage.name, action.name): action for stage in definition.stages for action in stage.actions}
    groups = tuple(_groups(definition))
    needs = tuple(_needs(definition, declared))
    effects = frozenset(node for node, action in declared.items() if node in acting or _is_effect(node, action))
    fixed = frozenset(_fixed(groups, declared))
    closed = frozenset(stage.name for stage in definition.stages if stage.conditions) | _judged_by_rules(definition)
    branch = _branches([node for node in declared if node not in fixed], needs)
    graph = Graph(groups, needs, {}, effects, fixed, closed, branch)
    ordered = dict(_ordered(graph, definition, declared, shut, waves=waves))
    return Graph(groups, needs, ordered, effects, fixed, closed, branch)


def _groups(definition: Definition) -> Iterator[tuple[Node, ...]]:
    for stage in definition.stages:
        for order in sorted({action.run_order for action in stage.actions}):
            yield tuple((stage.name, action.name) for action in stage.actions if action.run_order == order)


def _raw_stages(definition: Definition) -> list[Mapping[str, Any]]:
    try:
        structure = json.loads(definition.raw) if definition.raw else {}
    except ValueError:
        return []
    stages = structure.get("stages") if isinstance(structure, dict) else None
    return [each for each in stages or () if isinstance(each, Mapping)]


def _judged_by_rules(definition: Definition) -> frozenset[str]:
    """Stages with conditions, read from the structure as it came."""
    kinds = ("beforeEntry", "onSuccess", "onFailure")
    return frozenset(str(stage.get("name")) for stage in _raw_stages(definition) if any(stage.get(k) for k in kinds))


def _used(definition: Definition, declared: Mapping[Node, ActionDecl]) -> dict[Node, frozenset[str]]:
    """The namespaces each action refers to."""
    found = {node: variables_in(dict(action.configuration)) for node, action in declared.items()}
    for stage in _raw_stages(definition):
        for action in stage.get("actions") or ():
            node = (str(stage.get("name")), str(action.get("name"))) if isinstance(action, Mapping) else ("", "")
            if node in found:
                found[node] |= variables_in(action)
    return found


def _needs(definition: Definition, declared: Mapping[Node, ActionDecl]) -> Iterator[Need]:
    makers: dict[str, Node] = {}
    spaces: dict[str, Node] = {}
    for node, action in declared.items():
        for name in action.outputs:
            makers.setdefault(name, node)
        if action.namespace:
            spaces.setdefault(action.namespace, node)
    used = _used(definition, declared)
    for node, action in declared.items():
        for name in action.inputs:
            if (maker := makers.get(name)) and maker != node:
                yield Need(node, maker, f"artifact {name}")
        for space in sorted(used[node]):
            if (maker := spaces.get(space)) and maker != node:
                yield Need(node, maker, f"variable {space}")


def _is_effect(node: Node, action: ActionDecl) -> bool:
    """Whether it changes something outside: deployments, invocations, and builds that say that they deploy."""
    if action.category in {"Deploy", "Invoke"}:
        return True
    if action.category not in {"Build", "Test", "Compute"}:
        return False
    said = [node[1], action.configuration.get("ProjectName", "")]
    if action.category != "Test" and not action.outputs:
        said.append(node[0])
        if any(_INFRASTRUCTURE.search(text) for text in said):
            return True
    return any(_DEPLOYS.search(text) for text in said) or changes_outside(action.configuration.get("Commands", ""))


def _fixed(groups: tuple[tuple[Node, ...], ...], declared: Mapping[Node, ActionDecl]) -> Iterator[Node]:
    for group in groups:
        if any(declared[node].category in {"Approval", "Source"} for node in group):
            yield from group


def _branches(nodes: list[Node], needs: tuple[Need, ...]) -> dict[Node, Node]:
    """Connected parts, through what flows between actions that are not fixed."""
    parent = {node: node for node in nodes}

    def root(node: Node) -> Node:
        while parent[node] != node:
            node = parent[node]
        return node

    for need in needs:
        if need.consumer in parent and need.producer in parent:
            one, other = sorted((root(need.consumer), root(need.producer)))
            parent[other] = one
    return {node: root(node) for node in nodes}


def _ordered(
    graph: Graph, definition: Definition, declared: Mapping[Node, ActionDecl], shut: frozenset[str], *, waves: bool
) -> Iterator[tuple[tuple[Node, Node], str]]:
    flows = {(need.producer, need.consumer): need.what for need in graph.needs}
    sides = {stage.name: number for number, stage in enumerate(definition.stages)}
    gates = [sides[name] for name in shut if name in sides]
    nodes = [(number, node) for number, group in enumerate(graph.groups) for node in group]
    ends: dict[Node, int] = {}
    for number, node in nodes:
        if node in graph.effects and node in graph.branch:
            ends[graph.branch[node]] = number
    for number, earlier in nodes:
        for later_number, later in nodes:
            if number >= later_number:
                continue
            pair = (earlier, later)
            if what := flows.get(pair):
                yield pair, what
            elif why := _barrier(graph, pair, declared):
                yield pair, why
            elif any(sides[earlier[0]] < gate <= sides[later[0]] for gate in gates):
                yield pair, "a disabled transition lies between"
            elif why := _deployment(
                graph, pair, declared, waves=waves, goes_on=_goes_on(graph, later, ends, later_number)
            ):
                yield pair, why


def _goes_on(graph: Graph, node: Node, ends: Mapping[Node, int], number: int) -> bool:
    """Whether an action's branch has a deployment behind it; `ends` are the groups of the branches' last ones."""
    return node in graph.branch and ends.get(graph.branch[node], -1) > number


def _barrier(graph: Graph, pair: tuple[Node, Node], declared: Mapping[Node, ActionDecl]) -> str:
    for node in pair:
        if node in graph.fixed:
            return "sources come first" if declared[node].category == "Source" else "an approval stands between"
    if pair[0][0] != pair[1][0] and graph.closed & {pair[0][0], pair[1][0]}:
        return "a stage's conditions stand between"
    return ""


def _deployment(
    graph: Graph, pair: tuple[Node, Node], declared: Mapping[Node, ActionDecl], *, waves: bool, goes_on: bool
) -> str:
    earlier, later = pair
    first, second = earlier in graph.effects, later in graph.effects
    if first and second:
        return "" if _side_by_side(pair, declared, waves=waves) else "deployments keep their order"
    if second:
        return "it gates a deployment"
    free = goes_on and _own_branch(graph, earlier, later, declared)
    return "it follows a deployment" if first and not free else ""


def _side_by_side(pair: tuple[Node, Node], declared: Mapping[Node, ActionDecl], *, waves: bool) -> bool:
    """Whether two deployments may run at once: the same to two regions; without `waves` what a person may allow."""
    one, other = (declared[node] for node in pair)
    accounts = {arn.account if (arn := Arn.parse(each.role_arn)) else "" for each in (one, other)}
    if not (one.category == other.category == "Deploy" and one.provider == other.provider and len(accounts) == 1):
        return False
    here, named = pair[0][0] == pair[1][0], any(_WAVES.search(node[1]) for node in pair)
    if (one.region or "") != (other.region or ""):
        return not waves or (here and not named)
    apart = dict(one.configuration) != dict(other.configuration) and "CloudFormation" not in one.provider
    staged = any(_ENVIRONMENTS.search(node[1].replace("_", "-")) for node in pair)
    return not waves and here and apart and not staged


def _own_branch(graph: Graph, deploy: Node, other: Node, declared: Mapping[Node, ActionDecl]) -> bool:
    """Whether an action behind a deployment belongs to another branch.

    A test belongs to a branch where it takes an artifact or a variable of it, and looks at nothing that was deployed.
    """
    here, there = graph.branch.get(deploy), graph.branch.get(other)
    if here is None or there is None or here == there or declared[other].category not in _FREE:
        return False
    if declared[other].category != "Build":
        taken = any(need.consumer == other and graph.branch.get(need.producer) == there for need in graph.needs)
        return taken and not _LOOKS_AT.search(other[1])
    return True
