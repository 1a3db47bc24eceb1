"""CodeCommit: what repositories and branches there are."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from demo.engine.model import Commit, Repository
from demo.names import ACCOUNT_ID, arn
from demo.services import Handler, Invocation
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]


def _find(call: Invocation, name: str) -> Repository:
    found = call.world.repositories.get(name)
    if found is None or found.provider != "CodeCommit":
        raise AwsError("RepositoryDoesNotExistException", f"{name} does not exist")
    return found


def list_repositories(call: Invocation, _params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListRepositories."""
    held = [item for item in call.world.repositories.values() if item.provider == "CodeCommit"]
    return {"repositories": [{"repositoryName": item.name, "repositoryId": _identity(item)} for item in held]}


def _identity(item: Repository) -> str:
    commit = next(iter(item.branches.values()))[0]
    text = commit.id
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"


def get_repository(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetRepository."""
    item = _find(call, params["repositoryName"])
    return {
        "repositoryMetadata": {
            "accountId": ACCOUNT_ID,
            "repositoryId": _identity(item),
            "repositoryName": item.name,
            "defaultBranch": next(iter(item.branches)),
            "lastModifiedDate": max(commits[-1].at for commits in item.branches.values()),
            "cloneUrlHttp": f"https://git-codecommit.{call.region}.amazonaws.com/v1/repos/{item.name}",
            "cloneUrlSsh": f"ssh://git-codecommit.{call.region}.amazonaws.com/v1/repos/{item.name}",
            "Arn": arn("codecommit", call.region, item.name),
        }
    }


def list_branches(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListBranches."""
    return {"branches": sorted(_find(call, params["repositoryName"]).branches)}


def get_branch(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetBranch."""
    item = _find(call, params.get("repositoryName", ""))
    name = params.get("branchName", "")
    head = item.head(name)
    if head is None:
        raise AwsError("BranchDoesNotExistException", f"{name} does not exist")
    return {"branch": {"branchName": name, "commitId": head.id}}


def get_commit(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetCommit."""
    item = _find(call, params["repositoryName"])
    for commits in item.branches.values():
        for number, commit in enumerate(commits):
            if commit.id == params["commitId"]:
                return {"commit": _commit(commit, [commits[number - 1].id] if number else [])}
    raise AwsError("CommitIdDoesNotExistException", f"{params['commitId']} does not exist")


def _commit(commit: Commit, parents: list[str]) -> dict[str, Any]:
    moment = dt.datetime.fromtimestamp(commit.at, tz=dt.UTC)
    who = {"name": commit.author, "email": f"{commit.author}@example.com", "date": f"{int(moment.timestamp())} +0000"}
    return {
        "commitId": commit.id,
        "treeId": commit.id[::-1],
        "parents": parents,
        "message": commit.message,
        "author": who,
        "committer": who,
        "additionalData": "",
    }


OPERATIONS: Mapping[str, Handler] = {
    "GetBranch": get_branch,
    "GetCommit": get_commit,
    "GetRepository": get_repository,
    "ListBranches": list_branches,
    "ListRepositories": list_repositories,
}
