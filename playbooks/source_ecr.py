"""Sources in ECR: repository, tag, and the rule that starts the pipeline on a push."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject
from core.policy import document_of, statements

from ._answers import blank, not_applicable, passed, plural, unknown, unseen
from ._ask import ask
from ._fixes import command, manual, retry_hint
from ._gone import gone
from ._needs import acting_account
from ._policy_words import denies, grants_to, in_words
from ._roles import label
from ._source_events import Newest, SourceEvents, start_step
from ._text import message_step

__all__ = ["PLAYBOOK"]

_ID = "source-ecr"
_Map = Mapping[str, Any]
_READS = ("ecr:DescribeRepositories", "ecr:DescribeImages")
_ALLIED = ("build.registry-repository", "ecr.action-failed")


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
    said = title, ": it was deleted or renamed, or lies elsewhere.", "the repository in a list of that region"
    return gone(subject, _ID, "source.repository-not-found", said, fact, fix, allied=_ALLIED)


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
    said = title, ": the repository has no such tag.", "the tag in a list of the repository's images"
    return gone(subject, _ID, "source.object-missing", said, fact, fix, allied=_ALLIED)


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
    fact = facts["policy"]
    if cannot := unseen(fact):
        return cannot
    if fact.outcome is Outcome.NO_DATA:
        return passed("The repository has no policy of its own: identities of its account decide.", fact)
    try:
        found = list(statements(document_of(fact.get("policyText", default="{}"))))
    except ValueError:
        return unknown("The repository's policy could not be read as JSON.", fact)
    lines = [(fact.n, in_words(each)) for each in found]
    role = subject.role_arn
    denied = [sid for action in ("ecr:DescribeImages", "ecr:BatchGetImage") if (sid := denies(found, role, action))]
    if denied:
        return unknown(f"The repository's policy denies {label(role)} ({denied[0]}).", fact, lines=lines)
    across = acting_account(subject) != subject.identity.account
    let_in = any(grants_to(found, role, action) for action in ("ecr:DescribeImages", "ecr:*"))
    if across and not let_in:
        return unknown(f"The repository's policy does not name {role} of another account.", fact, lines=lines)
    return passed(f"The repository has a policy of {plural(len(found), 'statement')}.", fact, lines=lines)


_POLICY = Step(
    id="policy",
    question="Has the repository a policy of its own, and does it deny the role or let other accounts in?",
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
