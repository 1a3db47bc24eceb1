"""What stories are built with: repositories, roles, projects, pipelines, and executions at moments of the past."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from demo.engine.build import Project
from demo.engine.history import tell, tell_one
from demo.engine.model import Commit, Execution, Repository, Trigger
from demo.engine.pipeline import Pipeline
from demo.names import ACCOUNT_ID, arn, digest, uuid
from demo.policies import build_role_statements, pipeline_role_statements
from demo.topics import MESSAGES
from demo.world import PEOPLE, Connection, World

__all__ = ["Kit", "action", "stage"]

DAY = 86400.0
HOUR = 3600.0
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_EXPIRE = {"ID": "expire-artifacts", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": "180"}}


def action(
    name: str,
    category: str,
    provider: str,
    config: Mapping[str, str],
    *,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    order: int = 1,
    namespace: str = "",
    owner: str = "AWS",
    region: str = "",
) -> dict[str, Any]:
    """Declare an action as pipeline structures do."""
    declared: dict[str, Any] = {
        "name": name,
        "actionTypeId": {"category": category, "owner": owner, "provider": provider, "version": "1"},
        "runOrder": order,
        "configuration": dict(config),
        "inputArtifacts": [{"name": item} for item in inputs],
        "outputArtifacts": [{"name": item} for item in outputs],
    }
    if namespace:
        declared["namespace"] = namespace
    if region:
        declared["region"] = region
    return declared


def stage(name: str, *actions: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Declare a stage."""
    return {"name": name, "actions": list(actions)} | more


