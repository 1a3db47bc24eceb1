"""A pipeline that works, but slowly: order, queues, caches, artifacts, machines, deployments, people, branches."""

from __future__ import annotations

from core.age import duration
from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject
from core.profile.advice import (
    approval,
    artifact,
    cache,
    compute,
    deploy,
    flaky,
    parallel,
    provisioning,
    queue,
    regions,
    regression,
    split,
)
from core.profile.case import Case
from core.profile.numbers import series_of
from core.profile.reads import (
    read_artifacts,
    read_deploys,
    read_flaky,
    read_images,
    read_logs,
    read_projects,
    read_specs,
    read_usage,
)
from core.profile.spans import Kind, breakdown

from ._answers import passed, unknown, unseen
from ._past import READS, asks, case_of, late_by_s, read_past

__all__ = ["PLAYBOOK"]

_ID = "bottlenecks"
_LONG_S = 45 * 60.0  # a run under way for so long may be late; its past tells


async def _gather_past(subject: Subject, evidence: Evidence) -> Facts:
    return await read_past(subject, evidence)


def _judge_past(subject: Subject, facts: Facts) -> Answer:
    cited = [facts["executions"], facts["actions"], *(f for n, f in facts.items() if n.startswith("builds:") and f.ok)]
    if cannot := unseen(facts["executions"], facts["actions"]):
        return cannot
    history = case_of(subject, facts).history
    whole = series_of([(run.started_at, run.took_s) for run in history.good])
    if whole is None:
        return unknown("No execution went all the way yet: there is nothing to learn from.", *cited)
    shares = [breakdown(run, history) for run in history.good]
    mean = {kind: sum(each[kind] for each in shares) / len(shares) for kind in Kind}
    lines = [(facts["actions"].n, f"{kind.value}: {duration(each)}") for kind, each in mean.items() if each >= 1]
    words = f"{whole.count} good executions usually took {duration(whole.median_s)}, one in ten over "
    words += f"{duration(whole.p90_s)}."
    late = late_by_s(subject, history)
    if late:
        return unknown(f"{words} The one under way is {duration(late)} late.", *cited, lines=lines)
    return passed(words, *cited, lines=lines)


_PAST = Step(
    id="past",
    question="How long does it usually take, and on what is the time spent?",
    why="What is slow shows only against its own past, and waiting is cured in other ways than work.",
    reads=READS,
    gather=_gather_past,
    judge=_judge_past,
)


async def _read_cache(case: Case, evidence: Evidence) -> dict[str, Fact]:
    return await read_specs(case, evidence) | await read_logs(case, evidence)


async def _read_machines(case: Case, evidence: Evidence) -> dict[str, Fact]:
    specs = await read_specs(case, evidence)
    return specs | await read_usage(case, evidence) | await read_images(case, evidence)


async def _read_artifacts(case: Case, evidence: Evidence) -> dict[str, Fact]:
    return await read_specs(case, evidence) | await read_artifacts(case, evidence)


_PROJECTS = ("codebuild:BatchGetProjects", "codepipeline:GetPipeline")
_STEPS = (
    _PAST,
    asks(
        _ID,
        "order",
        "Do actions that need nothing of each other run one after another?",
        "Only artifacts, variables, approvals and deployments have to wait for each other; an order says more.",
        (parallel.advise, regions.advise),
        "What could run side by side does.",
        read=read_specs,
        reads=(*_PROJECTS, "s3:GetObject"),
    ),
    asks(
        _ID,
        "queue",
        "Does it wait behind other executions, a closed transition or in a build queue?",
        "A stage takes one execution at a time, and nothing shows an error while it waits.",
        (queue.advise,),
        "Stages and builds begin about as soon as they can.",
        read=read_projects,
        reads=_PROJECTS,
    ),
    asks(
        _ID,
        "cache",
        "Is the same fetched again in every build?",
        "Dependencies rarely change; without a cache that is hit each build downloads all of them.",
        (cache.advise,),
        "Fetching takes no time worth a cache, or one is hit.",
        read=_read_cache,
        reads=(*_PROJECTS, "logs:GetLogEvents", "s3:GetObject"),
    ),
    asks(
        _ID,
        "artifacts",
        "Are artifacts larger than what follows needs?",
        "Each artifact is packed, encrypted, stored and fetched again by every action that names it.",
        (artifact.advise,),
        "Artifacts are small, or moving them takes hardly any time.",
        read=_read_artifacts,
        reads=(*_PROJECTS, "s3:GetObject"),
    ),
    asks(
        _ID,
        "machines",
        "Are builds bound by their machine, or by waiting for it?",
        "A machine at its limits makes everything slow; a large image or a network makes it come late.",
        (compute.advise, provisioning.advise),
        "Nothing shows that another machine would make builds much shorter.",
        read=_read_machines,
        reads=(*_PROJECTS, "cloudwatch:GetMetricData", "ecr:DescribeImages", "s3:GetObject"),
    ),
    asks(
        _ID,
        "deployments",
        "Do deployments wait by their settings?",
        "Bake times, health checks, deregistration and batches are waits that somebody once chose.",
        (deploy.advise,),
        "No setting makes deployments wait longer than usual.",
        read=read_deploys,
        reads=(
            "codedeploy:GetDeploymentConfig",
            "codedeploy:GetDeploymentGroup",
            "ecs:DescribeServices",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
        ),
    ),
    asks(
        _ID,
        "people",
        "Does it wait long for people?",
        "An approval that nobody is told of waits until somebody looks.",
        (approval.advise,),
        "There is no approval, or it is answered soon.",
    ),
    asks(
        _ID,
        "split",
        "Is it several pipelines in one?",
        "Branches that share only the source hold each other up, and fail together.",
        (split.advise,),
        "Its actions belong together.",
    ),
    asks(
        _ID,
        "steady",
        "Did something become slower, or fail and then pass?",
        "What changed when it became slow is the likeliest reason, and each needless retry costs a whole run.",
        (regression.advise, flaky.advise),
        "Actions take what they took before, and none flips on the same revision.",
        read=read_flaky,
        reads=("codebuild:DescribeTestCases",),
    ),
)


def _applies(subject: Subject) -> float:
    """When opened by hand, or when a run has been under way for long without waiting for a person."""
    run = subject.execution
    if run is None or run.status != "InProgress" or run.started_at is None or subject.action_state.token:
        return 0.05
    return 0.3 if subject.now - run.started_at > _LONG_S else 0.05


PLAYBOOK = Playbook(
    id=_ID,
    title="Bottlenecks",
    summary="Finds where a slow pipeline's time goes and what would save some, with figures from its own past.",
    steps=_STEPS,
    applies=_applies,
    causes=(
        "perf.approval-wait",
        "perf.compute-small",
        "perf.flaky",
        "perf.large-artifact",
        "perf.no-cache",
        "perf.provisioning",
        "perf.queue-wait",
        "perf.regression",
        "perf.sequential-actions",
        "perf.slow-deploy",
    ),
)
