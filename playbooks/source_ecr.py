"""Sources in ECR: repository, tag, and the rule that starts the pipeline on a push."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import blank, failed, failing, finding, not_applicable, passed, unseen
from ._ask import ask
from ._fixes import command, manual, retry_hint
from ._said import otherwise
from ._source_events import Newest, SourceEvents, start_step
from ._text import message_step

__all__ = ["PLAYBOOK"]

_ID = "source-ecr"
_Map = Mapping[str, Any]
_READS = ("ecr:DescribeRepositories", "ecr:DescribeImages")


def _repository(subject: Subject) -> str:
    return subject.action.configuration.get("RepositoryName", "")


def _tag(subject: Subject) -> str:
    return subject.action.configuration.get("ImageTag", "") or "latest"


async def _read(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    name = _repository(subject)
    image = {"repositoryName": name, "imageIds": [{"imageTag": _tag(subject)}]}
    repository, found = await asyncio.gather(
        ask(subject, evidence, "ecr", "DescribeRepositories", {"repositoryNames": [name]}),
        ask(subject, evidence, "ecr", "DescribeImages", image),
    )
    return {"repository": repository, "image": found}


def _judge_repository(subject: Subject, facts: Facts) -> Answer:
    fact, name = facts["repository"], _repository(subject)
    if cannot := unseen(fact) or blank(fact, "repositories"):
        return cannot
    if fact.ok and fact.get("repositories", 0):
        return passed(f"Repository {name} exists in {subject.region}.", fact)
    title = f"There is no ECR repository {name} in {subject.region}"
    fix = manual(
        "ecr.repository",
        "Name a repository that exists here",
        [
            (
                f"Correct RepositoryName of action {subject.action.name}; an ECR source reads its own region and "
                "account only."
            )
        ],
        commands=[command(subject, "ecr", "DescribeRepositories")],
    )
    sure = not otherwise(subject, "source.repository-not-found", "build.registry-repository", "ecr.action-failed")
    one = finding(
        subject,
        _ID,
        "source.repository-not-found",
        0.95 if sure else 0.4,
        title,
        f"{title}: it was deleted or renamed, or lies elsewhere.",
        [fact],
        fixes=[fix],
        disproved_by="the repository in a list of that region",
        proven=sure,
    )
    return failed(f"{title}.", fact, findings=[one] if failing(subject) else [])


_REPOSITORY = Step(
    id="repository",
    question="Does the repository exist where the action looks?",
    why="An ECR source reads only repositories of its own region and account.",
    reads=_READS,
    gather=_read,
    judge=_judge_repository,
)


def _judge_image(subject: Subject, facts: Facts) -> Answer:
    fact, name = facts["image"], f"{_repository(subject)}:{_tag(subject)}"
    if cannot := unseen(fact) or blank(fact, "imageDetails"):
        return cannot
    if not facts["repository"].ok and facts["repository"].outcome is Outcome.NO_DATA:
        return not_applicable("Without the repository there is no image to look for.", facts["repository"])
    found = fact.get("imageDetails", 0)
    if found:
        digest = str(found.get("imageDigest", "?"))
        return passed(f"{name} is there: {digest[:19]}.", fact)
    title = f"There is no image {name}"
    fix = manual(
        "ecr.image",
        "Push the tag, or name one that is there",
        ["Was the tag ever pushed, or did a lifecycle policy expire it?", retry_hint(subject)],
        commands=[command(subject, "ecr", "ListImages", repositoryName=_repository(subject))],
    )
    sure = not otherwise(subject, "source.object-missing", "build.registry-repository", "ecr.action-failed")
    one = finding(
        subject,
        _ID,
        "source.object-missing",
        0.95 if sure else 0.4,
        title,
        f"{title}: the repository has no such tag.",
        [fact],
        fixes=[fix],
        disproved_by="the tag in a list of the repository's images",
        proven=sure,
    )
    return failed(f"{title}.", fact, findings=[one] if failing(subject) else [])


_IMAGE = Step(
    id="image",
    question="Is there an image with that tag?",
    why="A tag that was never pushed, or that a lifecycle policy expired, leaves nothing to take.",
    reads=_READS,
    gather=_read,
    judge=_judge_image,
)


def _newest(subject: Subject, facts: Facts) -> Newest:
    del subject
    pushed = facts["image"].get("imageDetails", 0, "imagePushedAt")
    digest = str(facts["image"].get("imageDetails", 0, "imageDigest", default=""))
    return digest, pushed if isinstance(pushed, (int, float)) else None


def _events(subject: Subject) -> Sequence[_Map]:
    return [
        {
            "source": "aws.ecr",
            "detail-type": "ECR Image Action",
            "account": subject.identity.account,
            "region": subject.region,
            "detail": {
                "action-type": "PUSH",
                "result": "SUCCESS",
                "repository-name": _repository(subject),
                "image-tag": _tag(subject),
            },
        }
    ]


def _pattern(subject: Subject) -> _Map:
    return {
        "source": ["aws.ecr"],
        "detail-type": ["ECR Image Action"],
        "detail": {
            "action-type": ["PUSH"],
            "result": ["SUCCESS"],
            "repository-name": [_repository(subject)],
            "image-tag": [_tag(subject)],
        },
    }


_START = start_step(
    SourceEvents(_ID, _newest, _events, _pattern, polls=False),
    question="Does a push start the pipeline, and did the newest one?",
    why="CodePipeline does not poll ECR: without a rule that matches, nothing starts it.",
    reads=_READS,
    read_source=_read,
)


async def _gather_policy(subject: Subject, evidence: Evidence) -> Facts:
    facts = await _read(subject, evidence)
    params = {"repositoryName": _repository(subject)}
    return {**facts, "policy": await ask(subject, evidence, "ecr", "GetRepositoryPolicy", params)}


def _judge_policy(subject: Subject, facts: Facts) -> Answer:
    del subject
    fact = facts["policy"]
    if cannot := unseen(fact):
        return cannot
    if fact.outcome is Outcome.NO_DATA:
        return passed("The repository has no policy of its own: identities of its account decide.", fact)
    return passed(
        "The repository has a policy of its own.", fact, lines=[(fact.n, str(fact.get("policyText", default="")))]
    )


_POLICY = Step(
    id="policy",
    question="Does the repository have a policy of its own?",
    why="A policy may deny, or let other accounts in; without one, only its own account may pull.",
    reads=(*_READS, "ecr:GetRepositoryPolicy"),
    gather=_gather_policy,
    judge=_judge_policy,
)


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider == "ECR" else 0.0


PLAYBOOK = Playbook(
    id=_ID,
    title="Source in ECR",
    summary="Checks repository and tag, and the rule that starts the pipeline on a push.",
    steps=(message_step(_ID), _REPOSITORY, _IMAGE, _START, _POLICY),
    applies=_applies,
    causes=("source.object-missing", "source.repository-not-found", "source.trigger-missing"),
)
