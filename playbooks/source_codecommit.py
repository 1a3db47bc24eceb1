"""Sources in CodeCommit: repository, branch, and the rule that starts the pipeline on a push."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import blank, failed, failing, finding, passed, unknown, unseen
from ._ask import ask
from ._fixes import command, manual, retry_hint
from ._gone import gone, judge_source_key
from ._needs import arn
from ._source_events import Newest, SourceEvents, start_step
from ._text import message_step

__all__ = ["PLAYBOOK"]

_ID = "source-codecommit"
_Map = Mapping[str, Any]


def _repository(subject: Subject) -> str:
    return subject.action.configuration.get("RepositoryName", "")


def _branch(subject: Subject) -> str:
    return subject.action.configuration.get("BranchName", "")


async def _read(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    name = _repository(subject)
    branch = {"repositoryName": name, "branchName": _branch(subject)}
    repository, head = await asyncio.gather(
        ask(subject, evidence, "codecommit", "GetRepository", {"repositoryName": name}),
        ask(subject, evidence, "codecommit", "GetBranch", branch),
    )
    return {"repository": repository, "branch": head}


def _judge_repository(subject: Subject, facts: Facts) -> Answer:
    fact = facts["repository"]
    if cannot := unseen(fact):
        return cannot
    name = _repository(subject)
    if fact.ok:
        return passed(f"Repository {name} exists in {subject.region}.", fact)
    title = f"There is no CodeCommit repository {name} in {subject.region}"
    fix = manual(
        "codecommit.repository",
        "Name a repository that exists here",
        [
            f"Look for {name} in other regions: a CodeCommit source works in its repository's region only.",
            f"Correct RepositoryName of action {subject.action.name}.",
        ],
        commands=[command(subject, "codecommit", "ListRepositories")],
    )
    more = f": action {subject.action.name} reads it; it was deleted or renamed, or lies in another region or account."
    said = title, more, "the repository in a list of that region"
    return gone(subject, _ID, "source.repository-not-found", said, fact, fix, allied=["flow.region"])


_READS = ("codecommit:GetRepository", "codecommit:GetBranch")

_REPOSITORY = Step(
    id="repository",
    question="Does the repository exist where the action looks?",
    why="A CodeCommit source reads only repositories of its own region; a renamed one fails every run.",
    reads=_READS,
    gather=_read,
    judge=_judge_repository,
)


def _judge_branch(subject: Subject, facts: Facts) -> Answer:
    fact, repository = facts["branch"], facts["repository"]
    if cannot := unseen(fact):
        return cannot
    name = f"{_repository(subject)}, branch {_branch(subject)}"
    if silent := blank(fact, "branch"):
        return silent
    if fact.ok:
        return passed(f"{name}: head is {str(fact.get('branch', 'commitId', default='?'))[:12]}.", fact)
    if repository.outcome is Outcome.NO_DATA:
        return unknown("Without the repository there is no branch to look for.", repository, fact)
    default = repository.get("repositoryMetadata", "defaultBranch", default="")
    title = f"Branch {_branch(subject)} of {_repository(subject)} does not exist"
    fix = manual(
        "codecommit.branch",
        f"Use a branch that exists{f' ({default} is the default)' if default else ''}",
        [f"Correct BranchName of action {subject.action.name}, or push the branch again.", retry_hint(subject)],
        commands=[command(subject, "codecommit", "ListBranches", repositoryName=_repository(subject))],
    )
    one = finding(
        subject,
        _ID,
        "source.branch-not-found",
        0.96,
        title,
        f"The repository is there and has no such branch; it was deleted, renamed or never pushed. {default}".strip(),
        [fact, repository],
        fixes=[fix],
        disproved_by="the branch in a list of the repository's branches",
        proven=True,
    )
    return failed(f"{title}.", fact, repository, findings=[one] if failing(subject) else [])


_BRANCH = Step(
    id="branch",
    question="Does the branch exist, and what is its newest commit?",
    why="A deleted or renamed branch fails every run of the source.",
    reads=_READS,
    gather=_read,
    judge=_judge_branch,
)


async def _gather_key(subject: Subject, evidence: Evidence) -> Facts:
    facts = await _read(subject, evidence)
    key = facts["repository"].get("repositoryMetadata", "kmsKeyId", default="")
    return {**facts, "key": await ask(subject, evidence, "kms", "DescribeKey", {"KeyId": key})} if key else facts


def _judge_key(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["repository"], facts.get("key")):
        return cannot
    key = facts.get("key")
    if key is None:
        return passed("The repository is encrypted with CodeCommit's own key.", facts["repository"])
    return judge_source_key(subject, _ID, key, facts["repository"], f"repository {_repository(subject)}")


_KEY = Step(
    id="key",
    question="Can the repository's key be used?",
    why="A disabled key, or one on its way to deletion, makes the whole repository unreadable.",
    reads=(*_READS, "kms:DescribeKey"),
    gather=_gather_key,
    judge=_judge_key,
)


# --- what starts it


async def _read_newest(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    facts = await _read(subject, evidence)
    head = facts["branch"].get("branch", "commitId", default="")
    if head:
        params = {"repositoryName": _repository(subject), "commitId": head}
        facts["commit"] = await ask(subject, evidence, "codecommit", "GetCommit", params)
    return facts


def _newest(subject: Subject, facts: Facts) -> Newest:
    del subject
    head = str(facts["branch"].get("branch", "commitId", default=""))
    commit = facts.get("commit")
    stamp = str(commit.get("commit", "committer", "date", default="")) if commit else ""
    seconds = stamp.split(" ", 1)[0]
    return head, float(seconds) if seconds.isdigit() else None


def _event(subject: Subject) -> Sequence[_Map]:
    repository = arn(subject, "codecommit", _repository(subject))
    return [
        {
            "source": "aws.codecommit",
            "detail-type": "CodeCommit Repository State Change",
            "account": subject.identity.account,
            "region": subject.region,
            "resources": [repository],
            "detail": {
                "event": event,
                "referenceType": "branch",
                "referenceName": _branch(subject),
                "referenceFullName": f"refs/heads/{_branch(subject)}",
                "repositoryName": _repository(subject),
            },
        }
        for event in ("referenceUpdated", "referenceCreated")
    ]


def _pattern(subject: Subject) -> _Map:
    return {
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        "resources": [arn(subject, "codecommit", _repository(subject))],
        "detail": {"referenceType": ["branch"], "referenceName": [_branch(subject)]},
    }


_START = start_step(
    SourceEvents(_ID, _newest, _event, _pattern, polls=True),
    question="Does a push start the pipeline, and did the newest one?",
    why="A disabled rule, a pattern for another branch or a role that may not start it look like a lost push.",
    reads=(*_READS, "codecommit:GetCommit"),
    read_source=_read_newest,
)


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider == "CodeCommit" else 0.0


PLAYBOOK = Playbook(
    id=_ID,
    title="Source in CodeCommit",
    summary="Checks repository, branch and key, and the EventBridge rule that starts the pipeline on a push.",
    steps=(message_step(_ID), _REPOSITORY, _BRANCH, _START, _KEY),
    applies=_applies,
    causes=(
        "artifact.kms-denied",
        "source.branch-not-found",
        "source.repository-not-found",
        "source.trigger-missing",
    ),
)
