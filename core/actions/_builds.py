"""Builds and deployments that the pipeline's actions started. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.actions._form import pairs
from core.actions.model import Action, Answers, Ask, Choice, Facts, Situation
from core.errors import UsageError
from core.pipeline import ActionDecl, ActionState
from core.plan import Call, Plan
from core.plans.batches import retry_batch, stop_batch
from core.plans.codebuild import retry_build, start_build, stop_build
from core.plans.codedeploy import continue_deployment, stop_deployment

__all__ = ["of_builds", "of_deployments"]

_SIZES = ("SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE")


def _ran(situation: Situation, provider: str) -> Iterator[tuple[ActionDecl, ActionState]]:
    """Yield actions of a provider that have started something: the one under the cursor, else all."""
    point = situation.point
    for stage in situation.definition.stages:
        for declared in stage.actions:
            if declared.provider != provider:
                continue
            if point and point.action and (stage.name, declared.name) != (point.stage, point.action):
                continue
            run = situation.state.action(stage.name, declared.name)
            if run and run.external_id:
                yield declared, run


def of_builds(situation: Situation) -> tuple[Action, ...]:
    """Stop a build that runs; run one again, or with other settings, outside the pipeline."""
    found: list[Action] = []
    for declared, run in _ran(situation, "CodeBuild"):
        region, build_id = declared.region, run.external_id
        batch = declared.configuration.get("BatchEnabled", "").lower() == "true"
        if run.status == "InProgress":
            found.append(_stop_build(situation, declared.name, build_id, region, batch=batch))
        elif batch and situation.point and situation.point.action == declared.name:
            found += [_again_batch(situation, build_id, region, all_builds=each) for each in (False, True)]
        elif situation.point and situation.point.action == declared.name:
            found += _again(situation, declared.configuration.get("ProjectName", ""), build_id, region)
    return tuple(found)


def _again_batch(situation: Situation, batch_id: str, region: str, *, all_builds: bool) -> Action:
    def make(given: Answers, facts: Facts) -> Plan:
        del given, facts
        return retry_batch(situation.where, batch_id, all_builds=all_builds, region=region)

    what = "all builds" if all_builds else "the failed builds"
    return Action(
        id=f"retry-batch-{'all' if all_builds else 'failed'}:{batch_id.partition(':')[0]}",
        title=f"Run {what} of the batch {batch_id.rpartition(':')[2][:8]} again by themselves",
        consequence="Same source, same settings. Outside the pipeline: its action takes no notice.",
        make=make,
    )


def _stop_build(situation: Situation, name: str, build_id: str, region: str, *, batch: bool) -> Action:
    def make(given: Answers, facts: Facts) -> Plan:
        del given, facts
        if batch:
            return stop_batch(situation.where, build_id, region=region)
        return stop_build(situation.where, build_id, region=region)

    return Action(
        id=f"stop-build:{name}",
        title=f"Stop the build of {name}",
        consequence="The build ends where it stands; its action fails and the stage with it.",
        make=make,
    )


def _newest(facts: Facts) -> str:
    return str(facts[0].get("ids", 0, default=""))


def _again(situation: Situation, project: str, build_id: str, region: str) -> list[Action]:
    reads = (
        Call("codebuild", "ListBuildsForProject", {"projectName": project, "sortOrder": "DESCENDING"}, region),
        Call("codebuild", "BatchGetProjects", {"names": [project]}, region),
    )

    def retry(given: Answers, facts: Facts) -> Plan:
        del given
        return retry_build(situation.where, build_id, newest=_newest(facts), region=region)

    def begin(given: Answers, facts: Facts) -> Plan:
        source = facts[1].get("projects", 0, "source", "type", default="")
        if source == "CODEPIPELINE":
            raise UsageError(
                f"Project {project} takes its source from its pipeline, so that it cannot be started by itself. "
                "Retry the stage, or start the pipeline."
            )
        return start_build(situation.where, project, newest=_newest(facts), overrides=_overrides(given), region=region)

    sizes = tuple(Choice(f"BUILD_GENERAL1_{size}", f"BUILD_GENERAL1_{size}") for size in _SIZES)
    asks = (
        Ask("compute", "Compute type", "empty: the project's own", choices=(Choice("", "the project's own"), *sizes)),
        Ask("image", "Image", "aws/codebuild/standard:7.0 …; empty: the project's own"),
        Ask("version", "Source version", "a commit, branch or tag; empty: the project's own"),
        Ask("buildspec", "Buildspec", "a path in the source; empty: the project's own"),
        Ask("variables", "Environment variables", "NAME=value NAME=value; empty: the project's own"),
    )
    aside = "Outside the pipeline: its action takes no notice."
    return [
        Action(
            id=f"retry-build:{project}",
            title=f"Run the build {build_id.rpartition(':')[2][:8]} of {project} again by itself",
            consequence=f"Same source, same settings. {aside}",
            reads=reads,
            make=retry,
        ),
        Action(
            id=f"start-build:{project}",
            title=f"Start a build of {project} with other settings …",
            consequence=f"What its buildspec deploys is deployed. {aside}",
            reads=reads,
            asks=lambda _: asks,
            make=begin,
        ),
    ]


def _overrides(given: Answers) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if given.get("compute"):
        found["computeTypeOverride"] = given["compute"]
    for name, member in (("image", "imageOverride"), ("version", "sourceVersion"), ("buildspec", "buildspecOverride")):
        if given.get(name):
            found[member] = given[name]
    if variables := dict(pairs(given.get("variables", ""))):
        found["environmentVariablesOverride"] = [
            {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()
        ]
    return found


def of_deployments(situation: Situation) -> tuple[Action, ...]:
    """Stop a deployment, with or without rollback; let one that waits go on."""
    found: list[Action] = []
    for declared, run in _ran(situation, "CodeDeploy"):
        if run.status == "InProgress":
            found += [
                _stop_deployment(situation, declared, run.external_id, roll_back=False),
                _stop_deployment(situation, declared, run.external_id, roll_back=True),
                _go_on(situation, declared, run.external_id),
            ]
    return tuple(found)


def _stop_deployment(situation: Situation, declared: ActionDecl, deployment: str, *, roll_back: bool) -> Action:
    def make(given: Answers, facts: Facts) -> Plan:
        del given, facts
        return stop_deployment(situation.where, deployment, roll_back=roll_back, region=declared.region)

    consequence = (
        "What was deployed so far is replaced by the last revision that was deployed well."
        if roll_back
        else "Instances that have the new revision keep it, the others the old one; the action fails."
    )
    return Action(
        id=f"{'roll-back' if roll_back else 'stop'}-deployment:{declared.name}",
        title=f"Stop deployment {deployment}{' and roll back' if roll_back else ''}",
        consequence=consequence,
        make=make,
    )


def _go_on(situation: Situation, declared: ActionDecl, deployment: str) -> Action:
    read = Call("codedeploy", "GetDeployment", {"deploymentId": deployment}, declared.region)

    def make(given: Answers, facts: Facts) -> Plan:
        del given
        if facts[0].get("deploymentInfo", "status") != "Ready":
            raise UsageError(f"Deployment {deployment} does not wait to be continued.")
        return continue_deployment(situation.where, deployment, region=declared.region)

    return Action(
        id=f"continue-deployment:{declared.name}",
        title=f"Continue deployment {deployment}",
        consequence="A blue/green deployment that waits sends its traffic to the new instances at once.",
        reads=(read,),
        make=make,
    )
