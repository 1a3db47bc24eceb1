"""Source actions: connections to GitHub and its like, CodeCommit, ECR."""

from demo.engine.context import ActionContext, ActionFailed
from demo.engine.model import Commit, Repository
from demo.engine.scheduler import Process
from demo.names import arn, console_url

__all__ = ["perform"]


def perform(context: ActionContext) -> Process:
    """Fetch the newest (or pinned) revision and store it as an artifact."""
    provider = context.run.action["actionTypeId"]["provider"]
    yield context.rng.uniform(1.5, 4.5)
    if provider == "CodeStarSourceConnection":
        commit, url, change = _from_connection(context)
    elif provider == "CodeCommit":
        commit, url, change = _from_codecommit(context)
    else:
        commit, url, change = _from_ecr(context)
    context.produce(commit)
    context.run.revision = (commit.id, commit.message, url)
    context.run.external_id = commit.id
    context.run.external_url = url
    context.run.summary = commit.message
    context.publish(change)


def _pick(context: ActionContext, repository: Repository, branch: str, missing: str) -> Commit:
    commits = repository.branches.get(branch)
    if context.past:
        commits = commits or [Commit("0" * 40, "Initial commit", "robin", context.now())]
        due = [commit for commit in commits if commit.at <= context.now()]
        return (due or commits)[-1 if due else 0]
    if not commits:
        raise ActionFailed("ConfigurationError", missing)
    pinned = context.execution.pinned.get(context.run.name)
    if pinned:
        for commit in commits:
            if commit.id == pinned:
                return commit
        raise ActionFailed("RevisionUnavailable", f"No revision {pinned} in {repository.name}")
    return commits[-1]


def _from_connection(context: ActionContext) -> tuple[Commit, str, dict[str, str]]:
    config, world = context.config, context.world
    connection = world.connections.get(config["ConnectionArn"])
    if not context.past:
        _check_connection(context)
    name, branch = config["FullRepositoryId"], config["BranchName"]
    kind = connection.provider if connection is not None else "GitHub"
    repository = world.repositories.get(name)
    if repository is None:
        raise ActionFailed("ConfigurationError", f"[{kind}] No repository found for FullRepositoryName {name}")
    commit = _pick(context, repository, branch, f"[{kind}] No Branch [{branch}] found for FullRepositoryName [{name}]")
    url = console_url(
        context.region,
        f"codesuite/settings/connections/redirect?connectionArn={config['ConnectionArn']}"
        f"&referenceType=COMMIT&FullRepositoryId={name}&Commit={commit.id}",
    )
    return commit, url, _variables(commit, name, branch) | {"ConnectionArn": config["ConnectionArn"]}


def _check_connection(context: ActionContext) -> None:
    used = context.config["ConnectionArn"]
    connection = context.world.connections.get(used)
    # Either prefix grants it, whatever prefix the ARN has.
    if not any(
        context.world.iam.decide(context.role, f"{prefix}:UseConnection", used).allowed
        for prefix in ("codestar-connections", "codeconnections")
    ):
        prefix = used.split(":")[2]
        context.require(f"{prefix}:UseConnection", used, "Unable to use Connection: " + used + ". ")
    if connection is None:
        raise ActionFailed("ConfigurationError", f"Connection {used} not found")
    if connection.status != "AVAILABLE":
        raise ActionFailed(
            "ConfigurationError",
            f"Unable to use Connection: {used}. The connection is not in the AVAILABLE state. Current state: "
            f"{connection.status}",
        )


def _variables(commit: Commit, name: str, branch: str) -> dict[str, str]:
    return {
        "AuthorDate": context_time(commit.at),
        "AuthorDisplayName": commit.author,
        "AuthorEmail": f"{commit.author}@example.com",
        "BranchName": branch,
        "CommitId": commit.id,
        "CommitMessage": commit.message,
        "FullRepositoryName": name,
        "ProviderType": "GitHub",
    }


def context_time(at: float) -> str:
    """Write a moment as the provider's ISO text."""
    import datetime as dt  # noqa: PLC0415

    return dt.datetime.fromtimestamp(at, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _from_codecommit(context: ActionContext) -> tuple[Commit, str, dict[str, str]]:
    config = context.config
    name, branch = config["RepositoryName"], config["BranchName"]
    lead = (
        "The service role or action role doesn't have the permissions required to access the AWS CodeCommit repository "
        f"named {name}. Update the IAM role permissions, and then try again. Error: "
    )
    resource = arn("codecommit", context.region, name)
    for action in ("codecommit:GetBranch", "codecommit:GetCommit", "codecommit:UploadArchive"):
        context.require(action, resource, lead)
    repository = context.world.repositories.get(name)
    if repository is None:
        raise ActionFailed(
            "ConfigurationError",
            f"The action failed because the repository could not be found: {name}. Make sure you are using the correct "
            "repository name, and then try again.",
        )
    commit = _pick(
        context,
        repository,
        branch,
        f"The action failed because no branch named {branch} was found in the selected AWS CodeCommit repository "
        f"{name}. Make sure you are using the correct branch name, and then try again. Error: null",
    )
    url = console_url(context.region, f"codesuite/codecommit/repositories/{name}/commit/{commit.id}")
    variables = {
        "AuthorDate": context_time(commit.at),
        "BranchName": branch,
        "CommitId": commit.id,
        "CommitMessage": commit.message,
        "CommitterDate": context_time(commit.at),
        "RepositoryName": name,
    }
    return commit, url, variables


def _from_ecr(context: ActionContext) -> tuple[Commit, str, dict[str, str]]:
    config = context.config
    name, tag = config["RepositoryName"], config.get("ImageTag", "latest")
    context.require("ecr:DescribeImages", arn("ecr", context.region, f"repository/{name}"))
    repository = context.world.repositories.get(f"ecr/{name}")
    missing = (
        f"The image with tag '{tag}' could not be found in the repository '{name}' of registry. "
        "Make sure the image and the repository exist, and then try again."
    )
    if repository is None:
        raise ActionFailed("ConfigurationError", missing)
    commit = _pick(context, repository, tag, missing)
    image_digest = f"sha256:{commit.id}"
    url = console_url(context.region, f"ecr/repositories/{name}/image/{image_digest}")
    host = f"{arn('ecr', context.region, '').split(':')[4]}.dkr.ecr.{context.region}.amazonaws.com"
    return (
        commit,
        url,
        {
            "ImageDigest": image_digest,
            "ImageTag": tag,
            "ImageURI": f"{host}/{name}@{image_digest}",
            "RegistryId": host.partition(".")[0],
            "RepositoryName": name,
        },
    )