class Kit:
    """Builds the account's beginnings in a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    # --- things

    def bucket(self, region: str) -> str:
        """Return the region's artifact bucket, made when first asked for."""
        name = f"codepipeline-{region}-{_number(region)}"
        self.named_bucket(name, region, versioned=True)
        return name

    def named_bucket(self, name: str, region: str, *, versioned: bool = False) -> None:
        """Make a bucket unless it is there."""
        backend = self.world.moto.s3()
        if name not in backend.buckets:
            backend.create_bucket(name, region)
            # As S3 has it for every bucket since 2023.
            usual = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            backend.put_bucket_encryption(name, {"Rule": usual})
            backend.put_public_access_block(name, dict.fromkeys(_BLOCKS, "true"))
            if versioned:
                backend.put_bucket_versioning(name, "Enabled")
                backend.put_bucket_lifecycle(name, [_EXPIRE])

    def role(
        self,
        name: str,
        service: str,
        statements: Sequence[Mapping[str, Any]],
        policy: str = "inline",
        path: str = "/service-role/",
    ) -> str:
        """Make a role with one inline policy and return its ARN."""
        own = {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}
        lets_in = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", "Condition": own}
        trust = {"Version": "2012-10-17", "Statement": [lets_in]}
        backend = self.world.moto.iam()
        role = backend.create_role(name, json.dumps(trust), path, None, "", [], "3600")
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        role.put_policy(policy, document)
        return str(role.arn)

    def administrator(self, name: str) -> None:
        """Make a user who may do all."""
        backend = self.world.moto.iam()
        backend.create_user("us-east-1", name)
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        backend.put_user_policy(name, "everything", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    def connection(self, name: str, region: str, *, status: str = "AVAILABLE", provider: str = "GitHub") -> str:
        """Make a connection and return its ARN."""
        identity = uuid(self.world.rng("connection", name, region))
        text = arn("codeconnections", region, f"connection/{identity}")
        self.world.connections.setdefault(text, Connection(text, name, provider, status, region))
        return text

    def repository(
        self,
        name: str,
        *,
        branch: str = "main",
        provider: str = "GitHub",
        files: Mapping[str, str],
        head: str = "",
        author: str = "",
        facts: Mapping[str, Any] | None = None,
        age_s: float = HOUR,
        depth: int = 70,
        every_s: float = 8 * HOUR,
        flaky: float = 0.06,
    ) -> Repository:
        """Make a repository whose last revision is ``age_s`` old; some revisions before it had failing tests."""
        rng = self.world.rng("repository", name)
        commits = []
        for number in range(depth):
            at = self.world.boot - age_s - (depth - number) * every_s * rng.uniform(0.93, 1.0)
            bad = number < depth - 2 and rng.random() < flaky
            past_facts: dict[str, Any] = {"failing_tests": [_FLAKY[number % len(_FLAKY)]]} if bad else {}
            message = MESSAGES[(number * 7 + len(name)) % len(MESSAGES)]
            commits.append(Commit(digest(rng), message, rng.choice(PEOPLE), at, past_facts, files))
        when = self.world.boot - age_s
        text = head or MESSAGES[(depth * 7 + len(name)) % len(MESSAGES)]
        commits.append(Commit(digest(rng), text, author or rng.choice(PEOPLE), when, dict(facts or {}), files))
        held = Repository(name, provider, {branch: commits})
        self.world.repositories[name] = held
        return held

    def project(
        self,
        name: str,
        region: str,
        *,
        compute: str = "BUILD_GENERAL1_SMALL",
        image: str = "aws/codebuild/amazonlinux-x86_64-standard:5.0",
        variables: Sequence[Mapping[str, str]] = (),
        buildspec: str = "buildspec.yml",
        group: str = "",
        stream: str = "",
        limit: int | None = None,
        timeout_min: int = 60,
        pace: float = 1.0,
        privileged: bool = False,
        ballast: Mapping[str, int] | None = None,
        statements: Sequence[Mapping[str, Any]] | None = None,
        without: Sequence[str] = (),
        retention_days: int | None = 90,
        s3_logs: str = "",
        flips: int = 0,
    ) -> Project:
        """Make a build project with its role, whose policy leaves out the actions in ``without``.

        Of ``flips`` told executions one fails a test at first and passes when it is run again.
        With ``s3_logs`` (bucket and prefix) its builds log there alone.
        """
        log_group = group or f"/aws/codebuild/{name}"
        granted = statements or build_role_statements(region, name, log_group, self.bucket(region), without)
        role = self.role(
            f"codebuild-{name}-service-role", "codebuild.amazonaws.com", granted, f"CodeBuildBasePolicy-{name}-{region}"
        )
        rng = self.world.rng("project", name)
        data = _project_data(
            name,
            region,
            role,
            self.world.boot - rng.uniform(90, 700) * DAY,
            buildspec=buildspec,
            logs=_logs_config(group, stream, s3_logs),
            environment={
                "type": "LINUX_CONTAINER",
                "image": image,
                "computeType": compute,
                "environmentVariables": [dict(item) for item in variables],
                "privilegedMode": privileged,
                "imagePullCredentialsType": "CODEBUILD",
            },
        )
        data["timeoutInMinutes"] = timeout_min
        if limit is not None:
            data["concurrentBuildLimit"] = limit
        project = Project(region, data, pace, dict(ballast or {}), flips)
        project.counter = rng.randrange(400, 2600)
        self.world.projects[region, name] = project
        self.world.log_store.add_group(region, log_group, retention_days)
        return project

    def pipeline(
        self,
        name: str,
        region: str,
        stages: Sequence[Mapping[str, Any]],
        *,
        kind: str = "V2",
        mode: str = "SUPERSEDED",
        triggers: Sequence[Mapping[str, Any]] = (),
        variables: Sequence[Mapping[str, str]] = (),
        without: Sequence[str] = (),
        version: int = 0,
        told: bool = True,
    ) -> Pipeline:
        """Make a pipeline with its role, whose policy leaves out the actions in ``without``.

        Where it is ``told``, a notification rule tells the team of failed executions.
        """
        rng = self.world.rng("pipeline", name)
        bucket = self.bucket(region)
        role = self.role(
            f"AWSCodePipelineServiceRole-{region}-{name}",
            "codepipeline.amazonaws.com",
            pipeline_role_statements(region, stages, bucket, without),
            f"AWSCodePipelineServicePolicy-{name}",
        )
        definition: dict[str, Any] = {
            "name": name,
            "roleArn": role,
            "artifactStore": {"type": "S3", "location": bucket},
            "stages": [dict(item) for item in stages],
            "version": version or rng.randrange(3, 40),
            "pipelineType": kind,
            "executionMode": mode,
        }
        if triggers:
            definition["triggers"] = list(triggers)
        if variables:
            definition["variables"] = list(variables)
        pipeline = Pipeline(region, definition, self.world.boot - rng.uniform(100, 800) * DAY, rng)
        pipeline.updated = self.world.boot - rng.uniform(9, 90) * DAY
        pipeline.tags = {"team": name.split("-", maxsplit=1)[0]}
        self.world.pipelines[region, name] = pipeline
        if told:
            self.world.notices.add(region, f"{name}-failed", pipeline.arn, pipeline.created)
        return pipeline

    # --- the past

    def past(
        self, pipeline: Pipeline, count: int, *, every_s: float, ended_s_ago: float, trigger: Trigger
    ) -> Execution:
        """Give a pipeline ``count`` executions; the last of them is told now, the others when somebody asks."""
        world = self.world
        until = world.boot - ended_s_ago
        pipeline.counter = count - 1
        newest = tell_one(world, pipeline, until, trigger, pipeline.slots)
        pipeline.recent.append(newest)
        older = count - 1
        pipeline.history = lambda: tell(world, pipeline, older, every_s, until - every_s / 2, trigger)
        return newest

    def run(
        self, pipeline: Pipeline, ago_s: float, trigger: Trigger, variables: Mapping[str, str] | None = None
    ) -> Execution:
        """Let an execution begin so many seconds ago; it lives through the account as it is."""
        return self.world.runner.start(pipeline, trigger, at=self.world.boot - ago_s, variables=variables)

    @staticmethod
    def user(name: str) -> str:
        """Return the ARN of a user."""
        return f"arn:aws:iam::{ACCOUNT_ID}:user/{name}"

    def amend(
        self,
        repository: Repository,
        message: str,
        author: str,
        ago_s: float,
        *,
        facts: Mapping[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        """Add a revision that nobody is told of; facts of ``None`` are dropped, the others and the files kept."""
        branch, commits = next(iter(repository.branches.items()))
        before = commits[-1]
        merged = {name: value for name, value in (dict(before.facts) | dict(facts or {})).items() if value is not None}
        identity = digest(self.world.rng("amend", repository.name, branch, len(commits)))
        at = self.world.boot - ago_s
        commits.append(Commit(identity, message, author, at, merged, dict(before.files) | dict(files or {})))

    def freeze_stage(self, pipeline: Pipeline, name: str, ago_s: float, reason: str, who: str) -> None:
        """Disable the transition into a stage."""

        def freeze() -> None:
            slot = pipeline.slot(name)
            if slot is not None:
                slot.enabled, slot.reason = False, reason
                slot.changed_by, slot.changed_at = self.user(who), self.world.boot - ago_s

        self.at(ago_s, freeze)

    def traffic(self, repository: str, branch: str, *, first_s: float, every_s: float) -> None:
        """Let revisions arrive for as long as the account lives."""
        rng = self.world.rng("traffic", repository)

        def arrive() -> Any:
            yield first_s
            while True:
                self.world.push(repository, branch, rng.choice(MESSAGES), rng.choice(PEOPLE))
                yield every_s * rng.uniform(0.8, 1.3)

        self.world.scheduler.spawn(arrive(), self.world.boot)

    def at(self, ago_s: float, act: Any) -> None:
        """Let something happen so many seconds ago (or, negative, in the future)."""

        def once() -> Any:
            act()
            yield 0.0

        self.world.scheduler.spawn(once(), self.world.boot - ago_s)


def _logs_config(group: str, stream: str, s3_logs: str) -> dict[str, Any]:
    if s3_logs:
        there = {"status": "ENABLED", "location": s3_logs, "encryptionDisabled": False}
        return {"cloudWatchLogs": {"status": "DISABLED"}, "s3Logs": there}
    logs: dict[str, Any] = {"status": "ENABLED"}
    if group:
        logs["groupName"] = group
    if stream:
        logs["streamName"] = stream
    return {"cloudWatchLogs": logs, "s3Logs": {"status": "DISABLED", "encryptionDisabled": False}}


def _project_data(
    name: str,
    region: str,
    role: str,
    made: float,
    *,
    buildspec: str,
    logs: Mapping[str, Any],
    environment: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "name": name,
        "arn": arn("codebuild", region, f"project/{name}"),
        "description": f"Builds {name}",
        "source": {"type": "CODEPIPELINE", "buildspec": buildspec, "insecureSsl": False},
        "secondarySources": [],
        "secondarySourceVersions": [],
        "artifacts": {"type": "CODEPIPELINE", "name": name, "packaging": "NONE", "encryptionDisabled": False},
        "secondaryArtifacts": [],
        "cache": {"type": "NO_CACHE"},
        "environment": dict(environment),
        "serviceRole": role,
        "queuedTimeoutInMinutes": 480,
        "encryptionKey": arn("kms", region, "alias/aws/s3"),
        "tags": [{"key": "team", "value": name.split("-", maxsplit=1)[0]}],
        "created": made,
        "lastModified": made + 30 * DAY,
        "badge": {"badgeEnabled": False},
        "logsConfig": dict(logs),
        "projectVisibility": "PRIVATE",
    }


def _number(region: str) -> str:
    return f"{int.from_bytes(region.encode(), 'big') % 10**12:012d}"


ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"
_FLAKY = (
    ("tests/test_retry.py", "test_retries_on_429_3", "E       AssertionError: assert 2 == 3"),
    (
        "tests/test_sessions.py",
        "test_expires_at_midnight_7",
        "E       AssertionError: assert '2026-03-29' == '2026-03-30'",
    ),
    ("tests/test_queue.py", "test_drains_in_order_2", "E       TimeoutError: queue not empty after 5.0 s"),
)
