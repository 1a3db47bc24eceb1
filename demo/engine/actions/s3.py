"""The two S3 actions: an object as a source, and an artifact deployed into a bucket."""

from demo.engine.actions.source import context_time
from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process
from demo.names import console_url

__all__ = ["perform"]


def perform(context: ActionContext) -> Process:
    """Fetch the object, or extract the artifact into the bucket."""
    yield context.rng.uniform(1.5, 6)
    if context.run.action["actionTypeId"]["category"] == "Source":
        _fetch(context)
    else:
        _deploy(context)


def _fetch(context: ActionContext) -> None:
    bucket, key = context.config["S3Bucket"], context.config["S3ObjectKey"]
    context.require("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", "Access Denied. ")
    repository = context.world.repositories.get(f"s3/{bucket}")
    commits = repository.branches.get(key) if repository is not None else None
    if not commits:
        raise ActionFailed(
            "ConfigurationError",
            f"The S3 object {key} in the bucket {bucket} could not be found. Either the object does not exist or "
            "versioning is not enabled for the bucket.",
        )
    commit = commits[-1]
    url = console_url(context.region, f"s3/object/{bucket}/{key}?region={context.region}")
    context.produce(commit)
    context.run.revision = (commit.id[:32], f"Amazon S3 version id: {commit.id[:32]}", url)
    context.run.external_id, context.run.external_url = commit.id[:32], url
    context.publish({"BucketName": bucket, "ETag": commit.id[:32], "ObjectKey": key, "VersionId": commit.id[:32]})


def _deploy(context: ActionContext) -> None:
    bucket = context.config["BucketName"]
    context.require("s3:PutObject", f"arn:aws:s3:::{bucket}/index.html", "Unable to deploy to S3: ")
    context.run.external_url = console_url(context.region, f"s3/buckets/{bucket}")
    context.run.summary = f"Deployment Succeeded at {context_time(context.now())}"
