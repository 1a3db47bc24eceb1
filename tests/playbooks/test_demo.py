"""The playbooks over HTTP, against the demo account: every story ends in its cause, and its fix holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws.cloud import Cloud
from core.diagnosis import Diagnosis
from core.fact import Fact, Outcome
from core.place import PipelineRef, Place
from core.plan import ApplyOutcome, ApplyStep, Plan
from core.plans.pipeline import retry_stage
from demo.process import DemoAccount, start
from playbooks.lint import appspec, buildspec, imagedefinitions, pipeline
from tui.triage import triage

LINTERS = {
    "appspec.yml": appspec.lint,
    "buildspec.yml": buildspec.lint,
    "imageDetail.json": imagedefinitions.lint,
    "imagedefinitions.json": imagedefinitions.lint,
}


@pytest.fixture(scope="module")
def account() -> Iterator[DemoAccount]:
    with start() as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment.items():
            patch.setenv(name, value)
        yield running


def cloud_of(account: DemoAccount, folder: Path, *, read_only: bool = True) -> Cloud:
    places = [Place("", region) for region in sorted({story["region"] for story in account.stories()})]
    return Cloud(places, read_only=read_only, journal_dir=folder)


def complaints(story: dict[str, str], found: Diagnosis) -> list[str]:
    first = found.findings[0].cause if found.findings else ""
    wrong = [] if first == story["cause"] else [f"named {first or 'nothing'} and not {story['cause'] or 'nothing'}"]
    if found.api_calls > 40:
        wrong.append(f"took {found.api_calls} calls")
    broken = [each for each in found.checks if each.answer.detail.startswith("This check itself failed")]
    wrong += [f"{each.playbook}.{each.step.id}: {each.answer.detail}" for each in broken]
    wrong += [f"{fact.call}: {fact.code} {fact.error}" for fact in found.facts if fact.outcome is Outcome.ERROR]
    return wrong


async def test_every_story_ends_in_its_cause(account: DemoAccount, tmp_path: Path) -> None:
    wrong: dict[str, list[str]] = {}
    async with cloud_of(account, tmp_path) as cloud:
        for story in account.stories():
            found = await triage(cloud, PipelineRef(Place("", story["region"]), story["name"]))
            if said := complaints(story, found):
                wrong[story["name"]] = said
    assert not wrong


async def test_the_linters_find_no_mistake_in_what_works(account: DemoAccount, tmp_path: Path) -> None:
    wrong: dict[str, list[str]] = {}
    files = 0
    async with cloud_of(account, tmp_path) as cloud:
        for story in account.stories():
            evidence = cloud.evidence(Place("", story["region"]))
            found = await evidence.read("codepipeline", "GetPipeline", {"name": story["name"]})
            told = {"pipeline": pipeline.lint(json.dumps(found.value))}
            params = {"pipelineName": story["name"], "maxResults": 30}
            runs = await evidence.read("codepipeline", "ListActionExecutions", params, pages=1)
            for bucket, key in sorted(places(runs))[:3]:
                inside = await evidence.archive(bucket, key, list(LINTERS))
                for name, text in inside.get("files", default={}).items():
                    told[f"{key}: {name}"] = LINTERS[name](text)
                    files += 1
            said = [f"{name}: {each}" for name, found in told.items() for each in found if each.severity == "error"]
            if said and story["cause"] != "build.buildspec-invalid":
                wrong[story["name"]] = said
    assert not wrong
    assert files > 20


def places(runs: Fact) -> set[tuple[str, str]]:
    """Where the artifacts of these runs lie."""
    made = [each for run in runs.get("actionExecutionDetails") for each in run["output"].get("outputArtifacts", ())]
    return {(each["s3location"]["bucket"], each["s3location"]["key"]) for each in made if each.get("s3location")}


async def apply(cloud: Cloud, plan: Plan) -> ApplyStep:
    steps = [step async for step in cloud.apply(plan)]
    return steps[-1]


async def test_the_missing_right_is_granted_proved_and_the_stage_runs_again(
    account: DemoAccount, tmp_path: Path
) -> None:
    story = next(each for each in account.stories() if each["cause"] == "artifact.access-denied")
    ref = PipelineRef(Place("", story["region"]), story["name"])
    async with cloud_of(account, tmp_path, read_only=False) as cloud:
        found = await triage(cloud, ref)
        plan = next(fix.plan for fix in found.findings[0].fixes if fix.plan)
        assert plan.id == "iam.add-action"
        assert (await apply(cloud, plan)).outcome is ApplyOutcome.VERIFIED
        again = await triage(cloud, ref)
        assert not [each for each in again.findings if each.proven]
        assert (await apply(cloud, plan)).outcome is ApplyOutcome.CONFLICT
        stage = again.subject.state.stage(again.subject.stage.name)
        assert stage
        retry = retry_stage(
            ref,
            again.subject.identity.account,
            stage.name,
            stage.execution_id,
            failed_at=again.subject.action_state.changed_at,
        )
        assert (await apply(cloud, retry)).outcome is ApplyOutcome.VERIFIED
